/*
 * sekisho-index - where in the log the records are that auditors ask for.
 *
 * Started by sekishod. Reads the log through its group and keeps a SQLite file
 * in a folder of its own, which can be thrown away at any time. Desks of
 * auditors ask it; what it answers is read again by them, so that if it is
 * taken over it can hide records from a search, and show none that is not in
 * the log. It writes no records and opens nothing for anybody.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/search/search.h"
#include "audit/seek.h"
#include "gateway/base/own.h"
#include "gateway/base/process.h"

enum {
	SEEKERS = 64, /* desks at a time; an auditor's are few */
	TURN_MS = 2000
};

struct server {
	struct search *search;
	int seekers[SEEKERS]; /* -1: free */
	bool stopping;
};

/* --- Desks --------------------------------------------------------------------- */

/* A desk for which there is no place finds its link closed. */
static int add_seeker(struct server *server, struct msg *m, struct err *err)
{
	AUTO_FD int fd = msg_get_fd(m);

	if (!msg_done(m))
		return err_set(err, "malformed SEEKER");
	for (int i = 0; i < SEEKERS; i++) {
		if (server->seekers[i] >= 0)
			continue;
		server->seekers[i] = take_fd(&fd);
		return 0;
	}
	return 0;
}

static void answer(struct server *server, const struct query *query,
		   struct seek_answer *answer)
{
	struct err err = { "" };

	*answer = (struct seek_answer){ .nbad = 0 };
	if (search_refresh(server->search, &err) < 0 ||
	    search_find(server->search, query, &answer->found, &err) < 0)
		snprintf(answer->why, sizeof answer->why, "%.199s", err.text);
	answer->nbad = server->search->nbad;
}

/* A malformed question, and one who does not take the answer, cost the desk
 * its link. */
static void hear_seeker(struct server *server, int *link)
{
	static struct seek_answer sought;
	static struct msg m;
	struct query query;
	struct err ignored;
	int got = msg_receive(*link, &m, &ignored);
	bool good = got > 0 && m.type == MSG_SEEK && seek_get(&m, &query) == 0;

	if (got > 0)
		msg_clear(&m);
	if (good) {
		answer(server, &query, &sought);
		seek_put_answer(&m, &sought);
		good = msg_send(*link, &m, &ignored) == 0;
	}
	if (!good)
		own_close(link);
}

/* --- Turns --------------------------------------------------------------------- */

static int obey(struct server *server, struct err *err)
{
	static struct msg m;
	int got = msg_receive(PROCESS_LINK, &m, err);
	int done = 0;

	if (got <= 0) {
		server->stopping = true;
		return got;
	}
	if (m.type == MSG_STOP)
		server->stopping = true;
	else if (m.type == MSG_SEEKER)
		done = add_seeker(server, &m, err);
	else
		done = err_set(err, "unexpected %s", msg_name(m.type));
	msg_clear(&m);
	return done;
}

/* One segment at a time, so that nobody waits for all. 1: there may be more. */
static int advance(struct server *server, struct err *err)
{
	if (search_refresh(server->search, err) < 0)
		return -1;
	return search_advance(server->search, err);
}

static int serve(struct server *server, struct err *err)
{
	struct pollfd fds[SEEKERS + 1] = { { .fd = PROCESS_LINK,
					     .events = POLLIN } };

	while (!server->stopping) {
		int more = advance(server, err);

		if (more < 0)
			return -1;
		for (int i = 0; i < SEEKERS; i++)
			fds[i + 1] = (struct pollfd){ server->seekers[i],
						      POLLIN, 0 };
		if (poll(fds, SEEKERS + 1, more ? 0 : TURN_MS) < 0 &&
		    errno != EINTR)
			return err_sys(err, "poll");
		if (fds[0].revents && obey(server, err) < 0)
			return -1;
		for (int i = 0; i < SEEKERS; i++)
			if (fds[i + 1].revents && server->seekers[i] >= 0)
				hear_seeker(server, &server->seekers[i]);
	}
	return 0;
}

/* --- Start --------------------------------------------------------------------- */

/* A file that cannot be used is made again: nothing is in it that is not in
 * the log. */
static struct search *open_search(int log, struct err *err)
{
	static const char *const files[] = { "/index", "/index-wal",
					     "/index-journal" };
	struct search *search = search_open(log, files[0], err);

	if (search)
		return search;
	note("%s; made again", err->text);
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (unlink(files[i]) < 0 && errno != ENOENT) {
			err_sys(err, "remove %s", files[i]);
			return NULL;
		}
	return search_open(log, files[0], err);
}

static int start(struct server *server, struct err *err)
{
	static struct msg m;
	struct process process;

	if (process_start(&process, &m, err) < 0)
		return -1;
	AUTO_FD int log = msg_get_fd(&m);
	if (!msg_done(&m))
		return err_set(err, "malformed START");
	for (int i = 0; i < SEEKERS; i++)
		server->seekers[i] = -1;
	umask(0077);
	if (process_confine(&process, err) < 0)
		return -1;
	server->search = open_search(log, err);
	return server->search ? process_ready(err) : -1;
}

int main(void)
{
	static struct server server;
	struct err err;

	/* No configuration file is read, now or once confined. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	if (start(&server, &err) < 0 || serve(&server, &err) < 0)
		process_fail(&err);
	search_close(server.search);
	return 0;
}
