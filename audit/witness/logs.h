/*
 * logs - the logs that a witness watches, and how far it has seen each.
 *
 * The newest checkpoint of each log that was cosigned stands in the witness's
 * folder, as the log signed it. Logs are told apart by their origin; several
 * keys of one origin are keys of one log.
 */
#ifndef AUDIT_WITNESS_LOGS_H
#define AUDIT_WITNESS_LOGS_H

#include "audit/submission.h"

enum { LOGS_MAX = 64 };

struct logs_head {
	char origin[NOTE_NAME];
	struct proof_head head; /* size 0: nothing was cosigned */
};

struct logs {
	int dir; /* the caller's */
	unsigned int nkeys, nheads;
	struct note_key keys[LOGS_MAX];
	struct logs_head heads[LOGS_MAX];
};

/* Watch the log of a verifier key. 0 or -1. */
int logs_add(struct logs *logs, const char *vkey, struct err *err);
void logs_clear(struct logs *logs);

/* Read from dir what was seen of each. 0; -1: damaged, or unreadable. */
int logs_open(struct logs *logs, int dir, struct err *err);

/* The log of that origin; NULL: none that is watched. */
struct logs_head *logs_find(struct logs *logs, const char *origin);

/* Is the checkpoint signed by a key of its origin? */
bool logs_signed(const struct logs *logs, const struct note *note,
		 const char *origin);

/* Durably make the submission's checkpoint the newest one seen. 0, or -1: it
 * is not known what stands in the folder; stop. */
int logs_advance(const struct logs *logs, struct logs_head *head,
		 const struct submission *submission, struct err *err);

#endif
