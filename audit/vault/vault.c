#include "audit/vault/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/events.h"
#include "gateway/base/own.h"
#include "gateway/base/process.h"

static int on_opening(struct vault *vault, struct peer *peer, struct err *err);

static const struct request {
	enum msg_type type;
	struct event allowed; /* only its writers are looked at */
	int (*handle)(struct vault *, struct peer *, struct err *);
} requests[] = {
#define REQUEST(type, writers, handler)                                        \
	{ MSG_##type, { #type, writers, "", "" }, handler },
#include "audit/vault/requests.def"
#undef REQUEST
};

/* --- Telling ---------------------------------------------------------------------- */

static void let_go(struct vault *vault, struct peer *peer)
{
	peer->gone = true;
	if (vault->job.peer == peer)
		vault->job.peer = NULL;
}

void vault_tell(struct vault *vault, struct peer *peer)
{
	struct err err;

	if (!peer->gone &&
	    mailbox_send(&peer->letters, peer->fd, &vault->out, &err) < 0)
		let_go(vault, peer);
}

int vault_record(struct vault *vault, uint32_t ref,
		 const struct audit_record *record, struct err *err)
{
	if (audit_put(&vault->out, ref, record, NULL, err) < 0)
		return -1;
	return mailbox_send(&vault->records, vault->audit, &vault->out, err);
}

/* A peer broke a rule: on record, and gone. */
static int refuse(struct vault *vault, struct peer *peer, const char *why,
		  struct err *err)
{
	struct audit_record record;

	note("%s is dropped: %s", peer->who.name, why);
	audit_begin(&record, "log.peer", AUDIT_OK);
	audit_text(&record, "peer", peer->who.name);
	audit_text(&record, "why", why);
	let_go(vault, peer);
	return vault_record(vault, 0, &record, err);
}

int vault_settle(struct vault *vault, struct err *err)
{
	struct batch *batch = &vault->batch;
	bool kept;

	if (batch->nowed == 0)
		return 0;
	if (batch_settle(batch, &kept, err) < 0)
		return -1;
	for (size_t i = 0; i < batch->nowed; i++) {
		const struct batch_owed *owed = &batch->owed[i];

		msg_start(&vault->out, MSG_OPENING_KEPT, owed->ref);
		msg_put_u8(&vault->out,
			   owed->fate == KEPT_BEFORE ||
				   (owed->fate == WITH_BATCH && kept));
		vault_tell(vault, owed->link);
	}
	batch_clear(batch);
	vault->due = 0;
	return 0;
}

/* --- Hearing ---------------------------------------------------------------------- */

static bool field_valid(const char *field)
{
	return *field &&
	       strspn(field, "abcdefghijklmnopqrstuvwxyz0123456789_") ==
		       strlen(field);
}

/* The link's permit stands; only "*" lets the writer say it. */
static const char *permit_of(const struct peer *peer, const char *said)
{
	return strcmp(peer->who.permit, "*") == 0 ? said : peer->who.permit;
}

static int on_opening(struct vault *vault, struct peer *peer, struct err *err)
{
	struct batch_owed owed = { .link = peer, .ref = vault->in.ref };
	char said[ID_SIZE], field[COMMIT_FIELD];
	struct commit_opening opening = { .field = field };
	uint8_t hash[COMMIT_SIZE];
	struct msg *m = &vault->in;
	size_t len, salt_len;

	msg_get_str(m, said, sizeof said);
	msg_get_str(m, field, sizeof field);
	const uint8_t *commitment = msg_get_bytes(m, &len);
	const uint8_t *salt = msg_get_bytes(m, &salt_len);
	opening.value = msg_get_bytes(m, &opening.len);
	const char *permit = permit_of(peer, said);
	if (!msg_done(m) || len != COMMIT_SIZE || salt_len != COMMIT_SALT ||
	    opening.len > COMMIT_VALUE || !field_valid(field) ||
	    (strcmp(permit, "-") != 0 && !id_valid(permit)))
		return 1;
	memcpy(opening.salt, salt, COMMIT_SALT);
	if (commit_hash(&opening, hash, err) < 0)
		return -1;
	if (memcmp(hash, commitment, COMMIT_SIZE) != 0 ||
	    (++peer->taken > VAULT_LIFE && strcmp(peer->who.permit, "*") != 0))
		return 1;
	return batch_add(&vault->batch, &owed, permit, &opening, hash, err);
}

static const struct request *find(const struct peer *peer, uint16_t type)
{
	for (size_t i = 0; i < ARRAY_LEN(requests); i++)
		if (requests[i].type == type &&
		    event_allowed(&requests[i].allowed, peer->who.name))
			return &requests[i];
	return NULL;
}

/* One message of one peer. 1: there was one; 0: nothing; -1: stop. */
static int hear(struct vault *vault, struct peer *peer, struct err *err)
{
	struct msg *m = &vault->in;
	struct err why;
	int got = msg_receive(peer->fd, m, &why);

	if (got == 0 && errno != EAGAIN)
		let_go(vault, peer);
	if (got == 0)
		return 0;
	if (got < 0)
		return refuse(vault, peer, why.text, err) < 0 ? -1 : 1;
	const struct request *request =
		m->nfds == 0 ? find(peer, m->type) : NULL;
	int done = request ? request->handle(vault, peer, err) : 1;

	explicit_bzero(m->data, m->len);
	msg_clear(m);
	if (done == 1)
		done = refuse(vault, peer,
			      request ? "malformed, or too much"
				      : "a message that it may not send",
			      err);
	return done < 0 ? -1 : 1;
}

/* Who asks has to wait for the question under way; who does not read what it
 * is told is not read either. */
static bool reads(const struct vault *vault, const struct peer *peer)
{
	return !peer->gone && !mailbox_waiting(&peer->letters) &&
	       !batch_full(&vault->batch) &&
	       (vault->job.phase == JOB_NONE ||
		event_allowed(&requests[0].allowed, peer->who.name));
}

static int serve_peer(struct vault *vault, struct peer *peer, short what,
		      struct err *err)
{
	struct err why;
	int got = 1;

	/* What one that has left still had to say counts. */
	if (what & POLLHUP)
		mailbox_clear(&peer->letters);
	else if (mailbox_waiting(&peer->letters) &&
		 mailbox_flush(&peer->letters, peer->fd, &why) < 0)
		let_go(vault, peer);
	if (what & POLLHUP && batch_full(&vault->batch) &&
	    vault_settle(vault, err) < 0)
		return -1;
	if (what & POLLHUP && !reads(vault, peer))
		let_go(vault, peer);
	for (int i = 0; i < VAULT_SHARE && got > 0 && reads(vault, peer); i++)
		got = hear(vault, peer, err);
	return got < 0 ? -1 : 0;
}

/* --- The trusted ends --------------------------------------------------------------- */

static int on_peer(struct vault *vault, struct msg *m, struct err *err)
{
	struct intake_writer who;
	int fd = -1;

	if (intake_writer(m, &who, &fd, err) < 0) {
		own_close(&fd);
		return -1;
	}
	struct peer *peer =
		vault->npeers < VAULT_PEERS ? calloc(1, sizeof *peer) : NULL;
	if (!peer || fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) < 0) {
		note("no room for %s", who.name);
		free(peer);
		own_close(&fd);
		return 0;
	}
	*peer = (struct peer){ .fd = fd, .who = who };
	mailbox_init(&peer->letters);
	vault->peers[vault->npeers++] = peer;
	return 0;
}

int vault_told(void *owner, struct msg *m, struct err *err)
{
	struct vault *vault = owner;

	if (m->type == MSG_VAULT_PEER)
		return on_peer(vault, m, err);
	if (m->type != MSG_STOP || !msg_done(m))
		return err_set(err, "unexpected %s", msg_name(m->type));
	vault->stop = true;
	return 0;
}

static int serve_supervisor(struct vault *vault, struct err *err)
{
	struct msg *m = &vault->in;
	int got = msg_receive(PROCESS_LINK, m, err);

	if (got <= 0)
		return got < 0 ? -1 : err_set(err, "the supervisor is gone");
	int done = vault_told(vault, m, err);
	msg_clear(m);
	return done;
}

static int serve_audit(struct vault *vault, struct err *err)
{
	struct msg *m = &vault->in;
	char why[256];

	if (mailbox_flush(&vault->records, vault->audit, err) < 0)
		return -1;
	int got = msg_receive(vault->audit, m, err);
	if (got == 0)
		return errno == EAGAIN ? 0 : err_set(err, "audit is gone");
	if (got < 0)
		return -1;
	if (m->type == MSG_RECORDED) {
		msg_get_u64(m);
		if (!msg_done(m))
			return err_set(err, "malformed RECORDED");
		return m->ref == JOB_REF ? job_recorded(vault, err) : 0;
	}
	msg_get_str(m, why, sizeof why);
	return err_set(err, "audit said %s: %s", msg_name(m->type), why);
}

/* --- The loop -------------------------------------------------------------------------- */

enum { AT_SUPERVISOR, AT_AUDIT, FIXED };

static short wanted(bool reads, const struct mailbox *letters)
{
	return (short)((reads ? POLLIN : 0) |
		       (mailbox_waiting(letters) ? POLLOUT : 0));
}

static size_t fill(const struct vault *vault, struct pollfd *set)
{
	set[AT_SUPERVISOR] = (struct pollfd){ PROCESS_LINK, POLLIN, 0 };
	set[AT_AUDIT] = (struct pollfd){ vault->audit,
					 wanted(true, &vault->records), 0 };
	for (size_t i = 0; i < vault->npeers; i++) {
		const struct peer *peer = vault->peers[i];

		set[FIXED + i] = (struct pollfd){
			peer->gone ? -1 : peer->fd,
			wanted(reads(vault, peer), &peer->letters), 0
		};
	}
	return FIXED + vault->npeers;
}

/* The batch names those that it owes an answer. */
static void sweep(struct vault *vault)
{
	size_t kept = 0;

	if (vault->batch.nowed > 0)
		return;
	for (size_t i = 0; i < vault->npeers; i++) {
		struct peer *peer = vault->peers[i];

		if (!peer->gone) {
			vault->peers[kept++] = peer;
			continue;
		}
		close(peer->fd);
		mailbox_clear(&peer->letters);
		free(peer);
	}
	vault->npeers = kept;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Nobody waits for an opening to be durable, and a sync takes the disk from
 * audit: so what comes in a moment shares one. */
static int settle_due(struct vault *vault, struct err *err)
{
	if (vault->batch.nowed > 0 && vault->due == 0)
		vault->due = now_ms() + VAULT_GATHER_MS;
	if (vault->batch.nowed > 0 && !batch_full(&vault->batch) &&
	    now_ms() < vault->due)
		return 0;
	return vault_settle(vault, err);
}

/* Milliseconds until there is something to do unasked, or -1. */
static int patience(const struct vault *vault)
{
	if (vault->job.phase == JOB_WORKS)
		return 0;
	if (vault->batch.nowed == 0)
		return -1;
	int64_t left = vault->due - now_ms();
	return left < 0 ? 0 : (int)left;
}

static int turn(struct vault *vault, struct err *err)
{
	static struct pollfd set[FIXED + VAULT_PEERS];
	bool works = vault->job.phase == JOB_WORKS;
	size_t n = fill(vault, set), peers = vault->npeers;

	if (poll(set, n, patience(vault)) < 0)
		return errno == EINTR ? 0 : err_sys(err, "poll");
	/* First: who waits for a key hears the supervisor, too. */
	if (set[AT_SUPERVISOR].revents && serve_supervisor(vault, err) < 0)
		return -1;
	for (size_t i = 0; i < peers; i++)
		if (set[FIXED + i].revents &&
		    serve_peer(vault, vault->peers[i], set[FIXED + i].revents,
			       err) < 0)
			return -1;
	if (settle_due(vault, err) < 0 || (works && job_step(vault, err) < 0))
		return -1;
	sweep(vault);
	return set[AT_AUDIT].revents ? serve_audit(vault, err) : 0;
}

int vault_run(struct vault *vault, struct err *err)
{
	while (!vault->stop)
		if (turn(vault, err) < 0)
			return -1;
	/* What had been handed over by then is kept. */
	for (size_t i = 0; i < vault->npeers; i++)
		if (serve_peer(vault, vault->peers[i], POLLIN, err) < 0 ||
		    vault_settle(vault, err) < 0)
			return -1;
	return 0;
}
