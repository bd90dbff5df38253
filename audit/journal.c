#include "audit/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"

void journal_close(struct journal *journal)
{
	own_close(&journal->seg);
	own_close(&journal->segment);
	own_close(&journal->mark.fd);
	tiles_clear(&journal->tiles);
	free(journal->buffer);
	journal->buffer = NULL;
}

int journal_append(struct journal *journal, struct record *record,
		   struct err *err)
{
	struct hash made[MERKLE_DENSE];
	char *at = journal->buffer + journal->used;

	journal_hash_again(journal);
	record->index = journal->chain.next;
	record->previous = journal->chain.head;
	long len = record_build(at, CANONICAL_MAX, record, err);
	if (len < 0)
		return -1;
	struct hash leaf = chain_append(&journal->chain, &journal->hasher, at,
					(size_t)len);
	unsigned int n =
		merkle_append(&journal->tree, &journal->hasher, &leaf, made);
	/* The entry is in: a disk that fails here is the commit's to tell. */
	if (tiles_put(&journal->tiles, made, n, &journal->why) < 0)
		journal->failed = true;
	at[len] = '\n';
	journal->used += (size_t)len + 1;
	journal->entries++;
	return 0;
}

bool journal_full(const struct journal *journal)
{
	return journal->entries >= JOURNAL_BATCH ||
	       journal->used > JOURNAL_BYTES;
}

/* Begin the segment whose first entry is index. */
static int begin_segment(struct journal *journal, uint64_t index,
			 struct err *err)
{
	char name[SEGMENT_NAME];

	own_close(&journal->segment);
	segment_name(name, index);
	journal->segment = segment_open(journal->seg, name,
					O_RDWR | O_CREAT | O_EXCL, err);
	if (journal->segment < 0)
		return -1;
	if (fsync(journal->seg) < 0)
		return err_sys(err, "sync seg");
	journal->length = 0;
	return 0;
}

/* One write, one sync. A short write or failed sync is never tried again. */
static int write_out(struct journal *journal, const char *bytes, size_t len,
		     struct err *err)
{
	ssize_t n;

	do
		n = pwrite(journal->segment, bytes, len,
			   (off_t)journal->length);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(err, "write the log");
	if ((size_t)n != len)
		return err_set(err, "write the log: only %zd of %zu bytes", n,
			       len);
	if (fdatasync(journal->segment) < 0)
		return err_sys(err, "sync the log");
	journal->length += len;
	return 0;
}

void journal_hash_again(struct journal *journal)
{
	const char *at = journal->buffer, *end = at + journal->again;
	struct hash made[MERKLE_DENSE];

	while (at < end) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((lf ? lf : end) - at);
		struct hash leaf = chain_append(&journal->written,
						&journal->hasher, at, len);

		merkle_append(&journal->proved, &journal->hasher, &leaf, made);
		at += len + 1;
	}
	journal->again = 0;
}

/* How many bytes of the buffer belong to the open segment. */
static size_t until_boundary(const struct journal *journal, uint64_t first)
{
	uint64_t room = SEGMENT_ENTRIES - first % SEGMENT_ENTRIES;
	const char *at = journal->buffer;

	if (room >= journal->entries)
		return journal->used;
	while (room-- > 0)
		at = (const char *)rawmemchr(at, '\n') + 1;
	return (size_t)(at - journal->buffer);
}

bool journal_reserve(const struct journal *journal)
{
	return journal->used == 0 || journal->segment < 0 ||
	       fallocate(journal->segment, FALLOC_FL_KEEP_SIZE,
			 (off_t)journal->length, (off_t)journal->used) == 0 ||
	       (errno != ENOSPC && errno != EDQUOT);
}

int journal_commit(struct journal *journal, struct err *err)
{
	uint64_t first = journal->chain.next - journal->entries;

	if (journal->failed)
		return err_set(err, "%s", journal->why.text);
	if (journal->entries == 0)
		return 0;
	if (first % SEGMENT_ENTRIES == 0 &&
	    begin_segment(journal, first, err) < 0)
		return -1;
	size_t here = until_boundary(journal, first);
	if (write_out(journal, journal->buffer, here, err) < 0)
		return -1;
	if (here < journal->used) {
		uint64_t next =
			first - first % SEGMENT_ENTRIES + SEGMENT_ENTRIES;

		if (begin_segment(journal, next, err) < 0 ||
		    write_out(journal, journal->buffer + here,
			      journal->used - here, err) < 0)
			return -1;
	}
	journal->again = journal->used;
	journal->used = 0;
	journal->entries = 0;
	struct mark mark = { journal->chain.next, journal->length,
			     journal->chain.head };
	return mark_write(&journal->mark, &mark, &journal->hasher, err);
}

int journal_head(struct journal *journal, struct proof_head *head,
		 struct err *err)
{
	journal_hash_again(journal);
	head->size = journal->tree.size;
	head->root = merkle_root(&journal->tree, &journal->hasher);
	struct hash again = merkle_root(&journal->proved, &journal->hasher);
	if (journal->entries > 0 || journal->proved.size != head->size ||
	    journal->written.next != journal->chain.next ||
	    !hash_equal(&journal->written.head, &journal->chain.head) ||
	    !hash_equal(&again, &head->root))
		return err_set(err,
			       "the tree of %" PRIu64 " entries does not "
			       "match what was written; not signed",
			       head->size);
	if (fdatasync(journal->mark.fd) < 0)
		return err_sys(err, "sync the acknowledged length");
	return tiles_flush(&journal->tiles, err);
}
