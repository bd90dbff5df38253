/*
 * recent - which records were written lately, by the caller's own key.
 *
 * A caller that did not hear an answer sends the record again; it is then not
 * written, and its order not given, a second time. Bounded: the oldest of
 * RECENT_MAX is forgotten.
 */
#ifndef AUDIT_RECENT_H
#define AUDIT_RECENT_H

#include "audit/hash.h"

enum { RECENT_MAX = 8192, RECENT_BUCKETS = 4096 };

struct recent_entry {
	struct hash key;
	uint64_t index;
	int32_t next; /* in its bucket; -1: last */
};

struct recent {
	struct recent_entry entries[RECENT_MAX];
	int32_t buckets[RECENT_BUCKETS];
	uint64_t n; /* ever added */
};

void recent_init(struct recent *recent);

/* The key of a record: writer, session and the caller's own key. */
struct hash recent_key(struct hasher *hasher, const char *writer,
		       const char *session, const char *idem);

/* Was it written? true and its index. */
bool recent_find(const struct recent *recent, const struct hash *key,
		 uint64_t *index);
void recent_add(struct recent *recent, const struct hash *key, uint64_t index);

#endif
