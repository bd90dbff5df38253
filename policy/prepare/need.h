/*
 * need - memory without which there is no going on.
 */
#ifndef POLICY_PREPARE_NEED_H
#define POLICY_PREPARE_NEED_H

#include <stddef.h>
#include <stdio.h>

/* Zeroed memory for count things of size bytes, the caller's; dies without. */
void *need(size_t count, size_t size);
/* The same memory with room for count things; what is added is not zeroed. */
void *need_more(void *memory, size_t count, size_t size);
/* A copy with a NUL behind it. */
char *need_copy(const char *text, size_t len);
/* A stream that writes to fresh memory (open_memstream), and its end. */
FILE *need_stream(char **text, size_t *len);
void need_stream_end(FILE *stream);

#endif
