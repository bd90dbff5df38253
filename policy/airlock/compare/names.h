/*
 * names - F13: what a file's name may be.
 */
#ifndef POLICY_AIRLOCK_COMPARE_NAMES_H
#define POLICY_AIRLOCK_COMPARE_NAMES_H

#include <stdbool.h>

/* Readable text, not hidden, no folder, one extension, no blanks around. */
bool name_is_plain(const char *name);

#endif
