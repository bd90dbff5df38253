/*
 * receipt - what a person is given with released files.
 *
 * receipt.json is one canonical JSON object, {"entry":…,"statement":…}: the
 * log's release.open entry and the release statement, each as a string, so
 * that the bytes which were hashed come through any JSON reader unharmed.
 * The store makes it with audit_receipt() (audit/client.h); whoever reads one
 * trusts no byte of it.
 */
#ifndef AUDIT_RECEIPT_H
#define AUDIT_RECEIPT_H

#include "audit/canonical.h"
#include "gateway/base/err.h"

enum {
	RECEIPT_STATEMENT = 1024 * 1024, /* longest, in bytes */
	RECEIPT_MAX = 6 * (RECEIPT_STATEMENT + CANONICAL_MAX)
};

struct receipt {
	char *entry, *statement; /* each with a NUL behind it */
	size_t entry_len, statement_len;
};

/* Take one apart. 0 and to be cleared, or -1. */
int receipt_read(struct receipt *receipt, const char *bytes, size_t len,
		 struct err *err);
void receipt_clear(struct receipt *receipt);

/* A file of a release statement; name is still escaped. */
struct receipt_file {
	const struct canonical_field *name, *sha256;
	int64_t bytes;
	struct canonical object; /* what name and sha256 point into */
};

/*
 * The next file of "files":[{"bytes":N,"name":"…","sha256":"hex"},…] from *at
 * on (0 to begin with). 1: one; 0: no more; -1: not such a list.
 */
int receipt_next(const struct canonical_field *files, size_t *at,
		 struct receipt_file *file);

#endif
