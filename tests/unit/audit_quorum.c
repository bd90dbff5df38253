/* links: audit gateway/base; -lcrypto -ljansson */
/*
 * audit_quorum - C2SP policies, and who cosigned (tests/cases/
 * audit-vectors.json has the cosignatures, each with its source).
 */
#include "audit/quorum.h"
#include "audit/submission.h"
#include "tests/unit/audit_known.h"

static struct quorum quorum;
static struct note_key keys[4];
static char vkeys[4][NOTE_VKEY];

/* Keys of three witnesses and a log. */
static void make_keys(void)
{
	uint8_t seed[32] = { 0 };
	struct err err;
	char name[16];

	for (int i = 0; i < 4; i++) {
		seed[0] = (uint8_t)(i + 1);
		snprintf(name, sizeof name, "w%d.example", i);
		CHECK((i < 3 ? note_cosigner_from_seed : note_key_from_seed)(
			      &keys[i], name, seed, &err) == 0);
		note_key_text(vkeys[i], &keys[i]);
	}
}

/* Read a policy in which $0 to $3 are the keys. */
static int policy(const char *text, struct err *err)
{
	char out[4096];
	size_t used = 0;

	if (!keys[0].pkey)
		make_keys();
	for (; *text; text++) {
		if (*text == '$') {
			const char *vkey = vkeys[*++text - '0'];

			used += (size_t)snprintf(out + used, sizeof out - used,
						 "%s", vkey);
		} else {
			out[used++] = *text;
		}
		CHECK(used < sizeof out - 1);
	}
	quorum_clear(&quorum);
	return quorum_read(&quorum, out, used, err);
}

static void refused(const char *text, const char *why)
{
	struct err err = { "nothing was refused" };

	CHECK(policy(text, &err) < 0);
	CHECK_ERR(err, why);
	/* a fault of a line is in the last one here */
	unsigned int lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	if (strcmp(why, "no quorum line") != 0 &&
	    strcmp(why, "not the text of a policy") != 0)
		CHECK(quorum.line > 0 && quorum.line <= lines);
}

TEST(refusals, "what a policy may not be")
{
	refused("", "no quorum line");
	refused("log $3\n", "no quorum line");
	refused("quorum none\nquorum none\n", "a second quorum line");
	refused("quorum X\n", "'X' is not defined above");
	refused("quorum X\nwitness X $0\n", "'X' is not defined above");
	refused("log $0\nquorum none\n", "the key is not a log's");
	refused("witness A $3\nquorum A\n", "the key is not a witness's");
	refused("witness none $0\nquorum none\n", "the name 'none' is taken");
	refused("witness A $0\nwitness A $1\nquorum A\n",
		"the name 'A' is taken");
	refused("witness A $0\nwitness B $0\nquorum A\n",
		"a key that stood there before");
	refused("log $3\nlog $3\nquorum none\n",
		"a key that stood there before");
	refused("witness A $0\ngroup G 2 A\nquorum G\n",
		"'2' of 1 members cannot be met");
	refused("witness A $0\ngroup G 0 A\nquorum G\n", "cannot be met");
	refused("witness A $0\ngroup G 01 A\nquorum G\n", "cannot be met");
	refused("witness A $0\ngroup G some A\nquorum G\n", "cannot be met");
	refused("witness A $0\ngroup G any A A\nquorum G\n",
		"'A' is a member already");
	refused("witness A $0\ngroup G any A\ngroup H any A\nquorum G\n",
		"'A' is a member already");
	refused("group G any none\nquorum G\n", "'none' is not defined above");
	refused("witness A $0\nquorum A extra\n", "expected: quorum NAME");
	refused("wittness A $0\nquorum A\n", "no part of a policy");
	refused("witness A w.example+00000000+AAAA\nquorum A\n",
		"malformed verifier key");
	refused("quorum none\r\n", "not the text of a policy");
	refused("quorum\vnone\n", "not the text of a policy");
}

TEST(groups, "thresholds, any, all, and groups of groups")
{
	struct err err;

	CHECK(policy("# X\n\n \tlog $3 https://log.example\nwitness A $0\n"
		     "witness B $1 http://127.0.0.1:1\nwitness C\t$2\n"
		     "group AB 2 A B\n  group all all AB C\nquorum all",
		     &err) == 0);
	CHECK_INT(quorum.nlogs, 1);
	CHECK_STR(quorum.witnesses[1].url, "http://127.0.0.1:1");
	CHECK(!quorum_met(&quorum, 0));
	CHECK(!quorum_met(&quorum, 3));
	CHECK(!quorum_met(&quorum, 5));
	CHECK(!quorum_met(&quorum, 6));
	CHECK(quorum_met(&quorum, 7));
	CHECK(policy("witness A $0\nwitness B $1\ngroup G any A B\nquorum G\n",
		     &err) == 0);
	CHECK(!quorum_met(&quorum, 0));
	CHECK(!quorum_met(&quorum, 4));
	CHECK(quorum_met(&quorum, 2));
	CHECK(policy("witness A $0\nquorum none\n", &err) == 0);
	CHECK(quorum_met(&quorum, 0));
}

TEST(known, "cosignatures that others made are counted, changed ones not")
{
	json_t *c, *cases = part("cosignatures_ed25519_v1.cases");
	char text[512], note_text[2048];
	struct note note;
	struct err err;
	size_t i;

	json_array_foreach(cases, i, c)
	{
		const char *checkpoint = string(c, "checkpoint");
		uint64_t time = number(c, "timestamp");

		snprintf(text, sizeof text, "witness W %s\nquorum W\n",
			 string(c, "cosigner_vkey"));
		CHECK(quorum_read(&quorum, text, strlen(text), &err) == 0);
		CHECK(note_parse(&note, checkpoint, strlen(checkpoint), &err) ==
		      0);
		struct quorum_count count = quorum_count(&quorum, &note, time);
		CHECK(quorum_met(&quorum, count.good));
		CHECK_INT(count.first, time);

		/* of the future */
		count = quorum_count(&quorum, &note, time - QUORUM_AHEAD - 1);
		CHECK_INT(count.good, 0);
		CHECK_INT(count.bad, 1);

		/* replayed under another checkpoint */
		snprintf(note_text, sizeof note_text, "x%s", checkpoint);
		CHECK(note_parse(&note, note_text, strlen(note_text), &err) ==
		      0);
		count = quorum_count(&quorum, &note, time);
		CHECK_INT(count.good, 0);
		CHECK_INT(count.bad, 1);
		CHECK(!quorum_met(&quorum, count.good));
		quorum_clear(&quorum);
	}
	CHECK_INT(i, 4);
}

TEST(twice, "one witness that signs twice is one witness")
{
	char bytes[2048], line[NOTE_LINE];
	struct note note;
	struct err err;

	CHECK(policy("witness A $0\nwitness B $1\ngroup G 2 A B\nquorum G\n",
		     &err) == 0);
	long n = note_sign(bytes, sizeof bytes, "o\n1\nroot\n", &keys[3], &err);
	CHECK(n > 0 && note_parse(&note, bytes, (size_t)n, &err) == 0);
	for (uint64_t time = 1000; time < 1002; time++) {
		CHECK(note_cosign(line, sizeof line, &note, &keys[0], time,
				  &err) > 0);
		strncat(bytes, line, sizeof bytes - strlen(bytes) - 1);
	}
	CHECK(note_parse(&note, bytes, strlen(bytes), &err) == 0);
	CHECK_INT(note.nsignatures, 3);
	struct quorum_count count = quorum_count(&quorum, &note, 2000);
	CHECK_INT(count.good, 1);
	CHECK(!quorum_met(&quorum, count.good));
}

TEST(submissions, "a submission is read back as it was written")
{
	const char *known =
		string(part("tlog_proof_example"), "add_checkpoint_request");
	static struct submission submission;
	static char again[SUBMISSION_MAX];
	struct err err;

	CHECK(submission_read(&submission, known, strlen(known), &err) == 0);
	CHECK_INT(submission.old, 12345);
	CHECK_INT(submission.checkpoint.head.size, 70000);
	CHECK_INT(submission_write(again, sizeof again, &submission),
		  strlen(known));
	CHECK_STR(again, known);
	for (size_t size = 0; size <= strlen(known); size++)
		CHECK_INT(submission_write(again, size, &submission), -1);
}

TAP_MAIN
