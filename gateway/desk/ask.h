/*
 * ask - one verb, one answer, over a link to policy.
 *
 * Used by desks (their link) and by sekishoctl (the control socket).
 */
#ifndef GATEWAY_DESK_ASK_H
#define GATEWAY_DESK_ASK_H

#include "gateway/base/result.h"
#include "gateway/desk/command.h"

enum { ASK_SECONDS = 30 /* what most answers may take */ };

/*
 * Send ASK and wait up to so many seconds for its ANSWER. 0; or -1 and err:
 * the link is useless. No answer in time counts as an answer that says so.
 */
int ask(int link, const struct command *command, unsigned int seconds,
	struct result *result, struct err *err);

/* --- The same in two halves, for who has several questions open ---------- */

/* Send ASK; its reference goes to *ref. 0, or -1 and err. */
int ask_send(int link, const struct command *command, uint32_t *ref,
	     struct err *err);

/* Take one message that arrived. 1: an ANSWER is in result, *ref is that of
 * its question; 0: something else; -1 and err: the link is useless. */
int ask_take(int link, uint32_t *ref, struct result *result, struct err *err);

/* The answer to who has waited long enough. */
void ask_late(struct result *result);

#endif
