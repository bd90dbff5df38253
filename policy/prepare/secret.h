/*
 * secret - a passphrase from standard input.
 */
#ifndef POLICY_PREPARE_SECRET_H
#define POLICY_PREPARE_SECRET_H

#include "policy/prepare/fault.h"

enum { SECRET_SIZE = 256, SECRET_LEAST = 12 };

/* One line, of 12 bytes or more; without an echo, after prompt, where it is a
 * terminal. The caller cleanses out. 0 or -1. */
int secret_read(const char *prompt, char out[static SECRET_SIZE],
		struct fault *fault);

#endif
