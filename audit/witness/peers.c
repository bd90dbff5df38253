/*
 * peers - see peers.h. Runs in sekisho-witness and sekisho-tiles.
 */
#include "audit/witness/peers.h"

#include <sys/socket.h>
#include <time.h>

#include "gateway/base/err.h"

enum { LIFE = 30 /* seconds of a connection, from its last answer */ };

static long now(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) < 0)
		die("no clock");
	return (long)t.tv_sec;
}

void peers_init(struct peers *peers)
{
	for (int i = 0; i < PEERS; i++)
		peers->all[i].fd = -1;
}

void peers_answered(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct peer *peer = info ? info->socket_context : NULL;

	if (peer)
		peer->since = now();
}

void peers_notify(void *context, struct MHD_Connection *connection,
		  void **place, enum MHD_ConnectionNotificationCode what)
{
	struct peers *peers = context;
	struct peer *peer = *place;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (peer)
			peer->fd = -1;
		return;
	}
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (!info)
		return;
	for (int i = 0; i < PEERS; i++) {
		peer = &peers->all[i];
		if (peer->fd >= 0)
			continue;
		*peer = (struct peer){ info->connect_fd, now() };
		*place = peer;
		return;
	}
	shutdown(info->connect_fd, SHUT_RDWR);
}

void peers_end_slow(struct peers *peers)
{
	long oldest = now() - LIFE;

	for (int i = 0; i < PEERS; i++) {
		struct peer *peer = &peers->all[i];

		if (peer->fd >= 0 && peer->since < oldest)
			shutdown(peer->fd, SHUT_RDWR);
	}
}
