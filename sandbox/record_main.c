/*
 * sekisho-record - what goes between a client and a shell, on record.
 *
 * Started by sekishod for each shell, under a uid of a lease, in an empty
 * root. Distrusts both ends: the channel wire's client and the bytes of the
 * shell, which it never parses. Holds the pty master (or three pipes), the
 * recording folder and its links, and can open files in that folder alone.
 * If the recording cannot be written, nothing passes any more.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "gateway/base/text.h"
#include "sandbox/record_relay.h"
#include "sandbox/record_trail.h"

enum {
	QUIET_MS = 200,	 /* after the shell's end: nothing came for so long */
	DRAIN_MS = 2000, /* and not longer than this, */
	STALLED_MS = 60000, /* unless the client is slow to take the rest */
	HUNG_MS = 100,	    /* look again whether a slave was opened */
	ACKNOWLEDGED_MS = 10000,
};

enum { AT_LINK, AT_AUDIT, AT_WIRE, AT_IN, AT_FROM, POLLED = AT_FROM + 2 };

struct recorder {
	struct relay relay;
	struct recording recording;
	struct record_trail trail;
	bool ending; /* the shell has ended with status */
	uint32_t status;
	int64_t quiet, drain, stalled; /* ms left of each limit */
	bool gone;		       /* the client is gone, or STOP came */
	char say[1500]; /* for the client, until there is room; "": nothing */
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int read_start(struct recorder *rec, struct msg *m, int *folder)
{
	struct relay *relay = &rec->relay;

	msg_get_str(m, rec->trail.session, ID_SIZE);
	msg_get_str(m, rec->trail.permit, ID_SIZE);
	msg_get_str(m, rec->trail.actor, ID_SIZE);
	rec->trail.shell = msg_get_u32(m);
	relay->tty = msg_get_u8(m) != 0;
	relay->wire = msg_get_fd(m);
	*folder = msg_get_fd(m);
	relay->in = msg_get_fd(m);
	relay->from[0] = relay->tty ? fcntl(relay->in, F_DUPFD_CLOEXEC, 3)
				    : msg_get_fd(m);
	relay->from[1] = relay->tty ? -1 : msg_get_fd(m);
	return msg_done(m) && id_valid(rec->trail.session) &&
			       relay->from[0] >= 0
		       ? 0
		       : -1;
}

static int wait_link(struct recorder *rec, struct msg *m, struct err *err)
{
	int got = msg_receive(PROCESS_LINK, m, err);

	if (got <= 0)
		return got < 0 ? -1 : err_set(err, "sekishod is gone");
	rec->trail.link = msg_get_fd(m);
	if (m->type != MSG_LINK_AUDIT || !msg_done(m))
		return err_set(err, "expected LINK_AUDIT, got %s",
			       msg_name(m->type));
	return 0;
}

static int end_piece(struct recorder *rec, struct err *err)
{
	struct piece piece;

	if (recording_end(&rec->recording, &piece, err) < 0)
		return -1;
	return record_trail_piece(&rec->trail, &piece, err);
}

/* What stands in say goes out, or waits for room. */
static void say(struct recorder *rec)
{
	if (rec->say[0] && channel_send(rec->relay.wire, CHANNEL_STDERR,
					rec->say, strlen(rec->say)) != 0)
		rec->say[0] = '\0';
}

/* Sekishod's own words, which no program of the session wrote. One that could
 * not be said yet is replaced by the next: the newest counts. */
static int on_say(struct recorder *rec, struct msg *m, struct err *err)
{
	char one[600], other[600];

	msg_get_str(m, one, sizeof one);
	msg_get_str(m, other, sizeof other);
	if (!msg_done(m))
		return err_set(err, "malformed SAY from sekishod");
	snprintf(rec->say, sizeof rec->say, "\r\n%s\r\n%s%s", one, other,
		 other[0] ? "\r\n" : "");
	say(rec);
	return 0;
}

static int on_link(struct recorder *rec, struct msg *m, struct err *err)
{
	int got = msg_receive(PROCESS_LINK, m, err);

	if (got <= 0)
		return got < 0 ? -1 : err_set(err, "sekishod is gone");
	if (m->type == MSG_SAY)
		return on_say(rec, m, err);
	if (m->type == MSG_STOP && msg_done(m)) {
		char line[512];
		int n = snprintf(line, sizeof line, "\r\n%s\r\n%s\r\n",
				 text("en", TEXT_GATEWAY_ENDING),
				 text("ja", TEXT_GATEWAY_ENDING));

		channel_send(rec->relay.wire, CHANNEL_STDERR, line, (size_t)n);
		rec->gone = true;
		return 0;
	}
	rec->status = msg_get_u32(m);
	if (m->type != MSG_RECORDER_EXIT || !msg_done(m) || rec->ending) {
		msg_clear(m);
		return err_set(err, "unexpected %s from sekishod",
			       msg_name(m->type));
	}
	rec->ending = true;
	rec->quiet = QUIET_MS;
	rec->drain = DRAIN_MS;
	rec->stalled = STALLED_MS;
	return 0;
}

static void watch(struct pollfd *p, int fd, bool in, bool out)
{
	p->fd = in || out ? fd : -1;
	p->events = (short)((in ? POLLIN : 0) | (out ? POLLOUT : 0));
	p->revents = 0;
}

static int least(int a, int64_t b)
{
	return a < 0 || b < a ? (int)b : a;
}

/* What to wait for, and how long. */
static int prepare(const struct recorder *rec, struct pollfd *p)
{
	const struct relay *relay = &rec->relay;
	bool full = record_trail_full(&rec->trail);
	int wait = full ? -1 : recording_due(&rec->recording);

	watch(&p[AT_LINK], PROCESS_LINK, true, false);
	watch(&p[AT_AUDIT], rec->trail.link, true, false);
	/* Events or none: that the client is gone is always told. */
	p[AT_WIRE].fd = relay->wire;
	p[AT_WIRE].events =
		(short)((!relay->waiting && !full ? POLLIN : 0) |
			(relay->len > 0 || rec->say[0] ? POLLOUT : 0));
	watch(&p[AT_IN], relay->in, false, relay->waiting);
	for (int i = 0; i < RELAY_SOURCES; i++)
		watch(&p[AT_FROM + i], relay->from[i],
		      relay->len == 0 && !full && !relay->hung, false);
	if (relay->hung)
		wait = least(wait, HUNG_MS);
	if (rec->ending)
		wait = least(wait, QUIET_MS / 4);
	return wait;
}

static int moved(struct recorder *rec, enum relay_end end)
{
	if (end == RELAY_GONE)
		rec->gone = true;
	if (end == RELAY_MOVED)
		rec->quiet = QUIET_MS;
	return end == RELAY_FAILED ? -1 : 0;
}

static int move(struct recorder *rec, const struct pollfd *p, struct err *err)
{
	struct relay *relay = &rec->relay;
	const short gone = POLLHUP | POLLERR;

	if (p[AT_WIRE].revents & POLLOUT) {
		moved(rec, relay_flush(relay));
		say(rec);
	}
	if (p[AT_WIRE].revents & POLLIN) {
		enum relay_end end = relay_receive(relay, err);

		if (end == RELAY_FAILED)
			return -1;
		if (end == RELAY_GONE)
			rec->gone = true;
	} else if (p[AT_WIRE].revents & gone) {
		rec->gone = true;
	}
	relay_write(relay);
	for (int i = 0; i < RELAY_SOURCES && !rec->gone; i++) {
		bool look = p[AT_FROM + i].revents || (i == 0 && relay->hung);

		if (look && relay->len == 0 && relay->from[i] >= 0 &&
		    moved(rec, relay_read(relay, i, err)) < 0)
			return -1;
	}
	if (recording_due(&rec->recording) == 0 &&
	    !record_trail_full(&rec->trail))
		return end_piece(rec, err);
	return 0;
}

/* After the shell's end: has everything come that will come? */
static bool drained(struct recorder *rec, int64_t passed)
{
	const struct relay *relay = &rec->relay;
	bool blocked = relay->len > 0 || record_trail_full(&rec->trail);

	rec->stalled -= passed;
	if (!blocked) {
		rec->quiet -= passed;
		rec->drain -= passed;
		if (rec->quiet <= 0 || rec->drain <= 0 || relay->hung ||
		    (relay->from[0] < 0 && relay->from[1] < 0))
			return true;
	}
	return rec->stalled <= 0;
}

/* 0: the shell or the client has ended; -1: nothing may pass any more. */
static int serve(struct recorder *rec, struct msg *m, struct err *err)
{
	struct pollfd p[POLLED] = { 0 };
	int64_t last = now_ms();

	while (!rec->gone) {
		int n = poll(p, POLLED, prepare(rec, p));

		if (n < 0 && errno != EINTR)
			return err_sys(err, "poll");
		if (n < 0)
			continue;
		if (p[AT_AUDIT].revents &&
		    record_trail_answer(&rec->trail, err) < 0)
			return -1;
		if (p[AT_LINK].revents && on_link(rec, m, err) < 0)
			return -1;
		if (move(rec, p, err) < 0)
			return -1;
		int64_t now = now_ms();
		if (rec->ending && drained(rec, now - last))
			break;
		last = now;
	}
	return 0;
}

static void send_exit(struct recorder *rec)
{
	uint32_t status = rec->status;
	struct pollfd room = { .fd = rec->relay.wire, .events = POLLOUT };

	status = WIFSIGNALED((int)status)
			 ? 128u + (uint32_t)WTERMSIG((int)status)
			 : (uint32_t)WEXITSTATUS((int)status);
	for (int tries = 0; tries < 20; tries++) {
		if (channel_send_u32(room.fd, CHANNEL_EXIT, status & 255) != 0)
			return;
		poll(&room, 1, DRAIN_MS / 20);
	}
}

static int finish(struct recorder *rec, struct msg *m, struct err *err)
{
	relay_hang_up(&rec->relay);
	if (rec->ending && !rec->gone)
		send_exit(rec);
	own_close(&rec->relay.wire);
	if (recording_due(&rec->recording) >= 0 && end_piece(rec, err) < 0)
		return -1;
	if (record_trail_wait(&rec->trail, ACKNOWLEDGED_MS, err) < 0)
		return -1;
	msg_start(m, MSG_RECORDER_DONE, 0);
	msg_put_u64(m, rec->relay.bytes[WAY_IN]);
	msg_put_u64(m, rec->relay.bytes[WAY_OUT]);
	return msg_send(PROCESS_LINK, m, err);
}

/* Fail closed: the shell hangs up, the client learns why, sekishod ends it. */
static _Noreturn void fail(struct recorder *rec, const struct err *err)
{
	char line[512];
	int n = snprintf(line, sizeof line, "\r\n%s\r\n%s\r\n",
			 text("en", TEXT_RECORD_FAILED),
			 text("ja", TEXT_RECORD_FAILED));

	relay_hang_up(&rec->relay);
	if (rec->relay.wire >= 0) {
		channel_send(rec->relay.wire, CHANNEL_STDERR, line, (size_t)n);
		channel_send_u32(rec->relay.wire, CHANNEL_EXIT, 255);
	}
	process_fail(err);
}

int main(void)
{
	static struct recorder rec;
	static struct msg m;
	struct process process;
	struct err err;
	int folder;

	rec.relay.wire = rec.relay.in = -1;
	rec.relay.from[0] = rec.relay.from[1] = -1;
	if (process_start(&process, &m, &err) < 0)
		process_fail(&err);
	if (read_start(&rec, &m, &folder) < 0) {
		err_set(&err, "malformed START");
		process_fail(&err);
	}
	rec.trail.first = rec.trail.next = 1;
	signal(SIGPIPE, SIG_IGN);
	if (recording_init(&rec.recording, folder, rec.trail.session,
			   rec.trail.shell, &err) < 0 ||
	    relay_init(&rec.relay, &rec.recording, &err) < 0 ||
	    wait_link(&rec, &m, &err) < 0 ||
	    process_confine(&process, &err) < 0 ||
	    /* A place for the first byte, before any byte. */
	    recording_open(&rec.recording, &err) < 0 ||
	    process_ready(&err) < 0 || serve(&rec, &m, &err) < 0 ||
	    finish(&rec, &m, &err) < 0)
		fail(&rec, &err);
	recording_clear(&rec.recording);
	return 0;
}
