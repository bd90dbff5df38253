/*
 * find - the looks behind host.def, one a row, and what they share.
 */
#ifndef GATEWAY_HOST_FIND_H
#define GATEWAY_HOST_FIND_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/host/host.h"

/* Zero is nothing. */
enum found { MISSING = 0, WEAK, FOUND };

/* detail: HOST_DETAIL bytes, empty; what the row says it found. */
#define CHECK(name, missing, meaning)                                          \
	enum found find_##name(const struct host *host, char *detail);
#include "gateway/host/host.def"
#undef CHECK

enum found find_when(bool there);

/* The beginning of a file of the kernel's; empty if it cannot be read. */
void find_text(const char *path, char *out, size_t size);

/* The number that such a file begins with; -1 if it cannot be read. */
long find_number(const char *path);

/* Does the file have this word between blanks? */
bool find_word(const char *path, const char *word);

#endif
