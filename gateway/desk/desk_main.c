/*
 * desk_main - sekisho-desk: answers one person's commands.
 *
 * Started by the supervisor for one channel, or for the client inside one
 * session's sandbox. Distrusts what is typed and what the sandbox sends; who
 * it serves was fixed by START. If it is taken over, it may ask what that
 * person may ask.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "gateway/desk/console.h"

static int read_start(struct desk *desk, struct msg *start, struct err *err)
{
	char role[ID_SIZE];

	desk->for_session = msg_get_u8(start) == 1;
	msg_get_str(start, desk->person, sizeof desk->person);
	msg_get_str(start, desk->actor, sizeof desk->actor);
	msg_get_str(start, role, sizeof role);
	msg_get_str(start, desk->session, sizeof desk->session);
	msg_get_str(start, desk->permit, sizeof desk->permit);
	msg_get_str(start, desk->lang, sizeof desk->lang);
	desk->tty = msg_get_u8(start) != 0;
	desk->cols = msg_get_u32(start);
	desk->rows = msg_get_u32(start);
	msg_get_str(start, desk->command, sizeof desk->command);
	desk->serving = msg_get_fd(start);
	desk->log = msg_get_fd(start);
	desk->role = desk_role(role);
	if (!msg_done(start) || desk->role == DESK_NOBODY)
		return err_set(err, "malformed START for a desk");
	return 0;
}

/* Wait for both links; the supervisor sends nothing else before READY. */
static int read_links(struct desk *desk, struct err *err)
{
	static struct msg m;

	while (desk->audit < 0 || desk->policy < 0 ||
	       (desk->role == DESK_AUDITOR && desk->index < 0)) {
		int got = msg_receive(PROCESS_LINK, &m, err);
		int *link = m.type == MSG_LINK_AUDIT	? &desk->audit
			    : m.type == MSG_LINK_POLICY ? &desk->policy
			    : m.type == MSG_LINK_INDEX	? &desk->index
			    : m.type == MSG_LINK_VAULT	? &desk->vault
							: NULL;

		if (got < 0)
			return -1;
		if (got == 0 || m.type == MSG_STOP)
			_exit(0);
		/* It may be started again meanwhile. */
		if (link == &desk->vault)
			own_close(link);
		if (!link || *link >= 0)
			return err_set(err, "unexpected %s", msg_name(m.type));
		*link = msg_get_fd(&m);
		if (!msg_done(&m))
			return err_set(err, "malformed %s", msg_name(m.type));
	}
	return 0;
}

static int start(struct desk *desk, struct err *err)
{
	static struct msg m;
	struct process process;

	if (process_start(&process, &m, err) < 0 ||
	    read_start(desk, &m, err) < 0 || read_links(desk, err) < 0 ||
	    console_prepare(desk, err) < 0 ||
	    process_confine(&process, err) < 0)
		return -1;
	return process_ready(err);
}

static int serve(struct desk *desk, struct err *err)
{
	if (desk->for_session)
		return desk_serve(desk, err);
	/* A console needs a terminal and is for roles: others get the list of
	 * their commands. */
	if (*desk->command || !desk->tty || desk->role == DESK_RESEARCHER)
		return desk_single(desk, err);
	return desk_console(desk, err);
}

int main(void)
{
	static struct desk desk = { .serving = -1,
				    .log = -1,
				    .audit = -1,
				    .policy = -1,
				    .index = -1,
				    .vault = -1 };
	struct err err = { "" };

	/* For an auditor's proofs; no file is read, now or once confined. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	if (start(&desk, &err) < 0)
		process_fail(&err);
	if (serve(&desk, &err) < 0) {
		note("%s", err.text);
		return 1;
	}
	return 0;
}
