/*
 * answers - results about requests that more than one verb gives.
 */
#ifndef POLICY_ANSWERS_H
#define POLICY_ANSWERS_H

#include "policy/outbox.h"

/* Exit status of a check that was not made; 0, 1 and 2 are verdicts. */
enum { CHECK_WRONG = 4 };

/* Answer who waits for a check that cannot be made, or with its findings. */
void answer_wrong(struct server *server, const struct check *check,
		  enum text_id why, const char *first);
void answer_check(struct server *server, struct check *check);

/* Fill server->result with findings, the gravest first; those of one file,
 * or of all (0). */
void answer_findings(struct server *server, enum text_id title,
		     const struct request_files *files,
		     struct findings *findings, uint32_t file);

/* What a file's name says it is: "csv", or "". out: 16 bytes. Returns out. */
const char *answer_type(const char *name, char *out);

/* "waiting", "approved", "returned", "rejected". */
const char *answer_outcome(enum vote outcome);

/* The peer that waits for this row of the outbox, or NULL. */
struct peer *answer_waiting(const struct server *server, uint32_t ref);

/* Continuation (outbox.def): tell who waits for the row that it is done. */
int answer_done(struct server *server, const struct outbox_row *row,
		struct err *err);

/* Count findings of one file. */
void answer_count(const struct findings *findings, uint32_t file,
		  uint32_t by[NUMBERS]);

#endif
