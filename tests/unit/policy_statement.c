/* links: policy policy/airlock audit gateway/base; -lsqlite3 -lyaml -lcrypto */
/*
 * policy_statement - what leaves policy as text: canonical, bounded, and of
 * the released files alone.
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/canonical.h"
#include "gateway/base/msg.h"
#include "policy/statement.h"
#include "tests/unit/tap.h"

enum { VOICES = 8 };

static struct request request;
static struct request_files files;
static struct findings findings;
static struct casts casts;
static char said[STATEMENT_SIZE], hash[HASH_TEXT_SIZE];

static void make(uint32_t n)
{
	memset(&request, 0, sizeof request);
	memset(&files, 0, sizeof files);
	request.number = 7;
	snprintf(request.permit, sizeof request.permit, "P-1");
	snprintf(request.actor, sizeof request.actor, "p0000000000000001");
	files.count = n;
	for (uint32_t i = 0; i < n; i++) {
		snprintf(files.file[i].name, FILE_NAME_SIZE, "%u.csv", i);
		files.file[i].size = 16 << 20;
		files.file[i].outcome = VOTE_APPROVE;
	}
	findings = (struct findings){ 0 };
	casts = (struct casts){ 0 };
}

static int say(void)
{
	struct released released = { &request, &files, &casts, &findings,
				     1790000000 };

	return statement_text(said, hash, &released);
}

static void is_canonical(void)
{
	static struct canonical line;

	CHECK_INT(canonical_scan(&line, said, strlen(said)), 0);
}

TEST(golden, "a statement is this text, and its hash the hash of it")
{
	struct finding found = { 1, "T01_MIN_CELL", NUMBER_FLAG, 3, 2, 10, 0 };
	struct cast cast[2] = { { .file = 1, .vote = VOTE_APPROVE },
				{ .file = 2, .vote = VOTE_RETURN } };
	uint8_t digest[HASH_SIZE];

	make(2);
	files.file[1].outcome = VOTE_RETURN;
	findings_add(&findings, &found);
	for (int i = 0; i < 2; i++)
		snprintf(cast[i].actor, sizeof cast[i].actor, "p2");
	casts = (struct casts){ 2, cast };
	CHECK_INT(say(), 0);
	CHECK_STR(said,
		  "{\"actor\":\"p0000000000000001\",\"files\":[{\"bytes\":"
		  "16777216,\"file\":1,\"name\":\"0.csv\",\"sha256\":\""
		  "00000000000000000000000000000000000000000000000000000000"
		  "00000000\"}],\"findings_sha256\":\""
		  "14f84a3f04bbf6f71958d51ac98cc45a3e565ea9551b8520d3110782"
		  "15d7ae6f\",\"permit\":\"P-1\",\"request\":7,\"rules\":{"
		  "\"name\":\"ndb\",\"version\":1},\"time\":1790000000,"
		  "\"votes\":[{\"actor\":\"p2\",\"files\":[1],\"vote\":"
		  "\"approve\"},{\"actor\":\"p2\",\"files\":[2],\"vote\":"
		  "\"return\"}]}");
	is_canonical();
	EVP_Digest(said, strlen(said), digest, NULL, EVP_sha256(), NULL);
	for (size_t i = 0; i < HASH_SIZE; i++) {
		char two[3];

		snprintf(two, sizeof two, "%02x", digest[i]);
		CHECK(memcmp(two, hash + 2 * i, 2) == 0);
	}
	free(findings.item);
}

/* The longest names that a request may have, each byte of them escaped. */
static void fill(void)
{
	static struct cast many[VOICES * REQUEST_FILES];
	size_t n = 0;

	make(REQUEST_FILES);
	for (uint32_t i = 0; i < REQUEST_FILES; i++) {
		memset(files.file[i].name, '"', REQUEST_NAMES / REQUEST_FILES);
		files.file[i].name[REQUEST_NAMES / REQUEST_FILES] = '\0';
	}
	for (unsigned int voice = 0; voice < VOICES; voice++)
		for (uint32_t i = 0; i < REQUEST_FILES; i++) {
			struct cast *cast = &many[n++];

			*cast = (struct cast){ .file = i + 1,
					       .vote = VOTE_APPROVE };
			snprintf(cast->actor, sizeof cast->actor, "p%016x",
				 voice);
		}
	casts = (struct casts){ n, many };
}

TEST(largest, "the largest request fits one order, and that one record")
{
	static struct msg order;

	fill();
	CHECK_INT(say(), 0);
	is_canonical();
	msg_start(&order, MSG_ORDER_RELEASE, 0);
	msg_put_u64(&order, 1);
	msg_put_u64(&order, 1);
	msg_put_str(&order, request.permit);
	msg_put_str(&order, request.actor);
	msg_put_u32(&order, 7);
	msg_put_bytes(&order, said, strlen(said));
	msg_put_u32(&order, files.count);
	for (uint32_t i = 0; i < files.count; i++) {
		msg_put_str(&order, files.file[i].name);
		msg_put_bytes(&order, files.file[i].sha256.bytes, HASH_SIZE);
	}
	CHECK(!order.bad);
	CHECK(order.len < MSG_MAX - 4096);
}

TEST(nothing, "what nobody approved is not in it")
{
	static const enum vote outcomes[] = { VOTE_NONE, VOTE_RETURN,
					      VOTE_REJECT };

	make(3);
	for (uint32_t i = 0; i < 3; i++)
		files.file[i].outcome = outcomes[i];
	CHECK_INT(say(), 0);
	CHECK(strstr(said, "\"files\":[]") != NULL);
}

TEST(status, "a status has numbers, times and codes, and stays bounded")
{
	static char status[STATUS_SIZE];
	struct finding found = { .file = 1 };

	make(1);
	request.state = REQUEST_REVIEW;
	snprintf(request.purpose, sizeof request.purpose, "secret");
	for (unsigned int i = 0; i < 500; i++) {
		snprintf(found.code, sizeof found.code, "T%02u_CODE_%u", i % 90,
			 i);
		findings_add(&findings, &found);
	}
	status_text(status, &request, &findings);
	CHECK(strlen(status) < STATUS_SIZE - 1);
	CHECK_STR(status + strlen(status) - 1, "}");
	CHECK(strstr(status, "\"state\":\"review\"") != NULL);
	CHECK(strstr(status, "csv") == NULL);
	CHECK(strstr(status, "secret") == NULL);
	CHECK(strstr(status, "P-1") == NULL);
	free(findings.item);
}

TAP_MAIN
