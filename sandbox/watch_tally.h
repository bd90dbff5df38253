/*
 * watch_tally - how often a session tried which call.
 *
 * The first attempt is reported at once; repeats of the same call within the
 * next second are counted and reported together, so that a program that tries
 * in a loop cannot flood the log. Pure: no clock, no files.
 */
#ifndef SANDBOX_WATCH_TALLY_H
#define SANDBOX_WATCH_TALLY_H

#include <stdbool.h>
#include <stdint.h>

enum { TALLY_CALLS = 128, TALLY_MS = 1000 };

struct watch_tally {
	struct watch_count {
		int number;	/* of the system call */
		uint32_t count; /* since the last report */
		int64_t until;	/* ms; 0: the place is free */
	} calls[TALLY_CALLS];
};

/*
 * Note one attempt at now (ms, monotonic, > 0). True: report it, count 1. A
 * session that tries more different calls than there are places gets each of
 * the rest reported at once.
 */
bool watch_tally_add(struct watch_tally *tally, int number, int64_t now);

/*
 * The next count whose second is over at now, or any if all is set. True:
 * report *number with *count. Call again until false.
 */
bool watch_tally_due(struct watch_tally *tally, int64_t now, bool all,
		     int *number, uint32_t *count);

/* The earliest end of a second, in ms; 0: none is running. */
int64_t watch_tally_next(const struct watch_tally *tally);

#endif
