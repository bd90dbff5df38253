#include "policy/airlock/store/freeze.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "policy/airlock/frozen.h"
#include "policy/airlock/store/copy.h"

struct freeze {
	struct job job;
	struct place *place;
	struct sweep_keep *taken;
	char session[ID_SIZE];
	int source, target;
	char name[PLACE_TEMPORARY]; /* of target, in new/; "" none */
	struct copy copy;
	enum frozen outcome; /* FROZEN_NOT: goes on */
};

/* Why the path could not be opened. */
static enum frozen outcome_of(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return FROZEN_NO_FILE;
	case EXDEV:
	case ENAMETOOLONG:
		return FROZEN_BAD_PATH;
	case ELOOP:
	case ENXIO:
	case ENODEV:
		return FROZEN_NOT_REGULAR;
	case EAGAIN:
		return FROZEN_CHANGED;
	default:
		return FROZEN_UNREADABLE;
	}
}

static enum frozen judge(const struct stat *st, uint64_t most)
{
	if (!S_ISREG(st->st_mode))
		return FROZEN_NOT_REGULAR;
	/* None: it was unlinked since it was opened. */
	if (st->st_nlink != 1)
		return st->st_nlink == 0 ? FROZEN_CHANGED : FROZEN_LINKS;
	return (uint64_t)st->st_size > most ? FROZEN_TOO_LARGE : FROZEN_NOT;
}

/* O_NONBLOCK: a FIFO, or a file under a lease, must not hold us. */
static enum frozen begin(struct freeze *freeze, int out,
			 const struct freeze_order *order)
{
	if (out < 0)
		return FROZEN_NO_SESSION;
	if (!names_released(order->path))
		return FROZEN_BAD_PATH;
	freeze->source =
		place_beneath(out, order->path,
			      O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
	if (freeze->source < 0)
		return outcome_of(errno);
	if (copy_begin(&freeze->copy, freeze->source, -1) < 0)
		return FROZEN_NOT_REGULAR;
	enum frozen outcome = judge(&freeze->copy.before, order->most);
	if (outcome != FROZEN_NOT)
		return outcome;
	freeze->target = place_file(freeze->place, freeze->name);
	freeze->copy.to = freeze->target;
	return freeze->target < 0 ? FROZEN_NO_ROOM : FROZEN_NOT;
}

static enum frozen keep(struct freeze *freeze)
{
	if (fsync(freeze->target) < 0 ||
	    place_keep(freeze->place, freeze->name, freeze->copy.hash) < 0)
		return FROZEN_NO_ROOM;
	freeze->name[0] = '\0';
	sweep_keep(freeze->taken, freeze->copy.hash);
	return FROZEN_COPIED;
}

static enum frozen go_on(struct freeze *freeze)
{
	switch (copy_step(&freeze->copy)) {
	case COPY_MORE:
		return FROZEN_NOT;
	case COPY_WHOLE:
		return keep(freeze);
	case COPY_CHANGED:
		return FROZEN_CHANGED;
	case COPY_NO_ROOM:
		return FROZEN_NO_ROOM;
	case COPY_FAILED:
		break;
	}
	return FROZEN_UNREADABLE;
}

static void clean(struct freeze *freeze)
{
	own_close(&freeze->source);
	own_close(&freeze->target);
	if (freeze->name[0])
		place_discard(freeze->place, freeze->name);
	freeze->name[0] = '\0';
}

/* What is not a copy is gone before the answer says so. */
static enum job_end step(struct job *job, struct msg *answer, struct err *err)
{
	struct freeze *freeze = (struct freeze *)job;
	static const uint8_t none[NAMES_HASH];

	(void)err;
	if (freeze->outcome == FROZEN_NOT)
		freeze->outcome = go_on(freeze);
	if (freeze->outcome == FROZEN_NOT)
		return JOB_MORE;
	bool copied = freeze->outcome == FROZEN_COPIED;

	clean(freeze);
	msg_start(answer, MSG_FROZEN, job->ref);
	msg_put_u8(answer, (uint8_t)freeze->outcome);
	msg_put_bytes(answer, copied ? freeze->copy.hash : none, NAMES_HASH);
	msg_put_u64(answer, copied ? freeze->copy.at : 0);
	return JOB_OVER;
}

static void let_go(struct job *job, const char *session)
{
	struct freeze *freeze = (struct freeze *)job;

	if (strcmp(freeze->session, session) != 0)
		return;
	own_close(&freeze->source);
	if (freeze->outcome == FROZEN_NOT)
		freeze->outcome = FROZEN_NO_SESSION;
}

static void release(struct job *job)
{
	struct freeze *freeze = (struct freeze *)job;

	copy_clear(&freeze->copy);
	clean(freeze);
	free(freeze);
}

struct job *freeze_new(struct place *place, const struct outs *outs,
		       struct sweep_keep *taken,
		       const struct freeze_order *order, uint32_t ref)
{
	struct freeze *freeze = calloc(1, sizeof *freeze);

	if (!freeze)
		die("out of memory");
	freeze->job = (struct job){ .asker = ASKER_POLICY,
				    .ref = ref,
				    .step = step,
				    .let_go = let_go,
				    .free = release };
	freeze->place = place;
	freeze->taken = taken;
	freeze->source = freeze->target = -1;
	memcpy(freeze->session, order->session, sizeof freeze->session);
	freeze->outcome = begin(freeze, outs_find(outs, order->session), order);
	return &freeze->job;
}
