/*
 * sekisho-audit - write the log.
 *
 * Started by sekishod; the only program that appends to the log and holds its
 * signing key. Writers are links that the supervisor made; what they send is
 * not trusted, and one that breaks a rule is dropped and put on record. One
 * batch at a time: take what arrived, write, sync, then tell: orders to the
 * supervisor, acknowledgements to the writers. When the disk is full it tells
 * the supervisor and waits, with what it took and did not acknowledge; when the
 * disk fails it stops, and with it everything that needs a record.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <openssl/crypto.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "audit/ledger.h"
#include "audit/links.h"
#include "audit/orders.h"
#include "audit/outside.h"
#include "audit/room.h"
#include "audit/space.h"
#include "gateway/base/own.h"
#include "gateway/base/process.h"

enum { SIGN_US = 1000000, HEARTBEAT_US = 60 * 1000000, ROOM_MS = 500 };
enum { LAST_ROUNDS = 256 };

struct audit {
	struct ledger ledger;
	struct links links;
	struct orders orders;
	struct space space;
	int64_t sync_us; /* what a sync takes, roughly */
	bool stopping;
	struct room room;
};

/* A link that gives orders waits while the supervisor has not taken the
 * earlier ones; all others, the supervisor's own among them, go on. When the
 * disk is nearly full, only those who tell what must be told go on, until the
 * end, after which nothing comes that the last of the disk is kept for. */
static bool held(const struct audit *audit, const struct link *link)
{
	const char *who = link->who.name;

	if (audit->space.scarce && !audit->stopping &&
	    !event_writer_controls(who))
		return true;
	return orders_full(&audit->orders) && event_writer_orders(who);
}

/* A writer broke a rule: on record, told, and gone. */
static int refuse(struct audit *audit, struct link *link, uint32_t ref,
		  const char *why, struct err *err)
{
	struct audit_field fields[2] = { ledger_text("peer", link->who.name),
					 ledger_text("why", why) };

	note("%s is dropped: %s", link->who.name, why);
	link_refuse(&audit->links, link, ref, why);
	return ledger_own(&audit->ledger, "log.peer", fields, 2, err);
}

static int take_record(struct audit *audit, struct link *link, struct msg *m,
		       struct err *err)
{
	static struct intake intake;
	uint64_t index;
	struct err why;

	if (intake_read(m, &link->who, &intake, &why) < 0)
		return refuse(audit, link, m->ref, why.text, err);
	switch (ledger_add(&audit->ledger, &link->who, &intake, &index, &why)) {
	case LEDGER_REFUSED:
		return refuse(audit, link, m->ref, why.text, err);
	case LEDGER_ADDED:
	case LEDGER_AGAIN:
		orders_keep(&audit->orders, &intake, index);
		break;
	case LEDGER_KNOWN:
		break;
	}
	link_owe(&audit->links, link, intake.ref, index);
	return 0;
}

/* A question for the proof of an entry; answered when all is durable. */
static int take_question(struct audit *audit, struct link *link, struct msg *m,
			 struct err *err)
{
	uint64_t index = msg_get_u64(m);

	if (!msg_done(m) || !event_writer_proves(link->who.name))
		return refuse(audit, link, m->ref,
			      "a question that it may not ask", err);
	if (index >= audit->ledger.journal.chain.next)
		return refuse(audit, link, m->ref,
			      "a question for an entry that does not exist",
			      err);
	link_owe_proof(&audit->links, link, m->ref, index);
	ledger_want(&audit->ledger, index);
	return 0;
}

/* What the supervisor says. 1: go on; 0: it is gone; -1: err. */
static int obey(struct audit *audit, struct err *err)
{
	static struct msg m;
	struct intake_writer who;
	struct err why;

	for (;;) {
		int fd, got = msg_receive(PROCESS_LINK, &m, err);

		if (got < 0)
			return -1;
		if (got == 0)
			return errno == EAGAIN;
		if (m.type == MSG_STOP) {
			audit->stopping = true;
		} else if (m.type == MSG_NEEDS) {
			if (vouch_needs(&audit->ledger.vouch, &m,
					audit->ledger.publisher.note,
					(uint64_t)time(NULL), err) < 0)
				return -1;
		} else if (m.type == MSG_ALIVE && msg_done(&m)) {
			audit->room.asked = true;
		} else if (m.type == MSG_WRITER) {
			if (intake_writer(&m, &who, &fd, err) < 0)
				return -1;
			if (links_add(&audit->links, &who, fd, &why) < 0)
				note("writer %s: %s", who.name, why.text);
		} else {
			return err_set(err, "unexpected %s", msg_name(m.type));
		}
		msg_clear(&m);
	}
}

/* The disk is full: look again in a moment, and hear the supervisor. */
static int wait_for_room(struct audit *audit, struct err *err)
{
	struct pollfd link = { .fd = PROCESS_LINK, .events = POLLIN };
	int there = 1;

	if (!audit->room.full &&
	    room_change(&audit->room, PROCESS_LINK, true, err) < 0)
		return -1;
	if (poll(&link, 1, ROOM_MS) < 0 && errno != EINTR)
		return err_sys(err, "poll");
	if (link.revents && (there = obey(audit, err)) < 0)
		return -1;
	if (there == 0 || audit->stopping)
		return err_set(err, "the end, without room for the last "
				    "entries");
	return room_tell(&audit->room, PROCESS_LINK, err);
}

/*
 * Before anything is written there must be room for all of it. Until there is,
 * what was taken waits here, unwritten and unacknowledged, and nothing more is
 * taken: writers wait, and the supervisor freezes who makes records. write_out
 * returns 1 if somebody took the room meanwhile; NULL: there is nothing yet.
 */
static int with_room(struct audit *audit,
		     int (*write_out)(struct ledger *, struct err *),
		     struct err *err)
{
	int done = 1;

	while (done > 0) {
		while (!room_there(&audit->ledger))
			if (wait_for_room(audit, err) < 0)
				return -1;
		done = write_out ? write_out(&audit->ledger, err) : 0;
		if (done > 0 && wait_for_room(audit, err) < 0)
			return -1;
	}
	if (done == 0 && audit->room.full)
		return room_change(&audit->room, PROCESS_LINK, false, err);
	return done;
}

/* What the anchor asks, of what is published already. One that does not take
 * the answer asks again when it has died. */
static int take_outside(struct audit *audit, struct link *link, struct msg *m,
			struct err *err)
{
	static struct msg answer;
	struct err why;

	if (with_room(audit, NULL, err) < 0)
		return -1;
	switch (outside_hear(&audit->ledger, link->who.name, m, &answer, err)) {
	case OUTSIDE_REFUSED:
		why = *err;
		return refuse(audit, link, m->ref, why.text, err);
	case OUTSIDE_STOP:
		return -1;
	case OUTSIDE_DONE:
		return 0;
	case OUTSIDE_ANSWER:
		if (msg_try(link->fd, &answer, &why) <= 0)
			return refuse(audit, link, m->ref,
				      "it does not take its answers", err);
		return 0;
	}
	return 0;
}

static int take(struct audit *audit, struct link *link, struct msg *m,
		struct err *err)
{
	if (outside_takes(m->type))
		return take_outside(audit, link, m, err);
	return m->type == MSG_PROVE ? take_question(audit, link, m, err)
				    : take_record(audit, link, m, err);
}

/* One message of one link. 1: there was one; 0: nothing; -1: stop. */
static int hear(struct audit *audit, struct link *link, struct err *err)
{
	static struct msg m;
	struct err why;

	/* Who waits for witnesses and is gone would be ready for ever. */
	if (link->parked && link->hung)
		link_unask(link);
	if (link->dead || link_writing(link) || link->asked ||
	    link->nanswers == LINKS_SHARE)
		return 0;
	if (held(audit, link)) {
		link_hold(&audit->links, link);
		return 0;
	}
	int got = msg_receive(link->fd, &m, &why);
	if (got != 0)
		link_heard(&audit->links, link);
	if (got == 0) {
		if (errno != EAGAIN)
			link_gone(&audit->links, link);
		return 0;
	}
	int done = got < 0 ? refuse(audit, link, 0, why.text, err)
			   : take(audit, link, &m, err);
	msg_clear(&m);
	return done < 0 ? -1 : 1;
}

/*
 * Is it worth while to wait for more before the sync? Who was just answered
 * often goes on at once; a sync without its next record makes it wait for two.
 * Waited for is at most half the time of a sync, and only as long as records
 * come in faster than they become durable.
 */
static bool more_to_come(const struct audit *audit, int64_t begin,
			 int64_t heard)
{
	int64_t now = ledger_mono();

	if (audit->links.awaited == 0 || audit->ledger.journal.entries == 0 ||
	    now - begin > audit->sync_us / 2 ||
	    now - heard > audit->sync_us / 16)
		return false;
	sched_yield();
	return true;
}

/*
 * Wait ms milliseconds for somebody to be ready, then take one message of each
 * that is, in turn, until nobody has more or the batch is full. Those that are
 * owed something are answered when the batch is settled. *told: the supervisor
 * has something to say. How many messages there were, or -1.
 */
static int gather(struct audit *audit, int ms, bool *told, struct err *err)
{
	static struct link *ready[LINKS_READY];
	int64_t begin = 0, last = 0;
	int heard, all = 0;

	do {
		int n = links_ready(&audit->links, ready, ms, err);

		heard = 0;
		ms = 0;
		for (int i = 0; i < n && !journal_full(&audit->ledger.journal);
		     i++) {
			if (!ready[i]) {
				*told = true;
				continue;
			}
			int got = hear(audit, ready[i], err);
			if (got < 0)
				return -1;
			heard += got;
		}
		if (n < 0)
			return -1;
		all += heard;
		if (heard > 0)
			last = ledger_mono();
		if (begin == 0)
			begin = last;
	} while (!journal_full(&audit->ledger.journal) &&
		 (heard > 0 || more_to_come(audit, begin, last)));
	return all;
}

/* Tell a link what it is owed, as far as it listens. */
static int answer(struct audit *audit, struct link *link, struct err *err)
{
	static struct prove_found found;

	if (!link_due(link))
		return 0;
	link_answer(link);
	if (link->dead || !link->asked || link->nanswers > 0)
		return 0;
	link->parked =
		!vouch_covers(&audit->ledger.vouch, link->question.index);
	if (link->parked)
		return 0;
	if (ledger_prove(&audit->ledger, link->question.index, &found, err) < 0)
		return -1;
	link_prove(&audit->links, link, &found);
	return 0;
}

/* Everything that was gathered becomes durable, then is told. */
static int settle(struct audit *audit, struct err *err)
{
	bool any = audit->ledger.journal.entries > 0;

	int64_t begin = ledger_mono();
	if (with_room(audit, ledger_commit, err) < 0)
		return -1;
	if (any)
		audit->sync_us += (ledger_mono() - begin - audit->sync_us) / 8;
	orders_release(&audit->orders);
	if (orders_give(&audit->orders, PROCESS_LINK, err) < 0)
		return -1;
	for (unsigned int i = 0; i < audit->links.nbusy; i++)
		if (answer(audit, audit->links.busy[i], err) < 0)
			return -1;
	journal_hash_again(&audit->ledger.journal);
	for (unsigned int i = 0; i < audit->links.nbusy; i++)
		if (!held(audit, audit->links.busy[i]))
			audit->links.busy[i]->held = false;
	return links_settle(&audit->links, orders_waiting(&audit->orders), err);
}

/* Room on the disk came or went. */
static int keep_space(struct audit *audit, int64_t now, struct err *err)
{
	struct ledger *ledger = &audit->ledger;

	if (!space_look(&audit->space, ledger->dir, now))
		return 0;
	struct audit_field fields[2] = {
		ledger_number("free", audit->space.free),
		ledger_text("state", audit->space.scarce ? "scarce" : "enough")
	};
	note("disk space for the log is %s", fields[1].value);
	if (ledger_own(ledger, "log.space", fields, 2, err) < 0)
		return -1;
	return settle(audit, err);
}

static int keep_time(struct audit *audit, struct err *err)
{
	struct ledger *ledger = &audit->ledger;
	int64_t now = ledger_mono();

	if (keep_space(audit, now, err) < 0)
		return -1;
	if (now - ledger->last_mono >= HEARTBEAT_US &&
	    (ledger_own(ledger, "log.heartbeat", NULL, 0, err) < 0 ||
	     settle(audit, err) < 0))
		return -1;
	if (!ledger_unsigned(ledger) || now - ledger->signed_mono < SIGN_US)
		return 0;
	return with_room(audit, ledger_sign, err);
}

/* Milliseconds until keep_time() has something to do. */
static int patience(const struct audit *audit)
{
	const struct ledger *ledger = &audit->ledger;
	int64_t until = ledger->last_mono + HEARTBEAT_US;

	if (ledger_unsigned(ledger) && ledger->signed_mono + SIGN_US < until)
		until = ledger->signed_mono + SIGN_US;
	if (audit->space.scarce && audit->space.looked + SPACE_US < until)
		until = audit->space.looked + SPACE_US;
	if (audit->room.asked) /* the supervisor had no room for the answer */
		return ROOM_MS;
	until -= ledger_mono();
	return until < 0 ? 0 : (int)(until / 1000 + 1);
}

/* The end in order: whatever still waits, then the last entry, signed. */
static int finish(struct audit *audit, struct err *err)
{
	int heard = 1;
	bool told;

	/* More of one than a batch takes may have waited; who goes on writing
	 * does not keep the log from its end. */
	for (int i = 0; i < LAST_ROUNDS && heard > 0; i++)
		if (settle(audit, err) < 0 ||
		    (heard = gather(audit, 0, &told, err)) < 0)
			return -1;
	if (ledger_own(&audit->ledger, "log.shutdown", NULL, 0, err) < 0 ||
	    settle(audit, err) < 0)
		return -1;
	return with_room(audit, ledger_sign, err);
}

static int serve(struct audit *audit, struct err *err)
{
	for (;;) {
		bool told = false;

		if (gather(audit, patience(audit), &told, err) < 0 ||
		    settle(audit, err) < 0 || keep_time(audit, err) < 0)
			return -1;
		int there = told ? obey(audit, err) : 1;
		if (there <= 0)
			return there;
		if (room_tell(&audit->room, PROCESS_LINK, err) < 0)
			return -1;
		/* A proof may wait no longer. */
		if (told && settle(audit, err) < 0)
			return -1;
		if (audit->stopping)
			return finish(audit, err);
	}
}

/* A lock belongs to who opened the folder, so it is opened once more. */
static int own_folder(int *fd, struct err *err)
{
	int own = openat(*fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (own < 0)
		return err_sys(err, "open the anchor's folder");
	close(*fd);
	*fd = own;
	return 0;
}

static int start(struct process *process, struct ledger *ledger, char *origin,
		 struct err *err)
{
	static struct msg m;

	if (process_start(process, &m, err) < 0)
		return -1;
	msg_get_str(&m, origin, NOTE_NAME);
	ledger->key_dir = msg_get_fd(&m);
	ledger->anchor_dir = msg_get_fd(&m);
	if (!msg_done(&m) || !note_name_valid(origin, strlen(origin)))
		return err_set(err, "malformed START");
	if (fcntl(PROCESS_LINK, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		return err_sys(err, "the supervisor's link");
	umask(0027);
	return own_folder(&ledger->anchor_dir, err);
}

int main(void)
{
	static struct audit audit;
	struct process process;
	char origin[NOTE_NAME];
	struct err err;

	/* No configuration file is read, now or once confined. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	if (start(&process, &audit.ledger, origin, &err) < 0)
		process_fail(&err);
	if (process_confine(&process, &err) < 0)
		process_fail(&err);
	audit.ledger.dir = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (audit.ledger.dir < 0) {
		err_sys(&err, "open the log's folder");
		process_fail(&err);
	}
	if (ledger_open(&audit.ledger, origin, &err) < 0 ||
	    links_init(&audit.links, PROCESS_LINK, &err) < 0 ||
	    process_ready(&err) < 0 || serve(&audit, &err) < 0)
		process_fail(&err);
	return 0;
}
