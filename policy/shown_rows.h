/*
 * shown_rows - the answer being made, for the parts of shown alone.
 */
#ifndef POLICY_SHOWN_ROWS_H
#define POLICY_SHOWN_ROWS_H

#include "policy/shown.h"

enum shown_state { DIFFERS = 0, AS_PLANNED, BUILT_IN };

struct view_rows {
	struct result *result;
	const struct plan *plan;
	const struct measured *measured;
	uint32_t init, lease;		/* PID 1's number outside; its uid */
	unsigned int processes, others; /* with a row; without one */
	struct shown count;
};

/* A row that is as planned if both say the same. */
void shown_row(struct view_rows *rows, const char *item, const char *found,
	       const char *planned);
void shown_say(struct view_rows *rows, const char *item, const char *found,
	       const char *planned, enum shown_state state);

#endif
