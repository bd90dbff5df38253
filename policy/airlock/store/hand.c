#include "policy/airlock/store/hand.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "policy/airlock/store/copy.h"

struct hand {
	struct job job;
	uint8_t hash[NAMES_HASH];
	int file;
	struct copy copy;
};

static enum job_end step(struct job *job, struct msg *answer, struct err *err)
{
	struct hand *hand = (struct hand *)job;
	enum copy_state state = COPY_FAILED;

	(void)err;
	if (hand->file >= 0)
		state = copy_step(&hand->copy);
	if (state == COPY_MORE)
		return JOB_MORE;
	bool whole = state == COPY_WHOLE &&
		     memcmp(hand->copy.hash, hand->hash, NAMES_HASH) == 0;
	if (state != COPY_FAILED && !whole)
		note("a frozen copy is not what its name says");
	msg_start(answer, MSG_HANDED, job->ref);
	msg_put_u8(answer, whole);
	if (whole)
		msg_put_fd(answer, hand->file);
	return JOB_OVER;
}

static void release(struct job *job)
{
	struct hand *hand = (struct hand *)job;

	copy_clear(&hand->copy);
	own_close(&hand->file);
	free(hand);
}

struct job *hand_new(const struct place *place,
		     const uint8_t hash[static NAMES_HASH], uint32_t ref)
{
	struct hand *hand = calloc(1, sizeof *hand);

	if (!hand)
		die("out of memory");
	hand->job = (struct job){ .asker = ASKER_SUPERVISOR,
				  .ref = ref,
				  .step = step,
				  .free = release };
	memcpy(hand->hash, hash, sizeof hand->hash);
	hand->file = place_copy(place, hash);
	if (hand->file >= 0 && copy_begin(&hand->copy, hand->file, -1) < 0)
		own_close(&hand->file);
	return &hand->job;
}
