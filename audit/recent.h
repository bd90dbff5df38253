/*
 * recent - which records were written lately, by the caller's own key.
 *
 * A caller that did not hear an answer sends the record again; it is then not
 * written, and its order not given, a second time. Only an order of a record
 * from before this start may be given once more: whoever was to carry it out
 * may have died with it. Bounded: the oldest of RECENT_MAX is forgotten.
 */
#ifndef AUDIT_RECENT_H
#define AUDIT_RECENT_H

#include "audit/events.h"
#include "audit/hash.h"

enum { RECENT_MAX = 8192, RECENT_BUCKETS = 16384 };

struct recent_entry {
	struct hash key;
	struct hash order;	   /* SHA-256 of its order; zero: none */
	const struct event *event; /* NULL: one that is no longer known */
	uint64_t index;
	int32_t next; /* in its bucket; -1: last */
	bool earlier; /* from before this start, its order not given since */
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

/* Was it written? Valid until the next recent_add(); NULL: not lately. */
struct recent_entry *recent_find(struct recent *recent, const struct hash *key);
/* next is filled in. */
void recent_add(struct recent *recent, const struct recent_entry *entry);

/* What a record is that came under the key of one that was written. */
enum recent_verdict {
	RECENT_OTHER = 0, /* not the same: another event or order */
	RECENT_KNOWN,	  /* a repetition; do not act again */
	RECENT_AGAIN	  /* a repetition; give its order, this once */
};

/* order: SHA-256 of the order that came with it; NULL: none came. */
enum recent_verdict recent_judge(struct recent_entry *there,
				 const struct event *event,
				 const struct hash *order);

#endif
