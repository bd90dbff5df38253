/* links: audit/cosign audit gateway/base; -lcurl -lcrypto */
/*
 * anchor_program - the built sekisho-anchor, with the test as its supervisor,
 * as audit and as witnesses, good ones and others.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

#include "audit/cosign/report.h"
#include "audit/cosign/witness.h"
#include "tests/unit/stage.h"

static const char program[] = "build/bin/sekisho-anchor";

static struct note_key log_key, keys[2];
static char vkeys[3][NOTE_VKEY];
static char head[CHECKPOINT_NOTE];

static void make_keys(void)
{
	uint8_t seed[32] = { 9 };
	struct err err;

	CHECK(note_key_from_seed(&log_key, "log.example", seed, &err) == 0);
	for (int i = 0; i < 2; i++) {
		seed[1] = (uint8_t)(i + 1);
		CHECK(note_cosigner_from_seed(&keys[i],
					      i ? "w2.example" : "w1.example",
					      seed, &err) == 0);
		note_key_text(vkeys[i], &keys[i]);
	}
	note_key_text(vkeys[2], &log_key);
}

/* The log's newest checkpoint is of this size. */
static void set_head(uint64_t size)
{
	struct checkpoint checkpoint = { .origin = "log.example",
					 .head.size = size };
	char text[CHECKPOINT_TEXT];
	struct err err;

	memset(checkpoint.head.root.bytes, (int)size & 0xff, HASH_SIZE);
	checkpoint_text(text, &checkpoint);
	CHECK(note_sign(head, sizeof head, text, &log_key, &err) > 0);
}

/* --- Witnesses --------------------------------------------------------------- */

static char request[SUBMISSION_MAX * 2];

/* One request; its body in a static buffer, or NULL. */
static const char *read_request(int fd)
{
	size_t used = 0;

	for (;;) {
		ssize_t n = read(fd, request + used, sizeof request - 1 - used);

		if (n <= 0)
			return NULL;
		used += (size_t)n;
		request[used] = '\0';
		const char *body = strstr(request, "\r\n\r\n");
		const char *length = strstr(request, "Content-Length: ");
		if (body && length &&
		    used >= (size_t)(body + 4 - request) +
				    strtoul(length + 16, NULL, 10))
			return body + 4;
	}
}

static void reply(int fd, const char *status, const char *body, size_t len)
{
	dprintf(fd,
		"HTTP/1.1 %s\r\nContent-Length: %zu\r\nConnection: close\r\n",
		status, len);
	dprintf(fd, "\r\n");
	for (size_t at = 0; at < len;) {
		ssize_t n = write(fd, body + at, len - at);

		if (n <= 0)
			return;
		at += (size_t)n;
	}
}

/* What a witness that keeps to the rules says; from: the size it knows. */
static void answer_well(int fd, const char *body, const struct note_key *key,
			uint64_t *from)
{
	static struct submission submission;
	char line[NOTE_LINE];
	struct err err;

	if (submission_read(&submission, body, strlen(body), &err) < 0) {
		reply(fd, "400 Bad Request", "", 0);
	} else if (submission.old != *from) {
		int n = snprintf(line, sizeof line, "%llu\n",
				 (unsigned long long)*from);

		reply(fd, "409 Conflict", line, (size_t)n);
	} else {
		long n = note_cosign(line, sizeof line, &submission.note, key,
				     (uint64_t)time(NULL), &err);

		*from = submission.checkpoint.head.size;
		reply(fd, "200 OK", line, (size_t)n);
	}
}

enum kind { GOOD, OTHERS_KEY, GARBAGE, HUGE_ANSWER, SILENT, ELSEWHERE, LIAR };

static void answer(int fd, enum kind kind, uint64_t *from)
{
	static char huge[1 << 20];
	const char *body = read_request(fd);

	if (!body)
		return;
	memset(huge, 'x', sizeof huge);
	switch (kind) {
	case GOOD:
		answer_well(fd, body, &keys[0], from);
		break;
	case OTHERS_KEY: /* a key that nobody knows, under the right name */
		answer_well(fd, body, &log_key, from);
		break;
	case GARBAGE:
		reply(fd, "200 OK", "\xe2\x80\x94 w2.example AAAA\n", 20);
		break;
	case HUGE_ANSWER:
		reply(fd, "200 OK", huge, sizeof huge);
		break;
	case SILENT:
		sleep(60);
		break;
	case ELSEWHERE:
		dprintf(fd, "HTTP/1.1 307 Temporary Redirect\r\nLocation: "
			    "http://127.0.0.1:9/add-checkpoint\r\n"
			    "Content-Length: 0\r\n\r\n");
		break;
	case LIAR:
		reply(fd, "409 Conflict", "1000000\n", 8);
		break;
	}
}

static pid_t servers[4];
static int nservers;

/* A witness at a port of its own, in a process of its own. */
static int serve(enum kind kind, uint64_t from)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	CHECK(bind(listener, (struct sockaddr *)&at, sizeof at) == 0);
	CHECK(listen(listener, 16) == 0);
	CHECK(getsockname(listener, (struct sockaddr *)&at, &len) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(listener, PROCESS_LINK);
		listener = PROCESS_LINK;
		close_range(PROCESS_LINK + 1, ~0u, 0);
		signal(SIGPIPE, SIG_IGN);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			int fd = accept(listener, NULL, NULL);

			answer(fd, kind, &from);
			close(fd);
		}
	}
	servers[nservers++] = pid;
	close(listener);
	return ntohs(at.sin_port);
}

static void end_servers(void)
{
	while (nservers > 0) {
		kill(servers[--nservers], SIGKILL);
		waitpid(servers[nservers], NULL, 0);
	}
}

/* --- Supervisor and audit -------------------------------------------------------- */

static void follow(struct stage *s, const char *authority, const char *policy)
{
	struct err err;

	msg_start(&s->m, MSG_WITNESSES, 0);
	msg_put_str(&s->m, authority);
	msg_put_bytes(&s->m, policy, strlen(policy));
	CHECK(msg_send(s->link, &s->m, &err) == 0);
}

static void begin(struct stage *s)
{
	stage_start(s, program, stage_folder("root"));
	stage_send(s);
	CHECK_INT(stage_hear(s), MSG_READY);
}

/* Two witnesses, of which the policy needs n. */
static void follow_two(struct stage *s, int first, int second, int n)
{
	char policy[2048];

	snprintf(policy, sizeof policy,
		 "log %s\nwitness one %s http://127.0.0.1:%d\n"
		 "witness two %s http://127.0.0.1:%d/deep/\n"
		 "group both %d one two\nquorum both\n",
		 vkeys[2], vkeys[0], first, vkeys[1], second, n);
	follow(s, "", policy);
}

static char said[CHECKPOINT_NOTE]; /* of the last COSIGNED */
static char told[16][64];	   /* records: "result reason witness" */
static int ntold;

static void take_record(struct stage *s)
{
	char part[6][64], line[1024] = "";

	for (int i = 0; i < 6; i++)
		msg_get_str(&s->m, part[i], sizeof part[i]);
	CHECK_STR(part[0], "log.anchor");
	stage_read_fields(&s->m, line, sizeof line);
	snprintf(s->line, sizeof s->line, "%s", line);
	char reason[64];
	snprintf(reason, sizeof reason, "%s", stage_field(s, "reason"));
	if (ntold < 16)
		snprintf(told[ntold++], sizeof told[0], "%.8s %.30s %.20s",
			 part[1], reason, stage_field(s, "witness"));
}

/* Be audit for one message of the program. What it was. */
static unsigned int be_audit(struct stage *s, int ms)
{
	struct err err;
	size_t len;

	if (!stage_readable(s->audit, ms) ||
	    msg_receive(s->audit, &s->m, &err) != 1)
		return MSG_NONE;
	unsigned int type = s->m.type;
	if (type == MSG_RECORD) {
		take_record(s);
	} else if (type == MSG_COSIGNED) {
		const uint8_t *bytes = msg_get_bytes(&s->m, &len);

		CHECK(len < sizeof said);
		memcpy(said, bytes, len);
		said[len] = '\0';
		memcpy(head, said, len + 1);
	} else if (type == MSG_ASK_HEAD) {
		msg_start(&s->m, MSG_HEAD, 0);
		msg_put_bytes(&s->m, head, strlen(head));
		CHECK(msg_send(s->audit, &s->m, &err) == 0);
	} else if (type == MSG_ASK_GROWTH) {
		msg_start(&s->m, MSG_GROWTH, 0);
		msg_put_u32(&s->m, 0);
		CHECK(msg_send(s->audit, &s->m, &err) == 0);
	} else {
		CHECK_STR(msg_name(type), "a message of anchor's");
	}
	return type;
}

/* Until the record, or that many seconds. */
static bool hears(struct stage *s, const char *record, int limit)
{
	time_t end = time(NULL) + limit;

	while (time(NULL) < end) {
		for (int i = 0; i < ntold; i++)
			if (strcmp(told[i], record) == 0)
				return true;
		be_audit(s, 200);
	}
	for (int i = 0; i < ntold; i++)
		fprintf(stderr, "# told: %s\n", told[i]);
	return false;
}

static bool cosigned_by(const char *name)
{
	char look[64];

	snprintf(look, sizeof look, "\xe2\x80\x94 %s ", name);
	return strstr(said, look) != NULL;
}

static void finish(struct stage *s)
{
	struct err err;

	msg_start(&s->m, MSG_STOP, 0);
	CHECK(msg_send(s->link, &s->m, &err) == 0);
	/* it may have asked something just now */
	while (be_audit(s, 500) != MSG_NONE)
		;
	CHECK_INT(stage_end(s), 0);
	end_servers();
}

TEST(nobody, "a site without a witness says so at once")
{
	struct stage s;

	make_keys();
	set_head(7);
	begin(&s);
	follow(&s, "", "");
	CHECK(hears(&s, "error no_witness ", 5));
	CHECK_STR(stage_field(&s, "size"), "0");
	finish(&s);
}

TEST(good, "a witness is asked from the size that it names, and is handed on")
{
	struct stage s;

	make_keys();
	set_head(7);
	begin(&s);
	int port = serve(GOOD, 3);
	int silent = serve(GOOD, 0); /* signs as the first: not the second */
	follow_two(&s, port, silent, 1);
	CHECK(hears(&s, "ok quorum ", 5));
	CHECK(cosigned_by("w1.example"));
	CHECK(!cosigned_by("w2.example"));
	CHECK(strncmp(said, "log.example\n7\n", 14) == 0);
	set_head(9);
	said[0] = '\0';
	for (int i = 0; i < 30 && !said[0]; i++)
		be_audit(&s, 200);
	CHECK(strncmp(said, "log.example\n9\n", 14) == 0);
	finish(&s);
}

static void costs_itself(enum kind kind, const char *record, int limit)
{
	struct stage s;

	ntold = 0;
	said[0] = '\0';
	make_keys();
	set_head(7);
	begin(&s);
	int port = serve(GOOD, 0);
	follow_two(&s, port, serve(kind, 0), 2);
	CHECK(hears(&s, record, limit));
	CHECK(hears(&s, "error no_quorum ", 3));
	CHECK(cosigned_by("w1.example"));
	CHECK(!cosigned_by("w2.example"));
	/* the next round is not kept waiting by the one that failed */
	set_head(8);
	said[0] = '\0';
	for (int i = 0; i < 20 && !said[0]; i++)
		be_audit(&s, 200);
	CHECK(strncmp(said, "log.example\n8\n", 14) == 0);
	finish(&s);
}

TEST(others_key, "a signature by another key costs that witness alone")
{
	costs_itself(OTHERS_KEY, "error bad_signature two", 5);
}

TEST(garbage, "garbage costs that witness alone")
{
	costs_itself(GARBAGE, "error bad_signature two", 5);
}

TEST(huge, "an answer without an end costs that witness alone")
{
	costs_itself(HUGE_ANSWER, "error unreachable two", 5);
}

TEST(silent, "a witness that never answers costs that witness alone")
{
	costs_itself(SILENT, "error unreachable two", 7);
}

TEST(elsewhere, "nobody is followed elsewhere")
{
	costs_itself(ELSEWHERE, "error odd_answer two", 5);
}

TEST(liar, "a witness that knows a longer log is on record")
{
	costs_itself(LIAR, "error ahead two", 5);
}

TEST(names, "a host that has no address costs that witness alone")
{
	char policy[2048];
	struct stage s;

	make_keys();
	set_head(7);
	begin(&s);
	snprintf(policy, sizeof policy,
		 "witness one %s http://127.0.0.1:%d\n"
		 "witness two %s http://witness.invalid\n"
		 "group any any one two\nquorum any\n",
		 vkeys[0], serve(GOOD, 0), vkeys[1]);
	follow(&s, "", policy);
	CHECK(hears(&s, "error unreachable two", 9));
	CHECK(hears(&s, "ok quorum ", 5));
	finish(&s);
}

/* openssl with words, to its end if it is to end. Its process. */
static pid_t openssl(const char *const words[], bool ends)
{
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (int fd = 0; fd < 3; fd++)
			dup2(null, fd);
		close_range(3, ~0u, 0);
		execvp("openssl", (char *const *)(uintptr_t)words);
		_exit(127);
	}
	int status = 0;
	CHECK(!ends || (waitpid(pid, &status, 0) == pid && status == 0));
	return pid;
}

TEST(tls, "a witness whose certificate nobody vouches for is not talked to")
{
	char key[600], certificate[600], accept[32], policy[1024];
	struct stage s;

	make_keys();
	set_head(7);
	snprintf(key, sizeof key, "%s/key.pem", tap_folder());
	snprintf(certificate, sizeof certificate, "%s/certificate.pem",
		 tap_folder());
	const char *make[] = { "openssl", "req",
			       "-x509",	  "-newkey",
			       "ed25519", "-nodes",
			       "-subj",	  "/CN=w",
			       "-addext", "subjectAltName=IP:127.0.0.1",
			       "-keyout", key,
			       "-out",	  certificate,
			       NULL };
	openssl(make, true);
	/* a port that was free a moment ago */
	int port = serve(GOOD, 0);
	end_servers();
	snprintf(accept, sizeof accept, "127.0.0.1:%d", port);
	const char *listen_there[] = { "openssl", "s_server",  "-accept",
				       accept,	  "-key",      key,
				       "-cert",	  certificate, "-www",
				       "-quiet",  NULL };
	servers[nservers++] = openssl(listen_there, false);
	usleep(300000);
	begin(&s);
	snprintf(policy, sizeof policy,
		 "witness two %s https://127.0.0.1:%d\nquorum two\n", vkeys[1],
		 port);
	follow(&s, "", policy);
	CHECK(hears(&s, "error unreachable two", 7));
	/* and it is still there */
	CHECK(be_audit(&s, 3000) != MSG_NONE);
	finish(&s);
}

TEST(authority, "an authority that gives no time stamp is on record")
{
	char url[64];
	struct stage s;

	make_keys();
	set_head(7);
	begin(&s);
	snprintf(url, sizeof url, "http://127.0.0.1:%d/", serve(GARBAGE, 0));
	follow(&s, url, "");
	CHECK(hears(&s, "error no_stamp ", 5));
	finish(&s);
}

TEST(audit_gone, "without audit it ends")
{
	struct stage s;

	make_keys();
	set_head(7);
	begin(&s);
	close(s.audit);
	CHECK_INT(stage_end(&s), 1);
}

static enum witness_next hear(struct witness *witness, long status,
			      const char *body)
{
	const struct witness_head at = { head, strlen(head), 7 };
	const struct witness_answer got = { status, body, strlen(body) };

	return witness_hear(witness, &got, &at, &keys[0], 1000);
}

TEST(answers, "what each answer means, and how long a witness is left alone")
{
	struct witness w = { 0 };

	make_keys();
	set_head(7);
	CHECK_INT(hear(&w, 409, "3\n"), WITNESS_AGAIN);
	CHECK_INT(w.size, 3);
	CHECK_INT(hear(&w, 409, "3\n"), WITNESS_FAILED);
	CHECK_INT(w.reason, REASON_CONFLICT);
	CHECK_INT(w.due, 1002);
	CHECK_INT(hear(&w, 409, "8\n"), WITNESS_FAILED);
	CHECK_INT(w.reason, REASON_AHEAD);
	CHECK_INT(w.due, 1004);
	CHECK_INT(w.size, 3);
	const char *odd[] = { "",     "3",   "03\n", "3\n\n",
			      "-3\n", "x\n", " 3\n", "18446744073709551616\n" };
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		CHECK_INT(hear(&w, 409, odd[i]), WITNESS_FAILED);
		CHECK_INT(w.reason, REASON_ODD_ANSWER);
	}
	CHECK_INT(w.due, 1000 + WITNESS_PAUSE);
	w.tries = WITNESS_TRIES;
	CHECK_INT(hear(&w, 409, "4\n"), WITNESS_FAILED);
	CHECK_INT(hear(&w, 403, ""), WITNESS_FAILED);
	CHECK_INT(w.reason, REASON_FORBIDDEN);
	CHECK_INT(hear(&w, 404, ""), WITNESS_FAILED);
	CHECK_INT(w.reason, REASON_UNKNOWN_LOG);
	CHECK_INT(hear(&w, 422, ""), WITNESS_FAILED);
	CHECK_INT(w.reason, REASON_UNPROVEN);
	CHECK_INT(hear(&w, 0, ""), WITNESS_FAILED);
	CHECK_INT(w.reason, REASON_UNREACHABLE);
	CHECK_INT(hear(&w, 200, ""), WITNESS_FAILED);
	CHECK_INT(w.reason, REASON_BAD_SIGNATURE);
}

TEST(signatures, "of an answer only the witness's own line is kept")
{
	char body[1024], line[NOTE_LINE];
	struct witness w = { .failures = 5 };
	struct note note;
	struct err err;

	make_keys();
	set_head(7);
	CHECK(note_parse(&note, head, strlen(head), &err) == 0);
	CHECK(note_cosign(body, sizeof body, &note, &keys[1], 1000, &err) > 0);
	CHECK_INT(hear(&w, 200, body), WITNESS_FAILED);
	CHECK(note_cosign(line, sizeof line, &note, &keys[0], 1000, &err) > 0);
	strncat(body, line, sizeof body - strlen(body) - 1);
	CHECK_INT(hear(&w, 200, body), WITNESS_COSIGNED);
	CHECK_STR(w.line, line);
	CHECK_INT(w.failures, 0);
	CHECK(note_cosign(line, sizeof line, &note, &keys[0],
			  1000 + QUORUM_AHEAD + 1, &err) > 0);
	CHECK_INT(hear(&w, 200, line), WITNESS_FAILED);
	CHECK_STR(w.line, "");
}

TEST(reports, "what changes is told, what stays once a day, what wavers seldom")
{
	struct report r = { 0 };

	CHECK(!report_due(&r, REASON_NONE, 5, true));
	CHECK(report_due(&r, REASON_QUORUM, 5, true));
	CHECK(!report_due(&r, REASON_QUORUM, REPORT_DAY, true));
	CHECK(report_due(&r, REASON_QUORUM, REPORT_DAY + 5, true));
	for (int i = 0; i < REPORT_HASTY; i++)
		CHECK(report_due(&r, i % 2 ? REASON_QUORUM : REASON_NO_QUORUM,
				 REPORT_DAY + 6, true));
	CHECK_INT(r.told, REASON_NO_QUORUM);
	CHECK(!report_due(&r, REASON_QUORUM, REPORT_DAY + 65, true));
	CHECK(report_due(&r, REASON_QUORUM, REPORT_DAY + 66, true));
	CHECK(report_due(&r, REASON_NO_QUORUM, REPORT_DAY + 67, true));
	CHECK(!report_due(&r, REASON_NO_QUORUM, 3 * REPORT_DAY, false));
}

TAP_MAIN
