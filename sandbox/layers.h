/*
 * layers - what the sandbox was built with and the kernel does not give out.
 *
 * No process that is under a filter of its own may ask the kernel for another
 * one's, and Landlock's rules cannot be asked for at all. So these are the
 * tables themselves; tests/e2e/show.t compares the filter with a live one.
 */
#ifndef SANDBOX_LAYERS_H
#define SANDBOX_LAYERS_H

#include "gateway/base/filter.h"

/* The user's filter, as every shell loads it. */
const struct filter *layers_filter(void);

/* The same as text, a rule a line. */
const char *layers_rules(void);

/* landlock.def as text: a path, a tab, its rights; a place a line. */
const char *layers_landlock(void);

/* This kernel's Landlock ABI; 0: none. Asked before a filter forbids it. */
int layers_landlock_abi(void);

#endif
