/*
 * pin - the PIN of a token: from a file of the custodian's, or typed.
 */
#ifndef POLICY_TOKEN_PIN_H
#define POLICY_TOKEN_PIN_H

#include <stddef.h>

#include "gateway/base/err.h"

enum { PIN_SIZE = 128 };

/* source: NULL, or a path ("file:" in front is fine) that others may not read.
 * Without: a line of standard input, without an echo if it is a terminal.
 * What was typed holds for the life of the process. The length, or -1. */
long pin_read(const char *source, char out[static PIN_SIZE], struct err *err);
/* What was typed was wrong, or is not needed any more. */
void pin_forget(void);

#endif
