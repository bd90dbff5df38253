/*
 * request - what a client may ask for on a session channel.
 */
#ifndef GATEWAY_CONN_REQUEST_H
#define GATEWAY_CONN_REQUEST_H

#include <libssh/callbacks.h>

/* Put the request callbacks into a channel's table; its userdata must be the
 * relay. */
void request_callbacks(struct ssh_channel_callbacks_struct *table);

#endif
