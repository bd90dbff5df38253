/*
 * space - is there room left on the log's disk for more than what must be told?
 *
 * A part of the disk is kept for control events: when only that is left, the
 * writers of all others wait, so that ends, suspensions and releases can still
 * be put on record.
 */
#ifndef AUDIT_SPACE_H
#define AUDIT_SPACE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	SPACE_RESERVE = 64 * 1024 * 1024, /* bytes; on a small disk less: */
	SPACE_PART = 16,		  /* a sixteenth of it */
	SPACE_LAST = 1024 * 1024, /* bytes behind a batch; on a small disk */
	SPACE_LAST_PART = 32,	  /* a thirty-second of it */
	SPACE_US = 1000000	  /* between two looks */
};

struct space {
	bool scarce;
	int64_t looked; /* ledger_mono() */
	int64_t free;	/* bytes, when last looked */
};

/*
 * Is there room for len bytes of entries, and for the checkpoint behind them?
 * What cannot be known counts as room: the write will tell. *scarce: others may
 * take it at any time.
 */
bool space_has_room(int dir, uint64_t len, bool *scarce);
/* The same of a disk of all bytes, of which left are left. */
bool space_is_room(uint64_t len, uint64_t left, uint64_t all);

/* Look, unless that was less than SPACE_US ago. True: scarce changed. */
bool space_look(struct space *space, int dir, int64_t now);

/* Is so little left, of a disk of that many bytes? */
bool space_is_scarce(uint64_t left, uint64_t all);

#endif
