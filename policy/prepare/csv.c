/*
 * csv - find the bytes that mean something, 64 at a time, and what is between.
 *
 * Runs in sekisho-prepare over the custodian's sources, which are trusted to
 * be secret but not to be well-formed.
 */
#include "policy/prepare/csv.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "gateway/base/visible.h"

/* Look for marks from base on, a multiple of 64 that is not above len. */
static void find_marks(struct csv *csv, size_t base)
{
	size_t words = (csv->len - base + 63) / 64;

	csv->base = base;
	csv_marks(csv->bytes + base, words < CSV_MARKS ? words : CSV_MARKS,
		  csv->separator, csv->marks);
}

/* The marks of the 64 bytes from base on, a multiple of 64 below len. */
static uint64_t marks_at(struct csv *csv, size_t base)
{
	if (base - csv->base >= CSV_MARKS * 64)
		find_marks(csv, base);
	return csv->marks[(base - csv->base) / 64];
}

void csv_begin(struct csv *csv, char *bytes, size_t len, uint64_t line)
{
	csv->bytes = bytes;
	csv->len = len;
	csv->at = 0;
	csv->line = csv->record_line = line;
	find_marks(csv, 0);
}

/* The next byte from `at` on that means something; a block ends with one. */
static size_t next(struct csv *csv, size_t at)
{
	size_t base = at & ~(size_t)63;

	if (at >= csv->len)
		return csv->len;
	uint64_t marks = marks_at(csv, base) & (~UINT64_C(0) << (at & 63));
	while (marks == 0 && base + 64 < csv->len)
		marks = marks_at(csv, base += 64);
	if (marks == 0)
		return csv->len;
	size_t found = base + (size_t)__builtin_ctzll(marks);
	return found < csv->len ? found : csv->len;
}

static int wrong(const struct csv *csv, enum fault_code code, long n,
		 struct fault *fault)
{
	fault_set(fault, code);
	fault->line = csv->line;
	return fault_column(fault, (uint32_t)(n + 1), "", 0);
}

/* Is there a line end of the right kind at `at`? Its length, or 0. */
static size_t line_end(const struct csv *csv, size_t at)
{
	if (csv->crlf)
		return csv->bytes[at] == '\r' && at + 1 < csv->len &&
				       csv->bytes[at + 1] == '\n'
			       ? 2
			       : 0;
	return csv->bytes[at] == '\n';
}

/* A quoted field whose opening quote is at csv->at: drop the quotes, undo the
 * doubled ones, and stand behind it. */
static int quoted(struct csv *csv, struct csv_field *field, long n,
		  struct fault *fault)
{
	char *end = csv->bytes + csv->len;
	char *from = csv->bytes + csv->at + 1, *to = from;
	uint64_t line = csv->line;

	*field = (struct csv_field){ .at = from, .quoted = true };
	for (;;) {
		char *quote = memchr(from, '"', (size_t)(end - from));

		if (!quote)
			return wrong(csv, FAULT_UNTERMINATED_QUOTE, n, fault);
		for (const char *lf = from;
		     (lf = memchr(lf, '\n', (size_t)(quote - lf))); lf++)
			line++;
		if (to != from)
			memmove(to, from, (size_t)(quote - from));
		to += quote - from;
		from = quote + 1;
		if (from == end || *from != '"')
			break;
		*to++ = '"';
		from++;
	}
	field->len = (uint32_t)(to - field->at);
	csv->line = line;
	csv->at = (size_t)(from - csv->bytes);
	return 0;
}

/* One field from csv->at on; then csv->at stands on its end. */
static int one_field(struct csv *csv, struct csv_field *field, long n,
		     struct fault *fault)
{
	size_t at = csv->at, end = next(csv, at);

	if (end == at && end < csv->len && csv->bytes[at] == '"') {
		if (quoted(csv, field, n, fault) < 0)
			return -1;
		end = csv->at;
		if (end < csv->len && csv->bytes[end] != csv->separator &&
		    !line_end(csv, end))
			return wrong(csv, FAULT_QUOTE, n, fault);
	} else {
		field->at = csv->bytes + at;
		field->len = (uint32_t)(end - at);
		field->quoted = false;
		if (end < csv->len && csv->bytes[end] == '"')
			return wrong(csv, FAULT_BARE_QUOTE, n, fault);
		csv->at = end;
	}
	if (field->len > CSV_FIELD)
		return wrong(csv, FAULT_TOO_LONG, n, fault);
	return 0;
}

/* Fields without quotes from csv->at on, as far as they are plain: their ends
 * are taken from the marks, one after the other. Stops at the first field that
 * is not plain, or (*ended) behind the record; returns how many there were. */
static long plain_fields(struct csv *csv, struct csv_field *fields,
			 uint32_t most, bool *ended)
{
	char *bytes = csv->bytes;
	size_t start = csv->at, base = start & ~(size_t)63;
	long n = 0;

	if (start >= csv->len)
		return 0;
	uint64_t marks = marks_at(csv, base) & (~UINT64_C(0) << (start & 63));
	while ((uint32_t)n < most && !*ended) {
		while (marks == 0 && base + 64 < csv->len)
			marks = marks_at(csv, base += 64);
		size_t end =
			base + (marks ? (size_t)__builtin_ctzll(marks) : 64);
		if (end >= csv->len || end - start > CSV_FIELD)
			break;
		size_t over = 1;
		if (bytes[end] != csv->separator) {
			over = line_end(csv, end);
			*ended = over > 0;
			if (!*ended)
				break;
		}
		fields[n++] =
			(struct csv_field){ bytes + start,
					    (uint32_t)(end - start), false };
		start = end + over;
		marks &= marks - 1;
	}
	csv->line += *ended;
	csv->at = start;
	return n;
}

long csv_record(struct csv *csv, struct csv_field *fields, uint32_t most,
		struct fault *fault)
{
	struct csv_field beyond;
	bool ended = false;
	long n;

	if (csv->at >= csv->len)
		return 0;
	csv->record_line = csv->line;
	n = plain_fields(csv, fields, most, &ended);
	while (!ended) {
		if (one_field(csv, n < most ? &fields[n] : &beyond, n, fault) <
		    0)
			return -1;
		n++;
		if (csv->at >= csv->len)
			return n;
		if (csv->bytes[csv->at] == csv->separator) {
			csv->at++;
			if ((uint32_t)n < most)
				n += plain_fields(csv, fields + n,
						  most - (uint32_t)n, &ended);
			continue;
		}
		size_t end = line_end(csv, csv->at);
		if (end == 0)
			return wrong(csv, FAULT_QUOTE, n - 1, fault);
		csv->at += end;
		csv->line++;
		return n;
	}
	return n;
}

bool csv_must_quote(const char *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (at[i] == ',' || at[i] == '"' || at[i] == '\n' ||
		    at[i] == '\r')
			return true;
	return false;
}

size_t csv_write(char *out, const char *at, size_t len)
{
	char *to = out;

	if (!csv_must_quote(at, len)) {
		memcpy(out, at, len);
		return len;
	}
	*to++ = '"';
	for (size_t i = 0; i < len; i++) {
		if (at[i] == '"')
			*to++ = '"';
		*to++ = at[i];
	}
	*to++ = '"';
	return (size_t)(to - out);
}

/* The first 16 bytes from `at` on that are not all ASCII without NUL. */
static size_t plain_until(const char *bytes, size_t at, size_t len)
{
#ifdef __SSE2__
	for (; at + 16 <= len; at += 16) {
		__m128i b = _mm_loadu_si128(
			(const __m128i *)(const void *)(bytes + at));

		/* signed: above 0 is 1 to 127 */
		if (_mm_movemask_epi8(_mm_cmpgt_epi8(b, _mm_setzero_si128())) !=
		    0xffff)
			break;
	}
#else
	(void)bytes;
	(void)len;
#endif
	return at;
}

/* Three bytes of U+1000 to U+CFFF, in which kana and kanji lie: any two bytes
 * may follow that are no begin. */
static bool is_common(const char *at, size_t len)
{
	unsigned int first = (unsigned char)at[0];

	return len >= 3 && first - 0xe1 <= 0xec - 0xe1 &&
	       (((unsigned char)at[1] ^ 0x80) | ((unsigned char)at[2] ^ 0x80)) <
		       0x40;
}

enum fault_code csv_check_text(const char *bytes, size_t len, size_t *where)
{
	size_t at = 0;

	while ((at = plain_until(bytes, at, len)) < len) {
		/* some way on, byte by byte, before looking at 16 again */
		size_t end = len - at < 48 ? len : at + 48;

		while (at < end) {
			unsigned int code;
			size_t n;

			if (bytes[at] > 0) {
				at++;
				continue;
			}
			if (is_common(bytes + at, len - at)) {
				at += 3;
				continue;
			}
			n = utf8_decode((const unsigned char *)bytes + at,
					len - at, &code);
			*where = at;
			if (bytes[at] == 0)
				return FAULT_NUL;
			if (n == 0)
				return FAULT_ENCODING;
			if (code == 0xfeff)
				return FAULT_BOM_INSIDE;
			at += n;
		}
	}
	return FAULT_NONE;
}
