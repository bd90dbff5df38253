#include "audit/record.h"

#include <string.h>

#include "gateway/base/own.h"

/* The fields that audit itself writes, in the order of the line. */
enum { STANDARD = 12, FIELDS = STANDARD + 1 + AUDIT_FIELDS };

static const struct canonical_expected standard = {
	STANDARD,
	{ CANONICAL_KEY_OF("_i"), CANONICAL_KEY_OF("_p"),
	  CANONICAL_KEY_OF("_t"), CANONICAL_KEY_OF("actor"),
	  CANONICAL_KEY_OF("boot"), CANONICAL_KEY_OF("event"),
	  CANONICAL_KEY_OF("idem"), CANONICAL_KEY_OF("mono"),
	  CANONICAL_KEY_OF("permit"), CANONICAL_KEY_OF("result"),
	  CANONICAL_KEY_OF("session"), CANONICAL_KEY_OF("writer") }
};

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

/* A field on its way into the line; text NULL: the number. */
struct entry {
	const char *key, *text;
	int64_t number;
};

static void put_number(struct line *line, int64_t number)
{
	uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;
	char digits[24], *at = digits + sizeof digits;

	do
		*--at = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (number < 0)
		*--at = '-';
	put(line, at, (size_t)(digits + sizeof digits - at));
}

static void put_field(struct line *line, const struct entry *entry)
{
	put(line, ",\"", line->used > 1 ? 2 : 0);
	if (line->used == 1)
		put(line, "\"", 1);
	put(line, entry->key, strlen(entry->key));
	put(line, "\":", 2);
	if (!entry->text) {
		put_number(line, entry->number);
		return;
	}
	put(line, "\"", 1);
	if (!line->bad) {
		long n = canonical_escape(line->out + line->used,
					  line->size - line->used, entry->text,
					  strlen(entry->text));
		line->bad = n < 0;
		line->used += n < 0 ? 0 : (size_t)n;
	}
	put(line, "\"", 1);
}

static void add(struct entry *entry, const char *key, const char *text,
		int64_t number)
{
	*entry = (struct entry){ key, text, number };
}

static bool reserved(const char *key)
{
	if (key[0] == '_' || strcmp(key, "order_sha256") == 0)
		return true;
	size_t len = strlen(key);
	for (size_t i = 0; i < STANDARD; i++)
		if (standard.keys[i].len == len &&
		    memcmp(standard.keys[i].text, key, len) == 0)
			return true;
	return false;
}

static int check_field(const struct audit_field *field, struct err *err)
{
	if (!canonical_key_valid(field->key, strlen(field->key)) ||
	    reserved(field->key))
		return err_set(err, "field '%s' is not a caller's to write",
			       field->key);
	if (!field->is_text && (field->number > CANONICAL_INTEGER_MAX ||
				field->number < -CANONICAL_INTEGER_MAX))
		return err_set(err, "field '%s' is beyond 2^53-1", field->key);
	return 0;
}

/* Pointers to the fields, sorted by key. The number of them, or -1. */
static int sort_fields(const struct entry **sorted, const struct entry *all,
		       unsigned int n, struct err *err)
{
	for (unsigned int i = 0; i < n; i++) {
		unsigned int at = i;

		while (at > 0 && strcmp(sorted[at - 1]->key, all[i].key) > 0) {
			sorted[at] = sorted[at - 1];
			at--;
		}
		sorted[at] = &all[i];
		if (at > 0 && strcmp(sorted[at - 1]->key, all[i].key) == 0)
			return err_set(err, "field '%s' twice", all[i].key);
	}
	return (int)n;
}

static unsigned int add_standard(struct entry *all, const struct record *record,
				 const char *previous)
{
	unsigned int n = 0;

	add(&all[n++], "_i", NULL, (int64_t)record->index);
	add(&all[n++], "_p", previous, 0);
	add(&all[n++], "_t", NULL, record->time);
	add(&all[n++], "actor", record->actor, 0);
	add(&all[n++], "boot", record->boot, 0);
	add(&all[n++], "event", record->event, 0);
	add(&all[n++], "idem", record->idem, 0);
	add(&all[n++], "mono", NULL, record->mono);
	if (record->order_sha256)
		add(&all[n++], "order_sha256", record->order_sha256, 0);
	add(&all[n++], "permit", record->permit, 0);
	add(&all[n++], "result", record->result, 0);
	add(&all[n++], "session", record->session, 0);
	add(&all[n++], "writer", record->writer, 0);
	return n;
}

long record_build(char *out, size_t size, const struct record *record,
		  struct err *err)
{
	struct line line = { out, size > CANONICAL_MAX ? CANONICAL_MAX : size,
			     0, false };
	const struct entry *sorted[FIELDS];
	struct entry all[FIELDS];
	char previous[HASH_BASE64_SIZE];

	hash_base64(previous, &record->previous);
	unsigned int n = add_standard(all, record, previous);
	if (record->nfields > AUDIT_FIELDS)
		return err_set(err, "too many fields");
	for (unsigned int i = 0; i < record->nfields; i++) {
		const struct audit_field *field = &record->fields[i];

		if (check_field(field, err) < 0)
			return -1;
		add(&all[n++], field->key, field->is_text ? field->value : NULL,
		    field->number);
	}
	if (sort_fields(sorted, all, n, err) < 0)
		return -1;
	put(&line, "{", 1);
	for (unsigned int i = 0; i < n; i++)
		put_field(&line, sorted[i]);
	put(&line, "}", 1);
	if (line.bad)
		return err_set(err, "record too long or not UTF-8");
	return (long)line.used;
}

long record_text(const struct canonical_field *field, char *out, size_t size)
{
	return canonical_unescape(out, size, field->value, field->len);
}

bool record_field_is(const struct canonical_field *field, const char *text)
{
	return field->kind == CANONICAL_STRING && field->len == strlen(text) &&
	       memcmp(field->value, text, field->len) == 0;
}

/* order_sha256 of the line; zero if it has none. False: not a hash. */
static bool read_order(const struct canonical *line, struct hash *order)
{
	const struct canonical_field *field =
		canonical_find(line, "order_sha256");

	memset(order, 0, sizeof *order);
	return !field || (field->kind == CANONICAL_STRING &&
			  hash_from_hex(order, field->value, field->len));
}

/* Standard field i; the scan met it in its place, unless the line is short. */
static const struct canonical_field *
standard_field(const struct canonical *line, size_t i)
{
	char key[8];

	if (line->found[i])
		return line->found[i];
	memcpy(key, standard.keys[i].text, sizeof key);
	key[standard.keys[i].len] = '\0';
	return canonical_find(line, key);
}

static bool is_result(const struct canonical_field *field)
{
	return record_field_is(field, "ok") || record_field_is(field, "deny") ||
	       record_field_is(field, "error");
}

/* All of them at once, as the compiler knows how. */
typedef uint8_t boot_bytes __attribute__((vector_size(RECORD_BOOT)));

static bool is_boot(const struct canonical_field *field)
{
	uint64_t words[RECORD_BOOT / 8];
	boot_bytes bytes;

	if (field->kind != CANONICAL_STRING || field->len != RECORD_BOOT)
		return false;
	memcpy(&bytes, field->value, sizeof bytes);
	boot_bytes good = (boot_bytes)((bytes - '0') < 10) |
			  (boot_bytes)((bytes - 'a') < 6);
	memcpy(words, &good, sizeof words);
	return (words[0] & words[1] & words[2] & words[3]) == UINT64_MAX;
}

static bool is_count(const struct canonical_field *field)
{
	return field->kind == CANONICAL_INTEGER && field->number >= 0;
}

static bool is_text(const struct canonical_field *field)
{
	return field->kind == CANONICAL_STRING && field->len > 0;
}

int record_read(struct record_view *view, const char *bytes, size_t len,
		struct err *err)
{
	const struct canonical_field *field[STANDARD];

	if (canonical_scan_expecting(&view->line, &standard, bytes, len) < 0)
		return err_set(err, "byte %zu: %s", view->line.at,
			       view->line.why);
	for (unsigned int i = 0; i < STANDARD; i++) {
		field[i] = standard_field(&view->line, i);
		if (!field[i])
			return err_set(err, "no field %.*s",
				       (int)standard.keys[i].len,
				       standard.keys[i].text);
	}
	bool good = is_count(field[0]) && field[1]->kind == CANONICAL_STRING &&
		    hash_from_base64(&view->previous, field[1]->value,
				     field[1]->len) &&
		    is_count(field[2]) && is_text(field[3]) &&
		    is_boot(field[4]) && is_text(field[5]) &&
		    is_text(field[6]) && is_count(field[7]) &&
		    is_text(field[8]) && is_result(field[9]) &&
		    is_text(field[10]) && is_text(field[11]);
	if (!good || !read_order(&view->line, &view->order))
		return err_set(err, "a standard field has no proper value");
	view->index = (uint64_t)field[0]->number;
	view->time = field[2]->number;
	view->event = field[5];
	view->idem = field[6];
	view->session = field[10];
	view->writer = field[11];
	return 0;
}
