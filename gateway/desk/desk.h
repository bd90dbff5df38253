/*
 * desk - where one person's commands are answered.
 *
 * Who it serves was said by the supervisor and never changes. Every command
 * is in the log before its answer is made.
 */
#ifndef GATEWAY_DESK_DESK_H
#define GATEWAY_DESK_DESK_H

#include "gateway/base/plan.h"
#include "gateway/base/result.h"
#include "gateway/desk/command.h"

enum desk_role {
	DESK_NOBODY = 0,
	DESK_RESEARCHER = 1,
	DESK_REVIEWER = 2,
	DESK_APPROVER = 4,
	DESK_AUDITOR = 8
};

struct desk {
	bool for_session; /* serves the client inside a sandbox */
	bool tty, leaving;
	enum desk_role role;
	uint32_t cols, rows; /* of the window; 0: not known */
	char person[ID_SIZE], actor[ID_SIZE], session[ID_SIZE];
	char permit[ID_SIZE], lang[4];
	char command[COMMAND_SIZE]; /* empty: a console */
	int serving;		    /* the channel wire, or the listener */
	int log;		    /* the log's folder */
	int audit, policy;	    /* links */
};

/*
 * Record the command, then answer it into result. A researcher outside of a
 * session gets fixed records only. 0 (the answer may say no), or -1 and err:
 * a link is gone, the desk must end.
 */
int desk_answer(struct desk *desk, const struct command *command,
		struct result *result, struct err *err);

/* An answer to a line or words that are no command at all. */
void desk_malformed(struct result *result);

/* The role of a word in policy/roles.def; DESK_NOBODY if unknown. */
enum desk_role desk_role(const char *word);

/* The name of the verb number i that the role may use; NULL after the last. */
const char *desk_verb_name(const struct desk *desk, unsigned int i);

/* --- Handlers that have a file of their own; same results as desk_answer - */

/* Read the log's folder; each writes audit.read first. */
int desk_log(struct desk *desk, const struct command *command,
	     struct result *result, struct err *err);
int desk_checkpoint(struct desk *desk, struct result *result, struct err *err);

/* --- Ways of serving: until the person or a link is gone ----------------- */

/* 0: ended in order; -1 and err. */
int desk_single(struct desk *desk, struct err *err);
int desk_console(struct desk *desk, struct err *err);
int desk_serve(struct desk *desk, struct err *err);

#endif
