#include "audit/record.h"

#include <string.h>

#include "gateway/base/own.h"

/* The fields that audit itself writes, in the order of the line. */
enum { STANDARD = 12 };

static const struct canonical_expected standard = {
	STANDARD,
	{ CANONICAL_KEY_OF("_i"), CANONICAL_KEY_OF("_p"),
	  CANONICAL_KEY_OF("_t"), CANONICAL_KEY_OF("actor"),
	  CANONICAL_KEY_OF("boot"), CANONICAL_KEY_OF("event"),
	  CANONICAL_KEY_OF("idem"), CANONICAL_KEY_OF("mono"),
	  CANONICAL_KEY_OF("permit"), CANONICAL_KEY_OF("result"),
	  CANONICAL_KEY_OF("session"), CANONICAL_KEY_OF("writer") }
};

long record_text(const struct canonical_field *field, char *out, size_t size)
{
	return canonical_unescape(out, size, field->value, field->len);
}

bool record_key_reserved(const char *key)
{
	size_t len = strlen(key);

	if (key[0] == '_' || strcmp(key, "order_sha256") == 0)
		return true;
	for (size_t i = 0; i < STANDARD; i++)
		if (standard.keys[i].len == len &&
		    memcmp(standard.keys[i].text, key, len) == 0)
			return true;
	return false;
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

/* Half of them at once, as the compiler knows how. */
typedef uint8_t boot_bytes __attribute__((vector_size(RECORD_BOOT / 2)));

static bool is_hex(const char *text)
{
	uint64_t words[2];
	boot_bytes bytes;

	memcpy(&bytes, text, sizeof bytes);
	boot_bytes good = (boot_bytes)((bytes - '0') < 10) |
			  (boot_bytes)((bytes - 'a') < 6);
	memcpy(words, &good, sizeof words);
	return (words[0] & words[1]) == UINT64_MAX;
}

static bool is_boot(const struct canonical_field *field)
{
	return field->kind == CANONICAL_STRING && field->len == RECORD_BOOT &&
	       is_hex(field->value) && is_hex(field->value + RECORD_BOOT / 2);
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
	view->boot = field[4];
	view->event = field[5];
	view->idem = field[6];
	view->session = field[10];
	view->writer = field[11];
	return 0;
}
