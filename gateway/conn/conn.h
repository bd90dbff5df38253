/*
 * conn - one connection: what the parts of sekisho-conn know together.
 *
 * Everything a client can reach lives in one process of its own, so there is
 * exactly one struct conn, and nobody else's data beside it.
 */
#ifndef GATEWAY_CONN_CONN_H
#define GATEWAY_CONN_CONN_H

#include <libssh/libssh.h>
#include <libssh/server.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/msg.h"

enum {
	CONN_CHANNELS = 16,   /* open at once, whatever WELCOME allows */
	CONN_REFUSALS = 32,   /* refused requests before the line is cut */
	CONN_NAME_SIZE = 256, /* user name, made visible, and NUL */
	CONN_COMMAND_MAX = 32768,
};

/* How far a login has come. Zero may do nothing but offer a key. */
enum login_state {
	LOGIN_KEY = 0, /* a signature by an enrolled key is wanted */
	LOGIN_CODE,    /* the key was right; a one-time code is wanted */
	LOGIN_DONE,    /* policy said WELCOME */
};

struct login {
	enum login_state state;
	bool pinned; /* user is set and may not change */
	char user[CONN_NAME_SIZE];
	bool asked; /* a code was asked for and not yet answered */
	unsigned int attempts, probes;
};

struct relay;

struct conn {
	uint32_t number;
	int policy; /* link to policy */
	ssh_session session;
	struct ssh_counter_struct traffic; /* bytes on the socket */
	struct ssh_counter_struct packets; /* what they were cut into */
	struct login login;
	char lang[4];
	uint32_t max_channels; /* as WELCOME said */
	uint32_t next_channel; /* numbers are never used twice */
	struct relay *channels[CONN_CHANNELS];
	unsigned int refused;
	bool ending; /* leave the loop; nothing else may begin */
};

/*
 * The one test of who is at the other end. Asked at every channel open and
 * every request, whatever libssh believes about its own state.
 */
static inline bool conn_welcome(const struct conn *conn)
{
	return conn->login.state == LOGIN_DONE && !conn->ending;
}

/* Count a request that is refused and tell policy its kind, a word of ours.
 * Too many of them end the connection. */
void conn_refuse(struct conn *conn, const char *kind);

/* Serve the client until it or a link is gone. Returns the exit status. */
int conn_serve(struct conn *conn);

#endif
