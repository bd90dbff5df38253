/*
 * host - what this host offers a gateway, and whether one may start on it.
 *
 * Looks only, changes nothing. sekishod asks before it starts, sekishoctl
 * doctor when somebody wants to know. What needs root to be seen is judged as
 * far as it can be seen.
 */
#ifndef GATEWAY_HOST_HOST_H
#define GATEWAY_HOST_HOST_H

#include <stddef.h>
#include <stdint.h>

#include "gateway/base/text.h"

enum { HOST_DETAIL = 128 };

/* What is to be looked at, beside the kernel. */
struct host {
	const char *config, *state; /* folders; they may not be there yet */
	uint32_t uid_base;
};

enum host_verdict { HOST_REFUSED = 0, HOST_WEAKER, HOST_OK };

struct host_row {
	const char *name;
	enum host_verdict verdict;
	enum text_id meaning;
	char detail[HOST_DETAIL]; /* what was found, or what was not */
};

/* The rows of host.def. */
size_t host_count(void);

/* Look at row i, below host_count(). */
void host_look(size_t i, const struct host *host, struct host_row *row);

/* The names of the rows with this verdict, joined by ", ", cut to size.
 * How many there are. */
size_t host_names(const struct host *host, enum host_verdict verdict,
		  char *names, size_t size);

#endif
