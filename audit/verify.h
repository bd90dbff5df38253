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
#include "audit/keyring.h"
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

/* The keys that key.pub lists, or the one that was given; which of them had to
 * sign what is said by the log itself. */
struct verify_keys {
	unsigned int n;
	struct note_key all[KEYRING_MAX];
	char text[KEYRING_MAX][NOTE_VKEY];
};

/* A signed head; partial is the root of its entries in its last segment. */
struct verify_head {
	struct proof_head head;
	struct hash partial;
	bool seen;
	uint16_t signers; /* bit i: key i */
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
	int64_t from, to, signed_at; /* microseconds since the epoch; 0: none */
	uint64_t starts, recoveries, clocks, peers; /* told by audit itself */
	unsigned int keys;			    /* that the log names */
	char key[NOTE_VKEY];
	bool own_key; /* the key came from the log's own folder */
	/* What others say (verify_outside.h): the newest checkpoint that a
	 * quorum cosigned, and the newest time stamp; seconds since the epoch */
	bool witnessed, stamped, stamp_trusted;
	uint64_t witnessed_size, witnessed_time;
	uint64_t stamped_size, stamped_time;
	uint64_t bad_cosignatures; /* in the lines that were looked at */
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
int verify_collect(int dir, const struct verify_keys *keys, const char *since,
		   struct verify_heads *heads, struct verify_report *report);

/* Check all entries, each head against them, and that the right keys signed
 * it. 0 or -1. */
int verify_entries(int dir, const struct verify_keys *keys,
		   struct verify_heads *heads, struct verify_report *report);

#endif
