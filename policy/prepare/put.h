/*
 * put - write canonical JSON: one spelling for each value.
 *
 * The profile is that of audit/canonical.h: keys in ascending order (the
 * caller's duty), no blanks, integers only.
 */
#ifndef POLICY_PREPARE_PUT_H
#define POLICY_PREPARE_PUT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* len bytes as a string with its quotes. What is not UTF-8, or a NUL, is made
 * visible (gateway/base/visible.h). */
void put_string(FILE *out, const char *text, size_t len);

/* `"key":` and a value; a comma in front where *n, which is counted up, says
 * that it is not the first of its object. */
void put_text(FILE *out, unsigned int *n, const char *key, const char *value);
void put_number(FILE *out, unsigned int *n, const char *key, uint64_t value);
void put_key(FILE *out, unsigned int *n, const char *key);

#endif
