#include "audit/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/canonical.h"
#include "audit/segment.h"
#include "gateway/base/own.h"

/* Where the last whole line ends. */
static int whole_length(int fd, off_t size, off_t *whole, struct err *err)
{
	char bytes[2 * CHECKPOINT_NOTE];
	off_t from =
		size > (off_t)sizeof bytes ? size - (off_t)sizeof bytes : 0;
	size_t len = (size_t)(size - from);

	if (pread(fd, bytes, len, from) != (ssize_t)len)
		return err_sys(err, "read checkpoints.jsonl");
	const char *lf = memrchr(bytes, '\n', len);
	if (!lf && from > 0)
		return err_set(err, "checkpoints.jsonl is damaged");
	*whole = lf ? from + (lf - bytes) + 1 : 0;
	return 0;
}

/* The checkpoint that is there, if it is ours and that of the anchor. */
static void read_note(struct publisher *publisher)
{
	char *bytes = publisher->note;
	struct checkpoint there;
	struct note note;
	struct err err;
	long len = segment_read_small(publisher->dir, "checkpoint", bytes,
				      sizeof publisher->note, &err);

	if (len < 0 || note_parse(&note, bytes, (size_t)len, &err) < 0 ||
	    note_verify(&note, publisher->key, NULL) != NOTE_SIGNED ||
	    checkpoint_parse(&there, note.text, note.text_len, &err) < 0 ||
	    !checkpoint_same(&there, &publisher->last))
		bytes[0] = '\0';
}

int publish_open(struct publisher *publisher, struct err *err)
{
	struct stat info;
	off_t whole = 0;

	publisher->history = segment_open(publisher->dir, "checkpoints.jsonl",
					  O_RDWR | O_CREAT | O_APPEND, err);
	if (publisher->history < 0)
		return -1;
	if (fstat(publisher->history, &info) < 0)
		return err_sys(err, "stat checkpoints.jsonl");
	if (whole_length(publisher->history, info.st_size, &whole, err) < 0)
		return -1;
	if (whole < info.st_size && ftruncate(publisher->history, whole) < 0)
		return err_sys(err, "cut checkpoints.jsonl");
	read_note(publisher);
	return 0;
}

void publish_close(struct publisher *publisher)
{
	own_close(&publisher->history);
}

static int add_history(struct publisher *publisher, const char *note,
		       int64_t time, struct err *err)
{
	char line[2 * CHECKPOINT_NOTE];
	char escaped[CHECKPOINT_NOTE + 512];
	long n = canonical_escape(escaped, sizeof escaped, note, strlen(note));

	if (n < 0)
		return err_set(err, "checkpoint too long");
	int len = snprintf(line, sizeof line,
			   "{\"note\":\"%.*s\",\"time\":%" PRId64 "}\n", (int)n,
			   escaped, time);
	if (len < 0 || (size_t)len >= sizeof line)
		return err_set(err, "checkpoint too long");
	errno = ENOSPC;
	if (write(publisher->history, line, (size_t)len) != len ||
	    fdatasync(publisher->history) < 0)
		return err_sys(err, "write checkpoints.jsonl");
	return 0;
}

int publish_head(struct publisher *publisher, const struct proof_head *head,
		 int64_t time, struct err *err)
{
	struct checkpoint next = publisher->last;
	char text[CHECKPOINT_TEXT], note[CHECKPOINT_NOTE];

	next.head = *head;
	publisher->note[0] = '\0';
	if (anchor_advance(publisher->anchor, &publisher->last, &next, err) < 0)
		return -1;
	publisher->last = next;
	checkpoint_text(text, &next);
	long len = note_sign(note, sizeof note, text, publisher->key, err);
	if (len > 0 && publisher->also)
		len = note_sign_also(note, sizeof note, (size_t)len,
				     publisher->also, err);
	if (len < 0 || add_history(publisher, note, time, err) < 0)
		return -1;
	if (segment_replace(publisher->dir, "checkpoint", note, (size_t)len,
			    err) < 0)
		return -1;
	memcpy(publisher->note, note, (size_t)len + 1);
	return 0;
}

int publish_keys(struct publisher *publisher, const char *lines,
		 struct err *err)
{
	size_t len = strlen(lines);
	AUTO_FREE char *there = malloc(len + 2);

	if (!there)
		return err_set(err, "out of memory");
	long got = segment_read_small(publisher->dir, "key.pub", there, len + 2,
				      err);
	if (got >= 0 && strcmp(there, lines) == 0)
		return 0;
	return segment_replace(publisher->dir, "key.pub", lines, len, err);
}
