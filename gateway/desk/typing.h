/*
 * typing - what a person types on a channel wire, character by character.
 *
 * Keeps the bytes that arrived, the size of the window, and whether the
 * person or the gateway has gone.
 */
#ifndef GATEWAY_DESK_TYPING_H
#define GATEWAY_DESK_TYPING_H

#include <wchar.h>

#include "gateway/base/channel.h"
#include "gateway/desk/desk.h"

struct typing {
	struct desk *desk;
	struct channel_packet packet;
	size_t at;    /* next byte of packet, if it is CHANNEL_DATA */
	bool gone;    /* no more input: end of file, link gone, stop */
	bool resized; /* the window changed since this was last cleared */
};

void typing_begin(struct typing *typing, struct desk *desk);

/* Wait for the next character. 1; 0: the window changed, nothing typed;
 * -1: gone. Bytes that are not UTF-8 come as U+FFFD. */
int typing_next(struct typing *typing, wchar_t *c);

#endif
