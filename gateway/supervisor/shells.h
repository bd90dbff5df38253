/*
 * shells - one shell or command in a session, with its recorder.
 */
#ifndef GATEWAY_SUPERVISOR_SHELLS_H
#define GATEWAY_SUPERVISOR_SHELLS_H

#include "gateway/base/text.h"
#include "gateway/supervisor/sessions.h"

struct shell {
	struct shell *next;
	struct session *session;
	uint32_t id;
	struct shell_order order;
	bool asked;    /* init was asked to start it */
	bool spawned;  /* init started it */
	bool exited;   /* the program ended */
	bool finished; /* the recorder said so */
	int wire;      /* the client's end, until the recorder serves */
	int listener;  /* of its filter; the watcher has it too */
	bool watched;  /* the watcher that runs has it */
	struct child recorder;
};

/* Add a shell to a session; it waits until the session runs. */
struct shell *shell_new(struct session *session,
			const struct shell_order *order, struct err *err);

/* Ask init for every shell that still waits. 0 or -1. */
int shells_spawn(struct session *session, struct err *err);

/* A message from init about a shell. 0, or -1: init broke the rules. */
int shells_heard(struct session *session, struct msg *m, struct err *err);

/* The session ends: tell policy of those that never served, and recorders
 * that their program is dead. */
void shells_stop(struct session *session, const char *why);

/* Say it on the terminal or standard error of each, in both languages. */
void shells_say(const struct session *session, enum text_id what);
/* The same with a sentence that is in the person's language already. */
void shells_tell(const struct session *session, const char *sentence);

/* Hand the watcher the filters' listeners that it does not have. */
void shells_watch(struct session *session);

/* The watcher is gone, and what it was given with it. */
void shells_unwatched(struct session *session);

/* Is pid the process of a recorder of the session? */
bool shells_own(const struct session *session, pid_t pid);

/* Kill the recorders that are left. */
void shells_kill(struct session *session);

#endif
