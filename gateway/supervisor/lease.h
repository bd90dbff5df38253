/*
 * lease - uids for instances that serve different people.
 *
 * A lease is a pair of uids, first and first + 1. A pair is never given out
 * twice: the counter is on disk and only goes up.
 */
#ifndef GATEWAY_SUPERVISOR_LEASE_H
#define GATEWAY_SUPERVISOR_LEASE_H

#include <stdint.h>

#include "gateway/base/err.h"

struct leases {
	uint32_t base;	   /* uid of the first pair */
	uint32_t next;	   /* number of the next pair */
	uint32_t reserved; /* pairs below this are written down as used */
	int file;	   /* the counter */
};

/*
 * Open the counter in folder; uids are given out above uid_base. Refuses a
 * range that /etc/passwd, /etc/subuid or /etc/subgid names. 0 or -1.
 */
int lease_open(struct leases *leases, int folder, uint32_t uid_base,
	       struct err *err);

/* The first uid of a fresh pair; 0 on failure and err says why. */
uint32_t lease_take(struct leases *leases, struct err *err);

#endif
