/*
 * seek - a question to sekisho-index and its answer, over a link.
 *
 * The answer says where records stand, and is not believed: who shows them
 * reads them there (audit/found.h).
 */
#ifndef AUDIT_SEEK_H
#define AUDIT_SEEK_H

#include "audit/found.h"
#include "gateway/base/msg.h"

enum { SEEK_SECONDS = 60 /* while the index is made, everything is read */ };

struct seek_answer {
	char why[200]; /* not empty: there is none */
	uint64_t nbad; /* lines that are no records */
	struct found found;
};

void seek_put(struct msg *m, const struct query *query);
/* 0, or -1: malformed, or asks for too much. */
int seek_get(struct msg *m, struct query *query);

void seek_put_answer(struct msg *m, const struct seek_answer *answer);
int seek_get_answer(struct msg *m, struct seek_answer *answer);

/* Ask and wait. 0 and answer (which may be none); -1: the link is of no use. */
int seek(int link, const struct query *query, struct seek_answer *answer,
	 struct err *err);

#endif
