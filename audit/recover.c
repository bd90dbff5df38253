/*
 * recover - read the whole log at a start, and set a torn tail aside.
 *
 * Runs in sekisho-audit before anything is appended. The files are as a crash,
 * a failing disk or an enemy left them. A fault in what was acknowledged is
 * refused; only what never was may be a torn tail.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/journal.h"
#include "audit/lines.h"
#include "gateway/base/own.h"

struct reading {
	struct journal *journal;
	const struct journal_visitor *visitor;
	struct journal_found *found;
	struct mark mark;
	uint64_t first; /* of the segment being read */
	bool last;	/* it is the last one */
};

/* After each entry: is this where the acknowledged part ends, or a head? */
static int check_place(struct reading *r, uint64_t offset, struct err *err)
{
	struct journal *journal = r->journal;
	struct proof_head *head = r->found->head;

	if (head && head->size == journal->tree.size)
		head->root = merkle_root(&journal->tree, &journal->hasher);
	if (journal->chain.next != r->mark.size)
		return 0;
	if (offset != r->mark.length ||
	    !hash_equal(&journal->chain.head, &r->mark.head))
		return err_set(err,
			       "entry %" PRIu64 " is not the one that was "
			       "acknowledged",
			       r->mark.size - 1);
	return 0;
}

/* 1: taken; 0: not a proper next entry; -1: another error. */
static int take_line(struct reading *r, const char *line, size_t len,
		     struct err *err)
{
	struct journal *journal = r->journal;
	struct hash made[MERKLE_DENSE];
	struct record_view view;

	if (journal->chain.next == r->first + SEGMENT_ENTRIES) {
		err_set(err, "more entries than a segment holds");
		return 0;
	}
	if (chain_follow(&journal->chain, &journal->hasher, line, len, &view,
			 err) < 0)
		return 0;
	unsigned int n = merkle_append(&journal->tree, &journal->hasher,
				       &journal->chain.head, made);
	if (tiles_put(&journal->tiles, made, n, err) < 0)
		return -1;
	if (r->visitor)
		r->visitor->entry(r->visitor->context, &view,
				  view.index + JOURNAL_NEWEST < r->mark.size);
	return 1;
}

/* A fault at the next entry: a torn tail if nobody was told of it. */
static int fault(struct reading *r, struct err *err)
{
	uint64_t index = r->journal->chain.next;

	if (r->last && index >= r->mark.size)
		return 0;
	return err_within(err,
			  "damaged, not started: seg/%020" PRIu64
			  ".jsonl, entry %" PRIu64,
			  r->first, index);
}

static int read_lines(struct reading *r, struct lines *lines, struct err *err)
{
	for (;;) {
		const char *line;
		size_t len;
		uint64_t at = lines->offset;
		int took;

		switch (lines_next(lines, &line, &len, err)) {
		case LINES_LINE:
			took = take_line(r, line, len, err);
			if (took <= 0)
				return took < 0 ? -1 : fault(r, err);
			if (check_place(r, lines->offset, err) < 0)
				return err_within(err, "damaged, not started");
			r->journal->length = lines->offset;
			break;
		case LINES_END:
			r->journal->length = at;
			return 0;
		case LINES_TORN:
			err_set(err, "an entry without an end");
			return fault(r, err);
		case LINES_LONG:
			err_set(err, "an entry that is too long");
			return fault(r, err);
		case LINES_ERROR:
			return -1;
		}
	}
}

static int read_segment(struct reading *r, struct err *err)
{
	struct journal *journal = r->journal;
	char name[SEGMENT_NAME];
	struct lines lines;

	if (r->first != journal->chain.next)
		return err_set(err,
			       "damaged, not started: the segment of "
			       "entry %" PRIu64 " is missing or short",
			       journal->chain.next);
	segment_name(name, r->first);
	own_close(&journal->segment);
	journal->segment = segment_open(journal->seg, name, O_RDWR, err);
	journal->length = 0;
	if (journal->segment < 0 ||
	    lines_init(&lines, journal->segment, CANONICAL_MAX, err) < 0)
		return -1;
	int done = read_lines(r, &lines, err);
	lines_clear(&lines);
	return done;
}

/* Copy [from, to) of the open segment to a new file of dir, synced. */
static int copy_range(const struct journal *journal, int dir, const char *name,
		      const uint64_t range[static 2], struct err *err)
{
	size_t len = (size_t)(range[1] - range[0]);
	AUTO_FREE char *bytes = malloc(len + 1);

	if (!bytes)
		return err_set(err, "out of memory");
	for (size_t done = 0; done < len;) {
		ssize_t n = pread(journal->segment, bytes + done, len - done,
				  (off_t)(range[0] + done));

		if (n <= 0)
			return err_sys(err, "read the torn segment");
		done += (size_t)n;
	}
	return segment_replace(dir, name, bytes, len, err);
}

static int hash_tail(struct journal *journal, const uint64_t range[static 2],
		     struct hash *hash, struct err *err)
{
	size_t len = (size_t)(range[1] - range[0]);
	AUTO_FREE char *bytes = malloc(len + 1);

	if (!bytes)
		return err_set(err, "out of memory");
	if (pread(journal->segment, bytes, len, (off_t)range[0]) !=
	    (ssize_t)len)
		return err_sys(err, "read the torn tail");
	*hash = hash_bytes(&journal->hasher, bytes, len);
	return 0;
}

/* Set [length, end) aside. */
static int quarantine(struct journal *journal, uint64_t end,
		      struct journal_found *found, struct err *err)
{
	uint64_t range[2] = { journal->length, end };
	char hex[HASH_HEX_SIZE], name[64];

	if (end - journal->length > JOURNAL_TORN)
		return err_set(err,
			       "damaged, not started: %" PRIu64
			       " bytes behind entry %" PRIu64
			       " are no torn tail",
			       end - journal->length, journal->chain.next);
	if (hash_tail(journal, range, &found->torn_hash, err) < 0)
		return -1;
	hash_hex(hex, &found->torn_hash);
	snprintf(name, sizeof name, "%020" PRIu64 "-%.16s", journal->chain.next,
		 hex);
	AUTO_FD int dir = segment_folder(journal->dir, "quarantine", err);
	if (dir < 0)
		return -1;
	found->torn = end - journal->length;
	return copy_range(journal, dir, name, range, err);
}

/*
 * Write the good part of the last segment to a new inode: what a failed sync
 * left in memory looks written, and is not.
 */
static int rewrite(struct reading *r, struct err *err)
{
	struct journal *journal = r->journal;
	uint64_t range[2] = { 0, journal->length };
	char name[SEGMENT_NAME];

	segment_name(name, r->first);
	if (journal->length == 0) {
		own_close(&journal->segment);
		if (unlinkat(journal->seg, name, 0) < 0 ||
		    fsync(journal->seg) < 0)
			return err_sys(err, "remove the empty segment");
		return 0;
	}
	if (copy_range(journal, journal->dir, "segment", range, err) < 0)
		return -1;
	if (renameat(journal->dir, "segment", journal->seg, name) < 0 ||
	    fsync(journal->seg) < 0 || fsync(journal->dir) < 0)
		return err_sys(err, "put the rewritten segment in place");
	own_close(&journal->segment);
	journal->segment = segment_open(journal->seg, name, O_RDWR, err);
	return journal->segment < 0 ? -1 : 0;
}

static int settle(struct reading *r, struct err *err)
{
	struct journal *journal = r->journal;
	struct journal_found *found = r->found;
	struct stat info;

	if (journal->chain.next < r->mark.size)
		return err_set(err,
			       "not started: %" PRIu64 " entries were "
			       "acknowledged, only %" PRIu64 " are there",
			       r->mark.size, journal->chain.next);
	found->kept = journal->chain.next - r->mark.size;
	if (journal->segment < 0)
		return 0;
	if (fstat(journal->segment, &info) < 0)
		return err_sys(err, "stat the last segment");
	uint64_t end = (uint64_t)info.st_size;
	found->recovered = found->kept > 0 || end > journal->length ||
			   journal->length == 0;
	if (!found->recovered)
		return 0;
	if (end > journal->length && quarantine(journal, end, found, err) < 0)
		return -1;
	return rewrite(r, err);
}

static int read_all(struct reading *r, struct err *err)
{
	AUTO_FREE uint64_t *firsts = NULL;
	size_t n;

	if (segment_list(r->journal->seg, &firsts, &n, err) < 0)
		return -1;
	if (n > 0 && r->journal->mark.fd < 0)
		return err_set(err, "not started: there are segments, but the "
				    "file 'acknowledged' is missing");
	for (size_t i = 0; i < n; i++) {
		r->first = firsts[i];
		r->last = i + 1 == n;
		if (read_segment(r, err) < 0)
			return -1;
	}
	return settle(r, err);
}

static int open_parts(struct journal *journal, int dir, struct err *err)
{
	journal->dir = dir;
	journal->seg = journal->segment = journal->mark.fd = -1;
	chain_init(&journal->chain);
	merkle_init(&journal->tree);
	tiles_init(&journal->tiles, -1);
	journal->buffer = malloc(JOURNAL_BYTES + 8 * (CANONICAL_MAX + 1));
	if (!journal->buffer)
		return err_set(err, "out of memory");
	journal->seg = segment_folder(dir, "seg", err);
	if (journal->seg < 0)
		return -1;
	int hash = segment_folder(dir, "hash", err);
	if (hash < 0)
		return -1;
	tiles_init(&journal->tiles, hash);
	return 0;
}

static int open_log(struct journal *journal,
		    const struct journal_visitor *visitor,
		    struct journal_found *found, struct err *err)
{
	struct reading r = { .journal = journal,
			     .visitor = visitor,
			     .found = found };

	struct hasher *hasher = &journal->hasher;
	struct mark_file *file = &journal->mark;

	if (mark_open(journal->dir, file, &r.mark, hasher, err) < 0 ||
	    read_all(&r, err) < 0)
		return -1;
	if (file->fd < 0 &&
	    mark_create(journal->dir, file, &r.mark, hasher, err) < 0)
		return -1;
	journal->written = journal->chain;
	journal->proved = journal->tree;
	struct mark mark = { journal->chain.next, journal->length,
			     journal->chain.head };
	if (found->recovered && journal->segment < 0)
		mark = r.mark;
	if (mark_write(file, &mark, hasher, err) < 0 ||
	    tiles_flush(&journal->tiles, err) < 0)
		return -1;
	return 0;
}

int journal_open(struct journal *journal, int dir,
		 const struct journal_visitor *visitor,
		 struct journal_found *found, struct err *err)
{
	struct proof_head *head = found->head;

	memset(journal, 0, sizeof *journal);
	memset(found, 0, sizeof *found);
	found->head = head;
	if (open_parts(journal, dir, err) < 0 ||
	    open_log(journal, visitor, found, err) < 0) {
		journal_close(journal);
		return -1;
	}
	return 0;
}
