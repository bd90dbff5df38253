/*
 * sekisho-anchor - have others vouch for the log.
 *
 * Started by sekishod. Takes the newest checkpoint to the witnesses of the
 * policy and to a time-stamp authority, and hands what they say to audit. It
 * sees checkpoints and the proofs between them, no entry; witnesses,
 * authorities and name servers are strangers, and this is the one service
 * that calls out. If it is taken over, there are false alarms.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <string.h>

#include "audit/cosign/hourly.h"
#include "audit/cosign/names.h"
#include "audit/cosign/round.h"
#include "gateway/base/own.h"
#include "gateway/base/process.h"

enum { TURN_MS = 1000 };

struct anchor {
	struct http http;
	struct round round;
	struct hourly hourly;
	bool told; /* what to follow */
	bool stopping;
};

static int follow(struct anchor *anchor, struct msg *m, struct err *err)
{
	char url[QUORUM_URL];
	size_t len;

	msg_get_str(m, url, sizeof url);
	const uint8_t *policy = msg_get_bytes(m, &len);
	if (!msg_done(m))
		return err_set(err, "malformed WITNESSES");
	round_follow(&anchor->round, (const char *)policy, len);
	hourly_follow(&anchor->hourly, url);
	anchor->told = true;
	return 0;
}

/* What the supervisor says. 1: go on; 0: it is gone; -1. */
static int obey(struct anchor *anchor, struct err *err)
{
	static struct msg m;
	int got;

	while ((got = msg_receive(PROCESS_LINK, &m, err)) > 0) {
		int done = 0;

		if (m.type == MSG_STOP)
			anchor->stopping = true;
		else if (m.type == MSG_WITNESSES)
			done = follow(anchor, &m, err);
		else
			done = err_set(err, "unexpected %s", msg_name(m.type));
		msg_clear(&m);
		if (done < 0)
			return -1;
	}
	return got < 0 ? -1 : errno == EAGAIN;
}

/* Begin what is due. */
static int begin(struct anchor *anchor, struct err *err)
{
	if (!anchor->told)
		return 0;
	if (round_begin(&anchor->round, err) < 0 ||
	    round_daily(&anchor->round, err) < 0)
		return -1;
	return hourly_begin(&anchor->hourly, err);
}

/* Hear what has come. */
static int hear(struct anchor *anchor, struct err *err)
{
	struct http_call *call;

	while ((call = http_over(&anchor->http))) {
		int done = round_owns(&anchor->round, call)
				   ? round_hear(&anchor->round, call, err)
				   : hourly_hear(&anchor->hourly, err);
		if (done < 0)
			return -1;
	}
	return link_drain(anchor->round.audit, err);
}

static int serve(struct anchor *anchor, struct err *err)
{
	struct pollfd more[2] = { { .fd = PROCESS_LINK },
				  { .fd = anchor->round.audit } };

	while (!anchor->stopping) {
		if (http_wait(&anchor->http, more, 2, TURN_MS, err) < 0 ||
		    hear(anchor, err) < 0)
			return -1;
		if (more[0].revents) {
			int there = obey(anchor, err);

			if (there <= 0)
				return there;
		}
		if (begin(anchor, err) < 0)
			return -1;
	}
	return 0;
}

/* START, then the link to audit. 0 or -1. */
static int start(struct process *process, struct anchor *anchor,
		 struct err *err)
{
	static struct msg m;

	if (process_start(process, &m, err) < 0)
		return -1;
	if (!msg_done(&m))
		return err_set(err, "malformed START");
	int got = msg_receive(PROCESS_LINK, &m, err);
	if (got <= 0)
		return got < 0 ? -1 : err_set(err, "sekishod is gone");
	if (m.type != MSG_LINK_AUDIT)
		return err_set(err, "expected LINK_AUDIT, got %s",
			       msg_name(m.type));
	anchor->round.audit = anchor->hourly.audit = msg_get_fd(&m);
	if (!msg_done(&m))
		return err_set(err, "malformed LINK_AUDIT");
	anchor->round.http = anchor->hourly.http = &anchor->http;
	if (fcntl(PROCESS_LINK, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		return err_sys(err, "the supervisor's link");
	return 0;
}

int main(void)
{
	static struct anchor anchor;
	struct process process;
	struct err err;

	/* No configuration file is read, now or once confined. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	if (start(&process, &anchor, &err) < 0 ||
	    http_open(&anchor.http, &err) < 0)
		process_fail(&err);
	names_init();
	if (process_confine(&process, &err) < 0 || process_ready(&err) < 0 ||
	    serve(&anchor, &err) < 0)
		process_fail(&err);
	return 0;
}
