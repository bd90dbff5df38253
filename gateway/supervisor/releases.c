/*
 * releases - see releases.h. Runs in the supervisor, which passes on what the
 * record said and the record's index, and reads none of it.
 */
#include "gateway/supervisor/releases.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/plan.h"
#include "gateway/supervisor/parses.h"
#include "gateway/supervisor/services.h"
#include "gateway/supervisor/store.h"

struct release {
	struct release *next;
	struct gateway *gateway;
	struct order order;
	struct ask ask;
	struct msg what; /* the order, read anew at each asking */
	size_t first;	 /* where its fields begin, after number and epoch */
};

static void release_free(struct release *release)
{
	struct release **at = &release->gateway->releases;

	while (*at != release)
		at = &(*at)->next;
	*at = release->next;
	ask_forget(release->gateway, &release->ask);
	free(release);
}

/* Copy the fields of the order behind the index. False: malformed. */
static bool copy(struct msg *from, struct msg *to)
{
	char permit[ID_SIZE], actor[ID_SIZE];
	struct frozen file;
	size_t len;

	msg_get_str(from, permit, sizeof permit);
	msg_get_str(from, actor, sizeof actor);
	msg_put_str(to, permit);
	msg_put_str(to, actor);
	msg_put_u32(to, msg_get_u32(from));
	const uint8_t *statement = msg_get_bytes(from, &len);
	msg_put_bytes(to, statement, statement ? len : 0);
	uint32_t n = msg_get_u32(from);
	msg_put_u32(to, n);
	for (uint32_t i = 0; i < n && !from->bad; i++) {
		frozen_get(from, &file);
		msg_put_str(to, file.name);
		msg_put_bytes(to, file.sha256, sizeof file.sha256);
	}
	return msg_done(from) && !to->bad && id_valid(permit) &&
	       id_valid(actor);
}

static void answered(struct ask *ask, struct msg *m)
{
	struct release *release = ask->owner;
	char why[200];

	if (!m)
		return; /* asked again when the store is back */
	bool ok = msg_get_u8(m) == 1;
	msg_get_str(m, why, sizeof why);
	if (!msg_done(m))
		ok = false;
	if (!ok)
		note("a release failed: %s", why);
	order_done(release->gateway, release->order.number, ok, ok ? "" : why);
	release_free(release);
}

/* False: the order is malformed, and nothing was asked. */
static bool ask_store(struct release *release)
{
	struct gateway *gateway = release->gateway;
	struct msg m;

	release->what.pos = release->first;
	ask_begin(gateway, &release->ask, &m, MSG_RELEASE);
	msg_put_u64(&m, release->order.index);
	if (!copy(&release->what, &m))
		return false;
	services_send(gateway, SERVICE_STORE, &m);
	return true;
}

/* A store that cannot be asked now is asked when it serves. */
int releases_order(struct gateway *gateway, const struct order *order,
		   struct msg *m, struct err *err)
{
	struct release *release = calloc(1, sizeof *release);

	if (!release)
		return err_set(err, "out of memory");
	release->gateway = gateway;
	release->order = *order;
	release->what = *m;
	release->first = m->pos;
	release->ask.owner = release;
	release->ask.answered = answered;
	release->next = gateway->releases;
	gateway->releases = release;
	if (store_serves(gateway) && !ask_store(release)) {
		release_free(release);
		return err_set(err, "the order is malformed");
	}
	return 1;
}

void releases_ask(struct gateway *gateway)
{
	struct release *next;

	for (struct release *release = gateway->releases; release;
	     release = next) {
		next = release->next;
		if (release->ask.ref || ask_store(release))
			continue;
		order_done(gateway, release->order.number, false,
			   "the order is malformed");
		release_free(release);
	}
}
