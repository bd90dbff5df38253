#include "audit/prove.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "audit/lines.h"
#include "audit/nodes.h"
#include "audit/segment.h"
#include "gateway/base/own.h"

static int find_line(struct lines *lines, uint64_t skip,
		     struct prove_found *found, struct err *err)
{
	const char *line;

	for (;;) {
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
		if (skip-- > 0)
			continue;
		memcpy(found->entry, line, found->entry_len);
		found->entry[found->entry_len] = '\0';
		return 0;
	}
}

static int find_entry(int seg, uint64_t index, struct prove_found *found,
		      struct err *err)
{
	char name[SEGMENT_NAME];
	struct lines lines;

	segment_name(name, index - index % SEGMENT_ENTRIES);
	AUTO_FD int fd = segment_open(seg, name, O_RDONLY, err);
	if (fd < 0 || lines_init(&lines, fd, CANONICAL_MAX, err) < 0)
		return -1;
	int done = find_line(&lines, index % SEGMENT_ENTRIES, found, err);
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
