/*
 * jobs - what is under way, each moved on by a bounded step in turn, so that
 * one huge file holds up nobody.
 *
 * A kind of job embeds struct job as its first member.
 */
#ifndef POLICY_AIRLOCK_STORE_JOBS_H
#define POLICY_AIRLOCK_STORE_JOBS_H

#include "policy/airlock/store/asker.h"

enum job_end {
	JOB_BROKEN = -1, /* err says why: the store must end */
	JOB_MORE,
	JOB_WAITS, /* for heard(), or until another job is over */
	JOB_OVER   /* the answer is filled; type MSG_NONE: there is none */
};

struct job {
	enum asker_id asker;
	uint32_t ref;
	enum job_end (*step)(struct job *job, struct msg *answer,
			     struct err *err);
	/* A session ends: keep nothing of it open. NULL: never has it. */
	void (*let_go)(struct job *job, const char *session);
	/* Audit answered; m is read. NULL: asks nothing. */
	enum job_end (*heard)(struct job *job, struct msg *m, struct err *err);
	uint32_t asked; /* the ref that heard() waits for; 0: none */
	void (*free)(struct job *job); /* what it holds, and itself */
};

/* The supervisor asks for what is on record, perhaps much at once after a
 * start; policy for what researchers type, and
 * waits when there is too much of it. */
enum { JOBS_SUPERVISOR = 1024, JOBS_POLICY = 1024 };

struct jobs {
	size_t n, of[ASKERS];
	size_t next; /* whose turn it is */
	struct job *at[JOBS_SUPERVISOR + JOBS_POLICY];
};

/* Answer no with the sentence, which may name a file that is not even text. */
void jobs_refuse(struct msg *answer, const struct err *why);

bool jobs_room(const struct jobs *jobs, enum asker_id asker);
/* Take the job; there is room. */
void jobs_add(struct jobs *jobs, struct job *job);

/*
 * A step for each, as far as a few milliseconds go; answers go to the askers.
 * *more: some have something to do at once. 0; -1 and err: the store must end.
 */
int jobs_step(struct jobs *jobs, struct asker askers[static ASKERS], bool *more,
	      struct err *err);

void jobs_let_go(struct jobs *jobs, const char *session);
/* Give an answer of audit to the job that waits for it. 0 or -1. */
int jobs_heard(struct jobs *jobs, struct msg *m, struct err *err);
/* Give up what an asker wanted, which is gone. */
void jobs_forget(struct jobs *jobs, enum asker_id asker);

#endif
