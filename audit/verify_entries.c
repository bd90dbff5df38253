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
	struct keyring *ring; /* keys that it names; NULL: none */
	char first_boot[RECORD_BOOT], last_boot[RECORD_BOOT];
	int64_t from, to;
	uint64_t starts, recoveries, clocks, peers;
};

struct work {
	int seg;
	const struct verify_keys *keys;
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

/* The entries in which audit tells of itself. */
static void take_own(struct part *part, const struct record_view *view)
{
	char vkey[NOTE_VKEY];

	if (record_field_is(view->event, "log.recovered"))
		part->recoveries++;
	else if (record_field_is(view->event, "log.clock"))
		part->clocks++;
	else if (record_field_is(view->event, "log.peer"))
		part->peers++;
	else if (keyring_named(view, vkey)) {
		if (!part->ring)
			part->ring = calloc(1, sizeof *part->ring);
		if (!part->ring ||
		    keyring_add(part->ring, view->index, vkey) < 0)
			part_fault(part, "too many keys");
	}
}

/* What the report says of a log: when, and how often it was started. */
static void take_story(struct part *part, const struct record_view *view)
{
	if (part->tree.size == 1) {
		part->from = view->time;
		memcpy(part->first_boot, view->boot->value, RECORD_BOOT);
		memcpy(part->last_boot, view->boot->value, RECORD_BOOT);
	}
	part->to = view->time;
	if (memcmp(part->last_boot, view->boot->value, RECORD_BOOT) != 0) {
		part->starts++;
		memcpy(part->last_boot, view->boot->value, RECORD_BOOT);
	}
	if (view->event->len > 4 && memcmp(view->event->value, "log.", 4) == 0)
		take_own(part, view);
}

static bool is_genesis(const struct record_view *view,
		       const struct verify_keys *keys)
{
	char vkey[NOTE_VKEY];

	return record_field_is(view->event, "log.genesis") &&
	       keyring_named(view, vkey) && strcmp(vkey, keys->text[0]) == 0;
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
	if (view->index == 0 && !is_genesis(view, work->keys)) {
		part->chain.next = 0;
		part_fault(part, "not the beginning of a log of this key");
		return -1;
	}
	merkle_append(&part->tree, &reader->hasher, &part->chain.head,
		      reader->made);
	take_story(part, view);
	return part->fault ? -1 : 0;
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
	for (;;) {
		size_t i = atomic_fetch_add(&work->next, 1);

		if (i >= work->n)
			break;
		check_part(work, &work->parts[i], reader);
	}
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

/*
 * Did the right keys sign this head? The one in force for its size; none that
 * came later; and where a key has just taken over, also the one before it.
 */
static const char *wrong_signers(const struct keyring *ring,
				 const struct verify_head *head,
				 unsigned int *last_active)
{
	unsigned int active = keyring_active(ring, head->head.size);
	bool first = active != *last_active;

	if (head->signers >> (active + 1))
		return "a checkpoint signed by a key from after it";
	if (!(head->signers >> active & 1))
		return "a checkpoint that the key in force did not sign";
	if (first && (active != *last_active + 1 ||
		      !(head->signers >> *last_active & 1)))
		return "a key took over that the one before did not sign";
	*last_active = active;
	return NULL;
}

/* The tree and the keys, as far as the parts were put together. */
struct joined {
	struct merkle tree;
	struct keyring ring;
	unsigned int active;
	struct hash head;
	char boot[RECORD_BOOT];
};

/* The heads that end in this part, against the tree so far. */
static int check_heads(const struct work *work, const struct part *part,
		       struct joined *joined, struct hasher *hasher,
		       struct verify_report *report)
{
	uint64_t end = part->first + part->tree.size;

	for (size_t i = find_head(work->heads, part->first);
	     i < work->heads->n && work->heads->all[i].head.size <= end; i++) {
		const struct verify_head *head = &work->heads->all[i];
		struct hash root =
			merkle_root_with(&joined->tree, hasher, &head->partial);

		if (!head->seen || !hash_equal(&root, &head->head.root))
			return fault_at(report, VERIFY_TAMPERED,
					head->head.size - 1,
					"the entries up to here are not those "
					"that were signed");
		const char *why =
			wrong_signers(&joined->ring, head, &joined->active);
		if (why)
			return fault_at(report, VERIFY_TAMPERED,
					head->head.size - 1, why);
		report->covered = head->head.size;
	}
	return 0;
}

/* The keys that this part names are those that are listed, in their order. */
static int join_keys(const struct work *work, const struct part *part,
		     struct joined *joined, struct verify_report *report)
{
	for (unsigned int i = 0; part->ring && i < part->ring->n; i++) {
		const struct keyring_key *key = &part->ring->keys[i];
		unsigned int at = joined->ring.n;

		if (at == work->keys->n ||
		    strcmp(work->keys->text[at], key->vkey) != 0 ||
		    keyring_add(&joined->ring, key->index, key->vkey) < 0)
			return fault_at(report, VERIFY_TAMPERED, key->index,
					"a key takes over that key.pub does "
					"not list in this place");
	}
	report->keys = joined->ring.n;
	return 0;
}

static void join_story(const struct part *part, struct joined *joined,
		       struct verify_report *report)
{
	if (part->tree.size == 0)
		return;
	if (part->first == 0)
		report->from = part->from;
	if (memcmp(joined->boot, part->first_boot, RECORD_BOOT) != 0)
		report->starts++;
	memcpy(joined->boot, part->last_boot, RECORD_BOOT);
	report->to = part->to;
	report->starts += part->starts;
	report->recoveries += part->recoveries;
	report->clocks += part->clocks;
	report->peers += part->peers;
}

/* One part behind those that were put together; the first fault is the
 * verdict. */
static int join_part(const struct work *work, const struct part *part,
		     struct joined *joined, struct hasher *hasher,
		     struct verify_report *report)
{
	uint64_t end = part->first + part->tree.size;
	bool last = part == &work->parts[work->n - 1];

	if (part->first != joined->tree.size)
		return fault_at(report, VERIFY_INCOMPLETE, joined->tree.size,
				"entries are missing from here on");
	report->entries = end;
	if (part->tree.size > 0 && !hash_equal(&part->previous, &joined->head))
		return fault_at(report, VERIFY_TAMPERED, part->first,
				"does not follow the entry before it");
	join_story(part, joined, report);
	if (join_keys(work, part, joined, report) < 0 ||
	    check_heads(work, part, joined, hasher, report) < 0)
		return -1;
	if (part->fault)
		return fault_at(report,
				part->broken ? VERIFY_USAGE : VERIFY_TAMPERED,
				end, part->why);
	if (!last && part->tree.size < SEGMENT_ENTRIES)
		return fault_at(report, VERIFY_INCOMPLETE, end,
				"entries are missing from here on");
	joined->head = part->chain.head;
	report->torn = part->torn;
	if (part->tree.size == SEGMENT_ENTRIES) {
		struct hash root = merkle_root(&part->tree, hasher);

		merkle_append_perfect(&joined->tree, hasher, SEGMENT_LEVEL,
				      &root);
	}
	return 0;
}

static int join(const struct work *work, struct hasher *hasher,
		struct verify_report *report)
{
	const struct verify_heads *heads = work->heads;
	struct joined joined = { 0 };

	for (size_t i = 0; i < work->n; i++)
		if (join_part(work, &work->parts[i], &joined, hasher, report) <
		    0)
			return -1;
	if (heads->all[heads->n - 1].head.size > report->entries)
		return fault_at(report, VERIFY_INCOMPLETE, report->entries,
				"the log ends here, but more was signed");
	if (joined.ring.n < work->keys->n)
		return verify_fault(report, VERIFY_TAMPERED, "key.pub",
				    "a key that the log does not name");
	return 0;
}

int verify_entries(int dir, const struct verify_keys *keys,
		   struct verify_heads *heads, struct verify_report *report)
{
	AUTO_FREE uint64_t *firsts = NULL;
	AUTO_FREE struct part *parts = NULL;
	struct work work = { .keys = keys, .heads = heads };
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
	if (!parts)
		return verify_fault(report, VERIFY_USAGE, "", "out of memory");
	for (size_t i = 0; i < work.n; i++)
		parts[i].first = firsts[i];
	work.seg = seg;
	work.parts = parts;
	run_all(&work);
	int done = join(&work, &hasher, report);
	for (size_t i = 0; i < work.n; i++)
		free(parts[i].ring);
	return done;
}
