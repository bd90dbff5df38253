/*
 * parses - one sekisho-parse: a hostile file in, a pipe of items out.
 *
 * It gets a uid of its own, an empty root, and limits of processor and
 * memory before it sees the file.
 */
#ifndef GATEWAY_SUPERVISOR_PARSES_H
#define GATEWAY_SUPERVISOR_PARSES_H

#include "gateway/supervisor/gateway.h"

enum { FROZEN_NAME = 1024, SHA256_SIZE = 32 };

/* A frozen file, as orders name it. The name is the researcher's. */
struct frozen {
	char name[FROZEN_NAME];
	uint8_t sha256[SHA256_SIZE];
	uint64_t size;
};

/* Read a frozen file's name and hash from an order; then, where the order has
 * it, the size. A hash of another length marks m bad. */
void frozen_get(struct msg *m, struct frozen *frozen);

/* Make the group of processes, with limits, that one check or view is. */
int parses_limit(struct gateway *gateway, struct cgroup *group,
		 const char *kind, uint64_t number, struct err *err);

/*
 * Start a parse of file, which stays the caller's. child is set up as
 * child_start() wants. The reading end of its pipe, the caller's; or -1.
 */
int parses_start(struct gateway *gateway, struct child *child,
		 const struct cgroup *group, const struct frozen *frozen,
		 int file, struct err *err);

/* The reading end of a stream that ends at once: a parse that failed. -1. */
int parses_nothing(struct err *err);

#endif
