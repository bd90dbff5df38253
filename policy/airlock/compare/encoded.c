#include "policy/airlock/compare/encoded.h"

#include <string.h>

#include "policy/airlock/compare/inflate.h"

enum {
	BASE64 = 1,
	HEX = 2,
	BASE64_PASS = 4, /* may stand inside, says nothing */
	HEX_PASS = 8,
	BASE32 = 16,
	BASE32_PASS = 32,
	/* characters that hold a pseudonym: its text, or its 16 bytes */
	BASE64_LEAST = 22,
	HEX_LEAST = 2 * PSEUDONYM_BYTES,
	BASE32_LEAST = 26,
	BOMB_TIMES = 100,
	WORD_MOST = 4096,
	INFLATIONS = 16, /* tried in one block */
	BUDGET_TIMES = 64,
};

/* What a byte may be part of. */
/* clang-format off */
static const uint8_t kinds[256] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 44, 0, 0, 44, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 9, 0, 1, 3, 3, 19, 19, 19, 19, 19, 19, 3, 3, 8, 0, 0, 0, 0, 0,
	0, 19, 19, 19, 19, 19, 19, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 0, 0, 0, 0, 1,
	0, 19, 19, 19, 19, 19, 19, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
};
/* clang-format on */

static void look_into(struct encoded *e, const uint8_t *bytes, size_t len,
		      unsigned int depth);

void encoded_init(struct encoded *encoded, struct pseudonyms *pseudonyms,
		  uint64_t size)
{
	encoded->pseudonyms = pseudonyms;
	memset(&encoded->hits, 0, sizeof encoded->hits);
	encoded->line = 1;
	encoded->found = 0;
	encoded->budget = (size + (1 << 20)) * BUDGET_TIMES;
	encoded->exhausted = encoded->bomb = encoded->hidden = false;
	encoded->kept = 0;
}

/* The sixteen bytes themselves, at any place. */
static void scan_values(struct encoded *e, const uint8_t *bytes, size_t len)
{
	uint64_t bits = 0;

	for (size_t at = 0; at + PSEUDONYM_BYTES <= len; at++) {
		memcpy(&bits, bytes + at, sizeof bits);
		bits = __builtin_bswap64(bits);
		if (pseudonyms_may_begin(e->pseudonyms, bits >> 4) &&
		    pseudonyms_hold(e->pseudonyms, bytes + at))
			e->hits.whole++;
	}
}

/* Scan what was decoded at this depth, and look for more inside. */
static void scan_decoded(struct encoded *e, size_t len, unsigned int depth)
{
	struct scan scan = { 0 };

	if (len < PREFIX_CHARS)
		return;
	if (len > e->budget) {
		e->exhausted = true;
		return;
	}
	e->budget -= len;
	scan_init(&scan, e->pseudonyms, &e->hits);
	scan_feed(&scan, e->decoded[depth], len);
	scan_end(&scan);
	scan_values(e, e->decoded[depth], len);
	if (depth + 1 < ENCODED_DEPTH)
		look_into(e, e->decoded[depth], len, depth + 1);
}

static uint8_t base64_value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return (uint8_t)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (uint8_t)(c - 'a' + 26);
	if (c >= '0' && c <= '9')
		return (uint8_t)(c - '0' + 52);
	return c == '+' || c == '-' ? 62 : 63;
}

static uint8_t hex_value(uint8_t c)
{
	return (uint8_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

/* A run of base64 from its n-th character on. */
static void decode_base64(struct encoded *e, const uint8_t *run, size_t len,
			  const unsigned int at[2])
{
	uint32_t bits = 0, have = 0;
	unsigned int skip = at[0], depth = at[1];
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		if (!(kinds[run[i]] & BASE64))
			continue;
		if (skip > 0) {
			skip--;
			continue;
		}
		bits = bits << 6 | base64_value(run[i]);
		have += 6;
		if (have >= 8) {
			have -= 8;
			e->decoded[depth][used++] = (uint8_t)(bits >> have);
		}
	}
	scan_decoded(e, used, depth);
}

static void decode_hex(struct encoded *e, const uint8_t *run, size_t len,
		       const unsigned int at[2])
{
	unsigned int skip = at[0], depth = at[1];
	int high = -1;
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		if (!(kinds[run[i]] & HEX))
			continue;
		if (skip > 0) {
			skip--;
			continue;
		}
		uint8_t value = hex_value(run[i]);
		if (high < 0) {
			high = value;
			continue;
		}
		e->decoded[depth][used++] = (uint8_t)(high << 4 | value);
		high = -1;
	}
	scan_decoded(e, used, depth);
}

static uint8_t base32_value(uint8_t c)
{
	return (uint8_t)(c <= '7' ? c - '2' + 26 : (c | 0x20) - 'a');
}

static void decode_base32(struct encoded *e, const uint8_t *run, size_t len,
			  const unsigned int at[2])
{
	uint32_t bits = 0, have = 0;
	unsigned int skip = at[0], depth = at[1];
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		if (!(kinds[run[i]] & BASE32))
			continue;
		if (skip > 0) {
			skip--;
			continue;
		}
		bits = bits << 5 | base32_value(run[i]);
		have += 5;
		if (have >= 8) {
			have -= 8;
			e->decoded[depth][used++] = (uint8_t)(bits >> have);
		}
	}
	scan_decoded(e, used, depth);
}

static size_t run_length(const uint8_t *bytes, size_t len, uint8_t wanted)
{
	size_t n = 0;

	while (n < len && (kinds[bytes[n]] & wanted))
		n++;
	return n;
}

/*
 * The next run of at least least bytes of the wanted kinds, from *at on. Looks
 * at the byte where such a run would have to end, so most are never touched.
 */
static size_t next_run(const uint8_t *bytes, size_t len, size_t *at,
		       const uint8_t wanted_least[2])
{
	uint8_t wanted = wanted_least[0], least = wanted_least[1];

	while (*at + least <= len) {
		size_t back = least;

		while (back > 0 && (kinds[bytes[*at + back - 1]] & wanted))
			back--;
		if (back == 0)
			return run_length(bytes + *at, len - *at, wanted);
		*at += back;
	}
	return 0;
}

/* Forms of runs: every alignment of each is tried. */
static const struct form {
	uint8_t wanted_least[2];
	unsigned int alignments;
	void (*decode)(struct encoded *e, const uint8_t *run, size_t len,
		       const unsigned int at[2]);
} forms[] = {
	{ { BASE64 | BASE64_PASS, BASE64_LEAST }, 4, decode_base64 },
	{ { HEX | HEX_PASS, HEX_LEAST }, 2, decode_hex },
	{ { BASE32 | BASE32_PASS, BASE32_LEAST }, 8, decode_base32 },
};

static void look_for_runs(struct encoded *e, const uint8_t *bytes, size_t len,
			  unsigned int depth)
{
	for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
		size_t at = 0, n;

		while ((n = next_run(bytes, len, &at, forms[f].wanted_least)) >
		       0) {
			for (unsigned int i = 0; i < forms[f].alignments; i++)
				forms[f].decode(e, bytes + at, n,
						(unsigned int[]){ i, depth });
			at += n;
		}
	}
}

static bool is_hex(const uint8_t *bytes)
{
	return (kinds[bytes[0]] & HEX) && (kinds[bytes[1]] & HEX);
}

/* %HH, =HH, \xHH: the bytes that it takes; 0: no escape stands here. */
static size_t escape(const uint8_t *bytes, size_t len, uint8_t *value)
{
	size_t at = len > 3 && bytes[0] == '\\' && bytes[1] == 'x' ? 2 : 1;

	if (len < at + 2 || !is_hex(bytes + at) ||
	    (at == 1 && bytes[0] != '%' && bytes[0] != '='))
		return 0;
	*value =
		(uint8_t)(hex_value(bytes[at]) << 4 | hex_value(bytes[at + 1]));
	return at + 2;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Decode the word around an escape; the place behind it. */
static size_t decode_word(struct encoded *e, const uint8_t *bytes, size_t len,
			  const size_t at_depth[2])
{
	size_t start = at_depth[0], depth = at_depth[1], used = 0;

	while (start > 0 && at_depth[0] - start < WORD_MOST &&
	       !is_blank(bytes[start - 1]))
		start--;
	size_t at = start;
	while (at < len && at - start < (size_t)2 * WORD_MOST &&
	       !is_blank(bytes[at])) {
		uint8_t value = bytes[at];
		size_t n = escape(bytes + at, len - at, &value);

		e->decoded[depth][used++] = value;
		at += n > 0 ? n : 1;
	}
	scan_decoded(e, used, (unsigned int)depth);
	return at;
}

static void look_for_escapes(struct encoded *e, const uint8_t *bytes,
			     size_t len, unsigned int depth, uint8_t mark)
{
	const uint8_t *at = bytes;

	while ((at = memchr(at, mark, len - (size_t)(at - bytes)))) {
		size_t here = (size_t)(at - bytes);
		uint8_t value;

		if (escape(at, len - here, &value) > 0)
			at = bytes + decode_word(e, bytes, len,
						 (size_t[]){ here, depth });
		else
			at++;
	}
}

static bool holds(const uint8_t *bytes, size_t len, const char *word)
{
	return memmem(bytes, len, word, strlen(word)) != NULL;
}

/* Compressed data begins at in. */
static void decompress(struct encoded *e, const uint8_t *in, size_t len,
		       unsigned int depth)
{
	uint8_t *out = e->decoded[depth];
	size_t used = 0, n = inflate_block(out, ENCODED_ROOM, in, len, &used);

	e->bomb |= n == ENCODED_ROOM && n > used * BOMB_TIMES;
	e->hidden |= holds(out, n, "hidden=\"1\"") ||
		     holds(out, n, "state=\"hidden\"");
	scan_decoded(e, n, depth);
}

static void look_for_deflate(struct encoded *e, const uint8_t *bytes,
			     size_t len, unsigned int depth, uint8_t mark)
{
	const uint8_t *at = bytes;
	unsigned int tried = 0;

	while ((at = memchr(at, mark, len - (size_t)(at - bytes)))) {
		size_t rest = len - (size_t)(at - bytes);

		if (inflate_begins(at, rest)) {
			if (tried++ == INFLATIONS) {
				e->exhausted = true;
				return;
			}
			decompress(e, at, rest, depth);
		}
		at++;
	}
}

static void look_into(struct encoded *e, const uint8_t *bytes, size_t len,
		      unsigned int depth)
{
	look_for_runs(e, bytes, len, depth);
	look_for_escapes(e, bytes, len, depth, '%');
	look_for_escapes(e, bytes, len, depth, '=');
	look_for_escapes(e, bytes, len, depth, '\\');
	look_for_deflate(e, bytes, len, depth, 0x1f);
	look_for_deflate(e, bytes, len, depth, 0x78);
	look_for_deflate(e, bytes, len, depth, 'P');
}

static bool any(const struct scan_hits *hits)
{
	return hits->whole + hits->reversed + hits->prefixes > 0;
}

static uint32_t lines_in(const uint8_t *bytes, size_t len)
{
	uint32_t lines = 0;
	const uint8_t *at = bytes;

	while ((at = memchr(at, '\n', len - (size_t)(at - bytes)))) {
		lines++;
		at++;
	}
	return lines;
}

/* The block begins with the end of the one before. */
static void feed_block(struct encoded *e, const uint8_t *bytes, size_t len)
{
	size_t all = e->kept + len;

	memcpy(e->block + e->kept, bytes, len);
	look_into(e, e->block, all, 0);
	if (any(&e->hits) && e->found == 0)
		e->found = e->line;
	size_t keep = all < ENCODED_OVERLAP ? all : ENCODED_OVERLAP;
	e->line += lines_in(e->block, all - keep);
	memmove(e->block, e->block + all - keep, keep);
	e->kept = keep;
}

void encoded_feed(struct encoded *encoded, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		size_t n = len < ENCODED_BLOCK ? len : ENCODED_BLOCK;

		feed_block(encoded, bytes, n);
		bytes += n;
		len -= n;
	}
}
