/*
 * verify - check a log's folder without trusting who wrote it.
 *
 * Runs in sekisho-verify, on a copy or beside the running log. Every byte may
 * come from an enemy. Entries behind the last checkpoint are checked for form
 * and chain, and counted.
 */
#ifndef AUDIT_VERIFY_H
#define AUDIT_VERIFY_H

#include "audit/checkpoint.h"
#include "audit/segment.h"

enum verify_code {
	VERIFY_FINE = 0,
	VERIFY_TAMPERED = 1,
	VERIFY_INCOMPLETE = 2, /* or rolled back */
	VERIFY_POLICY = 3,
	VERIFY_USAGE = 4 /* or input and output */
};

/* Bytes of somebody else. */
struct verify_bytes {
	const char *bytes;
	size_t len;
};

/* A signed head; partial is the root of its entries in its last segment. */
struct verify_head {
	struct proof_head head;
	struct hash partial;
	bool seen;
};

struct verify_heads {
	struct verify_head *all; /* ascending by size */
	size_t n, room;
};

struct verify_report {
	enum verify_code code;
	char why[640];
	char file[64]; /* of the first fault; "" none */
	bool placed;   /* index and line are meant */
	uint64_t index, line;
	uint64_t entries; /* whole ones that were read */
	uint64_t covered; /* of them under the last checkpoint */
	uint64_t torn;	  /* bytes of an unfinished entry at the end */
	uint64_t checkpoints;
	char key[NOTE_VKEY];
	bool own_key; /* the key came from the log's own folder */
};

/*
 * Check the log in folder dir. key: NULL to take key.pub of the folder. since:
 * a checkpoint (signed note) that must be part of the log's past; NULL: none.
 */
void verify_log(int dir, const struct note_key *key, const char *since,
		struct verify_report *report);

/* For verify*.c: set the verdict; returns -1. */
int verify_fault(struct verify_report *report, enum verify_code code,
		 const char *file, const char *why);

/* Collect the heads of checkpoints.jsonl, checkpoint and since. 0 or -1 and
 * the report says why. The caller frees heads->all. */
int verify_collect(int dir, const struct note_key *key, const char *since,
		   struct verify_heads *heads, struct verify_report *report);

/* Check all entries and each head against them. 0 or -1. */
int verify_entries(int dir, const struct note_key *key,
		   struct verify_heads *heads, struct verify_report *report);

#endif
