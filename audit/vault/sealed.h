/*
 * sealed - the file of sealed openings, one behind the other.
 *
 * Why no column of the index: SQLite moves rows between pages and through its
 * log, and leaves copies where it was. Here a byte is written once, at one
 * place, and overwritten at that place when it is to be no more.
 */
#ifndef AUDIT_VAULT_SEALED_H
#define AUDIT_VAULT_SEALED_H

#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"

struct sealed {
	int file;
	uint64_t end; /* where the next one goes */
};

/* Open PATH, made if it is not there, and erase what stands behind end: what
 * a crash left that nobody was told of. 0 or -1. */
int sealed_open(struct sealed *sealed, const char *path, uint64_t end,
		struct err *err);

/* Write len bytes behind the end, durable. 1; 0: there is no room, and
 * nothing is changed; -1. */
int sealed_append(struct sealed *sealed, const uint8_t *bytes, size_t len,
		  struct err *err);

/* Take back what was appended from end on. 0 or -1. */
int sealed_cut(struct sealed *sealed, uint64_t end, struct err *err);

/* len bytes at at. 0, or -1: they are not there. */
int sealed_read(const struct sealed *sealed, uint64_t at, uint8_t *out,
		size_t len, struct err *err);

/* Overwrite, then make all that was overwritten durable. 0 or -1. */
int sealed_wipe(const struct sealed *sealed, uint64_t at, size_t len,
		struct err *err);
int sealed_sync(const struct sealed *sealed, struct err *err);

#endif
