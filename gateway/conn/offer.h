/*
 * offer - what the server side of a connection offers and with what it begins.
 */
#ifndef GATEWAY_CONN_OFFER_H
#define GATEWAY_CONN_OFFER_H

#include "gateway/base/err.h"
#include "gateway/conn/conn.h"

/*
 * Make the session over a connected socket: algorithms as in the table of
 * offer.c, no configuration files, no compression, nothing waits. Takes the
 * socket and the key, also on failure. NULL, and err says why.
 */
ssh_session offer_new(int socket, ssh_key host_key, struct err *err);

/* Have libssh and OpenSSL load and initialise all that a connection will use,
 * so that the filter needs no open(). 0 or -1. */
int offer_prepare(struct err *err);

#endif
