/*
 * conns - see conns.h. Runs in the supervisor; a connection process is not
 * trusted with anything: it may only say READY.
 */
#include "gateway/supervisor/conns.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "gateway/supervisor/holds.h"
#include "gateway/supervisor/services.h"
#include "gateway/supervisor/sessions.h"

/* The address as policy wrote it: IPv4 or IPv6, no names. */
static int parse_address(const struct site *site, struct sockaddr_in6 *six,
			 struct sockaddr_in *four)
{
	*four = (struct sockaddr_in){ .sin_family = AF_INET,
				      .sin_port = htons((uint16_t)site->port) };
	*six = (struct sockaddr_in6){ .sin6_family = AF_INET6,
				      .sin6_port =
					      htons((uint16_t)site->port) };
	if (inet_pton(AF_INET, site->address, &four->sin_addr) == 1)
		return AF_INET;
	if (inet_pton(AF_INET6, site->address, &six->sin6_addr) == 1)
		return AF_INET6;
	return -1;
}

int conns_open(struct gateway *gateway, struct err *err)
{
	struct site *site = &gateway->site;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
	int family = parse_address(site, &six, &four);
	int on = 1;

	if (family < 0 || site->port == 0 || site->port > 65535)
		return err_set(err,
			       "cannot listen on %s port %u: not an "
			       "address",
			       site->address, site->port);
	const struct sockaddr *name = family == AF_INET
					      ? (const struct sockaddr *)&four
					      : (const struct sockaddr *)&six;
	socklen_t len = family == AF_INET ? sizeof four : sizeof six;
	AUTO_FD int fd =
		socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_sys(err, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, name, len) < 0 || listen(fd, 1024) < 0)
		return err_sys(err, "listen on %s port %u", site->address,
			       site->port);
	own_close(&site->socket);
	site->socket = take_fd(&fd);
	conns_listen(gateway);
	return 0;
}

void conns_listen(struct gateway *gateway)
{
	struct msg m;

	if (gateway->site.socket < 0)
		return;
	msg_start(&m, MSG_LISTEN, 0);
	msg_put_u32(&m, gateway->site.unauthenticated);
	msg_put_u32(&m, gateway->site.per_source);
	msg_put_fd(&m, gateway->site.socket);
	services_send(gateway, SERVICE_LISTEN, &m);
}

struct conn *conns_find(struct gateway *gateway, uint32_t id)
{
	struct conn *conn = gateway->conns;

	while (conn && conn->id != id)
		conn = conn->next;
	return conn;
}

static void tell_gone(struct gateway *gateway, uint32_t id, const char *source)
{
	struct msg m;

	msg_start(&m, MSG_CONN_GONE, 0);
	msg_put_u32(&m, id);
	msg_put_str(&m, source);
	services_send(gateway, SERVICE_LISTEN, &m);
	services_send(gateway, SERVICE_POLICY, &m);
}

static void conn_free(struct conn *conn)
{
	struct gateway *gateway = conn->gateway;
	struct conn **at = &gateway->conns;

	while (*at != conn)
		at = &(*at)->next;
	*at = conn->next;
	child_end(&conn->child);
	sessions_hung_up(gateway, conn->id);
	tell_gone(gateway, conn->id, conn->source);
	free(conn);
}

static void heard(struct child *child, struct msg *m)
{
	struct conn *conn = child->owner;

	if (m->type == MSG_READY)
		return;
	note("connection %u: may not send %s", conn->id, msg_name(m->type));
	conn_free(conn);
}

static void gone(struct child *child)
{
	struct conn *conn = child->owner;

	if (strcmp(child->why, "exit status 0") != 0)
		note("connection %u from %s: %s", conn->id, conn->source,
		     child->why);
	conn_free(conn);
}

/* A pair between the connection and a service, each end told of the other. */
static int link_service(struct conn *conn, enum service_id id,
			enum msg_type peer, enum msg_type link, struct err *err)
{
	struct msg m;
	int pair[2];

	if (msg_pair(pair, err) < 0)
		return -1;
	AUTO_FD int service = pair[0];
	AUTO_FD int client = pair[1];
	msg_start(&m, peer, 0);
	msg_put_u32(&m, conn->id);
	if (peer == MSG_PEER_CONN)
		msg_put_str(&m, conn->source);
	msg_put_fd(&m, service);
	services_send(conn->gateway, id, &m);
	msg_start(&m, link, 0);
	msg_put_fd(&m, client);
	child_send(&conn->child, &m);
	return 0;
}

static int conn_start(struct conn *conn, int client, struct err *err)
{
	struct gateway *gateway = conn->gateway;
	uint32_t uid = lease_take(&gateway->leases, err);
	struct msg m;

	if (uid == 0 ||
	    child_start(&conn->child, gateway->loop,
			gateway->settings->programs, "sekisho-conn", err) < 0)
		return -1;
	start_begin(&m, uid, uid, gateway->tree.folders[TREE_EMPTY]);
	msg_put_u32(&m, conn->id);
	msg_put_str(&m, conn->source);
	msg_put_fd(&m, client);
	child_send(&conn->child, &m);
	if (link_service(conn, SERVICE_POLICY, MSG_PEER_CONN, MSG_LINK_POLICY,
			 err) < 0)
		return -1;
	return link_service(conn, SERVICE_KEYS, MSG_PEER_KEYS, MSG_LINK_KEYS,
			    err);
}

/* SSH lets a server say lines before its version; many clients show them only
 * when asked for more. */
static void refuse(int client)
{
	char line[600];
	int n = snprintf(line, sizeof line, "%s\r\n%s\r\n",
			 text("en", TEXT_CLOSED_LOG),
			 text("ja", TEXT_CLOSED_LOG));

	send(client, line, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static uint32_t count(const struct gateway *gateway)
{
	uint32_t n = 0;

	for (const struct conn *conn = gateway->conns; conn; conn = conn->next)
		n++;
	return n;
}

void conns_accept(struct gateway *gateway, struct msg *m)
{
	char source[64];
	struct err err;

	msg_get_str(m, source, sizeof source);
	msg_get_u32(m); /* the port is for people who watch the wire */
	AUTO_FD int client = msg_get_fd(m);
	if (!msg_done(m)) {
		note("malformed ACCEPTED");
		return;
	}
	bool down = holds_log_down(gateway);
	struct conn *conn = calloc(1, sizeof *conn);
	if (down)
		refuse(client);
	if (!conn || down || gateway->ending[0] ||
	    count(gateway) >= gateway->site.connections) {
		free(conn);
		tell_gone(gateway, 0, source);
		return;
	}
	conn->gateway = gateway;
	conn->id = ++gateway->next_conn;
	conn->deadline = gateway_now() + gateway->site.grace_seconds;
	snprintf(conn->source, sizeof conn->source, "%s", source);
	conn->child.owner = conn;
	conn->child.heard = heard;
	conn->child.gone = gone;
	conn->next = gateway->conns;
	gateway->conns = conn;
	if (conn_start(conn, client, &err) < 0) {
		note("%s", err.text);
		conn_free(conn);
	}
}

void conns_authenticated(struct gateway *gateway, struct msg *m)
{
	uint32_t id = msg_get_u32(m);
	struct conn *conn = msg_done(m) ? conns_find(gateway, id) : NULL;

	if (!conn)
		return;
	conn->deadline = 0;
	msg_start(m, MSG_AUTHENTICATED, 0);
	msg_put_u32(m, id);
	services_send(gateway, SERVICE_LISTEN, m);
}

void conns_channel(struct conn *conn, uint32_t channel, int wire)
{
	struct msg m;

	msg_start(&m, MSG_CHANNEL, 0);
	msg_put_u32(&m, channel);
	msg_put_fd(&m, wire);
	child_send(&conn->child, &m);
}

void conns_tend(struct gateway *gateway, time_t now)
{
	struct conn *next;

	for (struct conn *conn = gateway->conns; conn; conn = next) {
		next = conn->next;
		if (conn->deadline && now > conn->deadline)
			conn_free(conn);
	}
}

void conns_stop(struct gateway *gateway)
{
	struct msg m;

	msg_start(&m, MSG_STOP, 0);
	for (struct conn *conn = gateway->conns; conn; conn = conn->next)
		child_send(&conn->child, &m);
}

void conns_end(struct gateway *gateway)
{
	while (gateway->conns)
		conn_free(gateway->conns);
}

bool conns_own(const struct gateway *gateway, pid_t pid)
{
	const struct conn *conn = gateway->conns;

	while (conn && conn->child.pid != pid)
		conn = conn->next;
	return conn;
}
