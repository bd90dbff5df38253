/*
 * recipe_fields - read maps of a recipe by the table of recipe.def.
 *
 * Runs in sekisho-prepare. Pure but for the problems it notes.
 */
#include "policy/prepare/recipe_fields.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/err.h"
#include "gateway/base/own.h"
#include "policy/prepare/calendar.h"

enum recipe_kind {
	KIND_NUMBER,
	KIND_ID,
	KIND_TEXT,
	KIND_KEY,
	KIND_CHOICE,
	KIND_FLAGS,
	KIND_TEXTS,
	KIND_NAMES,
	KIND_DECIMAL,
	KIND_SHARE,
	KIND_DAY,
	KIND_PART
};

struct recipe_field {
	uint32_t section;
	const char *key;
	enum recipe_kind kind;
	const char *words;
	uint32_t least, most;
	const char *fallback;
	size_t offset;
};

static const struct recipe_field fields[] = {
#define FIELD(section, key, kind, words, least, most, fallback, meaning)       \
	{ SECTION_##section,                                                   \
	  #key,                                                                \
	  KIND_##kind,                                                         \
	  words,                                                               \
	  least,                                                               \
	  most,                                                                \
	  fallback,                                                            \
	  offsetof(struct section, key) },
#define PART(section, key, meaning)                                            \
	{ SECTION_##section, #key, KIND_PART, "", 0, 0, "", 0 },
#define PARAM(to, key, kind, words, least, most, fallback, meaning)            \
	{ SECTION_ACTIONS + DO_##to,                                           \
	  #key,                                                                \
	  KIND_##kind,                                                         \
	  words,                                                               \
	  least,                                                               \
	  most,                                                                \
	  fallback,                                                            \
	  offsetof(struct action, key) },
#include "policy/prepare/recipe.def"
#undef FIELD
#undef PART
#undef PARAM
};

static const char *const dos[DOS] = {
#define ACTION(name, meaning) [DO_##name] = #name,
#include "policy/prepare/actions.def"
#undef ACTION
};

const char *do_word(enum do_what what)
{
	return what == DO_NOTHING ? "" : dos[what];
}

enum do_what do_of_word(const char *word)
{
	for (enum do_what what = 1; what < DOS; what++)
		if (strcmp(dos[what], word) == 0)
			return what;
	return DO_NOTHING;
}

void recipe_wrong(const struct reading_recipe *r, uint32_t node,
		  enum text_id id, const char *first, const char *second)
{
	problems_add(r->problems, r->recipe->file,
		     node ? r->recipe->yaml.nodes[node].line : 0, id, first,
		     second, NULL);
}

uint32_t recipe_find(const struct recipe *recipe, uint32_t map, const char *key)
{
	const struct yaml *yaml = &recipe->yaml;

	if (map == 0 || yaml->nodes[map].kind != NODE_MAP)
		return 0;
	for (uint32_t n = yaml->nodes[map].first; n; n = yaml->nodes[n].next)
		if (strcmp(yaml_text(yaml, yaml->nodes[n].key), key) == 0)
			return n;
	return 0;
}

/* The number of word in "a|b|c", from 1; 0: it is not there. */
static uint32_t choice(const char *words, const char *word, size_t len)
{
	uint32_t n = 1;

	for (const char *at = words; *at; n++) {
		size_t one = strcspn(at, "|");

		if (one == len && memcmp(at, word, len) == 0)
			return n;
		at += one + (at[one] == '|');
	}
	return 0;
}

static bool is_id(const char *text)
{
	size_t len = strlen(text);

	if (len == 0 || len >= ID_SIZE || text[0] == '.' || text[0] == '-')
		return false;
	return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
			    "XYZ0123456789._-") == len;
}

static bool read_number(const char *text, uint32_t *out)
{
	uint64_t value = 0;

	if (!*text || (text[0] == '0' && text[1]))
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || value > UINT32_MAX / 10)
			return false;
		value = value * 10 + (uint64_t)(*text - '0');
	}
	*out = (uint32_t)value;
	return value <= UINT32_MAX;
}

static const char *kind_name(const struct recipe_field *field)
{
	switch (field->kind) {
	case KIND_NUMBER:
		return "number";
	case KIND_ID:
		return "id: letters, digits, . _ -; at most 63";
	case KIND_TEXT:
		return "text";
	case KIND_KEY:
		return "permit or linkage:NAME";
	case KIND_CHOICE:
	case KIND_FLAGS:
		return field->words;
	case KIND_DECIMAL:
		return field->least ? "decimal number above 0"
				    : "decimal number";
	case KIND_SHARE:
		return "share, 0 to 1";
	case KIND_DAY:
		return "date, YYYY-MM-DD";
	case KIND_TEXTS:
	case KIND_NAMES:
	case KIND_PART:
		return "list";
	}
	return "";
}

static bool read_decimal(const struct recipe_field *field, const char *text,
			 struct decimal *out)
{
	static const struct decimal one = { 1, 0 };

	if (decimal_read(text, strlen(text), out) != FAULT_NONE)
		return false;
	if (field->kind == KIND_SHARE)
		return out->value >= 0 && decimal_compare(*out, one) <= 0;
	return field->least == 0 || out->value > 0;
}

static bool read_day(const char *text, int32_t *out)
{
	struct date date;

	if (!date_read(date_form_make("%Y-%m-%d"), text, strlen(text), &date))
		return false;
	*out = date_to_day(date);
	return true;
}

/* One scalar. False: it is not of the kind. */
static bool read_scalar(const struct recipe_field *field, const char *text,
			void *out)
{
	switch (field->kind) {
	case KIND_NUMBER:
		return read_number(text, out) &&
		       *(uint32_t *)out >= field->least &&
		       *(uint32_t *)out <= field->most;
	case KIND_CHOICE:
		return (*(uint32_t *)out =
				choice(field->words, text, strlen(text))) != 0;
	case KIND_ID:
		*(const char **)out = text;
		return is_id(text);
	case KIND_KEY:
		*(const char **)out = text;
		return strcmp(text, "permit") == 0 ||
		       (strncmp(text, "linkage:", 8) == 0 && is_id(text + 8));
	case KIND_TEXT:
		*(const char **)out = text;
		return strlen(text) >= field->least &&
		       strlen(text) <= field->most;
	case KIND_DECIMAL:
	case KIND_SHARE:
		return read_decimal(field, text, out);
	case KIND_DAY:
		return read_day(text, out);
	case KIND_FLAGS:
	case KIND_TEXTS:
	case KIND_NAMES:
	case KIND_PART:
		break;
	}
	return false;
}

static void read_list(const struct reading_recipe *r,
		      const struct recipe_field *field, uint32_t list,
		      struct words *out)
{
	const struct yaml *yaml = &r->recipe->yaml;
	uint32_t count = 0;

	for (uint32_t n = yaml->nodes[list].first; n; n = yaml->nodes[n].next)
		count++;
	if (count < field->least || count > field->most) {
		char least[16], most[16];

		snprintf(least, sizeof least, "%u", field->least);
		snprintf(most, sizeof most, "%u", field->most);
		problems_add(r->problems, r->recipe->file,
			     yaml->nodes[list].line, TEXT_FIELD_RANGE,
			     field->key, least, most);
		return;
	}
	out->item = recipe_memory(r->recipe, count, sizeof *out->item);
	out->lengths = recipe_memory(r->recipe, count, sizeof *out->lengths);
	for (uint32_t n = yaml->nodes[list].first; n; n = yaml->nodes[n].next) {
		if (yaml->nodes[n].kind != NODE_SCALAR) {
			recipe_wrong(r, n, TEXT_RECIPE_PLAIN, field->key, NULL);
			continue;
		}
		size_t len = yaml->nodes[n].len;
		out->have |= UINT64_C(1) << (len < 63 ? len : 63);
		out->lengths[out->count] = len;
		out->item[out->count++] = yaml_text(yaml, n);
	}
}

static void read_flags(const struct reading_recipe *r,
		       const struct recipe_field *field, uint32_t list,
		       uint32_t *out)
{
	const struct yaml *yaml = &r->recipe->yaml;

	for (uint32_t n = yaml->nodes[list].first; n; n = yaml->nodes[n].next) {
		const char *word = yaml_text(yaml, n);
		uint32_t number = choice(field->words, word, strlen(word));

		if (number == 0)
			problems_add(r->problems, r->recipe->file,
				     yaml->nodes[n].line, TEXT_FIELD_KIND,
				     field->key, word, field->words);
		else
			*out |= 1u << (number - 1);
	}
}

static void read_value(const struct reading_recipe *r,
		       const struct recipe_field *field, uint32_t node,
		       void *out)
{
	const struct yaml *yaml = &r->recipe->yaml;
	bool wants_list = field->kind == KIND_TEXTS ||
			  field->kind == KIND_NAMES ||
			  field->kind == KIND_FLAGS;

	if (wants_list && yaml->nodes[node].kind != NODE_LIST) {
		recipe_wrong(r, node, TEXT_FIELD_LIST, field->key, NULL);
		return;
	}
	if (field->kind == KIND_FLAGS)
		read_flags(r, field, node, out);
	else if (wants_list)
		read_list(r, field, node, out);
	else if (yaml->nodes[node].kind != NODE_SCALAR)
		recipe_wrong(r, node, TEXT_RECIPE_PLAIN, field->key, NULL);
	else if (!read_scalar(field, yaml_text(yaml, node), out))
		problems_add(r->problems, r->recipe->file,
			     yaml->nodes[node].line, TEXT_FIELD_KIND,
			     field->key, yaml_text(yaml, node),
			     kind_name(field));
}

static bool stands_in(const char *const *list, const char *key)
{
	for (; list && *list; list++)
		if (strcmp(*list, key) == 0)
			return true;
	return false;
}

static void refuse_unknown(const struct reading_recipe *r, uint32_t section,
			   uint32_t map, const char *const *other)
{
	const struct yaml *yaml = &r->recipe->yaml;
	char known[400] = "";

	for (const char *const *o = other; o && *o; o++)
		snprintf(known + strlen(known), sizeof known - strlen(known),
			 "%s%s", *known ? ", " : "", *o);
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (fields[i].section == section)
			snprintf(known + strlen(known),
				 sizeof known - strlen(known), "%s%s",
				 *known ? ", " : "", fields[i].key);
	for (uint32_t n = yaml->nodes[map].first; n; n = yaml->nodes[n].next) {
		const char *key = yaml_text(yaml, yaml->nodes[n].key);
		bool found = stands_in(other, key);

		for (size_t i = 0; !found && i < ARRAY_LEN(fields); i++)
			found = fields[i].section == section &&
				strcmp(fields[i].key, key) == 0;
		if (!found)
			recipe_wrong(r, yaml->nodes[n].key, TEXT_FIELD_UNKNOWN,
				     key, known);
	}
}

void recipe_fields(const struct reading_recipe *r, uint32_t section,
		   uint32_t map, const char *const *other, void *out)
{
	if (r->recipe->yaml.nodes[map].kind != NODE_MAP) {
		recipe_wrong(r, map, TEXT_FIELD_MAP, NULL, NULL);
		return;
	}
	refuse_unknown(r, section, map, other);
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		const struct recipe_field *field = &fields[i];
		uint32_t node = recipe_find(r->recipe, map, field->key);

		if (field->section != section || field->kind == KIND_PART)
			continue;
		if (node)
			read_value(r, field, node,
				   (uint8_t *)out + field->offset);
		else if (!field->fallback)
			recipe_wrong(r, map, TEXT_FIELD_MISSING, field->key,
				     kind_name(field));
		else if (*field->fallback &&
			 !read_scalar(field, field->fallback,
				      (uint8_t *)out + field->offset))
			die("recipe.def: fallback of %s", field->key);
	}
}
