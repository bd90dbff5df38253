/*
 * permits - see permits.h. Runs in sekisho-keys; the supervisor asks.
 */
#include "gateway/keys/permits.h"

#include <string.h>

/* After a failure only a ring that had no room is as it was. */
static bool is_known(const struct ring *ring, const char *permit, bool failed)
{
	return !failed || !ring_has_room(ring, permit);
}

static int on_key(struct ring *ring, struct msg *m, struct err *err)
{
	char permit[ID_SIZE], word[ID_SIZE];
	uint8_t key[WRAP_KEY];

	msg_get_str(m, permit, sizeof permit);
	msg_get_str(m, word, sizeof word);
	uint8_t make = msg_get_u8(m);
	if (!msg_done(m) || make > 1 || !id_valid(permit) ||
	    ring_purpose(word) == PURPOSES)
		return err_set(err, "malformed PERMIT_KEY");
	enum ring_outcome outcome =
		ring_key(ring, permit, ring_purpose(word), make, key, err);
	msg_start(m, MSG_PERMIT_KEY_IS, m->ref);
	msg_put_u8(m, (uint8_t)outcome);
	msg_put_bytes(m, key, outcome == RING_FOUND ? sizeof key : 0);
	msg_put_str(m, outcome == RING_FAILED ? err->text : "");
	explicit_bzero(key, sizeof key);
	return !is_known(ring, permit, outcome == RING_FAILED);
}

static int on_end(struct ring *ring, struct msg *m, struct err *err)
{
	char permit[ID_SIZE];

	msg_get_str(m, permit, sizeof permit);
	if (!msg_done(m) || !id_valid(permit))
		return err_set(err, "malformed PERMIT_KEY_END");
	int done = ring_end(ring, permit, err);
	msg_start(m, MSG_PERMIT_KEY_ENDED, m->ref);
	msg_put_u8(m, done == 0);
	msg_put_str(m, done == 0 ? "" : err->text);
	return !is_known(ring, permit, done < 0);
}

int permits_answer(struct ring *ring, struct msg *m, struct err *err)
{
	if (m->type == MSG_PERMIT_KEY)
		return on_key(ring, m, err);
	if (m->type == MSG_PERMIT_KEY_END)
		return on_end(ring, m, err);
	return err_set(err, "unexpected %s", msg_name(m->type));
}
