#include "audit/prove.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/lines.h"
#include "audit/nodes.h"
#include "audit/record.h"
#include "audit/segment.h"
#include "gateway/base/own.h"

enum { PIECE = 4096 };

/* The index of the first entry that begins in the piece, and where it does; or
 * -1 if there is none that is whole. */
static int first_in(const char *piece, size_t len, uint64_t *index,
		    size_t *begins)
{
	static struct record_view view;
	const char *end = piece + len;
	const char *before = memchr(piece, '\n', len);
	const char *line = before ? before + 1 : end;
	const char *lf = memchr(line, '\n', (size_t)(end - line));
	struct err err;

	if (!lf || record_read(&view, line, (size_t)(lf - line), &err) < 0)
		return -1;
	*index = view.index;
	*begins = (size_t)(line - piece);
	return 0;
}

/*
 * Halve the segment until the entry is near: no further than a few pieces
 * behind the place that is returned, where some line begins. Lines that are
 * too long for a piece end this early. Nothing here is believed; what is found
 * in the end is checked against the head.
 */
static uint64_t near(int fd, uint64_t length, uint64_t index)
{
	uint64_t low = 0, high = length, there;
	char piece[PIECE];
	size_t begins;

	while (high - low > (uint64_t)4 * PIECE) {
		uint64_t middle = low + (high - low) / 2;
		ssize_t n = pread(fd, piece, sizeof piece, (off_t)middle);

		if (n < 0 || first_in(piece, (size_t)n, &there, &begins) < 0)
			break;
		if (there <= index)
			low = middle + begins;
		else
			high = middle;
	}
	return low;
}

static int find_line(struct lines *lines, uint64_t index,
		     struct prove_found *found, struct err *err)
{
	static struct record_view view;
	const char *line;

	do {
		switch (lines_next(lines, &line, &found->entry_len, err)) {
		case LINES_LINE:
			break;
		case LINES_ERROR:
			return -1;
		case LINES_END:
		case LINES_TORN:
		case LINES_LONG:
			return err_set(err, "the entry is not there");
		}
		if (record_read(&view, line, found->entry_len, err) < 0)
			return -1;
	} while (view.index < index);
	if (view.index != index)
		return err_set(err, "the entry is not there");
	memcpy(found->entry, line, found->entry_len);
	found->entry[found->entry_len] = '\0';
	return 0;
}

static int find_entry(int seg, uint64_t index, struct prove_found *found,
		      struct err *err)
{
	char name[SEGMENT_NAME];
	struct lines lines;
	struct stat info;

	segment_name(name, index - index % SEGMENT_ENTRIES);
	AUTO_FD int fd = segment_open(seg, name, O_RDONLY, err);
	if (fd < 0)
		return -1;
	if (fstat(fd, &info) < 0)
		return err_sys(err, "stat %s", name);
	if (lines_init(&lines, fd, CANONICAL_MAX, err) < 0)
		return -1;
	lines.offset = near(fd, (uint64_t)info.st_size, index);
	int done = find_line(&lines, index, found, err);
	lines_clear(&lines);
	return done;
}

static int make_proof(const struct prove_log *log, uint64_t index,
		      struct proof *proof, struct err *err)
{
	struct nodes nodes;

	if (nodes_open(&nodes, log->hash, log->hasher, err) < 0)
		return -1;
	struct proof_source source = nodes_source(&nodes);
	int done = proof_inclusion(&source, log->hasher, index, log->head.size,
				   proof);
	nodes_close(&nodes);
	return done < 0 ? err_set(err, "hash tiles are missing") : 0;
}

int prove_entry(const struct prove_log *log, uint64_t index,
		struct prove_found *found, struct err *err)
{
	struct proof_text text = { .index = index,
				   .checkpoint = log->checkpoint,
				   .checkpoint_len = strlen(log->checkpoint) };

	if (index >= log->head.size)
		return err_set(err, "entry %" PRIu64 " is not signed yet",
			       index);
	if (find_entry(log->seg, index, found, err) < 0 ||
	    make_proof(log, index, &text.proof, err) < 0)
		return err_within(err, "entry %" PRIu64, index);
	struct hash leaf =
		hash_leaf(log->hasher, found->entry, found->entry_len);
	if (!proof_check_inclusion(log->hasher, &text.proof, index, &leaf,
				   &log->head))
		return err_set(err,
			       "entry %" PRIu64 " is not the one that was "
			       "signed",
			       index);
	long n = proof_text_write(found->text, sizeof found->text, &text);
	if (n < 0)
		return err_set(err, "the checkpoint is too long");
	found->text_len = (size_t)n;
	return 0;
}
