/* links: audit/cosign audit gateway/base; -lcurl -lcrypto */
/*
 * witness - what strangers send each other about a log: a request to a
 * witness, a witness's answer, a policy, an authority's answer. Of any bytes:
 * refused, or read to the end and the same when written again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "audit/cosign/witness.h"
#include "audit/stamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void request(const char *bytes, size_t size)
{
	static struct submission read;
	static char again[2 * SUBMISSION_MAX];
	struct err err;

	if (size > SUBMISSION_MAX || submission_read(&read, bytes, size, &err))
		return;
	if (submission_write(again, sizeof again, &read) != (long)size ||
	    memcmp(again, bytes, size) != 0)
		abort();
}

static void policy(const char *bytes, size_t size)
{
	static struct quorum quorum;
	struct err err;

	if (quorum_read(&quorum, bytes, size, &err) == 0 && quorum.target &&
	    (quorum_met(&quorum, 0) || quorum.nwitnesses == 0))
		abort();
	quorum_clear(&quorum);
}

static void answers(const char *bytes, size_t size)
{
	static const char head[] =
		"o\n1\nAAAA\n\n\xe2\x80\x94 o AAAAAAAAAAAAAAAA\n";
	const struct witness_head at = { head, sizeof head - 1, 7 };
	struct witness_answer answer = { 409, bytes, size };
	struct witness witness = { 0 };
	struct note_key key = { .name = "w" };

	witness_hear(&witness, &answer, &at, &key, 1);
	if (witness.size > at.size)
		abort();
	answer.status = 200;
	if (witness_hear(&witness, &answer, &at, &key, 1) == WITNESS_COSIGNED)
		abort();
}

static void stamps(const uint8_t *bytes, size_t size)
{
	static const struct stamp_request request;
	uint8_t token[STAMP_TOKEN];
	struct hash hash = { { 0 } };
	struct err err;

	stamp_take(&request, bytes, size, token, &err);
	stamp_time(bytes, size, &hash, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *bytes = malloc(size + 1);

	if (!bytes)
		abort();
	if (size > 0)
		memcpy(bytes, data, size);
	bytes[size] = '\0';
	request(bytes, size);
	policy(bytes, size);
	answers(bytes, size);
	stamps((const uint8_t *)bytes, size);
	free(bytes);
	return 0;
}
