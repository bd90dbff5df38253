/*
 * request - terminal, shell, command, sftp, size and signal; nothing else.
 *
 * Runs in sekisho-conn. Every handler asks conn_welcome() first. What serves
 * the channel is policy's to decide: a request becomes OPEN, and the channel
 * waits for CHANNEL or NOT_OPENED.
 */
#include "gateway/conn/request.h"

#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/visible.h"
#include "gateway/conn/relay.h"

enum { SIDE_MAX = 1000, COLS = 80, ROWS = 24 };

enum open_kind { OPEN_SHELL = 1, OPEN_EXEC = 2, OPEN_SFTP = 3 };

static uint32_t bounded(int side, uint32_t usual)
{
	if (side <= 0)
		return usual;
	return side > SIDE_MAX ? SIDE_MAX : (uint32_t)side;
}

/* Terminal types are names of files elsewhere: a plain word or "dumb". */
static void set_term(struct relay *relay, const char *term)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-+_.";
	size_t len = term ? strlen(term) : 0;

	if (len == 0 || len >= sizeof relay->term || term[0] == '.' ||
	    strspn(term, plain) != len)
		term = "dumb";
	memcpy(relay->term, term, strlen(term) + 1);
}

static int on_pty(ssh_session session, ssh_channel channel, const char *term,
		  int cols, int rows, int px, int py, void *userdata)
{
	struct relay *relay = userdata;

	(void)session;
	(void)channel;
	(void)px;
	(void)py;
	if (!conn_welcome(relay->conn) || relay->asked || relay->tty)
		return -1;
	relay->tty = true;
	relay->cols = bounded(cols, COLS);
	relay->rows = bounded(rows, ROWS);
	set_term(relay, term);
	return 0;
}

static int on_window(ssh_session session, ssh_channel channel, int cols,
		     int rows, int px, int py, void *userdata)
{
	struct relay *relay = userdata;

	(void)session;
	(void)channel;
	(void)px;
	(void)py;
	if (!conn_welcome(relay->conn) || !relay->tty || relay->over)
		return -1;
	relay->cols = bounded(cols, COLS);
	relay->rows = bounded(rows, ROWS);
	relay->resized = true;
	return 0;
}

/* OpenSSH sends these unasked; taken so that no client complains, and not
 * passed on: the language is the person's, the terminal that of pty-req. */
static int on_env(ssh_session session, ssh_channel channel, const char *name,
		  const char *value, void *userdata)
{
	struct relay *relay = userdata;

	(void)session;
	(void)channel;
	(void)value;
	if (!conn_welcome(relay->conn) || !name)
		return 1;
	return strcmp(name, "TERM") == 0 || strcmp(name, "LANG") == 0 ||
			       strncmp(name, "LC_", 3) == 0
		       ? 0
		       : 1;
}

static bool well_formed(const char *text, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		unsigned int code;

		n = utf8_decode((const unsigned char *)text + i, len - i,
				&code);
		if (n == 0)
			return false;
	}
	return true;
}

/* Ask policy. 0: libssh says yes to the client, and the channel waits. */
static int open_as(struct relay *relay, enum open_kind kind,
		   const char *command)
{
	struct conn *conn = relay->conn;
	static struct msg m;
	struct err err;

	if (!conn_welcome(conn) || relay->asked || relay->over)
		return 1;
	relay->asked = true;
	if (strlen(command) > CONN_COMMAND_MAX ||
	    !well_formed(command, strlen(command))) {
		conn_refuse(conn, "command");
		return 1;
	}
	msg_start(&m, MSG_OPEN, 0);
	msg_put_u32(&m, relay->number);
	msg_put_u8(&m, (uint8_t)kind);
	msg_put_u8(&m, relay->tty);
	msg_put_str(&m, relay->term);
	msg_put_u32(&m, relay->cols);
	msg_put_u32(&m, relay->rows);
	msg_put_str(&m, command);
	relay->resized = false;
	if (msg_send(conn->policy, &m, &err) < 0) {
		conn->ending = true;
		return 1;
	}
	return 0;
}

static int on_shell(ssh_session session, ssh_channel channel, void *userdata)
{
	(void)session;
	(void)channel;
	return open_as(userdata, OPEN_SHELL, "");
}

static int on_exec(ssh_session session, ssh_channel channel,
		   const char *command, void *userdata)
{
	(void)session;
	(void)channel;
	return open_as(userdata, OPEN_EXEC, command ? command : "");
}

static int on_subsystem(ssh_session session, ssh_channel channel,
			const char *name, void *userdata)
{
	struct relay *relay = userdata;

	(void)session;
	(void)channel;
	if (!name || strcmp(name, "sftp") != 0) {
		conn_refuse(relay->conn, "subsystem");
		return 1;
	}
	return open_as(relay, OPEN_SFTP, "");
}

/* RFC 4254, 6.10. A signal that finds the wire full is lost, as a key press
 * on a stopped terminal is. */
static void on_signal(ssh_session session, ssh_channel channel,
		      const char *name, void *userdata)
{
	static const char *const names[] = { "ABRT", "ALRM", "FPE",  "HUP",
					     "ILL",  "INT",  "KILL", "PIPE",
					     "QUIT", "SEGV", "TERM", "USR1",
					     "USR2" };
	struct relay *relay = userdata;

	(void)session;
	(void)channel;
	if (!conn_welcome(relay->conn) || relay->wire < 0 || !name)
		return;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i], name) == 0)
			channel_send(relay->wire, CHANNEL_SIGNAL, name,
				     strlen(name));
}

void request_callbacks(struct ssh_channel_callbacks_struct *table)
{
	table->channel_pty_request_function = on_pty;
	table->channel_pty_window_change_function = on_window;
	table->channel_env_request_function = on_env;
	table->channel_shell_request_function = on_shell;
	table->channel_exec_request_function = on_exec;
	table->channel_subsystem_request_function = on_subsystem;
	table->channel_signal_function = on_signal;
}
