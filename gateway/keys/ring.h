/*
 * ring - a key for each permit, wrapped under the site key.
 *
 * Two files of one folder, which belongs in no backup (CACHEDIR.TAG says so):
 *
 *	site.N	the site key, 32 random bytes
 *	ring.N	for each permit its id and its key, wrapped by AES-256-GCM
 *		under site.N and bound to the id; of an ended one the id alone
 *
 * Each change writes both anew, under the next N and a fresh site key, and
 * then overwrites and removes the old ones. So what is left of an older state
 * on a disk, or in a copy that somebody made of ring.N alone, opens with
 * nothing that still exists. ring.N appears whole, by one rename: before it
 * nothing happened, after it everything did but the removing, which the next
 * start makes good.
 */
#ifndef GATEWAY_KEYS_RING_H
#define GATEWAY_KEYS_RING_H

#include "gateway/base/plan.h"
#include "gateway/keys/wrap.h"

enum { RING_PERMITS = 4096 };

enum purpose {
#define PURPOSE(name, word) PURPOSE_##name,
#include "gateway/base/purposes.def"
#undef PURPOSE
	PURPOSES
};

struct ring_entry {
	char permit[ID_SIZE];
	bool ended;
	uint8_t wrapped[WRAPPED];
};

struct ring {
	int folder; /* not owned */
	uint64_t number;
	uint8_t site[WRAP_KEY];
	size_t n;
	struct ring_entry entries[RING_PERMITS];
};

enum ring_outcome { RING_FAILED = 0, RING_FOUND, RING_NONE, RING_ENDED };

/* The purpose with this word, or PURPOSES. */
enum purpose ring_purpose(const char *word);

/*
 * Read the newest ring of the folder, or make an empty one if there is none
 * at all, and wipe all other rings and site keys. A ring that does not open is
 * an error and stays as it is. 0 or -1.
 */
int ring_load(struct ring *ring, int folder, struct err *err);

/*
 * The permit's key for one purpose. RING_NONE: it has none, and make is
 * false; RING_ENDED: it had one. RING_FAILED: err says why. A key that was
 * made is on the disk before this returns.
 */
enum ring_outcome ring_key(struct ring *ring, const char *permit,
			   enum purpose purpose, bool make,
			   uint8_t out[static WRAP_KEY], struct err *err);

/*
 * The permit's key is gone when this returns 0: its wrapped bytes and the site
 * key that they were under are overwritten, and it never gets another. Again
 * is fine, also after -1.
 */
int ring_end(struct ring *ring, const char *permit, struct err *err);

/* Can there be a key of this permit, or its end? Without room the two above
 * fail and change nothing. */
bool ring_has_room(const struct ring *ring, const char *permit);

/* Forget the site key. */
void ring_clear(struct ring *ring);

#endif
