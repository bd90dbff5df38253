/*
 * judge - see judge.h. Runs in sekisho-witness and trusts no byte of a
 * request.
 */
#include "audit/witness/judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static const struct {
	unsigned int status;
	const char *body;
} answers[ANSWERS] = {
#define ANSWER(id, status, body) [ANSWER_##id] = { status, body },
#include "audit/witness/answers.def"
#undef ANSWER
};

unsigned int answer_status(enum answer answer)
{
	return answers[answer].status;
}

const char *answer_body(const struct judge_said *said)
{
	const char *fixed = answers[said->answer].body;

	return fixed[0] ? fixed : said->body;
}

enum answer judge_decide(struct hasher *hasher, const struct proof_head *seen,
			 const struct submission *submission)
{
	const struct proof_head *head = &submission->checkpoint.head;
	const struct proof *proof = &submission->proof;

	if (submission->old > head->size)
		return ANSWER_BACKWARDS;
	if (submission->old != seen->size)
		return ANSWER_BEHIND;
	if (seen->size == 0)
		return proof->n == 0 ? ANSWER_COSIGNED : ANSWER_UNPROVEN;
	if (seen->size == head->size && !hash_equal(&seen->root, &head->root))
		return ANSWER_SPLIT;
	return proof_check_consistency(hasher, proof, seen, head)
		       ? ANSWER_COSIGNED
		       : ANSWER_UNPROVEN;
}

/* Durable first, then the cosignature. */
static enum answer cosign(struct judge *judge, struct logs_head *seen,
			  const struct submission *submission,
			  struct judge_said *said, struct err *err)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) < 0) {
		err_sys(err, "read the clock");
		return ANSWER_BROKEN;
	}
	if (logs_advance(&judge->logs, seen, submission, err) < 0 ||
	    note_cosign(said->body, sizeof said->body, &submission->note,
			&judge->key, (uint64_t)now.tv_sec, err) < 0)
		return ANSWER_BROKEN;
	return ANSWER_COSIGNED;
}

void judge_request(struct judge *judge, const char *bytes, size_t len,
		   struct judge_said *said, struct err *err)
{
	static struct submission submission;

	said->answer = ANSWER_MALFORMED;
	said->body[0] = '\0';
	if (submission_read(&submission, bytes, len, err) < 0)
		return;
	const char *origin = submission.checkpoint.origin;
	struct logs_head *seen = logs_find(&judge->logs, origin);
	said->answer = ANSWER_UNKNOWN;
	if (!seen)
		return;
	said->answer = ANSWER_FORGED;
	if (!logs_signed(&judge->logs, &submission.note, origin))
		return;
	said->answer = judge_decide(&judge->hasher, &seen->head, &submission);
	if (said->answer == ANSWER_COSIGNED)
		said->answer = cosign(judge, seen, &submission, said, err);
	else
		snprintf(said->body, sizeof said->body, "%" PRIu64 "\n",
			 seen->head.size);
}
