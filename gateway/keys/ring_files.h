/*
 * ring_files - secrets as files of one folder: written whole, wiped whole.
 */
#ifndef GATEWAY_KEYS_RING_FILES_H
#define GATEWAY_KEYS_RING_FILES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "gateway/base/err.h"

enum { RING_FILE_NAME = 32 };

/* Write a file of mode 0600, durably, that appears whole under its name. The
 * folder's own entry is durable too. 0 or -1. */
int ring_file_write(int folder, const char *name, const uint8_t *bytes,
		    size_t len, struct err *err);

/* Read at most size bytes. Their number, or -1; also for a file that others
 * may read. */
ssize_t ring_file_read(int folder, const char *name, uint8_t *out, size_t size,
		       struct err *err);

/* Overwrite every byte with chance, on the disk, then remove the name; no such
 * file is fine. 0, or -1: it has a second name, or the disk failed. */
int ring_file_wipe(int folder, const char *name, struct err *err);

/*
 * Call each() with the name of every file that begins with one of the
 * prefixes "site." and "ring." until it returns other than 0; that is
 * returned, or -1.
 */
int ring_files_each(int folder,
		    int (*each)(void *context, int folder, const char *name,
				struct err *err),
		    void *context, struct err *err);

#endif
