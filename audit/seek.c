#include "audit/seek.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

void seek_put(struct msg *m, const struct query *query)
{
	uint32_t n = 0;

	for (int i = 0; i < QUERY_TERMS; i++)
		n += *query->values[i] != '\0';
	msg_start(m, MSG_SEEK, 0);
	msg_put_u64(m, (uint64_t)query->since);
	msg_put_u64(m, (uint64_t)query->until);
	msg_put_u64(m, query->from);
	msg_put_u32(m, query->count);
	msg_put_u8(m, query->last);
	msg_put_u32(m, n);
	for (int i = 0; i < QUERY_TERMS; i++) {
		if (!*query->values[i])
			continue;
		msg_put_u8(m, (uint8_t)i);
		msg_put_str(m, query->values[i]);
	}
}

int seek_get(struct msg *m, struct query *query)
{
	*query = (struct query){ .since = (int64_t)msg_get_u64(m) };
	query->until = (int64_t)msg_get_u64(m);
	query->from = msg_get_u64(m);
	query->count = msg_get_u32(m);
	query->last = msg_get_u8(m) != 0;
	for (uint32_t n = msg_get_u32(m); n > 0 && !m->bad; n--) {
		uint8_t term = msg_get_u8(m);

		if (term >= QUERY_TERMS)
			return -1;
		msg_get_str(m, query->values[term], QUERY_VALUE);
	}
	return msg_done(m) && query->since >= 0 && query->until >= 0 &&
			       query->count > 0 && query->count <= QUERY_MOST
		       ? 0
		       : -1;
}

void seek_put_answer(struct msg *m, const struct seek_answer *answer)
{
	msg_start(m, MSG_SOUGHT, 0);
	msg_put_str(m, answer->why);
	msg_put_u64(m, answer->found.total);
	msg_put_u64(m, answer->nbad);
	msg_put_u32(m, answer->found.n);
	for (unsigned int i = 0; i < answer->found.n; i++) {
		msg_put_u64(m, answer->found.places[i].index);
		msg_put_u64(m, answer->found.places[i].offset);
	}
}

int seek_get_answer(struct msg *m, struct seek_answer *answer)
{
	struct found *found = &answer->found;

	msg_get_str(m, answer->why, sizeof answer->why);
	found->total = msg_get_u64(m);
	answer->nbad = msg_get_u64(m);
	found->n = msg_get_u32(m);
	if (m->bad || found->n > QUERY_MOST || found->n > found->total)
		return -1;
	for (unsigned int i = 0; i < found->n; i++) {
		found->places[i].index = msg_get_u64(m);
		found->places[i].offset = msg_get_u64(m);
	}
	return msg_done(m) ? 0 : -1;
}

int seek(int link, const struct query *query, struct seek_answer *answer,
	 struct err *err)
{
	static struct msg m;
	struct pollfd wait = { .fd = link, .events = POLLIN };

	seek_put(&m, query);
	if (msg_send(link, &m, err) < 0)
		return -1;
	if (poll(&wait, 1, SEEK_SECONDS * 1000) <= 0)
		return err_set(err, "no answer in %d seconds", SEEK_SECONDS);
	int got = msg_receive(link, &m, err);
	if (got <= 0)
		return got < 0 ? -1 : err_set(err, "it has ended");
	bool good = m.type == MSG_SOUGHT && seek_get_answer(&m, answer) == 0;
	msg_clear(&m);
	return good ? 0 : err_set(err, "malformed SOUGHT");
}
