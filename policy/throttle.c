/*
 * throttle - remember wrong codes for a while.
 *
 * Runs in sekisho-policy. Pure: the caller brings the clock. When the table
 * is full the oldest entry is forgotten, never a new one refused.
 */
#include "policy/throttle.h"

#include <stdio.h>
#include <string.h>

/* Over all sources, the pause begins late and stays short. */
enum { ALL_FREE = 10, ALL_MOST = 5000 };

static const struct throttle_entry *find(const struct throttle *throttle,
					 const char *person, const char *source)
{
	for (size_t i = 0; i < THROTTLE_ENTRIES; i++) {
		const struct throttle_entry *e = &throttle->entries[i];

		if (e->failures > 0 && strcmp(e->person, person) == 0 &&
		    strcmp(e->source, source) == 0)
			return e;
	}
	return NULL;
}

static struct throttle_entry *find_or_take(struct throttle *throttle,
					   const char *person,
					   const char *source, uint64_t now)
{
	const struct throttle_entry *found = find(throttle, person, source);
	struct throttle_entry *e = &throttle->entries[0];

	if (found) {
		e = &throttle->entries[found - throttle->entries];
		if (now - e->last > THROTTLE_FORGET)
			e->failures = 0;
		return e;
	}
	for (size_t i = 0; i < THROTTLE_ENTRIES; i++)
		if (throttle->entries[i].last < e->last)
			e = &throttle->entries[i];
	memset(e, 0, sizeof *e);
	snprintf(e->person, sizeof e->person, "%s", person);
	snprintf(e->source, sizeof e->source, "%s", source);
	return e;
}

static uint64_t doubled(uint32_t failures, uint64_t most)
{
	uint64_t pause = failures > 16 ? most : 500ull << failures;

	return pause < most ? pause : most;
}

uint64_t throttle_until(const struct throttle *throttle, const char *person,
			const char *source)
{
	const struct throttle_entry *one = find(throttle, person, source);
	const struct throttle_entry *all = find(throttle, person, "");
	uint64_t until = one ? one->until : 0;

	return all && all->until > until ? all->until : until;
}

void throttle_failed(struct throttle *throttle, const char *person,
		     const char *source, uint64_t now, uint64_t most)
{
	struct throttle_entry *one =
		find_or_take(throttle, person, source, now);

	one->failures++;
	one->last = now;
	one->until = now + doubled(one->failures, most);

	struct throttle_entry *all = find_or_take(throttle, person, "", now);
	all->failures++;
	all->last = now;
	all->until = 0;
	if (all->failures > ALL_FREE)
		all->until = now + doubled(all->failures - ALL_FREE, ALL_MOST);
}

void throttle_passed(struct throttle *throttle, const char *person,
		     const char *source)
{
	const struct throttle_entry *one = find(throttle, person, source);

	if (one)
		memset(&throttle->entries[one - throttle->entries], 0,
		       sizeof *one);
}
