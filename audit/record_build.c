/*
 * record_build - see record.h. A record is the unit of the whole log's speed:
 * what is always there is copied with its key in one piece, and the caller's
 * few fields are put in between.
 */
#include <string.h>

#include "audit/record.h"
#include "gateway/base/own.h"

struct line {
	char *out;
	size_t size, used;
	bool bad;
};

static void put(struct line *line, const char *text, size_t len)
{
	if (line->bad || line->size - line->used < len) {
		line->bad = true;
		return;
	}
	memcpy(line->out + line->used, text, len);
	line->used += len;
}

static void put_number(struct line *line, int64_t number)
{
	static const char pairs[] = "0001020304050607080910111213141516171819"
				    "2021222324252627282930313233343536373839"
				    "4041424344454647484950515253545556575859"
				    "6061626364656667686970717273747576777879"
				    "8081828384858687888990919293949596979899";
	uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;
	char digits[24], *at = digits + sizeof digits;

	for (; left >= 10; left /= 100) {
		at -= 2;
		memcpy(at, pairs + 2 * (left % 100), 2);
	}
	if (left > 0 || at == digits + sizeof digits)
		*--at = (char)('0' + left);
	if (number < 0)
		*--at = '-';
	put(line, at, (size_t)(digits + sizeof digits - at));
}

static void put_text(struct line *line, const char *text)
{
	if (line->bad)
		return;
	long n = canonical_escape(line->out + line->used,
				  line->size - line->used, text, strlen(text));
	line->bad = n < 0;
	line->used += n < 0 ? 0 : (size_t)n;
	put(line, "\"", 1);
}

/* How a standard field begins; of a fixed size, which is copied faster. */
struct head {
	const char *key;
	char text[24];
	size_t len;
	bool number;
};

#define NUMBER(key)                                                            \
	{                                                                      \
		key, ",\"" key "\":", sizeof key + 3, true                     \
	}
#define TEXT(key)                                                              \
	{                                                                      \
		key, ",\"" key "\":\"", sizeof key + 4, false                  \
	}

static const struct head heads[] = {
	NUMBER("_i"),	      TEXT("_p"),     NUMBER("_t"),   TEXT("actor"),
	TEXT("boot"),	      TEXT("event"),  TEXT("idem"),   NUMBER("mono"),
	TEXT("order_sha256"), TEXT("permit"), TEXT("result"), TEXT("session"),
	TEXT("writer"),
};

enum { HEADS = ARRAY_LEN(heads) };

static void put_head(struct line *line, const struct head *head)
{
	if (line->bad || line->size - line->used < sizeof head->text) {
		line->bad = true;
		return;
	}
	memcpy(line->out + line->used, head->text, sizeof head->text);
	line->used += head->len;
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

/* The caller's fields by key. */
struct sorted {
	const struct audit_field *fields[AUDIT_FIELDS];
	unsigned int n, next;
};

static int sort(struct sorted *sorted, const struct record *record,
		struct err *err)
{
	if (record->nfields > AUDIT_FIELDS)
		return err_set(err, "too many fields");
	for (unsigned int i = 0; i < record->nfields; i++) {
		const struct audit_field *field = &record->fields[i];
		unsigned int at = i;
		int order = 1;

		if (check_field(field, err) < 0)
			return -1;
		for (; at > 0; at--) {
			order = strcmp(sorted->fields[at - 1]->key, field->key);
			if (order <= 0)
				break;
			sorted->fields[at] = sorted->fields[at - 1];
		}
		sorted->fields[at] = field;
		if (order == 0)
			return err_set(err, "field '%s' twice", field->key);
	}
	sorted->n = record->nfields;
	return 0;
}

/* The next of the caller's fields that come before key. */
static void put_callers(struct line *line, struct sorted *sorted,
			const char *key)
{
	for (; sorted->next < sorted->n; sorted->next++) {
		const struct audit_field *field = sorted->fields[sorted->next];

		if (field->key[0] > key[0] ||
		    (field->key[0] == key[0] && strcmp(field->key, key) > 0))
			return;
		put(line, ",\"", 2);
		put(line, field->key, strlen(field->key));
		put(line, "\":\"", field->is_text ? 3 : 2);
		if (field->is_text)
			put_text(line, field->value);
		else
			put_number(line, field->number);
	}
}

long record_build(char *out, size_t size, const struct record *record,
		  struct err *err)
{
	struct line line = { out, size > CANONICAL_MAX ? CANONICAL_MAX : size,
			     0, false };
	struct sorted sorted;
	char previous[HASH_BASE64_SIZE];
	/* In the order of heads; a number where there is no text. */
	const char *const texts[HEADS] = {
		NULL,		previous,	NULL,
		record->actor,	record->boot,	record->event,
		record->idem,	NULL,		record->order_sha256,
		record->permit, record->result, record->session,
		record->writer,
	};
	const int64_t numbers[HEADS] = { [0] = (int64_t)record->index,
					 [2] = record->time,
					 [7] = record->mono };

	sorted.next = 0;
	if (sort(&sorted, record, err) < 0)
		return -1;
	hash_base64(previous, &record->previous);
	for (unsigned int i = 0; i < HEADS; i++) {
		if (!heads[i].number && !texts[i])
			continue; /* no order */
		put_callers(&line, &sorted, heads[i].key);
		put_head(&line, &heads[i]);
		if (heads[i].number)
			put_number(&line, numbers[i]);
		else
			put_text(&line, texts[i]);
	}
	put_callers(&line, &sorted, "\x7f");
	put(&line, "}", 1);
	if (line.bad)
		return err_set(err, "record too long or not UTF-8");
	out[0] = '{'; /* in the place of the first comma */
	return (long)line.used;
}
