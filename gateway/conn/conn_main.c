/*
 * sekisho-conn - one client's SSH connection.
 *
 * Started by the supervisor for each accepted socket, under a uid of its own,
 * in an empty root. Distrusts the client, and is distrusted: it holds no
 * host key, cannot pass the second factor, and can order nothing.
 */
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "gateway/conn/conn.h"
#include "gateway/conn/hostkey.h"
#include "gateway/conn/offer.h"

/* START's own fields: who is there, and the socket, now the caller's. */
static int read_start(struct conn *conn, struct msg *m, int *socket,
		      struct err *err)
{
	char source[128];

	conn->number = msg_get_u32(m);
	msg_get_str(m, source, sizeof source);
	*socket = msg_get_fd(m);
	return msg_done(m) ? 0 : err_set(err, "malformed START");
}

/* The two links, in either order. */
static int receive_links(struct conn *conn, int *keys, struct err *err)
{
	static struct msg m;

	while (conn->policy < 0 || *keys < 0) {
		if (msg_receive(PROCESS_LINK, &m, err) != 1)
			return err_set(err, "the supervisor is gone");
		int *link = m.type == MSG_LINK_POLICY ? &conn->policy
			    : m.type == MSG_LINK_KEYS ? keys
						      : NULL;
		if (!link || *link >= 0) {
			msg_clear(&m);
			return err_set(err, "unexpected %s", msg_name(m.type));
		}
		*link = msg_get_fd(&m);
		if (!msg_done(&m))
			return err_set(err, "malformed %s", msg_name(m.type));
	}
	return 0;
}

int main(void)
{
	static struct conn conn = { .policy = -1, .lang = "en" };
	static struct process process;
	static struct msg start;
	AUTO_FD int client = -1;
	AUTO_FD int keys = -1;
	struct err err = { "" };

	if (process_start(&process, &start, &err) < 0 ||
	    read_start(&conn, &start, &client, &err) < 0 ||
	    receive_links(&conn, &keys, &err) < 0 || offer_prepare(&err) < 0)
		process_fail(&err);
	ssh_key host_key = hostkey_new(keys, &err);
	if (!host_key)
		process_fail(&err);
	conn.session = offer_new(take_fd(&client), host_key, &err);
	if (!conn.session || process_confine(&process, &err) < 0 ||
	    process_ready(&err) < 0)
		process_fail(&err);
	return conn_serve(&conn);
}
