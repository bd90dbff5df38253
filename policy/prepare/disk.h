/*
 * disk - whole reads, whole writes and SHA-256 of files.
 */
#ifndef POLICY_PREPARE_DISK_H
#define POLICY_PREPARE_DISK_H

#include "policy/prepare/fault.h"

enum { HASH_BYTES = 32, HASH_HEX = 65 };

/* Write all of it. what names the file in a fault. 0 or -1. */
int disk_write(int fd, const void *bytes, size_t len, const char *what,
	       struct fault *fault);
/* A file of at most `most` bytes as fresh memory with a NUL behind it, the
 * caller's; *len without the NUL. NULL: fault says why. */
uint8_t *disk_read(int folder, const char *path, size_t most, size_t *len,
		   struct fault *fault);
/* SHA-256 of all of fd, from its first byte, as hex; *bytes is its length. */
int disk_hash(int fd, const char *what, char out[static HASH_HEX],
	      uint64_t *bytes, struct fault *fault);

/* SHA-256 of bytes; dies without OpenSSL. */
void hash_of(const void *bytes, size_t len, uint8_t out[static HASH_BYTES]);
/* 2 * len digits and a NUL. */
void hex_text(const uint8_t *bytes, size_t len, char *out);

/* Was this process asked to stop (SIGINT, SIGTERM, SIGHUP)? Then a fault. */
int disk_go_on(struct fault *fault);
/* From here on those signals only ask. */
void disk_catch_signals(void);

#endif
