/*
 * usage - see usage.h. Runs in sekisho-policy.
 */
#include "policy/usage.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "policy/day.h"
#include "policy/requests_store.h"
#include "policy/verbs.h"

enum { DAY_SECONDS = 86400, SECOND_US = 1000000 };

int usage_began(struct store *store, const struct session *session,
		struct err *err)
{
	return store_do(store, err, STATEMENT_USAGE_BEGAN, "tttti", session->id,
			session->plan.permit, session->person, session->actor,
			session->started);
}

int usage_ended(struct store *store, const char *session, int64_t ended,
		const struct usage *usage, struct err *err)
{
	return store_do(store, err, STATEMENT_USAGE_ENDED, "tiiiii", session,
			ended, usage->cpu_us, usage->peak_bytes, usage->files,
			usage->bytes);
}

int usage_lost(struct store *store, struct err *err)
{
	return store_do(store, err, STATEMENT_USAGE_LOST, "");
}

/* --- The verb ----------------------------------------------------------------- */

/* Of whom, and the seconds that the days of the site span. */
struct asked {
	const char *whose; /* "": of all */
	int64_t from, to;
};

/* [WHOSE] [FROM TO]. False: the days are none. */
static bool read_words(const struct server *server, const struct peer *peer,
		       struct asked *asked)
{
	unsigned int days = peer->words->count & 1 ? 1 : 0;
	int64_t offset =
		server->in_force ? server->policy.site.utc_offset * 60 : 0;
	int32_t from, to;

	asked->whose = days ? verb_word(peer, 0) : "";
	asked->from = 0;
	asked->to = INT64_MAX;
	if (peer->words->count < 2)
		return true;
	if (day_read(verb_word(peer, days), &from) < 0 ||
	    day_read(verb_word(peer, days + 1), &to) < 0 || from > to)
		return false;
	asked->from = (int64_t)from * DAY_SECONDS - offset;
	asked->to = ((int64_t)to + 1) * DAY_SECONDS - offset;
	return true;
}

/* A number that may be unknown: an empty cell. */
static void put_known(struct result *r, int64_t number)
{
	char text[24];

	if (number < 0) {
		result_text(r, "");
		return;
	}
	snprintf(text, sizeof text, "%" PRId64, number);
	result_text(r, text);
}

static void measures(struct result *r)
{
	result_column(r, "cpu_seconds", RESULT_NUMBER);
	result_column(r, "peak_bytes", RESULT_NUMBER);
	result_column(r, "opened_files", RESULT_NUMBER);
	result_column(r, "opened_bytes", RESULT_NUMBER);
}

static int by_permit(struct server *server, const struct asked *asked,
		     struct err *err)
{
	struct result *r = &server->result;
	sqlite3_stmt *s = store_bound(&server->store, STATEMENT_USAGE_PERMITS,
				      "ii", asked->from, asked->to);
	int64_t unknown = 0;
	char permit[ID_SIZE], text[24];
	int step;

	result_column(r, "permit", RESULT_ID);
	result_column(r, "sessions", RESULT_NUMBER);
	result_column(r, "seconds", RESULT_NUMBER);
	measures(r);
	result_column(r, "unknown", RESULT_NUMBER);
	while ((step = sqlite3_step(s)) == SQLITE_ROW) {
		store_column(s, 0, permit, sizeof permit);
		result_row(r);
		result_text(r, permit);
		result_number(r, sqlite3_column_int64(s, 1));
		result_number(r, sqlite3_column_int64(s, 2));
		result_number(r, sqlite3_column_int64(s, 3) / SECOND_US);
		for (int i = 4; i <= 7; i++)
			result_number(r, sqlite3_column_int64(s, i));
		unknown += sqlite3_column_int64(s, 7);
	}
	snprintf(text, sizeof text, "%" PRId64, unknown);
	if (unknown)
		result_note(r, TEXT_USAGE_UNKNOWN, text, NULL, NULL);
	return store_over(&server->store, s, step, err);
}

static void put_session(struct result *r, sqlite3_stmt *s)
{
	int64_t ended = sqlite3_column_int64(s, 4);
	char text[ID_SIZE];

	result_row(r);
	for (int i = 0; i < 3; i++) {
		store_column(s, i, text, sizeof text);
		result_text(r, text);
	}
	result_text(r, ended > 0 ? "ended" : ended == 0 ? "running" : "lost");
	result_number(r, sqlite3_column_int64(s, 3));
	result_number(r, ended > 0 ? ended : 0);
	put_known(r, ended > 0 ? sqlite3_column_int64(s, 5) / SECOND_US
			       : USAGE_UNKNOWN);
	put_known(r, ended > 0 ? sqlite3_column_int64(s, 6) : USAGE_UNKNOWN);
	put_known(r, sqlite3_column_int64(s, 7));
	put_known(r, sqlite3_column_int64(s, 8));
}

static int by_session(struct server *server, const struct asked *asked,
		      struct err *err)
{
	struct result *r = &server->result;
	sqlite3_stmt *s =
		store_bound(&server->store, STATEMENT_USAGE_SESSIONS, "tii",
			    asked->whose, asked->from, asked->to);
	int step;

	result_column(r, "session", RESULT_ID);
	result_column(r, "permit", RESULT_ID);
	result_column(r, "person", RESULT_ID);
	result_column(r, "state", RESULT_STATE);
	result_column(r, "started", RESULT_TIME);
	result_column(r, "ended", RESULT_TIME);
	measures(r);
	while ((step = sqlite3_step(s)) == SQLITE_ROW)
		put_session(r, s);
	if (store_over(&server->store, s, step, err) < 0)
		return -1;
	if (r->nrows == 0)
		result_error(r, RESULT_WRONG, TEXT_USAGE_NOBODY, asked->whose,
			     NULL, NULL);
	return 0;
}

int verb_usage(struct server *server, struct peer *peer, struct err *err)
{
	struct result *r = &server->result;
	struct asked asked;
	int done;

	result_begin(r, RESULT_LIST, TEXT_ANSWER_USAGE);
	if (!read_words(server, peer, &asked)) {
		result_error(r, RESULT_WRONG, TEXT_USAGE_DAYS, NULL, NULL,
			     NULL);
		return 0;
	}
	done = *asked.whose ? by_session(server, &asked, err)
			    : by_permit(server, &asked, err);
	if (done == 0 && !r->has_error)
		result_note(r, TEXT_USAGE_MEANS, NULL, NULL, NULL);
	return done;
}
