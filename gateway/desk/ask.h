/*
 * ask - one verb, one answer, over a link to policy.
 *
 * Used by desks (their link) and by sekishoctl (the control socket).
 */
#ifndef GATEWAY_DESK_ASK_H
#define GATEWAY_DESK_ASK_H

#include "gateway/base/result.h"
#include "gateway/desk/command.h"

/*
 * Send ASK and wait up to 30 seconds for its ANSWER. 0; or -1 and err: the
 * link is useless. No answer in time counts as an answer that says so.
 */
int ask(int link, const struct command *command, struct result *result,
	struct err *err);

#endif
