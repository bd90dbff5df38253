/*
 * journal - the segments on disk: append, sync, and recover after a crash.
 *
 * Runs in sekisho-audit alone. Entries are gathered in a buffer and written
 * with one write and one sync. After any failure the journal must not be used
 * again: what a failed sync left on disk is not known until a new start.
 */
#ifndef AUDIT_JOURNAL_H
#define AUDIT_JOURNAL_H

#include "audit/chain.h"
#include "audit/mark.h"
#include "audit/proof.h"
#include "audit/segment.h"
#include "audit/tiles.h"

enum {
	JOURNAL_BATCH = 4096,
	JOURNAL_BYTES = 4 * 1024 * 1024,
	JOURNAL_NEWEST = 8192,
	JOURNAL_TORN = 8 * 1024 * 1024 /* longest tail that is set aside */
};

struct journal {
	int dir, seg, segment;
	struct mark_file mark;
	struct hasher hasher;
	struct chain chain; /* with everything appended */
	struct merkle tree;
	struct chain written; /* computed again from the buffer, when synced */
	struct merkle proved;
	struct tiles tiles;
	uint64_t length; /* bytes durable in the open segment */
	char *buffer;
	size_t used;
	unsigned int entries; /* in the buffer */
	size_t again;	      /* bytes of it that are durable, but not hashed
				 a second time yet; then nothing else is in it */
	bool failed;	      /* an append met a disk that fails: why */
	struct err why;
};

/* What journal_open() calls for each entry it reads, oldest first; old: at
 * least JOURNAL_NEWEST acknowledged ones follow. */
struct journal_visitor {
	void *context;
	void (*entry)(void *context, const struct record_view *view, bool old);
};

/* What was found. */
struct journal_found {
	struct proof_head *head; /* size set by the caller; root if reached */
	bool recovered;		 /* there were bytes nobody had acknowledged */
	uint64_t kept;		 /* whole entries among them, kept */
	uint64_t torn;		 /* bytes set aside in quarantine/ */
	struct hash torn_hash;	 /* SHA-256 of them */
};

/*
 * Open the log in folder dir (the caller's), check all of it, set a torn tail
 * aside. visitor may be NULL. 0, or -1: damaged before what was acknowledged,
 * or not readable; nothing may then be appended.
 */
int journal_open(struct journal *journal, int dir,
		 const struct journal_visitor *visitor,
		 struct journal_found *found, struct err *err);
void journal_close(struct journal *journal);

/*
 * Append a record to the buffer; its index and previous are filled in. 0; or
 * -1 and err if the record cannot be written as a line (nothing happened).
 */
int journal_append(struct journal *journal, struct record *record,
		   struct err *err);

/* No room for another entry in this batch. */
bool journal_full(const struct journal *journal);

/* Have the disk keep room for the buffer in the open segment, so that nobody
 * takes it before the write. False: there is none. A file system that cannot
 * promise counts as room. */
bool journal_reserve(const struct journal *journal);

/* Make the buffer durable. 0, or -1: stop. */
int journal_commit(struct journal *journal, struct err *err);

/* Hash what was committed a second time, unless that is done. It is done at
 * the latest before the next entry or head; better when nobody waits. */
void journal_hash_again(struct journal *journal);

/*
 * The head to be signed: only if hashing what was written a second time gave
 * the same. Also makes the mark durable and brings the hash tiles up to date.
 * 0, or -1: stop.
 */
int journal_head(struct journal *journal, struct proof_head *head,
		 struct err *err);

#endif
