/*
 * difference - what a later delivery of a dataset changed.
 *
 * For the custodian alone: it names who is not in it any more.
 */
#ifndef POLICY_PREPARE_DIFFERENCE_H
#define POLICY_PREPARE_DIFFERENCE_H

#include <stdio.h>

#include "policy/prepare/verify.h"

/* Write the difference of two verified bundles to out, as one JSON object and
 * LF: sources with their rows before and after, and every pseudonym that went
 * or came. 0 or -1. */
int difference_print(FILE *out, const struct verified *before,
		     const struct verified *after, struct fault *fault);

#endif
