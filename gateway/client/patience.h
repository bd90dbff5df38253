/*
 * patience - wait for the desk, let the person see it, let the person go.
 *
 * The desk says with CLIENT_WAIT what takes its time. On a terminal that is
 * shown with the seconds; Ctrl-C leaves with a word on what goes on.
 */
#ifndef GATEWAY_CLIENT_PATIENCE_H
#define GATEWAY_CLIENT_PATIENCE_H

#include "gateway/base/msg.h"

enum { EXIT_INTERRUPTED = 130 };

struct patience {
	bool shows, shown; /* a terminal is there; something stands on it */
	bool left;	   /* the person pressed Ctrl-C */
	int64_t since;
	char what[256], goodbye[512];
};

void patience_begin(struct patience *patience);

/* Read CLIENT_WAIT. 0, or -1 if it is malformed. */
int patience_read(struct patience *patience, struct msg *m);

/* Wait until sock can be read. False: the person left, and was told. */
bool patience_wait(struct patience *patience, int sock);

#endif
