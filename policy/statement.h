/*
 * statement - what leaves policy as text about a request. Pure.
 *
 * The statement of a release is what the receipt says for ever: canonical
 * JSON, so that its SHA-256 in the log and in the receipt are of one text.
 * The status of a request is what its own folder says: no names, no words of
 * people.
 */
#ifndef POLICY_STATEMENT_H
#define POLICY_STATEMENT_H

#include "policy/reviews_store.h"

enum { STATEMENT_SIZE = 48 * 1024, STATUS_SIZE = 2048 };

/* "block", "review", "clear". */
const char *verdict_word(uint8_t verdict);
/* "block", "flag", "info". */
const char *severity_word(uint8_t severity);

/* SHA-256 over the files' hashes, 32 bytes each, in their order; over the
 * findings, each as a line "file code severity row column first second".
 * out: HASH_TEXT_SIZE. Return out. */
const char *files_hash(const struct request_files *files, char *out);
const char *findings_hash(const struct findings *findings, char *out);

/* What a release is made of. */
struct released {
	const struct request *request;
	const struct request_files *files; /* all; approved ones go out */
	const struct casts *casts;
	const struct findings *findings;
	int64_t time;
};

/* out: STATEMENT_SIZE; its SHA-256 in hash (HASH_TEXT_SIZE). 0, or -1: it
 * does not fit. */
int statement_text(char *out, char *hash, const struct released *released);

/* out: STATUS_SIZE. Returns out. */
const char *status_text(char *out, const struct request *request,
			const struct findings *findings);

#endif
