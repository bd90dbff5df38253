/* links: audit gateway/base; -lcrypto -ljansson */
/*
 * audit_canonical - known answers for the record's spelling and its chain
 * (tests/cases/audit-vectors.json, where each names its source).
 */
#include "audit/canonical.h"
#include "audit/chain.h"
#include "tests/unit/audit_known.h"

static struct hasher hasher;

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

/* Is {"a":VALUE} read, and as which number? */
static bool reads(const char *value, size_t len, int64_t *number)
{
	static struct canonical line;
	char text[256];
	int n = snprintf(text, sizeof text, "{\"a\":%.*s}", (int)len, value);

	if (canonical_scan(&line, text, (size_t)n) < 0)
		return false;
	*number = line.fields[0].number;
	return true;
}

TEST(bytes, "each byte at each place of a string is what it is anywhere")
{
	for (int length = 1; length < 26; length++) {
		for (int at = 0; at < length; at++) {
			for (int c = 1; c < 256; c++) {
				char text[40];
				int64_t number;
				bool plain = c >= 0x20 && c < 0x80 &&
					     c != '"' && c != '\\';

				memset(text, 'x', sizeof text);
				text[0] = text[length + 1] = '"';
				text[at + 1] = (char)c;
				/* A backslash before an x, or the end. */
				if (reads(text, (size_t)length + 2, &number) !=
				    plain)
					CHECK_INT(c, at);
			}
		}
	}
}

TEST(integers, "integers of each length are read, to 2^53-1 and no further")
{
	uint64_t seed = 88172645463325252u;
	int64_t number = 0;
	char text[32];

	for (int i = 0; i < 200000; i++) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		int64_t want = (int64_t)(seed >> (8 + seed % 50));
		if (seed & 1)
			want = -want;
		int n = snprintf(text, sizeof text, "%lld", (long long)want);
		bool fits = want <= CANONICAL_INTEGER_MAX &&
			    want >= -CANONICAL_INTEGER_MAX;
		CHECK(reads(text, (size_t)n, &number) == fits);
		CHECK(!fits || number == want);
		/* A foreign byte anywhere makes it none. */
		text[seed % (uint64_t)n] = "/:a .-e+"[seed >> 61];
		if (text[0] != '-' || n == 1)
			CHECK(!reads(text, (size_t)n, &number));
	}
	CHECK(reads("9007199254740991", 16, &number));
	CHECK_INT(number, CANONICAL_INTEGER_MAX);
	CHECK(!reads("9007199254740992", 16, &number));
	CHECK(!reads("10000000000000000", 17, &number));
	CHECK(!reads("00000000", 8, &number));
	CHECK(!reads("0000000000000000000000001", 25, &number));
	CHECK(!reads("-0", 2, &number));
	CHECK(!reads("99999999999999999999999999", 26, &number));
}

TEST(expected, "keys that are expected are found, and only those")
{
	static const struct canonical_expected wanted = {
		2, { CANONICAL_KEY_OF("b"), CANONICAL_KEY_OF("sevenxx") }
	};
	static const struct {
		const char *text;
		int b, seven;
	} cases[] = {
		{ "{\"b\":1,\"sevenxx\":2}", 1, 2 },
		{ "{\"a\":5,\"b\":1,\"c\":6,\"sevenxx\":2}", 1, 2 },
		{ "{\"b\":1,\"sevenx\":2}", 1, 0 },
		{ "{\"b\":1,\"sevenxxx\":2}", 1, 0 },
		{ "{\"b\":1}", 1, 0 },
		{ "{\"bb\":1,\"sevenxx\":123456}", 0, 123456 },
	};
	static struct canonical line;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *text = cases[i].text;

		CHECK(canonical_scan_expecting(&line, &wanted, text,
					       strlen(text)) == 0);
		/* What is not met in its place is found by looking. */
		const struct canonical_field *b =
			line.found[0] ? line.found[0]
				      : canonical_find(&line, "b");
		const struct canonical_field *seven =
			line.found[1] ? line.found[1]
				      : canonical_find(&line, "sevenxx");
		CHECK_INT(b ? b->number : 0, cases[i].b);
		CHECK_INT(seven ? seven->number : 0, cases[i].seven);
	}
}

/* A record with one field of the caller's, built and read back. */
static const struct canonical_field *
build_and_read(const struct audit_field *field)
{
	static struct record_view view;
	static char line[4096];
	struct record record = { .index = 7,
				 .time = 1790000000000000,
				 .actor = "-",
				 .boot = "00112233445566778899aabbccddeeff",
				 .event = "auth.end",
				 .idem = "k",
				 .permit = "-",
				 .result = "ok",
				 .session = "-",
				 .writer = "policy",
				 .fields = field,
				 .nfields = 1 };
	struct err err;
	long len = record_build(line, sizeof line, &record, &err);

	CHECK(len > 0);
	CHECK(record_read(&view, line, (size_t)len, &err) == 0);
	return canonical_find(&view.line, field->key);
}

TEST(numbers, "numbers of every length are written as they are read")
{
	struct audit_field field = { .key = "n" };
	int64_t power = 1;

	for (int i = 0; i < 16; i++, power *= 10)
		for (int64_t n = power - 1; n <= power + 1; n++)
			for (int sign = -1; sign <= 1; sign += 2) {
				field.number = n * sign;
				CHECK_INT(build_and_read(&field)->number,
					  n * sign);
			}
	field.number = CANONICAL_INTEGER_MAX;
	CHECK_INT(build_and_read(&field)->number, CANONICAL_INTEGER_MAX);
}

TEST(texts, "text of every length is escaped wherever it needs it")
{
	static const char *const odd[] = { "a",	 "\"", "\\", "\x1f", "\x7f",
					   "\n", "é",  "鍵", "𝄞" };
	struct audit_field field = { .key = "t", .is_text = true };
	char back[400];

	for (size_t o = 0; o < sizeof odd / sizeof *odd; o++)
		for (int len = 0; len < 20; len++)
			for (int at = 0; at <= len; at++) {
				snprintf(field.value, sizeof field.value,
					 "%.*s%s%.*s", at,
					 "abcdefghijklmnopqrstu", odd[o],
					 len - at, "ABCDEFGHIJKLMNOPQRSTU");
				CHECK(record_text(build_and_read(&field), back,
						  sizeof back) > 0);
				CHECK_STR(back, field.value);
			}
	snprintf(field.value, sizeof field.value, "%s", "");
	CHECK_INT(build_and_read(&field)->len, 0);
}

TAP_MAIN
