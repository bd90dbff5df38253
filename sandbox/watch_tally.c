#include "sandbox/watch_tally.h"

#include <stddef.h>

bool watch_tally_add(struct watch_tally *tally, int number, int64_t now)
{
	struct watch_count *place = NULL;

	for (int i = 0; i < TALLY_CALLS; i++) {
		struct watch_count *c = &tally->calls[i];

		if (c->until == 0 && !place)
			place = c;
		if (c->until == 0 || c->number != number)
			continue;
		c->count++;
		return false;
	}
	if (place)
		*place = (struct watch_count){ .number = number,
					       .until = now + TALLY_MS };
	return true;
}

bool watch_tally_due(struct watch_tally *tally, int64_t now, bool all,
		     int *number, uint32_t *count)
{
	for (int i = 0; i < TALLY_CALLS; i++) {
		struct watch_count *c = &tally->calls[i];

		if (c->until == 0 || (!all && c->until > now))
			continue;
		*number = c->number;
		*count = c->count;
		c->count = 0;
		/* A call that goes on stays counted for another second. */
		c->until = *count > 0 && !all ? now + TALLY_MS : 0;
		if (*count > 0)
			return true;
	}
	return false;
}

int64_t watch_tally_next(const struct watch_tally *tally)
{
	int64_t next = 0;

	for (int i = 0; i < TALLY_CALLS; i++) {
		int64_t until = tally->calls[i].until;

		if (until != 0 && (next == 0 || until < next))
			next = until;
	}
	return next;
}
