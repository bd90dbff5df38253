/*
 * peers - see peers.h. Runs in sekisho-witness and sekisho-tiles.
 */
#include "audit/witness/peers.h"

#include <sys/socket.h>
#include <time.h>

#include "gateway/base/own.h"

enum {
	FROM_ONE = 16, /* connections from one address */
	IDLE = 10,     /* seconds without a byte */
	LIFE = 30,     /* seconds of a connection, from its last answer */
	MEMORY = 16384 /* bytes for a connection */
};

static long now(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) < 0)
		die("no clock");
	return (long)t.tv_sec;
}

void peers_answered(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct peer *peer = info ? info->socket_context : NULL;

	if (peer)
		peer->since = now();
}

/* One that finds no place is closed at once. */
static void notify(void *context, struct MHD_Connection *connection,
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

static void end_slow(struct peers *peers)
{
	long oldest = now() - LIFE;

	for (int i = 0; i < PEERS; i++) {
		struct peer *peer = &peers->all[i];

		if (peer->fd >= 0 && peer->since < oldest)
			shutdown(peer->fd, SHUT_RDWR);
	}
}

int peers_open(struct peers *peers, int listener, struct err *err)
{
	AUTO_FD int owned = listener;

	for (int i = 0; i < PEERS; i++)
		peers->all[i].fd = -1;
	peers->daemon = MHD_start_daemon(
		MHD_NO_FLAG, 0, NULL, NULL, peers->answer, peers->context,
		MHD_OPTION_LISTEN_SOCKET, owned, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned int)PEERS, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		(unsigned int)FROM_ONE, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned int)IDLE, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)MEMORY, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_NOTIFY_COMPLETED, peers->completed, peers->context,
		MHD_OPTION_NOTIFY_CONNECTION, notify, peers, MHD_OPTION_END);
	if (!peers->daemon)
		return err_set(err, "libmicrohttpd did not start");
	take_fd(&owned);
	return 0;
}

void peers_close(struct peers *peers)
{
	if (peers->daemon)
		MHD_stop_daemon(peers->daemon);
	peers->daemon = NULL;
}

int peers_turn(struct peers *peers, struct err *err)
{
	if (MHD_run_wait(peers->daemon, 1000) != MHD_YES)
		return err_set(err, "libmicrohttpd failed");
	end_slow(peers);
	return 0;
}
