/* links: audit gateway/base; -lcrypto -ljansson */
/*
 * audit_canonical - known answers for the record's spelling and its chain
 * (tests/cases/audit-vectors.json, where each names its source).
 */
#include "audit/canonical.h"
#include "audit/chain.h"
#include "tests/unit/audit_known.h"

TEST(escapes, "strings are escaped as RFC 8785 does, and back")
{
	static const char text[] = "\x01\x1f\b\t\n\f\r\"\\/A\x7f\xc3\xb6";
	char out[128], back[128];
	long n = canonical_escape(out, sizeof out, text, sizeof text - 1);

	CHECK(n > 0);
	out[n] = '\0';
	CHECK_STR(out, "\\u0001\\u001f\\b\\t\\n\\f\\r\\\"\\\\/A\x7f\xc3\xb6");
	CHECK_INT(canonical_unescape(back, sizeof back, out, (size_t)n),
		  sizeof text - 1);
	CHECK_STR(back, text);
	CHECK(canonical_escape(out, sizeof out, "\0", 1) < 0);
	CHECK(canonical_escape(out, sizeof out, "\xff", 1) < 0);
	CHECK(canonical_escape(out, 7, "abcdefgh", 8) < 0);
}

TEST(profile, "every other spelling of a record is refused")
{
	json_t *cases = part("jcs_rfc8785.profile_reject"), *c;
	static struct canonical line;
	uint8_t raw[256];
	size_t i;

	json_array_foreach(cases, i, c)
	{
		const char *text = json_string_value(c);
		size_t n = text ? json_string_length(c)
				: from_hex(raw, string(c, "hex"));

		if (canonical_scan(&line, text ? text : (const char *)raw, n) ==
		    0)
			CHECK_STR(text, "refused");
	}
	cases = part("jcs_rfc8785.cases");
	json_array_foreach(cases, i, c)
	{
		CHECK(canonical_scan(&line, string(c, "input"),
				     strlen(string(c, "input"))) < 0);
		CHECK(canonical_scan(&line, string(c, "output"),
				     strlen(string(c, "output"))) < 0);
	}
}

TEST(accepted, "what the profile allows is read, with nothing after its end")
{
	static const char good[] =
		"{\"_a\":-9007199254740991,\"a\":{\"b\":[true,{\"c\":7}]},"
		"\"a0\":[],\"b\":{},\"z\":\"\\u0001\\n\xe2\x82\xac\"}";
	static struct canonical line;

	CHECK(canonical_scan(&line, good, sizeof good - 1) == 0);
	CHECK_INT(line.nfields, 5);
	CHECK_INT(line.fields[0].number, -9007199254740991);
	/* No prefix is a record; none is read past its end. */
	for (size_t n = 0; n < sizeof good - 1; n++) {
		char *exact = malloc(n + 1);

		memcpy(exact, good, n);
		CHECK(canonical_scan(&line, exact, n) < 0);
		free(exact);
	}
	CHECK(canonical_scan(&line, "{\"a\":[[[[1]]]]}", 15) < 0);
	CHECK(canonical_scan(&line, "{\"a\":null}", 10) < 0);
	CHECK(canonical_scan(&line, "{\"a\":\"\\u000a\"}", 14) < 0);
	CHECK(canonical_scan(&line, "{\"a\":\"\\u001F\"}", 14) < 0);
	CHECK(canonical_scan(&line, "{\"a\":\"\\u0000\"}", 14) < 0);
}

TEST(chained, "the chain and the tree share one hash")
{
	json_t *entries = part("chain_example.entries");
	json_t *hashes = part("chain_example.leaf_hashes");
	struct hash made[MERKLE_DENSE];
	static struct canonical line;
	char base64[HASH_BASE64_SIZE];
	struct merkle tree;
	struct chain chain;

	merkle_init(&tree);
	chain_init(&chain);
	for (size_t i = 0; i < json_array_size(entries); i++) {
		const char *e = json_string_value(json_array_get(entries, i));

		CHECK(canonical_scan(&line, e, strlen(e)) == 0);
		hash_base64(base64, &chain.head);
		const struct canonical_field *p = canonical_find(&line, "_p");
		CHECK(p && p->len == 44 && memcmp(p->value, base64, 44) == 0);
		struct hash leaf = chain_append(&chain, &hasher, e, strlen(e));
		CHECK_STR(hex(&leaf),
			  json_string_value(json_array_get(hashes, i)));
		merkle_append(&tree, &hasher, &leaf, made);
	}
	struct hash root = merkle_root(&tree, &hasher);
	hash_base64(base64, &root);
	CHECK_STR(base64, string(part("chain_example"), "root_size_4_b64"));
}

TAP_MAIN
