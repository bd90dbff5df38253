/*
 * peek - look at a client's packet before libssh acts on it.
 *
 * libssh answers some requests itself and tells nobody (agent forwarding,
 * unknown global requests), hides a channel's packet size, drops a wrong
 * signature in silence, and takes packets that strict key exchange forbids.
 * Five of its functions are wrapped at link time, so that each of these is
 * counted.
 */
#ifndef GATEWAY_CONN_PEEK_H
#define GATEWAY_CONN_PEEK_H

#include "gateway/conn/conn.h"

/* Is the request that libssh deals with just now OpenSSH's "end of write": the
 * client's output is closed, it reads no more of this channel? (OpenSSH's
 * PROTOCOL 2.1; libssh does not know it.) */
bool peek_end_of_write(void);

/* From now on, tell conn (which must outlive the session). */
void peek_begin(struct conn *conn);

#endif
