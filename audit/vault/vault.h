/*
 * vault - all that sekisho-vault knows, and its loop.
 *
 * Peers are links that the supervisor made. Writers hand in openings; the
 * desks of auditors ask for them; policy has them erased. One question at a
 * time: who asks is not read while another's is under way, writers are.
 */
#ifndef AUDIT_VAULT_VAULT_H
#define AUDIT_VAULT_VAULT_H

#include "audit/intake.h"
#include "audit/vault/batch.h"
#include "gateway/base/mailbox.h"

enum {
	VAULT_PEERS = 4096,
	VAULT_SHARE = 256,    /* messages of one peer before others' turn */
	VAULT_LIFE = 1000000, /* openings over a link that is one permit's */
	VAULT_GATHER_MS = 20, /* from a batch's first opening to its sync */
	VAULT_AT_ONCE = 12    /* commitments of one question */
};

enum opening_state {
#define STATE(name, word) OPENING_##name,
#include "audit/vault/states.def"
#undef STATE
};

struct peer {
	int fd;
	bool gone;
	struct intake_writer who;
	uint64_t taken;		/* openings */
	struct mailbox letters; /* it is not read while some lie here */
};

/* One commitment of a question. */
struct asked {
	enum opening_state state;
	struct row row; /* hash always; the rest if there is one */
	uint8_t salt[COMMIT_SALT], value[COMMIT_VALUE];
};

enum job_phase {
	JOB_NONE = 0,
	JOB_TOLD,  /* its records wait to be durable */
	JOB_WORKS, /* a step in each turn of the loop */
	JOB_OVER   /* what was done waits to be durable */
};

struct job {
	enum job_phase phase;
	enum msg_type question;
	struct peer *peer; /* NULL: nobody waits any more */
	uint32_t ref;
	char actor[INTAKE_ID], permit[INTAKE_ID];
	uint64_t index;		 /* of the record, and 1; 0: not said */
	unsigned int n, records; /* under way */
	struct asked asked[VAULT_AT_ONCE];
	uint64_t erased, before, unknown, wiped;
};

struct vault {
	struct rows rows;
	struct sealed sealed;
	struct permit_keys keys;
	struct batch batch;
	int64_t due; /* ms, monotonic: when the batch is to be settled */
	struct job job;
	int audit;
	struct mailbox records;
	struct peer *peers[VAULT_PEERS];
	size_t npeers;
	bool stop;
	struct msg in, out;
};

/* Finish what a crash left; serve until told to stop. 0, or -1 and err. */
int vault_run(struct vault *vault, struct err *err);

/* A message of the supervisor's; owner is the vault. 0 or -1. */
int vault_told(void *owner, struct msg *m, struct err *err);

/* Write down and tell what has arrived. 0 or -1. */
int vault_settle(struct vault *vault, struct err *err);

/* Send vault->out to a peer, now or when it reads. */
void vault_tell(struct vault *vault, struct peer *peer);

/* Send a record; RECORDED comes with ref. 0 or -1. */
int vault_record(struct vault *vault, uint32_t ref,
		 const struct audit_record *record, struct err *err);

/* --- job.c ------------------------------------------------------------------- */

enum { JOB_REF = 1 }; /* of all its records; others have 0 */

/* Handlers of requests: 0; 1: malformed, the peer goes; -1: the vault ends. */
int on_open(struct vault *vault, struct peer *peer, struct err *err);
int on_erase(struct vault *vault, struct peer *peer, struct err *err);
int on_end(struct vault *vault, struct peer *peer, struct err *err);

/* One of its records is durable; a turn to work. 0 or -1. */
int job_recorded(struct vault *vault, struct err *err);
int job_step(struct vault *vault, struct err *err);

/* Overwrite bytes that are marked, some at a time; *rows grows by
 * what was. 1: there was something; 0: all is done; -1. */
int job_wipe(struct vault *vault, uint64_t *rows, struct err *err);

#endif
