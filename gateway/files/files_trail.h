/*
 * files_trail - what a file transfer channel writes into the log.
 *
 * Runs in sekisho-files. Each record is durable when its function returns.
 * Names stand in clear only where they are ours (an auditor reading the log's
 * own files); any other name is a salted commitment, SHA-256 over a tag, the
 * field's name, 32 random bytes and the name. The opening (random bytes and
 * name) goes to the vault, before the record.
 */
#ifndef GATEWAY_FILES_FILES_TRAIL_H
#define GATEWAY_FILES_FILES_TRAIL_H

#include "audit/vault_client.h"
#include "gateway/files/view.h"

struct files_trail {
	int link; /* to audit */
	struct vault_client *vault;
	char actor[ID_SIZE], permit[ID_SIZE];
	bool auditor;
	int64_t stats, lists, reads, writes, changes, refused;
	uint32_t places; /* outside of the view that were recorded already */
};

/* How a file is named in the log: in clear, or the commitment in hex. */
struct files_name {
	bool clear;
	char text[400];
};

/* 0, or -1: hashing failed. */
int files_name(const struct files_trail *trail, const struct view_path *path,
	       struct files_name *name, struct err *err);

/* All: 0, or -1 and the process must end. */
int files_trail_open(const struct files_trail *trail, const struct view *view,
		     struct err *err);
/* Waits a moment for the vault; what it lost is on record. */
int files_trail_close(const struct files_trail *trail, struct err *err);

/* The end of one transfer ("-" for sha256 if it broke off), or (sha256 NULL)
 * the beginning of a read. */
struct files_moved {
	const char *event; /* "files.read" or "files.write" */
	enum audit_result result;
	const char *top;
	const struct files_name *name;
	uint64_t bytes;
	const char *sha256;
	bool whole; /* all of the file went, in order */
};
int files_trail_moved(const struct files_trail *trail,
		      const struct files_moved *moved, struct err *err);

/* A path outside the view was asked for. The first in each place of
 * places.def is a record, all are counted. */
int files_trail_refused(struct files_trail *trail, const struct view_path *path,
			struct err *err);

/* act: "mkdir", "rmdir", "remove", "rename"; to: NULL, or a new name. */
int files_trail_change(struct files_trail *trail, enum audit_result result,
		       const char *act, const struct view_path *path,
		       const struct view_path *to, struct err *err);

#endif
