/*
 * verify_receipt - is what lies here what was released?
 *
 * Runs in sekisho-verify, offline: a receipt, its proof, the log's key and the
 * files, and nothing else. Every byte of the first two may come from an enemy.
 */
#ifndef AUDIT_VERIFY_RECEIPT_H
#define AUDIT_VERIFY_RECEIPT_H

#include "audit/receipt.h"
#include "audit/verify.h"

enum verify_file_state {
	VERIFY_FILE_NOT_CHECKED = 0,
	VERIFY_FILE_SAME,
	VERIFY_FILE_OTHER
};

/* A file that the release statement names. */
struct verify_file {
	char *name;
	int64_t bytes;
	struct hash hash;
	enum verify_file_state state;
};

struct verify_receipt {
	enum verify_code code;
	char why[640];
	bool proven; /* the log says that these files were released */
	char origin[NOTE_NAME];
	uint64_t index; /* of the entry */
	uint64_t size;	/* of the log that the proof's checkpoint covers */
	int64_t time;	/* of the entry, microseconds since the epoch */
	size_t nfiles;
	struct verify_file *files;
};

/* Check receipt.json and its proof against the key: all but the files. 0; or
 * -1, code and why. To be cleared either way. */
int verify_receipt(struct verify_receipt *report, const struct note_key *key,
		   const struct verify_bytes *receipt,
		   const struct verify_bytes *proof);

/* Check one file by its base name. 0; or -1, and unless an earlier fault
 * stands there, code and why. */
int verify_receipt_file(struct verify_receipt *report, const char *path);

void verify_receipt_clear(struct verify_receipt *report);

#endif
