/*
 * record_build - see record.h. A record is the unit of the whole log's speed:
 * what is always there is copied with its key in one piece, text and digits
 * are written eight bytes at a time, and the caller's few fields are put in
 * between.
 */
#include <string.h>

#include "audit/canonical_bytes.h"
#include "audit/record.h"
#include "gateway/base/own.h"

/* Where the line goes on; handed from one piece to the next, so that it stays
 * in registers. at is NULL when there was no room, or text that is not UTF-8. */
struct line {
	char *at, *end;
};

static const struct line no_line;

static inline bool room(struct line line, size_t n)
{
	return (size_t)(line.end - line.at) >= n;
}

/* Inline, because a copy whose size is known is no call. */
static inline struct line put(struct line line, const char *text, size_t len)
{
	if (!room(line, len))
		return no_line;
	memcpy(line.at, text, len);
	line.at += len;
	return line;
}

/*
 * Eight digits of a number below 10^8, the first in the lowest byte: it is cut
 * into two numbers of four digits, those into two of two, and once more, all
 * parts at a time. (Division by 100 and 10 is a multiplication; both are exact
 * for numbers as small as these.)
 */
static uint64_t eight_digits(uint64_t number)
{
	uint64_t fours = number / 10000 | (number % 10000) << 32;
	uint64_t high = fours * 10486 >> 20 & UINT64_C(0x0000007f0000007f);
	uint64_t twos = high | (fours - high * 100) << 16;

	high = twos * 103 >> 10 & UINT64_C(0x000f000f000f000f);
	return (high | (twos - high * 10) << 8) + UINT64_C(0x3030303030303030);
}

/* The digits behind the zeroes in front, but at least the last one. */
static char *put_short(char *at, uint64_t number)
{
	uint64_t digits = eight_digits(number);
	uint64_t some = digits & UINT64_C(0x0f0f0f0f0f0f0f0f);
	int zeroes = some ? __builtin_ctzll(some) / 8 : 7;

	digits = htole64(digits >> 8 * zeroes);
	memcpy(at, &digits, sizeof digits);
	return at + 8 - zeroes;
}

/* A number within 2^53-1, which has 16 digits. */
static struct line put_number(struct line line, int64_t number)
{
	enum { EIGHT = 100000000 };
	uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;

	if (left > CANONICAL_INTEGER_MAX || !room(line, 1 + 16))
		return no_line;
	if (number < 0)
		*line.at++ = '-';
	if (left >= EIGHT) {
		uint64_t low = htole64(eight_digits(left % EIGHT));

		line.at = put_short(line.at, left / EIGHT);
		memcpy(line.at, &low, sizeof low);
		line.at += sizeof low;
	} else {
		line.at = put_short(line.at, left);
	}
	return line;
}

/* Text in which something has to be escaped. */
static struct line put_escaped(struct line line, const char *text, size_t len)
{
	long n = canonical_escape(line.at, (size_t)(line.end - line.at), text,
				  len);

	if (n < 0)
		return no_line;
	line.at += n;
	return line;
}

/* Up to seven bytes as a word with spaces behind them, by loads that overlap
 * and agree where they do. */
static uint64_t short_word(const char *text, size_t len)
{
	const unsigned char *bytes = (const unsigned char *)text;
	uint64_t word = 0;

	if (len >= 4) {
		uint32_t first, last;

		memcpy(&first, bytes, sizeof first);
		memcpy(&last, bytes + len - 4, sizeof last);
		word = le32toh(first) | (uint64_t)le32toh(last)
						<< 8 * (len - 4);
	} else if (len > 0) {
		word = bytes[0] | (uint64_t)bytes[len / 2] << 8 * (len / 2) |
		       (uint64_t)bytes[len - 1] << 8 * (len - 1);
	}
	return word | UINT64_C(0x2020202020202020) << 8 * len;
}

/* Text in its quotes. */
static struct line put_text(struct line line, const char *text)
{
	size_t len = strlen(text), i = 0;
	uint64_t word, special = 0;

	if (!room(line, 1 + len + 8))
		return no_line;
	*line.at++ = '"';
	for (; len - i >= 8; i += 8) {
		memcpy(&word, text + i, sizeof word);
		special |= canonical_special(le64toh(word));
		memcpy(line.at + i, &word, sizeof word);
	}
	word = short_word(text + i, len - i);
	special |= canonical_special(word);
	word = htole64(word);
	memcpy(line.at + i, &word, sizeof word);
	if (special)
		line = put_escaped(line, text, len);
	else
		line.at += len;
	return put(line, "\"", 1);
}

static int check_field(const struct audit_field *field, struct err *err)
{
	if (!canonical_key_valid(field->key, strlen(field->key)) ||
	    record_key_reserved(field->key))
		return err_set(err, "field '%s' is not a caller's to write",
			       field->key);
	if (!field->is_text && (field->number > CANONICAL_INTEGER_MAX ||
				field->number < -CANONICAL_INTEGER_MAX))
		return err_set(err, "field '%s' is beyond 2^53-1", field->key);
	return 0;
}

/* The caller's fields by key: which comes first, second, ... */
struct sorted {
	const struct audit_field *fields;
	unsigned int n, next;
	uint8_t order[AUDIT_FIELDS];
};

static int sort(struct sorted *sorted, const struct record *record,
		struct err *err)
{
	const struct audit_field *fields = record->fields;

	if (record->nfields > AUDIT_FIELDS)
		return err_set(err, "too many fields");
	for (unsigned int i = 0; i < record->nfields; i++) {
		unsigned int at = i;
		int order = 1;

		if (check_field(&fields[i], err) < 0)
			return -1;
		for (; at > 0; at--) {
			unsigned int before = sorted->order[at - 1];

			order = strcmp(fields[before].key, fields[i].key);
			if (order <= 0)
				break;
			sorted->order[at] = sorted->order[at - 1];
		}
		sorted->order[at] = (uint8_t)i;
		if (order == 0)
			return err_set(err, "field '%s' twice", fields[i].key);
	}
	sorted->fields = fields;
	sorted->n = record->nfields;
	return 0;
}

static struct line put_previous(struct line line, const struct hash *previous)
{
	line = put(line, ",\"_p\":\"", 7);
	if (!room(line, HASH_BASE64_SIZE))
		return no_line;
	hash_base64(line.at, previous);
	line.at += HASH_BASE64_SIZE - 1;
	return put(line, "\"", 1);
}

static struct line put_field(struct line line, const struct audit_field *field)
{
	line = put(line, ",\"", 2);
	line = put(line, field->key, strlen(field->key));
	line = put(line, "\":", 2);
	return field->is_text ? put_text(line, field->value)
			      : put_number(line, field->number);
}

/* The next of the caller's fields that come before key. */
static inline struct line put_callers(struct line line, struct sorted *sorted,
				      const char *key)
{
	for (; sorted->next < sorted->n; sorted->next++) {
		const struct audit_field *field =
			&sorted->fields[sorted->order[sorted->next]];

		if (field->key[0] > key[0] ||
		    (field->key[0] == key[0] && strcmp(field->key, key) > 0))
			break;
		line = put_field(line, field);
	}
	return line;
}

/* A standard field's key, behind what comes before it. */
#define KEY(line, sorted, key)                                                 \
	put(put_callers(line, sorted, key), ",\"" key "\":", sizeof key + 3)
#define NUMBER(line, sorted, key, value)                                       \
	put_number(KEY(line, sorted, key), value)
#define TEXT(line, sorted, key, value) put_text(KEY(line, sorted, key), value)

static struct line put_all(struct line line, struct sorted *sorted,
			   const struct record *record)
{
	line = NUMBER(line, sorted, "_i", (int64_t)record->index);
	line = put_callers(line, sorted, "_p");
	line = put_previous(line, &record->previous);
	line = NUMBER(line, sorted, "_t", record->time);
	line = TEXT(line, sorted, "actor", record->actor);
	line = TEXT(line, sorted, "boot", record->boot);
	line = TEXT(line, sorted, "event", record->event);
	line = TEXT(line, sorted, "idem", record->idem);
	line = NUMBER(line, sorted, "mono", record->mono);
	if (record->order_sha256)
		line = TEXT(line, sorted, "order_sha256", record->order_sha256);
	line = TEXT(line, sorted, "permit", record->permit);
	line = TEXT(line, sorted, "result", record->result);
	line = TEXT(line, sorted, "session", record->session);
	line = TEXT(line, sorted, "writer", record->writer);
	line = put_callers(line, sorted, "\x7f");
	return put(line, "}", 1);
}

long record_build(char *out, size_t size, const struct record *record,
		  struct err *err)
{
	size_t most = size < CANONICAL_MAX ? size : CANONICAL_MAX;
	struct line line = { out, out + most };
	struct sorted sorted = { .n = 0 };

	if (sort(&sorted, record, err) < 0)
		return -1;
	line = put_all(line, &sorted, record);
	if (!line.at)
		return err_set(err, "record too long or not UTF-8");
	out[0] = '{'; /* in the place of the first comma */
	return line.at - out;
}
