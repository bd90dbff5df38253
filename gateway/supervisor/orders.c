/*
 * orders - see orders.h. Runs in the supervisor.
 */
#include "gateway/supervisor/orders.h"

#include <inttypes.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/supervisor/aides.h"
#include "gateway/supervisor/checks.h"
#include "gateway/supervisor/conns.h"
#include "gateway/supervisor/datasets.h"
#include "gateway/supervisor/erasures.h"
#include "gateway/supervisor/measure.h"
#include "gateway/supervisor/releases.h"
#include "gateway/supervisor/removal.h"
#include "gateway/supervisor/services.h"
#include "gateway/supervisor/sessions.h"
#include "gateway/supervisor/views.h"
#include "gateway/supervisor/watching.h"

void order_done(struct gateway *gateway, uint64_t order, bool ok,
		const char *why)
{
	struct msg m;

	msg_start(&m, MSG_ORDER_DONE, 0);
	msg_put_u64(&m, order);
	msg_put_u8(&m, ok);
	msg_put_str(&m, why);
	services_send(gateway, SERVICE_POLICY, &m);
}

static int malformed(struct err *err)
{
	return err_set(err, "the order is malformed");
}

static void get_witnesses(struct msg *m, struct site *site)
{
	msg_get_str(m, site->timestamps, sizeof site->timestamps);
	const uint8_t *bytes = msg_get_bytes(m, &site->witnesses_len);
	if (site->witnesses_len > sizeof site->witnesses)
		m->bad = true;
	else if (!m->bad)
		memcpy(site->witnesses, bytes, site->witnesses_len);
}

static int on_site(struct gateway *gateway, const struct order *order,
		   struct msg *m, struct err *err)
{
	struct site site = { .known = true, .socket = gateway->site.socket };
	const struct site before = gateway->site;

	(void)order;
	msg_get_str(m, site.address, sizeof site.address);
	site.port = msg_get_u32(m);
	site.connections = msg_get_u32(m);
	site.unauthenticated = msg_get_u32(m);
	site.per_source = msg_get_u32(m);
	site.grace_seconds = msg_get_u32(m);
	msg_get_str(m, site.toolset, sizeof site.toolset);
	site.strict = msg_get_u8(m) != 0;
	site.hold_seconds = msg_get_u32(m);
	site.records_a_second = msg_get_u32(m);
	site.records_a_day = msg_get_u32(m);
	site.needs_cosigned = msg_get_u8(m) != 0;
	get_witnesses(m, &site);
	if (!msg_done(m))
		return malformed(err);
	bool moved = before.socket < 0 || site.port != before.port ||
		     strcmp(site.address, before.address) != 0;
	gateway->site = site;
	services_tell_witnesses(gateway);
	watching_limits(gateway);
	if (!moved) {
		conns_listen(gateway);
		return 0;
	}
	if (conns_open(gateway, err) == 0)
		return 0;
	if (before.socket < 0) {
		/* In a later life it was possible before, and may be again. */
		gateway_end(gateway, gateway->again, err->text);
		gateway->refused = !gateway->failed;
	}
	gateway->site = before; /* so that the next order tries again */
	return -1;
}

static int on_shell(struct gateway *gateway, const struct order *order,
		    struct msg *m, struct err *err)
{
	struct shell_order shell = { .order = order->number };
	struct plan plan;

	shell.conn = msg_get_u32(m);
	shell.channel = msg_get_u32(m);
	shell.tty = msg_get_u8(m) != 0;
	shell.cols = msg_get_u32(m);
	shell.rows = msg_get_u32(m);
	msg_get_str(m, shell.term, sizeof shell.term);
	msg_get_str(m, shell.command, sizeof shell.command);
	shell.first = msg_get_u8(m) != 0;
	plan_get(m, &plan);
	if (!msg_done(m))
		return malformed(err);
	if (!conns_find(gateway, shell.conn))
		return err_set(err, "the connection is gone");
	return sessions_shell(gateway, &plan, &shell, err) < 0 ? -1 : 1;
}

static int on_desk(struct gateway *gateway, const struct order *order,
		   struct msg *m, struct err *err)
{
	struct desk_setup desk = { .session = "-" };
	uint32_t conn = msg_get_u32(m);
	uint32_t channel = msg_get_u32(m);

	desk.tty = msg_get_u8(m) != 0;
	desk.cols = msg_get_u32(m);
	desk.rows = msg_get_u32(m);
	msg_get_str(m, desk.person, sizeof desk.person);
	msg_get_str(m, desk.actor, sizeof desk.actor);
	msg_get_str(m, desk.role, sizeof desk.role);
	msg_get_str(m, desk.permit, sizeof desk.permit);
	msg_get_str(m, desk.lang, sizeof desk.lang);
	msg_get_str(m, desk.command, sizeof desk.command);
	if (!msg_done(m))
		return malformed(err);
	return aides_desk(gateway, order->number, conn, channel, &desk, err) < 0
		       ? -1
		       : 1;
}

static int on_files(struct gateway *gateway, const struct order *order,
		    struct msg *m, struct err *err)
{
	struct desk_setup files = { .session = "-" };
	uint32_t conn = msg_get_u32(m);
	uint32_t channel = msg_get_u32(m);

	msg_get_str(m, files.person, sizeof files.person);
	msg_get_str(m, files.actor, sizeof files.actor);
	msg_get_str(m, files.role, sizeof files.role);
	msg_get_str(m, files.permit, sizeof files.permit);
	msg_get_str(m, files.lang, sizeof files.lang);
	if (!msg_done(m))
		return malformed(err);
	return aides_files(gateway, order->number, conn, channel, &files, err) <
			       0
		       ? -1
		       : 1;
}

static int on_end(struct gateway *gateway, const struct order *order,
		  struct msg *m, struct err *err)
{
	char session[ID_SIZE], permit[ID_SIZE], person[ID_SIZE], why[160];
	char told[400];

	(void)order;
	msg_get_str(m, session, sizeof session);
	msg_get_str(m, permit, sizeof permit);
	msg_get_str(m, person, sizeof person);
	msg_get_str(m, why, sizeof why);
	msg_get_str(m, told, sizeof told);
	if (!msg_done(m))
		return malformed(err);
	sessions_end_matching(gateway, session, permit, person, why, told);
	return 0;
}

static int on_go_on(struct gateway *gateway, const struct order *order,
		    struct msg *m, struct err *err)
{
	char name[ID_SIZE];

	(void)order;
	msg_get_str(m, name, sizeof name);
	if (!msg_done(m))
		return malformed(err);
	struct session *session = sessions_find(gateway, name);
	if (!session)
		return err_set(err, "the session has ended");
	watching_go_on(session);
	return 0;
}

static int on_check(struct gateway *gateway, const struct order *order,
		    struct msg *m, struct err *err)
{
	return checks_order(gateway, order->number, m, err);
}

static int on_view(struct gateway *gateway, const struct order *order,
		   struct msg *m, struct err *err)
{
	return views_order(gateway, order->number, m, err);
}

static int on_release(struct gateway *gateway, const struct order *order,
		      struct msg *m, struct err *err)
{
	return releases_order(gateway, order, m, err);
}

static int on_show(struct gateway *gateway, const struct order *order,
		   struct msg *m, struct err *err)
{
	return measure_order(gateway, order->number, m, err);
}

static int on_remove(struct gateway *gateway, const struct order *order,
		     struct msg *m, struct err *err)
{
	struct plan_dataset dataset;

	(void)order;
	msg_get_str(m, dataset.name, sizeof dataset.name);
	msg_get_str(m, dataset.manifest, sizeof dataset.manifest);
	if (!msg_done(m) || !id_valid(dataset.name) ||
	    !datasets_hash(dataset.manifest))
		return malformed(err);
	return removal_carry_out(gateway, &dataset, err);
}

static int on_erase(struct gateway *gateway, const struct order *order,
		    struct msg *m, struct err *err)
{
	return erasures_order(gateway, order->number, m, err);
}

enum life { EPOCH = 0, LASTING };

static const struct {
	enum msg_type type;
	enum life life;
	int (*carry_out)(struct gateway *, const struct order *, struct msg *,
			 struct err *);
} table[] = {
#define ORDER(name, life, handler) { MSG_ORDER_##name, life, handler },
#include "gateway/supervisor/orders.def"
#undef ORDER
};

/* What to do with it and what comes of that, as orders.def says. */
static int carry_out(struct gateway *gateway, const struct order *order,
		     uint64_t epoch, struct msg *what, struct err *err)
{
	if (gateway->ending[0])
		return err_set(err, "the gateway is stopping");
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (table[i].type != what->type)
			continue;
		if (epoch < gateway->epoch && table[i].life != LASTING)
			return err_set(err, "the policy changed meanwhile");
		if (epoch > gateway->epoch)
			gateway->epoch = epoch;
		return table[i].carry_out(gateway, order, what, err);
	}
	return err_set(err, "no such order");
}

void order_carry_out(struct gateway *gateway, struct msg *m)
{
	static struct msg what;
	struct order order = { .index = msg_get_u64(m) };
	struct err err = { "" };
	size_t len;

	const uint8_t *bytes = msg_get_bytes(m, &len);
	if (!msg_done(m) || msg_from_bytes(&what, bytes, len) < 0) {
		note("audit sent a malformed order");
		return;
	}
	order.number = msg_get_u64(&what);
	uint64_t epoch = msg_get_u64(&what);
	int done = carry_out(gateway, &order, epoch, &what, &err);
	if (done < 0)
		note("order %" PRIu64 " %s: %s", order.number,
		     msg_name(what.type), err.text);
	if (done <= 0)
		order_done(gateway, order.number, done == 0,
			   done < 0 ? err.text : "");
}
