/*
 * keyfile - small files of secrets: written once, read strictly, wiped.
 *
 * Each is one line of base64. Secret ones are 0600 or they are refused.
 */
#ifndef POLICY_PREPARE_KEYFILE_H
#define POLICY_PREPARE_KEYFILE_H

#include "policy/prepare/fault.h"

enum { KEYFILE_BYTES = 96, KEYFILE_LINE = 130, KEYFILE_PATH = 4096 };

struct keyfile_text {
	const char *bytes;
	size_t len;
};

/* A file of any text, all of it or none, durably. over: in the place of one
 * that is there; else that is a fault. 0 or -1. */
int keyfile_put(int folder, const char *name, bool secret, bool over,
		const struct keyfile_text *text, struct fault *fault);

/* A new file, durably; never over an old one. 0 or -1. */
int keyfile_write(int folder, const char *name, bool secret,
		  const uint8_t *bytes, size_t len, struct fault *fault);
/* The line must stand for exactly len bytes. */
int keyfile_read(int folder, const char *name, bool secret, uint8_t *out,
		 size_t len, struct fault *fault);
/* Put other bytes in the place of a file's: whole or not at all. The old ones
 * are overwritten where they lay. */
int keyfile_replace(int folder, const char *name, const uint8_t *bytes,
		    size_t len, struct fault *fault);
/* Overwrite, sync, unlink. A file with a second name is refused. */
int keyfile_wipe(int folder, const char *name, struct fault *fault);

bool keyfile_is(int folder, const char *name);

#endif
