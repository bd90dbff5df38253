#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/canonical.h"
#include "audit/lines.h"
#include "audit/verify.h"
#include "gateway/base/own.h"

static const char history[] = "checkpoints.jsonl";

/* A signed note into a head: form, signatures, origin. 0 or -1 and err. */
static int read_note(const char *bytes, size_t len,
		     const struct verify_keys *keys, struct verify_head *head,
		     struct err *err)
{
	struct checkpoint checkpoint;
	struct note note;

	if (note_parse(&note, bytes, len, err) < 0)
		return -1;
	*head = (struct verify_head){ 0 };
	for (unsigned int i = 0; i < keys->n; i++) {
		enum note_verdict verdict =
			note_verify(&note, &keys->all[i], NULL);

		if (verdict == NOTE_BAD)
			return err_set(err, "the signature does not verify");
		if (verdict == NOTE_SIGNED)
			head->signers |= (uint16_t)(1u << i);
	}
	if (head->signers == 0)
		return err_set(err, "not signed by the log's key");
	if (checkpoint_parse(&checkpoint, note.text, note.text_len, err) < 0)
		return -1;
	if (strcmp(checkpoint.origin, keys->all[0].name) != 0)
		return err_set(err, "a checkpoint of another log");
	head->head = checkpoint.head;
	return 0;
}

static int add(struct verify_heads *heads, const struct verify_head *head,
	       struct verify_report *report)
{
	if (heads->n == heads->room) {
		size_t room = heads->room ? 2 * heads->room : 64;
		struct verify_head *all =
			reallocarray(heads->all, room, sizeof *all);

		if (!all)
			return verify_fault(report, VERIFY_USAGE, "",
					    "out of memory");
		heads->all = all;
		heads->room = room;
	}
	heads->all[heads->n++] = *head;
	return 0;
}

static int read_line(const char *line, size_t len,
		     const struct verify_keys *keys, struct verify_head *head,
		     int64_t *signed_at, struct err *err)
{
	AUTO_FREE char *text = malloc(CANONICAL_MAX + 1);
	struct canonical canonical;

	if (!text)
		return err_set(err, "out of memory");
	if (canonical_scan(&canonical, line, len) < 0)
		return err_set(err, "byte %zu: %s", canonical.at,
			       canonical.why);
	const struct canonical_field *note = canonical_find(&canonical, "note");
	const struct canonical_field *time = canonical_find(&canonical, "time");
	if (!note || note->kind != CANONICAL_STRING || !time ||
	    time->kind != CANONICAL_INTEGER)
		return err_set(err, "no note or no time");
	long n = canonical_unescape(text, CANONICAL_MAX + 1, note->value,
				    note->len);
	if (n < 0)
		return err_set(err, "note too long");
	*signed_at = time->number;
	return read_note(text, (size_t)n, keys, head, err);
}

/* A head that was there before, as what others say of a checkpoint has it;
 * newer ones may have been signed meanwhile. Heads ascend. */
static bool known(struct verify_heads *heads, const struct verify_head *head)
{
	size_t i = heads->n;

	while (i > 0 && heads->all[i - 1].head.size > head->head.size)
		i--;
	if (i == 0 || heads->all[i - 1].head.size != head->head.size ||
	    !hash_equal(&heads->all[i - 1].head.root, &head->head.root))
		return false;
	heads->all[i - 1].signers |= head->signers;
	return true;
}

static int bad_line(struct verify_report *report, uint64_t line,
		    const char *why)
{
	report->line = line;
	return verify_fault(report, VERIFY_TAMPERED, history, why);
}

/* An unfinished last line is what a crash leaves, and says nothing. */
static int read_lines(struct lines *lines, const struct verify_keys *keys,
		      struct verify_heads *heads, struct verify_report *report)
{
	struct verify_head head;
	uint64_t last = 0;
	const char *line;
	struct err err;
	size_t len;

	for (uint64_t at = 1;; at++) {
		switch (lines_next(lines, &line, &len, &err)) {
		case LINES_END:
		case LINES_TORN:
			return 0;
		case LINES_ERROR:
			return verify_fault(report, VERIFY_USAGE, history,
					    err.text);
		case LINES_LONG:
			return bad_line(report, at, "a line that is too long");
		case LINES_LINE:
			break;
		}
		if (read_line(line, len, keys, &head, &report->signed_at,
			      &err) < 0)
			return bad_line(report, at, err.text);
		if (known(heads, &head))
			continue;
		if (head.head.size < last)
			return bad_line(report, at,
					"a smaller log than before");
		last = head.head.size;
		if (add(heads, &head, report) < 0)
			return -1;
		report->checkpoints++;
	}
}

static int read_history(int dir, const struct verify_keys *keys,
			struct verify_heads *heads,
			struct verify_report *report)
{
	struct lines lines;
	struct err err;
	AUTO_FD int fd = segment_open(dir, history, O_RDONLY, &err);

	if (fd < 0)
		return verify_fault(report,
				    errno == ENOENT ? VERIFY_INCOMPLETE
						    : VERIFY_USAGE,
				    history, err.text);
	if (lines_init(&lines, fd, CANONICAL_MAX, &err) < 0)
		return verify_fault(report, VERIFY_USAGE, "", err.text);
	int done = read_lines(&lines, keys, heads, report);
	lines_clear(&lines);
	return done;
}

static int compare(const void *a, const void *b)
{
	const struct verify_head *left = a, *right = b;

	return left->head.size < right->head.size
		       ? -1
		       : left->head.size > right->head.size;
}

/* One size has one root; who signed it is told once for each size. */
static int merge_twins(struct verify_heads *heads, struct verify_report *report)
{
	size_t kept = 0;

	for (size_t i = 1; i < heads->n; i++) {
		struct verify_head *a = &heads->all[kept];
		const struct verify_head *b = &heads->all[i];

		if (a->head.size != b->head.size) {
			heads->all[++kept] = *b;
			continue;
		}
		if (!hash_equal(&a->head.root, &b->head.root))
			return verify_fault(report, VERIFY_TAMPERED, history,
					    "two roots for one size");
		a->signers |= b->signers;
	}
	heads->n = kept + 1;
	return 0;
}

/* The checkpoint that is kept elsewhere must be part of the past. */
static int add_since(const char *since, const struct verify_keys *keys,
		     uint64_t newest, struct verify_heads *heads,
		     struct verify_report *report)
{
	struct verify_head head;
	struct err err;

	if (read_note(since, strlen(since), keys, &head, &err) < 0)
		return verify_fault(report, VERIFY_POLICY, "--since", err.text);
	if (head.head.size > newest)
		return verify_fault(report, VERIFY_INCOMPLETE, "--since",
				    "the log was rolled back: it is shorter "
				    "than that checkpoint");
	return add(heads, &head, report);
}

int verify_collect(int dir, const struct verify_keys *keys, const char *since,
		   struct verify_heads *heads, struct verify_report *report)
{
	char note[NOTE_MAX];
	struct verify_head head;
	struct err err;

	if (read_history(dir, keys, heads, report) < 0)
		return -1;
	uint64_t newest = heads->n ? heads->all[heads->n - 1].head.size : 0;
	long len =
		segment_read_small(dir, "checkpoint", note, sizeof note, &err);
	if (len < 0)
		return verify_fault(report, VERIFY_INCOMPLETE, "checkpoint",
				    err.text);
	if (read_note(note, (size_t)len, keys, &head, &err) < 0)
		return verify_fault(report, VERIFY_TAMPERED, "checkpoint",
				    err.text);
	if (head.head.size > newest)
		return verify_fault(report, VERIFY_INCOMPLETE, history,
				    "newer checkpoints are missing");
	if (add(heads, &head, report) < 0)
		return -1;
	if (since && add_since(since, keys, newest, heads, report) < 0)
		return -1;
	qsort(heads->all, heads->n, sizeof *heads->all, compare);
	return merge_twins(heads, report);
}
