#include "audit/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/base64.h"
#include "audit/canonical.h"
#include "audit/segment.h"
#include "gateway/base/own.h"

/* Where the last whole line ends. */
static int whole_length(int fd, off_t size, off_t *whole, struct err *err)
{
	char bytes[PUBLISH_LINE];
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

static bool no_room(void)
{
	return errno == ENOSPC || errno == EDQUOT;
}

/* token: base64, or NULL. */
static int add_history(struct publisher *publisher, const char *note,
		       const char *token, int64_t time, struct err *err)
{
	char line[PUBLISH_LINE], escaped[CHECKPOINT_NOTE + 512];
	long n = canonical_escape(escaped, sizeof escaped, note, strlen(note));

	if (n < 0)
		return err_set(err, "checkpoint too long");
	int len = snprintf(line, sizeof line,
			   "{\"note\":\"%.*s\",\"time\":%" PRId64 "%s%s%s}\n",
			   (int)n, escaped, time, token ? ",\"token\":\"" : "",
			   token ? token : "", token ? "\"" : "");
	if (len < 0 || (size_t)len >= sizeof line)
		return err_set(err, "checkpoint too long");
	struct stat before;

	if (fstat(publisher->history, &before) < 0)
		return err_sys(err, "stat checkpoints.jsonl");
	errno = ENOSPC;
	if (write(publisher->history, line, (size_t)len) != len) {
		err_sys(err, "write checkpoints.jsonl");
		publisher->full = no_room() && ftruncate(publisher->history,
							 before.st_size) == 0;
		return -1;
	}
	if (fdatasync(publisher->history) < 0)
		return err_sys(err, "sync checkpoints.jsonl");
	return 0;
}

int publish_head(struct publisher *publisher, const struct proof_head *head,
		 int64_t time, struct err *err)
{
	struct checkpoint next = publisher->last;
	char text[CHECKPOINT_TEXT], note[CHECKPOINT_NOTE];

	next.head = *head;
	publisher->note[0] = '\0';
	publisher->full = false;
	errno = 0;
	if (anchor_advance(publisher->anchor, &publisher->last, &next, err) <
	    0) {
		publisher->full = no_room();
		return -1;
	}
	publisher->last = next;
	checkpoint_text(text, &next);
	long len = note_sign(note, sizeof note, text, publisher->key, err);
	if (len > 0 && publisher->also)
		len = note_sign_also(note, sizeof note, (size_t)len,
				     publisher->also, err);
	if (len < 0 || add_history(publisher, note, NULL, time, err) < 0)
		return -1;
	errno = 0;
	if (segment_replace(publisher->dir, "checkpoint", note, (size_t)len,
			    err) < 0) {
		publisher->full = no_room();
		return -1;
	}
	memcpy(publisher->note, note, (size_t)len + 1);
	return 0;
}

/* The signatures that others added must be cosignatures in form: whose they
 * are and what they are worth is for those to say who trust witnesses. */
static bool cosignatures(const struct note *note, const char *from,
			 const char *origin)
{
	for (unsigned int i = 0; i < note->nsignatures; i++) {
		const struct note_signature *line = &note->signatures[i];

		if (line->name < from)
			continue;
		if (line->base64_len != NOTE_COSIGNED ||
		    (line->name_len == strlen(origin) &&
		     memcmp(line->name, origin, line->name_len) == 0))
			return false;
	}
	return true;
}

static bool begins(const struct publish_said *said, const char *with,
		   size_t len)
{
	return len > 0 && len <= said->len &&
	       memcmp(said->note, with, len) == 0;
}

/* How much of it is ours: all of the published checkpoint, or an older one as
 * we signed it, for a signature by Ed25519 is the same whenever it is made. 0:
 * it is not ours. */
static size_t own_part(const struct publisher *publisher,
		       const struct publish_said *said,
		       const struct checkpoint *checkpoint)
{
	char text[CHECKPOINT_TEXT], ours[CHECKPOINT_NOTE];
	size_t published = strlen(publisher->note);
	struct err err;

	if (begins(said, publisher->note, published))
		return published;
	checkpoint_text(text, checkpoint);
	long len = note_sign(ours, sizeof ours, text, publisher->key, &err);
	return len > 0 && begins(said, ours, (size_t)len) ? (size_t)len : 0;
}

/* Is it a checkpoint of ours with more behind it? */
static int check_said(const struct publisher *publisher,
		      const struct publish_said *said,
		      struct checkpoint *checkpoint, struct note *note,
		      struct err *err)
{
	if (said->len >= CHECKPOINT_NOTE || memchr(said->note, 0, said->len))
		return err_set(err, "a checkpoint that is too long");
	if (note_parse(note, said->note, said->len, err) < 0 ||
	    checkpoint_parse(checkpoint, note->text, note->text_len, err) < 0)
		return -1;
	size_t ours = own_part(publisher, said, checkpoint);
	if (ours == 0 ||
	    strcmp(checkpoint->origin, publisher->last.origin) != 0 ||
	    checkpoint->head.size > publisher->last.head.size)
		return err_set(err, "not a checkpoint of this log");
	if (!cosignatures(note, said->note + ours, checkpoint->origin))
		return err_set(err, "a signature that is no cosignature");
	return 0;
}

/* Does it say more than what was said last? */
static bool says_more(struct publisher *publisher,
		      const struct publish_said *said, uint64_t size,
		      unsigned int signatures)
{
	if (said->token) {
		if (size <= publisher->stamped)
			return false;
		publisher->stamped = size;
		return true;
	}
	if (size < publisher->cosigned ||
	    (size == publisher->cosigned &&
	     signatures <= publisher->cosigners) ||
	    signatures < 2)
		return false;
	publisher->cosigned = size;
	publisher->cosigners = signatures;
	return true;
}

int publish_said(struct publisher *publisher, const struct publish_said *said,
		 int64_t time, struct err *err)
{
	char base64[(PUBLISH_TOKEN / 3 + 1) * 4 + 1], copy[CHECKPOINT_NOTE];
	const char *token = NULL;
	struct checkpoint checkpoint;
	struct note note;

	if (said->token_len > PUBLISH_TOKEN ||
	    check_said(publisher, said, &checkpoint, &note, err) < 0) {
		err_set(err, "not a checkpoint of this log with more behind "
			     "it");
		return 0;
	}
	if (!says_more(publisher, said, checkpoint.head.size, note.nsignatures))
		return 1;
	memcpy(copy, said->note, said->len);
	copy[said->len] = '\0';
	if (said->token) {
		base64_encode(base64, sizeof base64, said->token,
			      said->token_len);
		token = base64;
	}
	if (add_history(publisher, copy, token, time, err) < 0)
		return -1;
	if (said->token || !publisher->note[0] ||
	    !checkpoint_same(&checkpoint, &publisher->last))
		return 1;
	if (segment_replace(publisher->dir, "checkpoint", copy, said->len,
			    err) < 0)
		return -1;
	memcpy(publisher->note, copy, said->len + 1);
	return 1;
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
