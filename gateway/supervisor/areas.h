/*
 * areas - the folders of one person's file transfer.
 */
#ifndef GATEWAY_SUPERVISOR_AREAS_H
#define GATEWAY_SUPERVISOR_AREAS_H

#include "gateway/supervisor/aides.h"

enum { AREAS = 8 };

/* The folders of a view while they are handed over. */
struct areas {
	uint32_t n;
	struct {
		const char *name;
		bool writable;
		int folder;
	} list[AREAS];
};

/*
 * Open what setup's person sees; folders that are missing are made. Each is a
 * detached copy of its mount, read-only unless it is to be written. 0 or -1;
 * areas_close() either way.
 */
int areas_open(struct gateway *gateway, const struct desk_setup *setup,
	       struct areas *areas, struct err *err);
void areas_close(struct areas *areas);

/* Put them into START of a file server. */
void areas_put(const struct areas *areas, struct msg *m);

/* The group that a person's desk or file server needs for what it reads: that
 * of the log, of the store, or its own (the uid). */
uint32_t areas_group(const struct gateway *gateway,
		     const struct desk_setup *setup, bool files, uint32_t uid);

#endif
