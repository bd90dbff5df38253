/*
 * base64 - RFC 4648 standard alphabet with padding, one spelling only.
 */
#ifndef AUDIT_BASE64_H
#define AUDIT_BASE64_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Write len bytes as text with a final NUL; out has room for 4 characters for
 * each 3 bytes begun, and the NUL: a bug otherwise. Returns the length. */
size_t base64_encode(char *out, size_t size, const void *bytes, size_t len);

/* Decode len characters. The number of bytes, or -1: foreign characters, bad
 * padding, bits set that no encoder sets, or more than size bytes. */
ssize_t base64_decode(uint8_t *out, size_t size, const char *text, size_t len);

#endif
