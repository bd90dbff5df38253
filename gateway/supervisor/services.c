/*
 * services - start, hear and restart the processes that always run. Runs in
 * the supervisor, which believes of them only what messages.def allows each.
 */
#include "gateway/supervisor/services.h"

#include <stdio.h>
#include <string.h>

#include "gateway/supervisor/conns.h"
#include "gateway/supervisor/orders.h"
#include "gateway/supervisor/sessions.h"
#include "gateway/supervisor/store.h"
#include "gateway/supervisor/trail.h"
#include "gateway/supervisor/vault.h"
#include "gateway/supervisor/watching.h"

enum death { ALONE, SESSIONS, ALL };

static const struct service {
	const char *program;
	uint32_t number;
	enum tree_folder root;
	enum death death;
} table[SERVICES] = {
#define SERVICE(id, program, uid, root, death)                                 \
	[SERVICE_##id] = { program, uid, root, death },
#include "gateway/supervisor/services.def"
#undef SERVICE
};

uint32_t service_uid(const struct gateway *gateway, enum service_id id)
{
	return gateway->settings->uid_base + table[id].number;
}

void start_begin(struct msg *m, uint32_t uid, uint32_t gid, int root)
{
	msg_start(m, MSG_START, 0);
	msg_put_u32(m, uid);
	msg_put_u32(m, gid);
	msg_put_fd(m, root);
}

void services_send(struct gateway *gateway, enum service_id id,
		   const struct msg *m)
{
	child_send(&gateway->services[id], m);
}

void services_tell_witnesses(struct gateway *gateway)
{
	const struct site *site = &gateway->site;
	static struct msg m;

	if (!site->known)
		return;
	msg_start(&m, MSG_NEEDS, 0);
	msg_put_u8(&m, site->needs_cosigned);
	msg_put_bytes(&m, site->witnesses, site->witnesses_len);
	services_send(gateway, SERVICE_AUDIT, &m);
	if (!gateway->services[SERVICE_ANCHOR].ready)
		return;
	msg_start(&m, MSG_WITNESSES, 0);
	msg_put_str(&m, site->timestamps);
	msg_put_bytes(&m, site->witnesses, site->witnesses_len);
	services_send(gateway, SERVICE_ANCHOR, &m);
}

static enum service_id id_of(const struct child *child)
{
	const struct gateway *gateway = child->owner;

	return (enum service_id)(child - gateway->services);
}

/* What each service may say to us; anything else costs it its life. */
static void heard(struct child *child, struct msg *m)
{
	struct gateway *gateway = child->owner;
	enum service_id id = id_of(child);

	if (m->type == MSG_READY) {
		gateway->starts[id] = 0;
		if (id == SERVICE_LISTEN)
			conns_listen(gateway);
		if (id == SERVICE_STORE)
			store_ready(gateway);
		if (id == SERVICE_ANCHOR)
			services_tell_witnesses(gateway);
		if (id == SERVICE_WATCH)
			watching_ready(gateway);
	} else if (id == SERVICE_AUDIT && m->type == MSG_ORDER) {
		order_carry_out(gateway, m);
	} else if (id == SERVICE_AUDIT && m->type == MSG_LOG_IS) {
		trail_log_is(gateway, m);
	} else if (id == SERVICE_LISTEN && m->type == MSG_ACCEPTED) {
		conns_accept(gateway, m);
	} else if (id == SERVICE_POLICY && m->type == MSG_AUTHENTICATED) {
		conns_authenticated(gateway, m);
	} else if (!(id == SERVICE_WATCH && watching_heard(gateway, m)) &&
		   !(id == SERVICE_STORE && store_heard(gateway, m)) &&
		   !(id == SERVICE_VAULT && vault_heard(gateway, m)) &&
		   !(id == SERVICE_KEYS && asks_heard(gateway, id, m))) {
		note("%s: may not send %s", child->program, msg_name(m->type));
		child_end(child);
		child->gone(child);
	}
}

/* Of audit's own end the next start tells: nobody is left to take a record. */
static void record_crash(struct gateway *gateway, enum service_id id,
			 const char *why)
{
	struct audit_record record;

	if (id == SERVICE_AUDIT)
		return;
	audit_begin(&record, "admin.crash", AUDIT_ERROR);
	audit_text(&record, "program", table[id].program);
	audit_text(&record, "why", why);
	trail_write(gateway, &record);
}

static void died(struct child *child)
{
	struct gateway *gateway = child->owner;
	enum service_id id = id_of(child);
	char why[400];

	if (id == SERVICE_STORE)
		store_died(gateway);
	if (id == SERVICE_VAULT)
		vault_died(gateway);
	asks_lost(gateway, id);
	if (gateway->ending[0])
		return;
	snprintf(why, sizeof why, "%s ended: %s", table[id].program,
		 child->why);
	note("%s", why);
	record_crash(gateway, id, child->why);
	if (table[id].death == ALL) {
		/* At the very first start nothing is there to come back to:
		 * whoever started us reads why and mends it. */
		gateway_end(gateway, gateway->site.known || gateway->again,
			    why);
		gateway->refused = !gateway->failed;
		sessions_end_all(gateway, "a service died");
		return;
	}
	if (table[id].death == SESSIONS)
		watching_died(gateway);
}

static void put_particulars(struct gateway *gateway, enum service_id id,
			    struct msg *m)
{
	const struct tree *tree = &gateway->tree;

	if (id == SERVICE_AUDIT) {
		msg_put_str(m, gateway->settings->origin);
		msg_put_fd(m, tree->folders[TREE_AUDIT_KEYS]);
		msg_put_fd(m, tree->folders[TREE_ANCHOR]);
	} else if (id == SERVICE_INDEX) {
		msg_put_fd(m, tree->folders[TREE_AUDIT]);
	} else if (id == SERVICE_POLICY) {
		msg_put_fd(m, tree->config);
		msg_put_fd(m, tree->control);
		msg_put_fd(m, tree->credential);
	}
}

static bool writes(enum service_id id)
{
	return id == SERVICE_POLICY || id == SERVICE_STORE ||
	       id == SERVICE_WATCH || id == SERVICE_ANCHOR ||
	       id == SERVICE_VAULT;
}

static int start(struct gateway *gateway, enum service_id id, struct err *err)
{
	struct child *child = &gateway->services[id];
	uint32_t uid = service_uid(gateway, id);
	struct trail_name name = { table[id].program + strlen("sekisho-"), "*",
				   "*", "*" };
	struct msg m;

	child->owner = gateway;
	child->heard = heard;
	child->gone = died;
	gateway->starts[id]++;
	if (child_start(child, gateway->loop, gateway->settings->programs,
			table[id].program, err) < 0)
		return -1;
	/* The index reads the log's folder through its group. */
	start_begin(&m, uid,
		    id == SERVICE_INDEX ? service_uid(gateway, SERVICE_AUDIT)
					: uid,
		    gateway->tree.folders[table[id].root]);
	put_particulars(gateway, id, &m);
	child_send(child, &m);
	if (writes(id) && trail_link(gateway, child, &name, err) < 0)
		return -1;
	if (id == SERVICE_WATCH && vault_link(gateway, child, &name, err) < 0)
		return -1;
	if (id == SERVICE_VAULT && vault_started(gateway, err) < 0)
		return -1;
	if (id == SERVICE_POLICY || id == SERVICE_STORE)
		return store_link(gateway, err);
	return 0;
}

int services_start(struct gateway *gateway, struct err *err)
{
	for (int i = 0; i < SERVICES; i++) {
		if (start(gateway, (enum service_id)i, err) < 0)
			return -1;
		if (i == SERVICE_AUDIT && trail_open(gateway, err) < 0)
			return -1;
	}
	return 0;
}

void services_tend(struct gateway *gateway)
{
	struct err err;

	for (int i = 0; i < SERVICES && !gateway->ending[0]; i++) {
		if (gateway->services[i].program)
			continue;
		if (gateway->starts[i] > 5)
			gateway_end(gateway, true,
				    "a service does not stay up");
		else if (start(gateway, (enum service_id)i, &err) < 0)
			gateway_end(gateway, true, err.text);
	}
}

void services_stop(struct gateway *gateway)
{
	struct msg m;

	msg_start(&m, MSG_STOP, 0);
	for (int i = 0; i < SERVICES; i++)
		if (i != SERVICE_AUDIT)
			services_send(gateway, (enum service_id)i, &m);
}

void services_stop_audit(struct gateway *gateway)
{
	struct msg m;

	msg_start(&m, MSG_STOP, 0);
	services_send(gateway, SERVICE_AUDIT, &m);
}
