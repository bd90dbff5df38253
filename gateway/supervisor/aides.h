/*
 * aides - desks and file servers: a confined process that answers one channel
 * (or, for a desk, the client in one sandbox).
 */
#ifndef GATEWAY_SUPERVISOR_AIDES_H
#define GATEWAY_SUPERVISOR_AIDES_H

#include "gateway/supervisor/gateway.h"

/* Whom it serves. command is empty for a console. */
struct desk_setup {
	char person[ID_SIZE], actor[ID_SIZE], role[ID_SIZE];
	char session[ID_SIZE], permit[ID_SIZE], lang[4];
	bool tty;
	uint32_t cols, rows;
	char command[4096];
};

/* Start a desk or a file server for a channel; order_done() follows when it
 * serves or failed. 0, or -1 and nothing was started. */
int aides_desk(struct gateway *gateway, uint64_t order, uint32_t conn,
	       uint32_t channel, const struct desk_setup *setup,
	       struct err *err);
int aides_files(struct gateway *gateway, uint64_t order, uint32_t conn,
		uint32_t channel, const struct desk_setup *setup,
		struct err *err);

/* Start a desk for the client in a sandbox over its listening socket (stays
 * the caller's). child must be set up as child_start() says. */
int aides_session_desk(struct gateway *gateway, struct child *child,
		       const struct desk_setup *setup, int listener,
		       struct err *err);

/* The desk of that number (PEER_DESK), if it serves a channel; or NULL. */
struct child *aides_find_desk(struct gateway *gateway, uint32_t desk);

/* There is a new vault: link those to it that were linked to the last. 0 or
 * -1. */
int aides_link_vault(struct gateway *gateway, struct err *err);

/* End all of them. */
void aides_end(struct gateway *gateway);

/* Is pid the process of one of them? */
bool aides_own(const struct gateway *gateway, pid_t pid);

#endif
