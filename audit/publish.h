/*
 * publish - sign a head and put it where everybody looks for it.
 *
 * In this order, so that a crash between any two steps is recognised: anchor,
 * signature, checkpoints.jsonl (every one ever signed), checkpoint (the
 * latest).
 */
#ifndef AUDIT_PUBLISH_H
#define AUDIT_PUBLISH_H

#include "audit/anchor.h"

/* Bytes of a time-stamp token, and of a line of the history. */
enum { PUBLISH_TOKEN = 12288, PUBLISH_LINE = 32768 };

struct publisher {
	int dir;     /* the log's folder, the caller's */
	int anchor;  /* the anchor's folder, the caller's */
	int history; /* checkpoints.jsonl */
	const struct note_key *key;
	const struct note_key *also; /* signs, too: the key that takes over */
	struct checkpoint last;	     /* what stands in the anchor */
	/* the published checkpoint of it; "": there is none yet */
	char note[CHECKPOINT_NOTE];
	bool full; /* the last failure was that of a full disk: ask again */
	/* of what others said last: size and signatures; size */
	uint64_t cosigned, stamped;
	unsigned int cosigners;
};

/* key, last, dir and anchor are set by the caller. Opens the history, cuts a
 * last line that a crash left unfinished, and finds out whether last was
 * published. 0 or -1. */
int publish_open(struct publisher *publisher, struct err *err);
void publish_close(struct publisher *publisher);

/* Sign and publish the head. time: microseconds since the epoch. 0, or -1:
 * stop; but if full is set nothing is half done, and it can be asked again. */
int publish_head(struct publisher *publisher, const struct proof_head *head,
		 int64_t time, struct err *err);

/*
 * Keep what others say of a checkpoint that was published before: note has
 * cosignatures behind the log's own signature (token NULL), or a time-stamp
 * token of token_len bytes over it. The newest checkpoint is published with
 * its cosignatures. What is older than what was said last, or says no more, is
 * left alone, so that the history cannot be filled. 1: done; 0: malformed, or
 * of another log, err says so; -1: stop.
 */
struct publish_said {
	const char *note;
	size_t len;
	const uint8_t *token;
	size_t token_len;
};
int publish_said(struct publisher *publisher, const struct publish_said *said,
		 int64_t time, struct err *err);

/* Write all verifier keys, a line each, to key.pub, if they are not there
 * already. 0 or -1. */
int publish_keys(struct publisher *publisher, const char *lines,
		 struct err *err);

#endif
