/*
 * judge - what a witness says to a checkpoint.
 *
 * The request comes from anybody. A cosignature says that this witness has
 * seen the log grow up to here and nothing else in its place; so the new head
 * is durable before the cosignature is made.
 */
#ifndef AUDIT_WITNESS_JUDGE_H
#define AUDIT_WITNESS_JUDGE_H

#include "audit/witness/logs.h"

enum answer {
#define ANSWER(id, status, body) ANSWER_##id,
#include "audit/witness/answers.def"
#undef ANSWER
	ANSWERS
};

struct judge {
	struct logs logs;
	struct note_key key;
	struct hasher hasher;
};

/* What is said and, for the answers that say something of their own, the
 * body. */
struct judge_said {
	enum answer answer;
	char body[NOTE_LINE];
};

/* The status and the body of an answer. */
unsigned int answer_status(enum answer answer);
const char *answer_body(const struct judge_said *said);

/* May the checkpoint follow what was seen of its log? COSIGNED if so. Pure. */
enum answer judge_decide(struct hasher *hasher, const struct proof_head *seen,
			 const struct submission *submission);

/* Answer one request of len bytes now. Of BROKEN err says why, and the witness
 * must stop. */
void judge_request(struct judge *judge, const char *bytes, size_t len,
		   struct judge_said *said, struct err *err);

#endif
