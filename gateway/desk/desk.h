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
#include "gateway/desk/known.h"

enum { DESK_CWD = 4096 };

enum desk_role {
	DESK_NOBODY = 0,
	DESK_RESEARCHER = 1,
	DESK_REVIEWER = 2,
	DESK_APPROVER = 4,
	DESK_AUDITOR = 8
};

/* Where a verb may be asked. Outside of a session and without a terminal,
 * FIXED answers numbers, states, ids and codes, and no text of a person. */
enum desk_where { DESK_SCREEN = 0, DESK_FIXED, DESK_ANYWHERE };

struct desk {
	bool for_session; /* serves the client inside a sandbox */
	bool tty, leaving;
	enum desk_role role;
	uint32_t cols, rows; /* of the window; 0: not known */
	char person[ID_SIZE], actor[ID_SIZE], session[ID_SIZE];
	char permit[ID_SIZE], lang[4];
	char command[COMMAND_LINE]; /* empty: a console */
	char cwd[DESK_CWD];	    /* where the client inside was called */
	int serving;		    /* the channel wire, or the listener */
	int log;		    /* the log's folder */
	int audit, policy;	    /* links */
	int index;		    /* an auditor's, to the search index */
	int vault;		    /* likewise; -1: none at present */
	struct known known;	    /* what was shown, for completion */
	char *page; /* NULL, or what to show instead of the result; malloc */
};

/* What policy has to be asked to answer a command. */
struct question {
	struct command command; /* as ASK takes it */
	unsigned int seconds;	/* how long policy may take */
};

enum { DESK_FAILED = -1, DESK_ANSWERED = 0, DESK_ASKS = 1 };

/* Exit statuses of check and submit beside those of a verdict (0, 1, 2). */
enum { DESK_CHECK_WRONG = 4, DESK_CHECK_FAILED = 5 };

/*
 * Record the command, then begin to answer it. DESK_ANSWERED: into result (it
 * may say no); DESK_ASKS: put question to policy and give its answer to
 * desk_finish(); DESK_FAILED and err: a link is gone, the desk must end.
 */
int desk_begin(struct desk *desk, const struct command *command,
	       struct question *question, struct result *result,
	       struct err *err);

/* Make of policy's answer to command what this desk may show. */
void desk_finish(struct desk *desk, const struct command *command,
		 struct result *result);

/* Both, waiting for policy in between. 0, or -1 and err. */
int desk_answer(struct desk *desk, const struct command *command,
		struct result *result, struct err *err);

/* How the answer to this command is laid out. */
enum render_form desk_form(const struct desk *desk,
			   const struct command *command);

/* The option and the question to ask the person before this command can be
 * answered; false if it lacks nothing. */
bool desk_lacks(const struct desk *desk, const struct command *command,
		const char **option, enum text_id *question);

/* A person is at the other end, with a screen that is metered or theirs. */
bool desk_on_screen(const struct desk *desk);

/* The command takes more than this, which is an error; or it does not. */
bool desk_too_many(const struct desk *desk, const struct command *command,
		   unsigned int most, struct result *result);

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
int desk_search(struct desk *desk, const struct command *command,
		struct result *result, struct err *err);
int desk_ocsf(struct desk *desk, const struct command *command,
	      struct result *result, struct err *err);
int desk_proof(struct desk *desk, const struct command *command,
	       struct result *result, struct err *err);
int desk_consistency(struct desk *desk, const struct command *command,
		     struct result *result, struct err *err);

/* Put audit.read of the verb on record, with what was asked in our words ("":
 * nothing). 0 or -1. */
int desk_reads(const struct desk *desk, const char *verb, const char *asked,
	       struct err *err);

/* What stands behind commitments; the vault puts that on record. */
void desk_vault(struct desk *desk, const struct command *command,
		struct result *result);

/* A request or one of its files on one page (requests.c, file.c). */
int desk_show(struct desk *desk, const struct command *command,
	      struct result *result, struct err *err);
int desk_file(struct desk *desk, const struct command *command,
	      struct result *result, struct err *err);

/* Turn words into a question (outgoing.c, voting.c). DESK_ASKS, or
 * DESK_ANSWERED with an error in result. */
int outgoing_check(const struct desk *desk, const struct command *command,
		   struct command *ask, struct result *result);
int outgoing_submit(const struct desk *desk, const struct command *command,
		    struct command *ask, struct result *result);
int voting_vote(const struct command *command, struct command *ask,
		struct result *result);
int voting_note(const struct command *command, struct command *ask,
		struct result *result);

/* --- Ways of serving: until the person or a link is gone ----------------- */

/* 0: ended in order; -1 and err. */
int desk_single(struct desk *desk, struct err *err);
int desk_console(struct desk *desk, struct err *err);
int desk_serve(struct desk *desk, struct err *err);

#endif
