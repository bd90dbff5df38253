/*
 * wire - write answers to a person's channel.
 *
 * A FILE whose bytes become packets of a channel wire. On a terminal each
 * line end becomes CR LF, as the client's terminal is raw.
 */
#ifndef GATEWAY_DESK_WIRE_H
#define GATEWAY_DESK_WIRE_H

#include <stdbool.h>
#include <stdio.h>

#include "gateway/base/channel.h"

/* Bytes go out as kind (CHANNEL_DATA or CHANNEL_STDERR). wire stays the
 * caller's. NULL: out of memory. */
FILE *wire_open(int wire, enum channel_kind kind, bool tty);

/* Send one packet; waits while the client does not read, but ends the wait
 * when it is gone, or has not read for a minute. 0, or -1: it is gone. */
int wire_send(int wire, enum channel_kind kind, const void *body, size_t len);

/* The last packet of a channel. */
void wire_exit(int wire, uint8_t status);

#endif
