#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/chain.h"
#include "audit/lines.h"
#include "audit/verify.h"
#include "gateway/base/own.h"

enum { THREADS = 4 };

/* What one segment turned out to be. */
struct part {
	uint64_t first;
	struct hash previous; /* what its first entry says it follows */
	struct chain chain;
	struct merkle tree; /* of its entries alone */
	uint64_t torn;	    /* bytes behind the last whole entry */
	bool fault, broken; /* not an entry; not readable */
	char why[560];
};

struct work {
	int seg;
	const struct note_key *key;
	struct verify_heads *heads;
	struct part *parts;
	size_t n;
	atomic_size_t next;
};

/* What a thread reads with; made once, for it is large. */
struct reader {
	struct hasher hasher;
	struct lines lines;
	struct record_view view;
	struct hash made[MERKLE_DENSE];
	struct err err;
};

/* The first head above size. */
static size_t find_head(const struct verify_heads *heads, uint64_t size)
{
	size_t low = 0, high = heads->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (heads->all[middle].head.size > size)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void part_fault(struct part *part, const char *why)
{
	part->fault = true;
	snprintf(part->why, sizeof part->why, "%s", why);
}

static bool is_genesis(const struct record_view *view,
		       const struct note_key *key)
{
	char vkey[NOTE_VKEY], text[NOTE_VKEY];
	const struct canonical_field *said = canonical_find(&view->line, "key");

	note_key_text(vkey, key);
	return record_field_is(view->event, "log.genesis") &&
	       record_field_is(view->writer, "audit") && said &&
	       said->kind == CANONICAL_STRING &&
	       canonical_unescape(text, sizeof text, said->value, said->len) >=
		       0 &&
	       strcmp(text, vkey) == 0;
}

/* The chain of a segment begins where its first entry says it does; whether
 * that is right is asked when the segments are put together. */
static int take_line(const struct work *work, struct part *part,
		     struct reader *reader, const char *line, size_t len)
{
	struct record_view *view = &reader->view;

	if (part->tree.size == SEGMENT_ENTRIES) {
		part_fault(part, "more entries than a segment holds");
		return -1;
	}
	if (part->tree.size == 0 &&
	    record_read(view, line, len, &reader->err) == 0)
		part->chain.head = part->previous = view->previous;
	if (chain_follow(&part->chain, &reader->hasher, line, len, view,
			 &reader->err) < 0) {
		part_fault(part, reader->err.text);
		return -1;
	}
	if (view->index == 0 && !is_genesis(view, work->key)) {
		part->chain.next = 0;
		part_fault(part, "not the beginning of a log of this key");
		return -1;
	}
	merkle_append(&part->tree, &reader->hasher, &part->chain.head,
		      reader->made);
	return 0;
}

static void read_part(const struct work *work, struct part *part,
		      struct reader *reader)
{
	size_t at = find_head(work->heads, part->first);
	const char *line;
	size_t len;

	for (;;) {
		switch (lines_next(&reader->lines, &line, &len, &reader->err)) {
		case LINES_END:
			return;
		case LINES_TORN:
			part->torn = len;
			return;
		case LINES_LONG:
			part_fault(part, "an entry that is too long");
			return;
		case LINES_ERROR:
			part->broken = true;
			part_fault(part, reader->err.text);
			return;
		case LINES_LINE:
			break;
		}
		if (take_line(work, part, reader, line, len) < 0)
			return;
		for (; at < work->heads->n; at++) {
			struct verify_head *head = &work->heads->all[at];

			if (head->head.size != part->first + part->tree.size)
				break;
			head->partial =
				merkle_root(&part->tree, &reader->hasher);
			head->seen = true;
		}
	}
}

static void check_part(const struct work *work, struct part *part,
		       struct reader *reader)
{
	char name[SEGMENT_NAME];

	merkle_init(&part->tree);
	chain_init(&part->chain);
	part->chain.next = part->first;
	segment_name(name, part->first);
	AUTO_FD int fd = segment_open(work->seg, name, O_RDONLY, &reader->err);
	if (fd < 0 ||
	    lines_init(&reader->lines, fd, CANONICAL_MAX, &reader->err) < 0) {
		part->broken = true;
		part_fault(part, reader->err.text);
		return;
	}
	read_part(work, part, reader);
	lines_clear(&reader->lines);
}

static void *worker(void *argument)
{
	struct work *work = argument;
	struct reader *reader = calloc(1, sizeof *reader);

	if (!reader)
		die("out of memory");
	if (hasher_init(&reader->hasher, &reader->err) < 0)
		die("%s", reader->err.text);
	for (;;) {
		size_t i = atomic_fetch_add(&work->next, 1);

		if (i >= work->n)
			break;
		check_part(work, &work->parts[i], reader);
	}
	hasher_clear(&reader->hasher);
	free(reader);
	return NULL;
}

static void run_all(struct work *work)
{
	pthread_t threads[THREADS];
	int n = 0;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	while (n < THREADS && n + 1 < cores && (size_t)n + 1 < work->n &&
	       pthread_create(&threads[n], NULL, worker, work) == 0)
		n++;
	worker(work);
	while (n-- > 0)
		pthread_join(threads[n], NULL);
}

static int fault_at(struct verify_report *report, enum verify_code code,
		    uint64_t index, const char *why)
{
	char file[64], name[SEGMENT_NAME];

	segment_name(name, index - index % SEGMENT_ENTRIES);
	snprintf(file, sizeof file, "seg/%s", name);
	report->placed = true;
	report->index = index;
	report->line = index % SEGMENT_ENTRIES + 1;
	return verify_fault(report, code, file, why);
}

/* The heads that end in this part, against the tree so far. */
static int check_heads(const struct work *work, const struct part *part,
		       const struct merkle *before, struct hasher *hasher,
		       struct verify_report *report)
{
	uint64_t end = part->first + part->tree.size;

	for (size_t i = find_head(work->heads, part->first);
	     i < work->heads->n && work->heads->all[i].head.size <= end; i++) {
		const struct verify_head *head = &work->heads->all[i];
		struct hash root =
			merkle_root_with(before, hasher, &head->partial);

		if (!head->seen || !hash_equal(&root, &head->head.root))
			return fault_at(report, VERIFY_TAMPERED,
					head->head.size - 1,
					"the entries up to here are not those "
					"that were signed");
		report->covered = head->head.size;
	}
	return 0;
}

/* Put the parts together in order; the first fault is the verdict. */
static int join(const struct work *work, struct hasher *hasher,
		struct verify_report *report)
{
	struct hash head = { { 0 } };
	struct merkle tree;

	merkle_init(&tree);
	for (size_t i = 0; i < work->n; i++) {
		const struct part *part = &work->parts[i];
		uint64_t end = part->first + part->tree.size;

		if (part->first != tree.size)
			return fault_at(report, VERIFY_INCOMPLETE, tree.size,
					"entries are missing from here on");
		report->entries = end;
		if (part->tree.size > 0 && !hash_equal(&part->previous, &head))
			return fault_at(report, VERIFY_TAMPERED, part->first,
					"does not follow the entry before it");
		if (check_heads(work, part, &tree, hasher, report) < 0)
			return -1;
		if (part->fault)
			return fault_at(report,
					part->broken ? VERIFY_USAGE
						     : VERIFY_TAMPERED,
					end, part->why);
		if (i + 1 < work->n && part->tree.size < SEGMENT_ENTRIES)
			return fault_at(report, VERIFY_INCOMPLETE, end,
					"entries are missing from here on");
		head = part->chain.head;
		report->torn = part->torn;
		if (part->tree.size == SEGMENT_ENTRIES) {
			struct hash root = merkle_root(&part->tree, hasher);

			merkle_append_perfect(&tree, hasher, SEGMENT_LEVEL,
					      &root);
		}
	}
	const struct verify_heads *heads = work->heads;
	if (heads->all[heads->n - 1].head.size > report->entries)
		return fault_at(report, VERIFY_INCOMPLETE, report->entries,
				"the log ends here, but more was signed");
	return 0;
}

int verify_entries(int dir, const struct note_key *key,
		   struct verify_heads *heads, struct verify_report *report)
{
	AUTO_FREE uint64_t *firsts = NULL;
	AUTO_FREE struct part *parts = NULL;
	struct work work = { .key = key, .heads = heads };
	struct hasher hasher;
	struct err err;
	AUTO_FD int seg = openat(
		dir, "seg", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (seg < 0)
		return verify_fault(report, VERIFY_INCOMPLETE, "seg",
				    "there is no such folder");
	if (segment_list(seg, &firsts, &work.n, &err) < 0)
		return verify_fault(report, VERIFY_TAMPERED, "seg", err.text);
	parts = calloc(work.n + 1, sizeof *parts);
	if (!parts || hasher_init(&hasher, &err) < 0)
		return verify_fault(report, VERIFY_USAGE, "", "out of memory");
	for (size_t i = 0; i < work.n; i++)
		parts[i].first = firsts[i];
	work.seg = seg;
	work.parts = parts;
	run_all(&work);
	int done = join(&work, &hasher, report);
	hasher_clear(&hasher);
	return done;
}
