/*
 * commit - what stands in a record instead of text that a person chose.
 *
 * SHA-256 over a tag, the field's name, 32 random bytes (the salt) and the
 * text; tag and name end in a NUL. Whoever has the opening, salt and text, can
 * check it (docs/audit-format.md); who has not, learns nothing.
 */
#ifndef AUDIT_COMMIT_H
#define AUDIT_COMMIT_H

#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"

enum {
	COMMIT_SIZE = 32,
	COMMIT_SALT = 32,
	COMMIT_TEXT = 2 * COMMIT_SIZE + 1,
	COMMIT_FIELD = 33,  /* bytes of a field's name, NUL included */
	COMMIT_VALUE = 4096 /* most bytes of a text that the vault keeps */
};

/* What a commitment stands for; field and value stay the caller's. */
struct commit_opening {
	const char *field;
	uint8_t salt[COMMIT_SALT];
	const void *value;
	size_t len;
};

/* The commitment of an opening. 0, or -1: hashing failed. */
int commit_hash(const struct commit_opening *opening, uint8_t out[COMMIT_SIZE],
		struct err *err);

/* 64 lowercase hex digits and a NUL; and back: 0, or -1: it is none. */
void commit_hex(const uint8_t commitment[COMMIT_SIZE], char out[COMMIT_TEXT]);
int commit_from_hex(const char *text, uint8_t out[COMMIT_SIZE]);

#endif
