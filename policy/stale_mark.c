/*
 * stale_mark - one spelling, one signature.
 *
 * Runs in sekisho-policy. The words come from an operator, who may have them
 * from anybody: nothing is believed that the pinned key did not sign.
 */
#include "policy/stale_mark.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "audit/base64.h"
#include "gateway/base/err.h"

enum { LINE = 400, KEY = 32, SIGNATURE = 64 };

#define ID_CHARACTERS "%63[A-Za-z0-9._-]"

static void write_line(const struct stale_mark *mark, char out[static LINE])
{
	snprintf(out, LINE,
		 "{\"at\":%" PRId64 ",\"dataset\":\"%s\","
		 "\"event\":\"dataset.stale\",\"manifest\":\"%s\","
		 "\"permit\":\"%s\"}",
		 mark->at, mark->dataset, mark->manifest, mark->permit);
}

int stale_mark_read(const char *line, struct stale_mark *mark)
{
	char same[LINE];

	memset(mark, 0, sizeof *mark);
	if (sscanf(line,
		   "{\"at\":%15" SCNd64 ",\"dataset\":\"" ID_CHARACTERS
		   "\",\"event\":\"dataset.stale\",\"manifest\":"
		   "\"%64[0-9a-f]\",\"permit\":\"" ID_CHARACTERS "\"}",
		   &mark->at, mark->dataset, mark->manifest, mark->permit) != 4)
		return -1;
	/* What was skipped or spelt otherwise shows when it is written. */
	write_line(mark, same);
	return mark->at > 0 && strlen(mark->manifest) == HASH_TEXT_SIZE - 1 &&
			       id_valid(mark->dataset) &&
			       id_valid(mark->permit) && strcmp(same, line) == 0
		       ? 0
		       : -1;
}

static bool verify(const uint8_t key[static KEY],
		   const uint8_t signature[static SIGNATURE], const char *text,
		   size_t len)
{
	EVP_PKEY *public =
		EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, KEY);
	EVP_MD_CTX *md = EVP_MD_CTX_new();

	if (!md)
		die("out of memory");
	bool good = public &&
		    EVP_DigestVerifyInit(md, NULL, NULL, NULL, public) == 1 &&
		    EVP_DigestVerify(md, signature, SIGNATURE,
				     (const uint8_t *)text, len) == 1;
	EVP_MD_CTX_free(md);
	EVP_PKEY_free(public);
	return good;
}

bool stale_mark_signed(const char *line, const char *signature, const char *key)
{
	uint8_t public[KEY], bytes[SIGNATURE];
	char text[LINE + 1];
	int n = snprintf(text, sizeof text, "%s\n", line);

	return n > 0 && n < (int)sizeof text &&
	       base64_decode(public, sizeof public, key, strlen(key)) == KEY &&
	       base64_decode(bytes, sizeof bytes, signature,
			     strlen(signature)) == SIGNATURE &&
	       verify(public, bytes, text, (size_t)n);
}
