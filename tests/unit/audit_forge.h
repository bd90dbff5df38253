/*
 * audit_forge - what whoever holds a log's key could sign.
 */
#ifndef TESTS_UNIT_AUDIT_FORGE_H
#define TESTS_UNIT_AUDIT_FORGE_H

#include "audit/signer.h"
#include "tests/unit/audit_log.h"

/* A checkpoint as its own key would sign it, under this name and id. */
static inline size_t forge(char *out, const struct note_key *signer,
			   const struct proof_head *head, const char *origin)
{
	struct checkpoint checkpoint = { .head = *head };
	char text[CHECKPOINT_TEXT];
	struct err err;

	snprintf(checkpoint.origin, sizeof checkpoint.origin, "%s", origin);
	checkpoint_text(text, &checkpoint);
	long n = note_sign(out, CHECKPOINT_NOTE, text, signer, &err);
	CHECK(n > 0);
	return (size_t)n;
}

/* The log's own signing key, as whoever has it would misuse it. */
static inline void own_key(struct note_key *signer)
{
	struct err err;
	int at = folder("key");

	CHECK(signer_load(at, "test.example/log", signer, &err) == 1);
	close(at);
}

/* Add a line to the history, and put the note into checkpoint too. */
static inline void publish(const char *note, size_t len, bool latest)
{
	static char history[65536], escaped[8192];
	size_t n = load(dir, "checkpoints.jsonl", bad);

	memcpy(history, bad, n);
	long e = canonical_escape(escaped, sizeof escaped, note, len);
	CHECK(e > 0);
	n += (size_t)sprintf(history + n, "{\"note\":\"%.*s\",\"time\":1}\n",
			     (int)e, escaped);
	store(dir, "checkpoints.jsonl", history, n);
	if (latest)
		store(dir, "checkpoint", note, len);
}

#endif
