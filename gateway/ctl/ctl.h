/*
 * ctl - the parts of sekishoctl: verbs that are answered on this machine
 * without the gateway, and the road to the gateway for all others.
 */
#ifndef GATEWAY_CTL_CTL_H
#define GATEWAY_CTL_CTL_H

#include "gateway/base/result.h"
#include "gateway/desk/command.h"

struct ctl {
	const char *run;  /* the gateway's run folder */
	const char *lang; /* "en" or "ja" */
	bool prometheus;  /* numbers for a collector, instead of an answer */
};

/* Answer command (words after the options) into result; it may say no. */
void ctl_answer(const struct ctl *ctl, const struct command *command,
		struct result *result);

/* How the answer to this command is laid out. */
enum render_form ctl_form(const struct command *command);

/* An answer without an error as Prometheus' text format. */
void ctl_prometheus(FILE *out, const struct result *result);

/* "en" or "ja", as LC_ALL, LC_MESSAGES or LANG says. */
const char *ctl_language(void);

/* Ask policy over RUN/ctl. */
void ctl_ask(const struct ctl *ctl, const struct command *command,
	     struct result *result);

/* `dataset stale MARKFILE`: hand its two lines to policy. */
void ctl_mark(const struct ctl *ctl, const struct command *command,
	      struct result *result);

/* `reidentify record FILE|LINE`: hand the line to policy. */
void ctl_traced(const struct ctl *ctl, const struct command *command,
		struct result *result);

/* Load a policy folder here and list its errors. */
void ctl_check(const struct ctl *ctl, const char *folder,
	       struct result *result);

/* Proofs, tiles, searches and exports of a log's folder, `audit ...`. */
void ctl_log(const struct ctl *ctl, const struct command *command,
	     struct result *result);

/* What this host offers; an error status if a start would be refused. The
 * command's words: config folder, state folder, uid base, or what is usual. */
void ctl_doctor(const struct ctl *ctl, const struct command *command,
		struct result *result);

/* The images of sessions, `toolset build|list|verify ...`. */
void ctl_toolset(const struct ctl *ctl, const struct command *command,
		 struct result *result);

/*
 * Become sekisho-prepare if the words are `dataset prepare ...` (the rest are
 * its own words) or `dataset install ...`. Returns if they are not, or if it
 * cannot be found.
 */
void ctl_prepare(int argc, char **argv);

#endif
