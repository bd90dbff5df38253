/*
 * address - where a witness listens: numbers only, no names.
 */
#ifndef AUDIT_WITNESS_ADDRESS_H
#define AUDIT_WITNESS_ADDRESS_H

#include <stddef.h>

#include "gateway/base/err.h"

enum { ADDRESS_TEXT = 64 };

/* Listen at "127.0.0.1:8080" or "[::1]:8080". A socket, or -1. */
int address_listen(const char *text, struct err *err);

/* Where a socket listens, in the same form. */
void address_text(char out[static ADDRESS_TEXT], int listener);

#endif
