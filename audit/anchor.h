/*
 * anchor - the last head that was signed, kept outside the log's folder.
 *
 * A log folder that was put back to an older state does not match it, and of
 * two copies that run only one can advance it. The folder is locked as long as
 * its descriptor is open.
 */
#ifndef AUDIT_ANCHOR_H
#define AUDIT_ANCHOR_H

#include "audit/checkpoint.h"

/* Read it. 1: there; 0: never made; -1: damaged or unreadable. */
int anchor_read(int dir, struct checkpoint *anchor, struct err *err);

/*
 * Durably put next in the place of now, which must be what stands there (NULL:
 * nothing must stand there). 0, or -1: somebody else moved it, or an error.
 */
int anchor_advance(int dir, const struct checkpoint *now,
		   const struct checkpoint *next, struct err *err);

#endif
