/*
 * source - where connections come from, and how many of each there are.
 *
 * Values only: no sockets, no clock. An IPv4 address is a source; of an IPv6
 * address the first 64 bits are, because one household owns all the rest.
 */
#ifndef GATEWAY_LISTEN_SOURCE_H
#define GATEWAY_LISTEN_SOURCE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { SOURCES_MAX = 8192, SOURCE_TEXT = 64 };

struct source {
	uint8_t key[16]; /* as IPv6, IPv4 mapped; host part zero */
};

struct sources {
	size_t n;
	struct {
		struct source source;
		uint32_t open;
	} row[SOURCES_MAX];
	uint32_t open;		   /* all connections */
	uint32_t logged_in;	   /* of these; the rest are strangers */
	uint32_t who[SOURCES_MAX]; /* numbers of those logged in */
};

/* From an address: the source, the address as text (IPv4 also when mapped),
 * the port. False for a family that is neither. */
bool source_from_address(const struct sockaddr_storage *address,
			 struct source *source, char text[SOURCE_TEXT],
			 uint32_t *port);

/* From the text that source_from_address made. False if it is none. */
bool source_from_text(const char *text, struct source *source);

/* Count one more connection, if neither limit is reached. */
bool sources_admit(struct sources *sources, const struct source *source,
		   uint32_t unauthenticated, uint32_t per_source);

/* Connection number conn has logged in, or is gone. A number or source that
 * was never admitted changes nothing. */
void sources_logged_in(struct sources *sources, uint32_t conn);
void sources_gone(struct sources *sources, uint32_t conn,
		  const struct source *source);

#endif
