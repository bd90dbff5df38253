/* links: policy policy/airlock audit gateway/base; -lsqlite3 -lyaml -lcrypto */
/*
 * policy_airlock_program - requests from submit to release, with the built
 * sekisho-policy: who is refused, what is on record, what others' failures do.
 */
#include "tests/unit/policy_world.h"

static int taro;
static char session[ID_SIZE];

/* taro in a session. */
static void begin(void)
{
	world_make();
	world_start();
	CHECK(log_in(session));
	taro = desk("taro", "researcher", session);
}

/* A request in review, number 1, with two files. */
static void submitted(void)
{
	begin();
	w.severity = 1;
	w.verdict = 1;
	CHECK_INT(ask(taro, "submit", "Table 1", "a.csv", "sub/b.csv", NULL),
		  0);
}

static int reviewer(const char *name)
{
	return desk(name, "reviewer", "-");
}

static void look(int fd)
{
	CHECK_INT(ask(fd, "file", "1", "1", NULL), 0);
	CHECK_INT(ask(fd, "file", "1", "2", NULL), 0);
}

static void votes(const char *name, const char *vote, const char *reason)
{
	int fd = reviewer(name);

	look(fd);
	CHECK_INT(ask(fd, "vote", "1", vote, "all", reason, "", NULL), 0);
	close(fd);
}

static const char *state_of_1(void)
{
	static char state[32];

	CHECK_INT(ask(taro, "status", NULL), 0);
	snprintf(state, sizeof state, "%s", cell(w.result.nrows - 1, "state"));
	return state;
}

static void refused(int exit, const char *why, int got)
{
	CHECK_INT(got, exit);
	CHECK_STR(no(), why);
}

/* --- Submitting ------------------------------------------------------------------ */

TEST(outside, "check and submit are refused outside of a session")
{
	begin();
	int outside = desk("taro", "researcher", "-");

	refused(4, "REFUSED_SESSION", ask(outside, "check", "a.csv", NULL));
	refused(4, "REFUSED_SESSION",
		ask(outside, "submit", "x", "a.csv", NULL));
	int other = desk("mei", "researcher", session);
	refused(4, "REFUSED_SESSION", ask(other, "check", "a.csv", NULL));
	refused(3, "ASK_MAY_NOT", ask(reviewer("rei"), "check", "a", NULL));
	CHECK_INT(w.freezes, 0);
}

TEST(words, "paths out of /out, bad names and too many files are refused")
{
	char name[200];

	begin();
	refused(4, "SUBMIT_NOTHING", ask(taro, "check", NULL));
	refused(4, "SUBMIT_PLACE", ask(taro, "check", "/etc/passwd", NULL));
	refused(4, "SUBMIT_NAME", ask(taro, "check", "../x", NULL));
	refused(4, "SUBMIT_NAME", ask(taro, "check", "/out/a/../x", NULL));
	refused(4, "SUBMIT_NAME", ask(taro, "check", "a//x", NULL));
	refused(4, "SUBMIT_NAME", ask(taro, "check", ".hidden", NULL));
	refused(4, "SUBMIT_NAME", ask(taro, "check", "a\033[2J.csv", NULL));
	refused(4, "SUBMIT_NAME", ask(taro, "check", "receipt.json", NULL));
	memset(name, 'x', sizeof name);
	name[121] = '\0';
	refused(4, "SUBMIT_NAME", ask(taro, "check", name, NULL));
	refused(4, "SUBMIT_TWICE", ask(taro, "check", "a/x", "b/x", NULL));
	refused(4, "SUBMIT_MANY", ask(taro, "check", "a", "b", "c", "d", NULL));
	refused(4, "SUBMIT_PURPOSE", ask(taro, "submit", "", "a", NULL));
	refused(4, "SUBMIT_PURPOSE", ask(taro, "submit", "a\nb", "a", NULL));
	refused(4, "SUBMIT_NOTHING", ask(taro, "submit", "why", NULL));
	CHECK_INT(w.freezes, 0);
	CHECK(logged("request.") == NULL);
}

TEST(freeze, "a file that the store does not take is said by its name")
{
	begin();
	w.outcome = FROZEN_LINKS;
	refused(4, "FROZEN_LINKS", ask(taro, "check", "a.csv", NULL));
	w.outcome = FROZEN_NO_FILE;
	refused(4, "FROZEN_NO_FILE", ask(taro, "submit", "why", "a.csv", NULL));
	CHECK(logged("request.") == NULL);
}

TEST(check, "a check tells its findings, is on record, and keeps no copy")
{
	begin();
	w.severity = 1;
	w.verdict = 1;
	CHECK_INT(ask(taro, "check", "/out/a.csv", NULL), 1);
	CHECK_INT(w.result.nrows, 1);
	CHECK_STR(cell(0, "file"), "1");
	CHECK_STR(cell(0, "name"), "a.csv");
	CHECK_STR(cell(0, "code"), "T01_MIN_CELL");
	CHECK_STR(cell(0, "severity"), "flag");
	CHECK_STR(cell(0, "row"), "3");
	CHECK_STR(cell(0, "first"), "10");
	CHECK(strstr(logged("request.check ok"), "phase=done") != NULL);
	CHECK(strstr(logged("request.check ok"), "verdict=review") != NULL);
	CHECK_INT(count_logged("request.check"), 2);
	CHECK(logged("request.submit") == NULL);
	pump(-1, 60);
	CHECK_INT(w.drops, 1);
	w.severity = 2;
	w.verdict = 2;
	CHECK_INT(ask(taro, "check", "a.csv", NULL), 0);
	w.severity = 0;
	CHECK_INT(ask(taro, "check", "a.csv", NULL), 2);
	CHECK(nowhere_logged("a.csv"));
}

TEST(meanwhile, "while a check runs, its session can ask other things")
{
	begin();
	w.outcome = 0;
	msg_start(&w.m, MSG_ASK, 1);
	msg_put_str(&w.m, "check");
	msg_put_u32(&w.m, 1);
	msg_put_str(&w.m, "a.csv");
	world_send(taro);
	CHECK_INT(ask(taro, "whoami", NULL), 0);
	CHECK_INT(ask(taro, "status", NULL), 0);
}

static void only_ask(int fd, const char *verb, ...)
{
	va_list arguments;

	va_start(arguments, verb);
	ask_only(fd, verb, arguments);
	va_end(arguments);
	pump(-1, 60);
}

TEST(flood, "four checks of a person are under way at most, in all sessions")
{
	begin();
	w.manner = QUEUED;
	for (int i = 0; i < 4; i++)
		only_ask(taro, "check", "a.csv", NULL);
	CHECK_INT(w.freezes, 4);
	refused(4, "REFUSED_BUSY", ask(taro, "check", "a.csv", NULL));
	/* The session's end does not make room at once. */
	close(taro);
	CHECK(log_in(session));
	taro = desk("taro", "researcher", session);
	refused(4, "REFUSED_BUSY", ask(taro, "submit", "x", "a.csv", NULL));
	CHECK_INT(w.freezes, 4);
}

TEST(full, "what waits under a permit is bounded; what is decided makes room")
{
	begin();
	w.size = 600 << 10;
	CHECK_INT(ask(taro, "submit", "x", "a.csv", NULL), 0);
	CHECK_INT(ask(taro, "submit", "x", "b.csv", NULL), 0);
	refused(4, "REFUSED_FULL", ask(taro, "submit", "x", "c.csv", NULL));
	CHECK_INT(ask(taro, "check", "c.csv", NULL), 0);
	CHECK_INT(w.freezes, 3);
	CHECK_INT(ask(taro, "withdraw", "1", NULL), 0);
	CHECK_INT(ask(taro, "submit", "x", "c.csv", NULL), 0);
}

TEST(broken, "a compare that breaks off, or says nonsense, blocks")
{
	static const enum manner manners[] = { NONSENSE, DIES, STRANGE_FILE,
					       STRANGE_CODE };

	begin();
	for (size_t i = 0; i < sizeof manners / sizeof *manners; i++) {
		w.manner = manners[i];
		CHECK_INT(ask(taro, "check", "a.csv", "b.csv", NULL), 2);
		CHECK_STR(cell(0, "code"), "E01_ENGINE");
		CHECK_STR(cell(0, "severity"), "block");
		CHECK(logged("request.check error") != NULL);
	}
	CHECK(nowhere_logged("X99"));
	w.carries_out = false;
	CHECK_INT(ask(taro, "check", "a.csv", NULL), 2);
	CHECK_STR(cell(0, "code"), "E01_ENGINE");
}

TEST(twice, "a compare that goes on after its verdict loses its link alone")
{
	begin();
	w.manner = TWICE;
	CHECK_INT(ask(taro, "check", "a.csv", NULL), 0);
	w.manner = WELL;
	CHECK_INT(ask(taro, "check", "a.csv", NULL), 0);
}

TEST(claims, "a compare cannot call clear what it found to block")
{
	begin();
	w.severity = 0;
	w.verdict = 2;
	CHECK_INT(ask(taro, "check", "a.csv", NULL), 2);
	CHECK(strstr(logged("request.check ok"), "verdict=block") != NULL);
}

TEST(blocked, "a blocking finding sends a request back before anybody looks")
{
	begin();
	w.severity = 0;
	w.verdict = 0;
	CHECK_INT(ask(taro, "submit", "why", "a.csv", NULL), 2);
	CHECK_STR(state_of_1(), "returned");
	CHECK(strstr(logged("request.return ok"), "reason=finding") != NULL);
	CHECK(strstr(w.status, "\"state\":\"returned\"") != NULL);
	CHECK(strstr(w.status, "T01_MIN_CELL") != NULL);
	CHECK(strstr(w.status, "a.csv") == NULL);
	CHECK_INT(ask(reviewer("rei"), "queue", NULL), 0);
	CHECK_INT(w.result.nrows, 0);
}

TEST(no_store, "without a store nothing is taken, and a new one is met")
{
	begin();
	close(w.store);
	w.store = -1;
	pump(-1, 60);
	refused(4, "STORE_AWAY", ask(taro, "check", "a.csv", NULL));
	link_store();
	pump(-1, 60);
	CHECK_INT(w.keeps, 2);
	CHECK_INT(ask(taro, "check", "a.csv", NULL), 0);
}

TEST(store_dies, "a store that dies in the middle fails what it was freezing")
{
	submitted();
	w.outcome = 0;
	msg_start(&w.m, MSG_ASK, 1);
	msg_put_str(&w.m, "submit");
	msg_put_u32(&w.m, 2);
	msg_put_str(&w.m, "why");
	msg_put_str(&w.m, "c.csv");
	world_send(taro);
	pump(-1, 60);
	CHECK_INT(w.freezes, 3);
	link_store();
	refused(4, "STORE_AWAY", answer_of(taro));
	w.outcome = FROZEN_COPIED;
	CHECK_INT(ask(taro, "submit", "why", "c.csv", NULL), 0);
	/* What the first request stands on was named to the new store. */
	CHECK_INT(w.kept, 2);
}

TEST(nonsense, "a store that says nonsense loses its link, policy lives")
{
	begin();
	msg_start(&w.m, MSG_FROZEN, 9);
	msg_put_u8(&w.m, 77);
	world_send(w.store);
	pump(-1, 60);
	refused(4, "STORE_AWAY", ask(taro, "check", "a.csv", NULL));
	link_store();
	CHECK_INT(ask(taro, "check", "a.csv", NULL), 0);
}

/* --- Reviewing --------------------------------------------------------------------- */

TEST(life, "submitted, seen and voted on by two, released, with its receipt")
{
	submitted();
	CHECK_STR(state_of_1(), "review");
	CHECK_STR(cell(0, "ahead"), "0");
	CHECK(strstr(logged("request.submit ok"),
		     "request=1 files=2 bytes=200") != NULL);
	int rei = reviewer("rei");
	CHECK_INT(ask(rei, "queue", NULL), 0);
	CHECK_STR(cell(0, "open"), "2");
	CHECK_STR(cell(0, "flag"), "1");
	CHECK_INT(ask(rei, "request", "1", NULL), 0);
	CHECK_STR(cell(0, "purpose"), "Table 1");
	CHECK_INT(ask(rei, "show", "1", NULL), 0);
	CHECK_STR(cell(1, "name"), "b.csv");
	CHECK_STR(cell(1, "type"), "csv");
	CHECK_STR(cell(1, "viewed"), "no");
	CHECK_INT(ask(rei, "findings", "1", "1", NULL), 0);
	CHECK_INT(w.result.nrows, 1);
	CHECK_INT(ask(rei, "findings", "1", "2", NULL), 0);
	CHECK_INT(w.result.nrows, 0);
	look(rei);
	CHECK_STR(cell(0, "view"), "2");
	CHECK_INT(ask(rei, "vote", "1", "approve", "all", "", "", NULL), 0);
	CHECK_STR(cell(0, "vote"), "approve");
	CHECK_STR(cell(0, "state"), "waiting");
	CHECK_STR(state_of_1(), "review");
	CHECK(logged("release.open") == NULL);
	votes("ren", "approve", "");
	pump(-1, 60);
	CHECK_STR(state_of_1(), "released");
	CHECK_INT(count_logged("request.vote ok"), 4);
	CHECK_INT(count_logged("request.approve ok"), 1);
	CHECK_INT(count_logged("release.open ok"), 1);
	CHECK(w.released[1] > 0);
	CHECK(strstr(w.status, "\"state\":\"released\"") != NULL);
	CHECK(nowhere_logged(".csv"));
	CHECK(nowhere_logged("Table"));
}

TEST(statement, "the statement names files, votes and rules; the log its hash")
{
	char hash[HASH_TEXT_SIZE] = "";

	submitted();
	votes("rei", "approve", "");
	votes("ren", "approve", "");
	pump(-1, 60);
	const char *s = w.statement[1];
	CHECK(strncmp(s, "{\"actor\":\"p", 11) == 0);
	CHECK(strstr(s,
		     "\"files\":[{\"bytes\":100,\"file\":1,\"name\":\"a.csv\","
		     "\"sha256\":\"612e637376") != NULL);
	CHECK(strstr(s, "\"permit\":\"P-1\",\"request\":1,\"rules\":{\"name\":"
			"\"ndb\",\"version\":1}") != NULL);
	CHECK(strstr(s, "\"files\":[1,2],\"vote\":\"approve\"}") != NULL);
	CHECK(sscanf(strstr(logged("release.open ok"), "statement="),
		     "statement=%64s", hash) == 1);
	CHECK_INT(strlen(hash), 64);
}

TEST(conflicts, "who may not vote is refused with the reason, on record")
{
	submitted();
	int rei = reviewer("rei"), mei = reviewer("mei");

	refused(3, "REFUSED_MEMBER",
		ask(mei, "vote", "1", "approve", "1", "", "", NULL));
	CHECK(strstr(logged("request.vote deny"), "reason=member") != NULL);
	refused(3, "REFUSED_MEMBER", ask(mei, "show", "1", NULL));
	refused(3, "REFUSED_MEMBER", ask(mei, "file", "1", "1", NULL));
	CHECK(strstr(logged("request.view deny"), "reason=member") != NULL);
	CHECK_INT(ask(mei, "queue", NULL), 0);
	CHECK_INT(w.result.nrows, 0);
	refused(3, "REFUSED_UNSEEN",
		ask(rei, "vote", "1", "approve", "1", "", "", NULL));
	CHECK_STR(w.result.chars + w.result.error.arguments[1], "1");
	CHECK(strstr(logged("request.vote deny"), "reason=unseen") != NULL);
	look(rei);
	refused(3, "REFUSED_FILE",
		ask(rei, "vote", "1", "approve", "3", "", "", NULL));
	refused(3, "REFUSED_REASON",
		ask(rei, "vote", "1", "return", "1", "", "", NULL));
	refused(2, "REASON_UNKNOWN",
		ask(rei, "vote", "1", "return", "1", "because", "", NULL));
	refused(2, "REQUEST_NONE",
		ask(rei, "vote", "9", "approve", "1", "", "", NULL));
	CHECK_INT(ask(rei, "vote", "1", "approve", "1", "", "", NULL), 0);
	refused(3, "REFUSED_TWICE",
		ask(rei, "vote", "1", "reject", "1", "other", "", NULL));
	CHECK(strstr(logged("request.vote deny"), "reason=twice") != NULL);
	CHECK_INT(count_logged("request.vote ok"), 1);
	CHECK_INT(ask(rei, "vote", "1", "approve", "all", "", "", NULL), 0);
	refused(3, "REFUSED_TWICE",
		ask(rei, "vote", "1", "approve", "all", "", "", NULL));
	CHECK_STR(w.result.chars + w.result.error.arguments[0], "2");
	CHECK_STR(state_of_1(), "review");
}

TEST(own, "who asked does not review, also when no longer a member")
{
	submitted();
	world_end();
	write_permit("mei");
	world_start();
	int again = reviewer("taro");

	refused(3, "REFUSED_SUBMITTER",
		ask(again, "vote", "1", "approve", "1", "", "", NULL));
	refused(3, "REFUSED_SUBMITTER", ask(again, "file", "1", "1", NULL));
}

TEST(role_lost, "a vote after the role was lost does not count")
{
	submitted();
	votes("ren", "approve", "");
	int rei = reviewer("rei");
	look(rei);
	world_end();
	write_person("rei", "auditor");
	world_start();
	rei = reviewer("rei");
	refused(3, "REFUSED_ROLE",
		ask(rei, "vote", "1", "approve", "all", "", "", NULL));
	CHECK(strstr(logged("request.vote deny"), "reason=role") != NULL);
	CHECK_INT(w.released[1], 0);
}

TEST(over, "after the decision nobody votes, looks or takes it back")
{
	submitted();
	votes("rei", "reject", "identifier");
	votes("ren", "reject", "identifier");
	CHECK_STR(state_of_1(), "rejected");
	CHECK_INT(count_logged("request.reject ok"), 1);
	int ryo = reviewer("ryo");
	refused(3, "REFUSED_STATE",
		ask(ryo, "vote", "1", "approve", "1", "", "", NULL));
	refused(3, "REFUSED_STATE", ask(ryo, "file", "1", "1", NULL));
	CHECK(strstr(logged("request.view deny"), "reason=state") != NULL);
	refused(3, "REFUSED_STATE", ask(taro, "withdraw", "1", NULL));
	pump(-1, 60);
	CHECK_INT(w.drops, 2);
}

TEST(third, "votes that differ wait for a third reviewer")
{
	submitted();
	votes("rei", "approve", "");
	votes("ren", "return", "unclear");
	CHECK_STR(state_of_1(), "review");
	votes("ryo", "approve", "");
	pump(-1, 60);
	CHECK_STR(state_of_1(), "released");
}

TEST(part, "approved files leave, returned ones go back with their reason")
{
	static const char *const names[] = { "rei", "ren" };

	submitted();
	for (int i = 0; i < 2; i++) {
		int fd = reviewer(names[i]);

		look(fd);
		CHECK_INT(ask(fd, "vote", "1", "approve", "1", "", "", NULL),
			  0);
		CHECK_INT(ask(fd, "vote", "1", "return", "2", "rounding",
			      "row 4", NULL),
			  0);
	}
	pump(-1, 60);
	CHECK_STR(state_of_1(), "released");
	CHECK(strstr(w.statement[1], "a.csv") != NULL);
	CHECK(strstr(w.statement[1], "b.csv") == NULL);
	CHECK_INT(ask(taro, "status", "1", NULL), 0);
	CHECK_STR(cell(0, "state"), "approved");
	CHECK_STR(cell(1, "state"), "returned");
	CHECK_STR(cell(1, "reason"), "rounding");
	CHECK_STR(cell(1, "remark"), "row 4");
	CHECK(nowhere_logged("row 4"));
	CHECK_INT(w.drops, 1);
}

TEST(earlier, "a check is told what left under the permit before, and no more")
{
	submitted();
	CHECK_INT(w.earlier, 0);
	CHECK_INT(ask(taro, "check", "c.csv", NULL), 1);
	CHECK_INT(w.earlier, 0);
	votes("rei", "approve", "");
	votes("ren", "approve", "");
	pump(-1, 60);
	CHECK_INT(ask(taro, "check", "c.csv", NULL), 1);
	CHECK_INT(w.earlier, 2);
	CHECK_INT(w.earlier_release, 1);
}

TEST(blind, "until a file is decided nobody sees another's vote")
{
	submitted();
	votes("rei", "return", "unclear");
	int ren = reviewer("ren");

	CHECK_INT(ask(ren, "history", "1", NULL), 0);
	for (unsigned int i = 0; i < w.result.nrows; i++)
		CHECK(strcmp(cell(i, "event"), "vote") != 0);
	votes("ren", "return", "unclear");
	CHECK_INT(ask(ren, "history", "1", NULL), 0);
	unsigned int seen = 0;
	for (unsigned int i = 0; i < w.result.nrows; i++)
		seen += strcmp(cell(i, "event"), "vote") == 0;
	CHECK_INT(seen, 4);
	CHECK_INT(ask(ren, "history", NULL), 0);
	CHECK_STR(cell(0, "event"), "returned");
}

TEST(notes, "notes are for reviewers, and their text is not on record")
{
	submitted();
	int rei = reviewer("rei");

	CHECK_INT(ask(rei, "note", "1", "ask", "about", "row 4", NULL), 0);
	CHECK(logged("request.note ok") != NULL);
	CHECK(nowhere_logged("row 4"));
	CHECK_INT(ask(rei, "history", "1", NULL), 0);
	CHECK_STR(cell(1, "remark"), "ask about row 4");
	refused(3, "REFUSED_MEMBER",
		ask(reviewer("mei"), "note", "1", "x", NULL));
	CHECK_INT(ask(rei, "reasons", NULL), 0);
	CHECK_INT(w.result.nrows, 11);
}

TEST(unseen, "a view that could not be shown is none")
{
	submitted();
	int rei = reviewer("rei");

	w.carries_out = false;
	CHECK_INT(ask(rei, "file", "1", "1", NULL), 0);
	pump(-1, 60);
	refused(3, "REFUSED_UNSEEN",
		ask(rei, "vote", "1", "approve", "1", "", "", NULL));
}

TEST(withdraw, "who asked can take it back, and nobody else")
{
	submitted();
	int mei = desk("mei", "researcher", "-");

	refused(2, "REQUEST_NONE", ask(mei, "withdraw", "1", NULL));
	refused(2, "REQUEST_NONE", ask(mei, "status", "1", NULL));
	CHECK_INT(ask(mei, "status", NULL), 0);
	CHECK_INT(w.result.nrows, 0);
	CHECK_INT(ask(taro, "withdraw", "1", NULL), 0);
	CHECK_STR(cell(0, "state"), "withdrawn");
	CHECK(logged("request.withdraw ok") != NULL);
	pump(-1, 60);
	CHECK_INT(w.drops, 2);
	CHECK(strstr(w.status, "\"state\":\"withdrawn\"") != NULL);
}

TEST(withdrawn, "who takes it back before its check has ended is told so")
{
	begin();
	w.manner = QUEUED;
	only_ask(taro, "submit", "why", "a.csv", NULL);
	CHECK_INT(ask(taro, "withdraw", "1", NULL), 0);
	order_done(w.queued, false, "no room");
	CHECK_INT(answer_of(taro), 2);
	CHECK_STR(result_code(&w.result.notes[0]), "SUBMIT_WITHDRAWN");
	CHECK_STR(state_of_1(), "withdrawn");
}

/* --- Releasing ---------------------------------------------------------------------- */

TEST(again,
     "a release that failed stays approved and is tried at the next start")
{
	submitted();
	votes("rei", "approve", "");
	w.released[1] = 999; /* something else stands there */
	votes("ren", "approve", "");
	pump(-1, 60);
	CHECK_STR(state_of_1(), "approved");
	CHECK_INT(ask(reviewer("ryo"), "request", "1", NULL), 0);
	CHECK_STR(cell(0, "state"), "approved");
	CHECK_STR(result_code(&w.result.notes[0]), "REQUEST_PROBLEM");
	w.released[1] = 0;
	world_restart();
	taro = desk("taro", "researcher", "-");
	CHECK_STR(state_of_1(), "released");
	CHECK_INT(count_logged("release.open ok"), 2);
}

TEST(operator, "an operator sees how requests stand, and can retry a release")
{
	submitted();
	int op = control(4242), root = control(0);

	refused(3, "ASK_MAY_NOT", ask(root, "request list", NULL));
	CHECK_INT(ask(op, "request list", NULL), 0);
	CHECK_STR(cell(0, "state"), "review");
	refused(3, "REFUSED_STATE", ask(op, "request retry", "1", NULL));
	votes("rei", "approve", "");
	w.released[1] = 999;
	votes("ren", "approve", "");
	pump(-1, 60);
	CHECK_INT(ask(op, "request show", "1", NULL), 0);
	CHECK_STR(cell(0, "problem"), "another release stands there");
	w.released[1] = 0;
	CHECK_INT(ask(op, "request retry", "1", NULL), 0);
	pump(-1, 60);
	CHECK_INT(ask(op, "request show", "1", NULL), 0);
	CHECK_STR(cell(0, "state"), "released");
	CHECK_STR(cell(0, "problem"), "");
	refused(2, "REQUEST_NONE", ask(op, "request show", "2", NULL));
	CHECK_INT(count_logged("admin.act ok"), 2);
}

TEST(unanswered,
     "a release whose answer was lost is asked for with the same record")
{
	submitted();
	votes("rei", "approve", "");
	w.silent = true;
	votes("ren", "approve", "");
	pump(-1, 60);
	CHECK_STR(state_of_1(), "approved");
	CHECK(w.released[1] > 0);
	w.silent = false;
	world_restart();
	taro = desk("taro", "researcher", "-");
	CHECK_STR(state_of_1(), "released");
	CHECK_INT(count_logged("release.open ok"), 1);
	world_end();
	CHECK_INT(state_number("SELECT count(*) FROM outbox"), 0);
}

TEST(expiry,
     "after its days a release is taken out again, by a store that hears")
{
	submitted();
	votes("rei", "approve", "");
	votes("ren", "approve", "");
	pump(-1, 60);
	CHECK_STR(state_of_1(), "released");
	world_end();
	CHECK_INT(state_number("UPDATE requests SET released = released - "
			       "31 * 86400 RETURNING 1"),
		  1);
	world_start();
	pump(-1, 60);
	taro = desk("taro", "researcher", "-");
	CHECK_STR(state_of_1(), "expired");
	CHECK(logged("release.expire ok") != NULL);
	CHECK_INT(w.expired, 1);
	w.expired = 0;
	world_restart();
	CHECK_INT(w.expired, 0);
	CHECK_INT(w.kept, 2);
}

TAP_MAIN
