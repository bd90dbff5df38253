/*
 * shown - a live session as it was measured, row by row beside its plan.
 *
 * Pure. The plan is policy's own; what was measured is the kernel's word, as
 * the supervisor copied it (measured.h).
 */
#ifndef POLICY_SHOWN_H
#define POLICY_SHOWN_H

#include "gateway/base/plan.h"
#include "gateway/base/result.h"
#include "policy/measured.h"

struct shown {
	unsigned int rows;
	unsigned int differ; /* of these are not as planned */
};

/*
 * Begin result and fill it: item id, found text, planned text, state state
 * ("as_planned", "differs", "built_in": the kernel does not say). With rules
 * the user's filter is shown rule by rule, and nothing else.
 */
struct shown shown_fill(struct result *result, const struct plan *plan,
			const struct measured *measured, bool rules);

/*
 * SHA-256 over the rows as they are given: the cells of each joined by a tab,
 * each row ended by a newline. out: HASH_TEXT_SIZE bytes. Returns out.
 */
const char *shown_hash(const struct result *result, char *out);

#endif
