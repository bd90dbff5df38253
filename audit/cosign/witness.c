#include "audit/cosign/witness.h"

#include <stdio.h>
#include <string.h>

static const char *const words[REASONS] = {
#define REASON(id, word) [REASON_##id] = word,
#include "audit/cosign/reasons.def"
#undef REASON
};

const char *reason_word(enum reason reason)
{
	return words[reason];
}

bool reason_good(enum reason reason)
{
	return reason == REASON_COSIGNED || reason == REASON_QUORUM ||
	       reason == REASON_STAMPED;
}

enum witness_next witness_fail(struct witness *witness, enum reason reason,
			       int64_t now)
{
	int64_t pause = WITNESS_PAUSE;

	if (witness->failures < 9)
		pause = INT64_C(2) << witness->failures;
	witness->failures++;
	witness->due = now + pause;
	witness->reason = reason;
	return WITNESS_FAILED;
}

/* Digits and a line end, no more. */
static int read_size(const struct witness_answer *answer, uint64_t *size)
{
	const char *s = answer->body;
	size_t n = strspn(s, "0123456789");

	*size = 0;
	if (n == 0 || n != answer->len - 1 || s[n] != '\n' ||
	    (s[0] == '0' && n > 1))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (__builtin_mul_overflow(*size, 10, size) ||
		    __builtin_add_overflow(*size, (uint64_t)(s[i] - '0'), size))
			return -1;
	return 0;
}

/* 409: it knows the log up to another size, or another log of this size. */
static enum witness_next hear_conflict(struct witness *witness,
				       const struct witness_answer *answer,
				       const struct witness_head *head,
				       int64_t now)
{
	uint64_t size, before = witness->size;

	if (read_size(answer, &size) < 0)
		return witness_fail(witness, REASON_ODD_ANSWER, now);
	if (size > head->size)
		return witness_fail(witness, REASON_AHEAD, now);
	witness->size = size;
	if (size == before)
		return witness_fail(witness, REASON_CONFLICT, now);
	if (witness->tries >= WITNESS_TRIES)
		return witness_fail(witness, REASON_ODD_ANSWER, now);
	return WITNESS_AGAIN;
}

/* Its own line in a note, verified; it may have sent others. 0 or -1. */
static int pick_line(struct witness *witness, const struct note *note,
		     const struct note_key *key, int64_t now)
{
	uint64_t time = 0;

	if (note_verify(note, key, &time) != NOTE_SIGNED ||
	    time > (uint64_t)now + QUORUM_AHEAD)
		return -1;
	for (unsigned int i = 0; i < note->nsignatures; i++) {
		const struct note_signature *line = &note->signatures[i];

		if (line->id != key->id ||
		    line->name_len != strlen(key->name) ||
		    memcmp(line->name, key->name, line->name_len) != 0)
			continue;
		int n = snprintf(witness->line, sizeof witness->line,
				 "\xe2\x80\x94 %s %.*s\n", key->name,
				 (int)line->base64_len, line->base64);
		return n > 0 && (size_t)n < sizeof witness->line ? 0 : -1;
	}
	return -1;
}

/* 200: signature lines. */
static enum witness_next hear_lines(struct witness *witness,
				    const struct witness_answer *answer,
				    const struct witness_head *head,
				    const struct note_key *key, int64_t now)
{
	char whole[CHECKPOINT_NOTE + SUBMISSION_MAX];
	struct note note;
	struct err err;
	int n = snprintf(whole, sizeof whole, "%s%s", head->note, answer->body);

	witness->line[0] = '\0';
	if (n < 0 || (size_t)n >= sizeof whole ||
	    (size_t)n != head->len + answer->len ||
	    note_parse(&note, whole, (size_t)n, &err) < 0 ||
	    pick_line(witness, &note, key, now) < 0) {
		witness->line[0] = '\0';
		return witness_fail(witness, REASON_BAD_SIGNATURE, now);
	}
	witness->size = head->size;
	witness->failures = 0;
	witness->due = now;
	witness->reason = REASON_COSIGNED;
	return WITNESS_COSIGNED;
}

enum witness_next witness_hear(struct witness *witness,
			       const struct witness_answer *answer,
			       const struct witness_head *head,
			       const struct note_key *key, int64_t now)
{
	switch (answer->status) {
	case 200:
		return hear_lines(witness, answer, head, key, now);
	case 409:
		return hear_conflict(witness, answer, head, now);
	case 0:
		return witness_fail(witness, REASON_UNREACHABLE, now);
	case 403:
		return witness_fail(witness, REASON_FORBIDDEN, now);
	case 404:
		return witness_fail(witness, REASON_UNKNOWN_LOG, now);
	case 422:
		return witness_fail(witness, REASON_UNPROVEN, now);
	default:
		return witness_fail(witness, REASON_ODD_ANSWER, now);
	}
}
