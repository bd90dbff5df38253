/*
 * from_policy - what policy asks of the store.
 *
 * Runs in sekisho-store. Policy decides; but it is told what researchers
 * type, so each field is checked as if one of them had written it. After a
 * message that is not in order there is another store (server.h).
 */
#include <stdio.h>

#include "gateway/base/own.h"
#include "policy/airlock/store/freeze.h"
#include "policy/airlock/store/server.h"
#include "policy/airlock/store/shelf.h"
#include "policy/airlock/store/status.h"

static int malformed(const struct msg *m, struct err *err)
{
	return err_set(err, "malformed %s", msg_name(m->type));
}

int on_freeze(struct server *server, struct msg *m, struct err *err)
{
	static struct freeze_order order;

	msg_get_str(m, order.session, sizeof order.session);
	msg_get_str(m, order.path, sizeof order.path);
	order.most = msg_get_u64(m);
	if (!msg_done(m))
		return malformed(m, err);
	jobs_add(&server->jobs, freeze_new(&server->place, &server->outs,
					   &server->taken, &order, m->ref));
	return 0;
}

/* Read to the end before any of it counts. */
int on_keep(struct server *server, struct msg *m, struct err *err)
{
	bool last = msg_get_u8(m) != 0;
	uint32_t n = msg_get_u32(m);

	for (; n > 0 && !m->bad; n--) {
		size_t len;
		const uint8_t *hash = msg_get_bytes(m, &len);

		if (m->bad || len != NAMES_HASH)
			return malformed(m, err);
		if (sweep_keep(&server->keep, hash) < 0)
			return err_set(err, "more copies than can be kept");
	}
	if (!msg_done(m))
		return malformed(m, err);
	server->state = last ? STATE_READY : STATE_KEEPING;
	if (last)
		server->sweep = SWEEP_DUE;
	return 0;
}

int on_drop(struct server *server, struct msg *m, struct err *err)
{
	size_t len;
	const uint8_t *hash = msg_get_bytes(m, &len);

	if (!msg_done(m) || len != NAMES_HASH)
		return malformed(m, err);
	place_drop(&server->place, hash);
	return 0;
}

/* That it cannot be written is no fault of policy's. */
int on_status(struct server *server, struct msg *m, struct err *err)
{
	struct status status;
	struct err why;

	msg_get_str(m, status.permit, sizeof status.permit);
	msg_get_str(m, status.actor, sizeof status.actor);
	status.request = msg_get_u32(m);
	status.text = msg_get_bytes(m, &status.len);
	if (!msg_done(m) || !id_valid(status.permit) ||
	    !id_valid(status.actor) || status.request == 0)
		return malformed(m, err);
	if (status_write(&server->place, &status, &why) < 0)
		note("the state of request %u: %s", status.request, why.text);
	return 0;
}

/* Without an answer it is asked again, by the next policy. */
int on_expire(struct server *server, struct msg *m, struct err *err)
{
	char permit[ID_SIZE], actor[ID_SIZE], number[12];
	struct err why;

	msg_get_str(m, permit, sizeof permit);
	msg_get_str(m, actor, sizeof actor);
	uint32_t request = msg_get_u32(m);
	if (!msg_done(m) || !id_valid(permit) || !id_valid(actor) ||
	    request == 0)
		return malformed(m, err);
	snprintf(number, sizeof number, "%u", request);
	if (shelf_clear(&server->place, permit, actor, number, &why) < 0) {
		note("release %u is not taken away: %s", request, why.text);
		return 0;
	}
	msg_start(m, MSG_EXPIRED, m->ref);
	msg_put_u32(m, request);
	asker_send(&server->askers[ASKER_POLICY], m);
	return 0;
}
