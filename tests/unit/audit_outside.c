/* links: audit gateway/base; -lcrypto */
/*
 * audit_outside - the built sekisho-audit, with the test as its anchor: what it
 * is asked and brought from outside, and what sekisho-verify says of that.
 */
#include <time.h>

#include "audit/checkpoint.h"
#include "audit/publish.h"
#include "audit/proof.h"
#include "audit/stamp.h"
#include "tests/unit/audit_stage.h"

static struct note_key witnesses[2];
static struct hasher hasher;

static void make_keys(void)
{
	uint8_t seed[32] = { 3 };
	struct err err;

	for (int i = 0; i < 2; i++) {
		seed[1] = (uint8_t)i;
		CHECK(note_cosigner_from_seed(&witnesses[i],
					      i ? "w2.example" : "w1.example",
					      seed, &err) == 0);
	}
}

/* The published checkpoint, as the anchor gets it. */
static const char *ask_head(struct stage *s, int link)
{
	static char text[CHECKPOINT_NOTE + 1];
	struct err err;
	size_t len;

	msg_start(&s->m, MSG_ASK_HEAD, 0);
	CHECK(msg_send(link, &s->m, &err) == 0);
	CHECK(stage_readable(link, 5000));
	CHECK(msg_receive(link, &s->m, &err) == 1);
	CHECK_INT(s->m.type, MSG_HEAD);
	const uint8_t *bytes = msg_get_bytes(&s->m, &len);
	CHECK(msg_done(&s->m) && len <= CHECKPOINT_NOTE);
	memcpy(text, bytes, len);
	text[len] = '\0';
	return text;
}

/* Until a checkpoint of at least that many entries is published. */
static const char *wait_head(struct stage *s, int link, uint64_t size)
{
	struct checkpoint checkpoint = { 0 };
	struct note note;
	struct err err;
	const char *text = "";

	for (int i = 0; i < 100 && checkpoint.head.size < size; i++) {
		text = ask_head(s, link);
		if (note_parse(&note, text, strlen(text), &err) < 0 ||
		    checkpoint_parse(&checkpoint, note.text, note.text_len,
				     &err) < 0)
			checkpoint.head.size = 0;
		usleep(50000);
	}
	CHECK(checkpoint.head.size >= size);
	return text;
}

static void add_record(int link)
{
	struct audit_record record;
	struct err err;

	audit_begin(&record, "auth.key", AUDIT_OK);
	CHECK(audit_write(link, &record, NULL, &err) == 0);
}

static struct proof_head head_of(const char *text)
{
	struct checkpoint checkpoint;
	struct note note;
	struct err err;

	CHECK(note_parse(&note, text, strlen(text), &err) == 0);
	CHECK(checkpoint_parse(&checkpoint, note.text, note.text_len, &err) ==
	      0);
	return checkpoint.head;
}

/* text with the cosignature of witness i. */
static const char *cosigned(const char *text, int i, uint64_t at)
{
	static char out[CHECKPOINT_NOTE];
	char line[NOTE_LINE];
	struct note note;
	struct err err;

	CHECK(note_parse(&note, text, strlen(text), &err) == 0);
	CHECK(note_cosign(line, sizeof line, &note, &witnesses[i], at, &err) >
	      0);
	CHECK((size_t)snprintf(out, sizeof out, "%s%s", text, line) <
	      sizeof out);
	return out;
}

static void bring(struct stage *s, int link, const char *text,
		  const char *token)
{
	struct err err;

	msg_start(&s->m, token ? MSG_STAMPED : MSG_COSIGNED, 0);
	msg_put_bytes(&s->m, text, strlen(text));
	if (token)
		msg_put_bytes(&s->m, token, strlen(token));
	CHECK(msg_send(link, &s->m, &err) == 0);
}

/* What brings it is dropped, on record, and nothing of it is kept. */
static void not_taken(struct stage *s, const char *text, const char *token)
{
	int link = writer(s, "anchor", "*");

	bring(s, link, text, token);
	refused(s, link, "not a checkpoint of this log with more behind it");
}

static int verify(const char *policy, const char *option, const char *value)
{
	char folder[600], file[600];
	FILE *out;

	snprintf(folder, sizeof folder, "%s/log", tap_folder());
	snprintf(file, sizeof file, "%s/policy", tap_folder());
	out = fopen(file, "we");
	CHECK(out != NULL);
	fputs(policy, out);
	fclose(out);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
		execl("build/bin/sekisho-verify", "sekisho-verify", "--policy",
		      file, folder, option, value, (char *)NULL);
		_exit(127);
	}
	int status = -1;
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Both witnesses, n of them needed. */
static const char *policy_of(int n)
{
	static char text[1024];
	char vkeys[2][NOTE_VKEY];

	for (int i = 0; i < 2; i++)
		note_key_text(vkeys[i], &witnesses[i]);
	snprintf(
		text, sizeof text,
		"log %.200switness one %s\nwitness two %s\ngroup g %d one two\n"
		"quorum g\n",
		content("key.pub"), vkeys[0], vkeys[1], n);
	return text;
}

TEST(questions, "the anchor gets checkpoints and proofs that hold")
{
	struct proof_head old, now;
	struct proof proof;
	struct stage s;
	struct err err;
	size_t len;

	make_keys();
	folders();
	CHECK_INT(run(&s), MSG_READY);
	int anchor = writer(&s, "anchor", "*");
	int other = writer(&s, "policy", "*");
	old = head_of(wait_head(&s, anchor, 1));
	for (int i = 0; i < 20; i++)
		add_record(other);
	now = head_of(wait_head(&s, anchor, 21));
	msg_start(&s.m, MSG_ASK_GROWTH, 0);
	msg_put_u64(&s.m, old.size);
	msg_put_u64(&s.m, now.size);
	CHECK(msg_send(anchor, &s.m, &err) == 0);
	CHECK(msg_receive(anchor, &s.m, &err) == 1);
	CHECK_INT(s.m.type, MSG_GROWTH);
	proof.n = msg_get_u32(&s.m);
	for (unsigned int i = 0; i < proof.n && i < PROOF_MAX; i++)
		memcpy(proof.hashes[i].bytes, msg_get_bytes(&s.m, &len),
		       HASH_SIZE);
	CHECK(msg_done(&s.m));
	CHECK(proof_check_consistency(&hasher, &proof, &old, &now));
	CHECK_INT(stop(&s), 0);
}

TEST(refusals, "what the anchor may not ask, and who may not ask at all")
{
	struct stage s;
	struct err err;

	make_keys();
	folders();
	CHECK_INT(run(&s), MSG_READY);
	static const uint64_t pairs[][2] = { { 1, 1000 }, { 2, 1 } };
	for (int i = 0; i < 2; i++) {
		int link = writer(&s, "anchor", "*");

		wait_head(&s, link, 1);
		msg_start(&s.m, MSG_ASK_GROWTH, 0);
		msg_put_u64(&s.m, pairs[i][0]);
		msg_put_u64(&s.m, pairs[i][1]);
		CHECK(msg_send(link, &s.m, &err) == 0);
		refused(&s, link, "a question for a proof that cannot be");
	}
	static const enum msg_type types[] = { MSG_ASK_HEAD, MSG_ASK_GROWTH,
					       MSG_COSIGNED, MSG_STAMPED };
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		int link = writer(&s, "desk", "*");

		msg_start(&s.m, types[i], 0);
		CHECK(msg_send(link, &s.m, &err) == 0);
		refused(&s, link, "a question that it may not ask");
	}
	int link = writer(&s, "anchor", "*");
	msg_start(&s.m, MSG_PROVE, 0);
	msg_put_u64(&s.m, 0);
	CHECK(msg_send(link, &s.m, &err) == 0);
	refused(&s, link, "a question that it may not ask");
	CHECK_INT(stop(&s), 0);
	CHECK(verifies());
}

TEST(kept, "cosignatures are published and kept, and verify with a quorum")
{
	char text[CHECKPOINT_NOTE], both[CHECKPOINT_NOTE];
	uint64_t now = (uint64_t)time(NULL);
	struct stage s;

	make_keys();
	folders();
	CHECK_INT(run(&s), MSG_READY);
	int link = writer(&s, "anchor", "*");
	strcpy(text, wait_head(&s, link, 1));
	bring(&s, link, cosigned(text, 0, now), NULL);
	CHECK_STR(ask_head(&s, link), cosigned(text, 0, now));
	CHECK_STR(content("checkpoint"), cosigned(text, 0, now));
	CHECK_INT(verify(policy_of(1), NULL, NULL), 0);
	CHECK_INT(verify(policy_of(2), NULL, NULL), 3);
	strcpy(both, cosigned(text, 0, now));
	bring(&s, link, cosigned(both, 1, now - 100), NULL);
	CHECK_INT(strlen(ask_head(&s, link)),
		  strlen(cosigned(both, 1, now - 100)));
	CHECK_INT(verify(policy_of(2), NULL, NULL), 0);
	CHECK_INT(verify(policy_of(2), "--max-age", "1000"), 0);
	CHECK_INT(verify(policy_of(2), "--max-age", "50"), 3);
	/* of an older one than the newest: kept, not published */
	int other = writer(&s, "policy", "*");
	add_record(other);
	wait_head(&s, link, 2);
	CHECK(strstr(content("checkpoint"), "w1.example") == NULL);
	CHECK_INT(verify(policy_of(2), NULL, NULL), 0);
	CHECK_INT(stop(&s), 0);
	CHECK(verifies());
	/* and after a start */
	CHECK_INT(run(&s), MSG_READY);
	CHECK_INT(stop(&s), 0);
	CHECK_INT(verify(policy_of(2), NULL, NULL), 0);
}

TEST(late, "what comes when newer checkpoints are signed is kept all the same")
{
	char old[CHECKPOINT_NOTE];
	struct stage s;

	make_keys();
	folders();
	CHECK_INT(run(&s), MSG_READY);
	int link = writer(&s, "anchor", "*");
	int other = writer(&s, "policy", "*");
	strcpy(old, wait_head(&s, link, 1));
	add_record(other);
	wait_head(&s, link, 2);
	bring(&s, link, cosigned(old, 0, (uint64_t)time(NULL)), NULL);
	ask_head(&s, link);
	CHECK(strstr(content("checkpoint"), "w1.example") == NULL);
	CHECK(strstr(content("checkpoints.jsonl"), "w1.example") != NULL);
	CHECK_INT(verify(policy_of(1), NULL, NULL), 0);
	CHECK_INT(stop(&s), 0);
	CHECK(verifies());
}

TEST(worthless, "cosignatures that are replayed, of the future or another's")
{
	char text[CHECKPOINT_NOTE], line[CHECKPOINT_NOTE];
	uint64_t now = (uint64_t)time(NULL);
	struct stage s;

	make_keys();
	folders();
	CHECK_INT(run(&s), MSG_READY);
	int link = writer(&s, "anchor", "*");
	int other = writer(&s, "policy", "*");
	strcpy(text, wait_head(&s, link, 1));
	/* of the future */
	bring(&s, link, cosigned(text, 0, now + 100000), NULL);
	CHECK_INT(verify(policy_of(1), NULL, NULL), 3);
	/* a line of an older checkpoint behind a newer one */
	strcpy(line, cosigned(text, 1, now) + strlen(text));
	add_record(other);
	strcpy(text, wait_head(&s, link, 2));
	strcat(text, line);
	bring(&s, link, text, NULL);
	ask_head(&s, link);
	CHECK_INT(verify(policy_of(1), NULL, NULL), 3);
	CHECK_INT(stop(&s), 0);
	CHECK(verifies());
}

TEST(spoilt, "nothing else can be put behind a checkpoint")
{
	static char huge[2 * CHECKPOINT_NOTE];
	char text[CHECKPOINT_NOTE], other[CHECKPOINT_NOTE];
	uint64_t now = (uint64_t)time(NULL);
	uint8_t seed[32] = { 77 };
	struct note_key key;
	struct stage s;
	struct err err;

	make_keys();
	folders();
	CHECK_INT(run(&s), MSG_READY);
	int link = writer(&s, "anchor", "*");
	strcpy(text, wait_head(&s, link, 1));
	size_t before = strlen(content("checkpoints.jsonl"));
	not_taken(&s, "", NULL);
	bring(&s, link, text, NULL); /* says nothing more */
	ask_head(&s, link);
	not_taken(&s, "nonsense\n", NULL);
	/* another log's; this log's name under another key */
	for (int i = 0; i < 2; i++) {
		struct checkpoint checkpoint = { .head = head_of(text) };
		char body[CHECKPOINT_TEXT];

		snprintf(checkpoint.origin, sizeof checkpoint.origin, "%s",
			 i ? "test.example/log" : "other.example/log");
		CHECK(note_key_from_seed(&key, checkpoint.origin, seed, &err) ==
		      0);
		checkpoint_text(body, &checkpoint);
		CHECK(note_sign(other, sizeof other, body, &key, &err) > 0);
		note_key_clear(&key);
		not_taken(&s, cosigned(other, 0, now), NULL);
	}
	/* a second signature in the log's name, or in a form of its own */
	snprintf(other, sizeof other, "%s\xe2\x80\x94 test.example/log %s\n",
		 text,
		 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
	not_taken(&s, other, NULL);
	snprintf(other, sizeof other, "%s\xe2\x80\x94 w1.example AAAAAAAA\n",
		 text);
	not_taken(&s, other, NULL);
	/* without end */
	strcpy(huge, text);
	while (strlen(huge) < CHECKPOINT_NOTE)
		strcat(huge, cosigned(text, 0, now) + strlen(text));
	not_taken(&s, huge, NULL);
	memset(huge, 'x', PUBLISH_TOKEN + 1);
	not_taken(&s, text, huge);
	CHECK_INT(strlen(content("checkpoints.jsonl")), before);
	CHECK_STR(content("checkpoint"), text);
	/* the same again */
	bring(&s, link, cosigned(text, 0, now), NULL);
	ask_head(&s, link);
	before = strlen(content("checkpoints.jsonl"));
	bring(&s, link, cosigned(text, 0, now), NULL);
	ask_head(&s, link);
	CHECK_INT(strlen(content("checkpoints.jsonl")), before);
	CHECK_INT(stop(&s), 0);
	CHECK(verifies());
}

TEST(token, "a token that is none is found by who verifies")
{
	struct stage s;

	make_keys();
	folders();
	CHECK_INT(run(&s), MSG_READY);
	int link = writer(&s, "anchor", "*");
	bring(&s, link, wait_head(&s, link, 1), "0 no token");
	ask_head(&s, link);
	CHECK(strstr(content("checkpoints.jsonl"), "\"token\":\"") != NULL);
	size_t before = strlen(content("checkpoints.jsonl"));
	bring(&s, link, ask_head(&s, link), "0 another for the same");
	ask_head(&s, link);
	CHECK_INT(strlen(content("checkpoints.jsonl")), before);
	CHECK_INT(stop(&s), 0);
	CHECK(!verifies());
	CHECK_INT(verify(policy_of(1), NULL, NULL), 1);
}

TAP_MAIN
