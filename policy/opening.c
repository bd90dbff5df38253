/*
 * opening - decide on each channel anew, and order what was allowed.
 *
 * Runs in sekisho-policy. The connection is not trusted: who asks is what the
 * login found, and the plan is what the permit says. A command is passed on
 * as it is, for it runs as the person, inside; it never reaches the log.
 */
#include "policy/opening.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "policy/sessions.h"

enum { OPEN_SHELL = 1, OPEN_EXEC, OPEN_SFTP };
enum { COMMAND_SIZE = 4096, OPENINGS = 4096, EXIT_REFUSED = 1 };

/* One OPEN while it is decided. */
struct opened {
	struct peer *peer;
	uint32_t channel, cols, rows;
	uint8_t kind, tty;
	char term[64];
	const char *command;
	const struct decision *decision;
};

static const char *const kinds[] = { "unknown", "shell", "exec", "sftp" };

static const char *kind_word(const struct opened *o)
{
	return o->kind < ARRAY_LEN(kinds) ? kinds[o->kind] : kinds[0];
}

static void answer_no(struct server *server, struct peer *peer,
		      uint32_t channel, const char *why)
{
	msg_start(&server->out, MSG_NOT_OPENED, 0);
	msg_put_u32(&server->out, channel);
	msg_put_u8(&server->out, EXIT_REFUSED);
	msg_put_str(&server->out, why);
	server_send(server, peer);
}

static void begin(struct audit_record *record, const struct opened *o,
		  const char *event, enum audit_result result)
{
	const struct permit *permit = o->decision->permit;

	audit_begin(record, event, result);
	snprintf(record->actor, sizeof record->actor, "%s", o->peer->actor);
	if (permit)
		snprintf(record->permit, sizeof record->permit, "%s",
			 permit->permit);
	audit_number(record, "conn", o->peer->conn);
}

static void refuse(struct server *server, const struct opened *o,
		   enum text_id why, const char *first, const char *second)
{
	struct audit_record record;
	char reason[40], sentence[800];

	begin(&record, o, "channel.open", AUDIT_DENY);
	audit_number(&record, "channel", o->channel);
	audit_text(&record, "kind", kind_word(o));
	audit_text(&record, "reason", server_reason(why, reason));
	server_record(server, &record, false);
	text_fill(sentence, sizeof sentence, o->peer->lang, why, first, second,
		  NULL);
	answer_no(server, o->peer, o->channel, sentence);
}

/* Remember who is to hear it if the order cannot be carried out. */
static void expect(struct server *server, const struct opened *o,
		   uint64_t order, const char *session)
{
	struct opening *opening;

	if (server->nopenings == OPENINGS) {
		server_drop(server, o->peer, "too many channels under way");
		return;
	}
	opening = &server->openings[server->nopenings++];
	*opening = (struct opening){ order, o->peer->conn, o->channel, "" };
	snprintf(opening->session, sizeof opening->session, "%s", session);
}

static void put_shell(struct server *server, const struct opened *o, bool first,
		      const struct plan *plan)
{
	struct msg *order = &server->order;

	msg_put_u32(order, o->peer->conn);
	msg_put_u32(order, o->channel);
	msg_put_u8(order, o->tty);
	msg_put_u32(order, o->cols);
	msg_put_u32(order, o->rows);
	msg_put_str(order, o->term);
	msg_put_str(order, o->command);
	msg_put_u8(order, first);
	plan_put(order, plan);
}

/* The fields that a new session's record has beyond a channel's. */
static void describe(struct server *server, struct audit_record *record,
		     const struct plan *plan)
{
	char names[PLAN_DATASETS * ID_SIZE] = "", hash[HASH_TEXT_SIZE];
	size_t used = 0;

	for (uint32_t i = 0; i < plan->ndatasets; i++) {
		int n = snprintf(names + used, sizeof names - used, "%s%s",
				 used ? "," : "", plan->datasets[i].name);

		used += n > 0 && (size_t)n < sizeof names - used ? (size_t)n
								 : 0;
	}
	audit_text(record, "toolset", plan->toolset);
	audit_text(record, "datasets", names);
	audit_text(record, "policy", hash_text(&server->policy.hash, hash));
}

/* Why a dataset of the plan cannot be mounted: nobody has vouched for it, or
 * it has been withdrawn. True: refused. */
static bool refuse_data(struct server *server, const struct opened *o,
			const struct plan *plan)
{
	for (uint32_t i = 0; i < plan->ndatasets; i++) {
		const char *name = plan->datasets[i].name;
		const struct dataset *dataset =
			policy_dataset(&server->policy, name);

		if (*plan->datasets[i].manifest)
			continue;
		refuse(server, o,
		       *dataset->manifest ? TEXT_WHY_STALE : TEXT_WHY_MANIFEST,
		       name, NULL);
		return true;
	}
	return false;
}

static void order_shell(struct server *server, const struct opened *o)
{
	struct audit_record record;
	struct session *session = sessions_of(server, o->peer->conn);
	bool fresh = !session;
	const struct plan now = sessions_plan(server, o->decision,
					      session ? &session->plan : NULL);
	uint64_t order;

	if (refuse_data(server, o, &now))
		return;
	if (fresh)
		session = sessions_add(server, o->peer, o->decision);
	if (!session) {
		server_drop(server, o->peer, "too many sessions");
		return;
	}
	order = server_order(server, MSG_ORDER_SHELL);
	put_shell(server, o, fresh, &session->plan);
	begin(&record, o, fresh ? "session.open" : "channel.open", AUDIT_OK);
	snprintf(record.session, sizeof record.session, "%s", session->id);
	audit_number(&record, "order", (int64_t)order);
	if (fresh) {
		describe(server, &record, &session->plan);
	} else {
		audit_number(&record, "channel", o->channel);
		audit_text(&record, "kind", kind_word(o));
		audit_text(&record, "reason", "ok");
	}
	server_record(server, &record, true);
	expect(server, o, order, session->id);
}

static void put_who(struct server *server, const struct opened *o)
{
	const struct decision *d = o->decision;
	struct msg *order = &server->order;

	msg_put_str(order, d->person->person);
	msg_put_str(order, o->peer->actor);
	msg_put_str(order, role_word(d->role));
	msg_put_str(order, d->permit ? d->permit->permit : "-");
	msg_put_str(order, o->peer->lang);
}

static void record_order(struct server *server, const struct opened *o,
			 uint64_t order)
{
	struct audit_record record;

	begin(&record, o, "channel.open", AUDIT_OK);
	audit_number(&record, "channel", o->channel);
	audit_text(&record, "kind", kind_word(o));
	audit_number(&record, "order", (int64_t)order);
	audit_text(&record, "reason", "ok");
	server_record(server, &record, true);
	o->peer->files_or_desk = true;
	expect(server, o, order, "");
}

static void order_desk(struct server *server, const struct opened *o,
		       const char *command)
{
	uint64_t order = server_order(server, MSG_ORDER_DESK);

	msg_put_u32(&server->order, o->peer->conn);
	msg_put_u32(&server->order, o->channel);
	msg_put_u8(&server->order, o->tty);
	msg_put_u32(&server->order, o->cols);
	msg_put_u32(&server->order, o->rows);
	put_who(server, o);
	msg_put_str(&server->order, command);
	record_order(server, o, order);
}

static void order_files(struct server *server, const struct opened *o)
{
	uint64_t order = server_order(server, MSG_ORDER_FILES);

	msg_put_u32(&server->order, o->peer->conn);
	msg_put_u32(&server->order, o->channel);
	put_who(server, o);
	record_order(server, o, order);
}

/* The first word is this program, with or without folders before it. */
static bool runs(const char *command, const char *program)
{
	size_t len = strcspn(command, " \t");
	size_t want = strlen(program);

	return len >= want &&
	       memcmp(command + len - want, program, want) == 0 &&
	       (len == want || command[len - want - 1] == '/');
}

static bool copies(const char *command)
{
	return runs(command, "scp") || runs(command, "rsync") ||
	       runs(command, "sftp-server") || runs(command, "internal-sftp");
}

/* What stands after the word "sekisho"; NULL: the command is another one. */
static const char *desk_command(const char *command)
{
	size_t len = strlen("sekisho");

	command += strspn(command, " \t");
	if (strncmp(command, "sekisho", len) != 0 ||
	    (command[len] && !strchr(" \t", command[len])))
		return NULL;
	command += len + strspn(command + len, " \t");
	return *command ? command : "help";
}

static void open_exec(struct server *server, const struct opened *o)
{
	const struct decision *d = o->decision;
	const char *desk = desk_command(o->command);

	if (copies(o->command + strspn(o->command, " \t")))
		refuse(server, o, TEXT_WHY_COPY, NULL, NULL);
	else if (strlen(o->command) >= COMMAND_SIZE)
		refuse(server, o, TEXT_WHY_COMMAND_LONG, NULL, NULL);
	else if (desk || d->role != ROLE_RESEARCHER)
		order_desk(server, o, desk ? desk : o->command);
	else if (!d->permit->commands_without_terminal)
		refuse(server, o, TEXT_WHY_COMMAND, d->permit->permit, NULL);
	else
		order_shell(server, o);
}

static void open_allowed(struct server *server, const struct opened *o)
{
	enum role role = o->decision->role;

	if (o->kind == OPEN_SHELL && role == ROLE_RESEARCHER)
		order_shell(server, o);
	else if (o->kind == OPEN_SHELL)
		order_desk(server, o, "");
	else if (o->kind == OPEN_EXEC)
		open_exec(server, o);
	else if (o->kind != OPEN_SFTP)
		refuse(server, o, TEXT_WHY_KIND, NULL, NULL);
	else if (role == ROLE_RESEARCHER || role == ROLE_AUDITOR)
		order_files(server, o);
	else
		refuse(server, o, TEXT_WHY_NO_FILES, role_word(role), NULL);
}

/* The first channel decides what a connection is for: later ones, and whether
 * it lives on, are judged by that, whatever else its person may do. */
static void settle(struct peer *peer, const struct decision *decision)
{
	peer->name.role = decision->role;
	if (decision->permit)
		memcpy(peer->name.permit, decision->permit->permit,
		       sizeof peer->name.permit);
}

/* TERM becomes part of an environment and of file names. */
static void get_term(struct msg *m, char *term, size_t size)
{
	char asked[1024];

	msg_get_str(m, asked, sizeof asked);
	bool fine = strlen(asked) < size &&
		    strspn(asked, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz"
				  "0123456789+-._") == strlen(asked) &&
		    asked[0] != '.';
	snprintf(term, size, "%.63s", fine && *asked ? asked : "dumb");
}

int on_open(struct server *server, struct peer *peer, struct msg *m,
	    struct err *err)
{
	AUTO_FREE char *command = malloc(MSG_MAX);
	struct opened o = { .peer = peer, .command = command };
	struct decision decision;

	(void)err;
	if (!command)
		die("out of memory");
	o.channel = msg_get_u32(m);
	o.kind = msg_get_u8(m);
	o.tty = msg_get_u8(m) != 0;
	get_term(m, o.term, sizeof o.term);
	o.cols = msg_get_u32(m);
	o.rows = msg_get_u32(m);
	msg_get_str(m, command, MSG_MAX);
	if (!msg_done(m)) {
		server_drop(server, peer, "malformed OPEN");
		return 0;
	}
	decision = decide(server_policy(server), &server->suspensions,
			  &peer->name, server_today(server));
	o.decision = &decision;
	if (decision.verdict == ALLOW) {
		settle(peer, &decision);
		open_allowed(server, &o);
	} else {
		refuse(server, &o, decision.why, decision.first,
		       decision.second);
	}
	return 0;
}

int opening_done(struct server *server, uint64_t order, bool ok,
		 const char *why, struct err *err)
{
	struct opening opening;
	size_t i = 0;

	while (i < server->nopenings && server->openings[i].order != order)
		i++;
	if (i == server->nopenings) {
		if (!ok)
			note("order %" PRIu64 " was not carried out: %s", order,
			     why);
		return 0;
	}
	opening = server->openings[i];
	server->openings[i] = server->openings[--server->nopenings];
	if (*opening.session &&
	    sessions_built(server, opening.session, ok, err) < 0)
		return -1;
	struct peer *peer = server_conn(server, opening.conn);
	if (!ok && peer)
		answer_no(server, peer, opening.channel, why);
	return 0;
}
