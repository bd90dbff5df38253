/*
 * fields - read maps by the table of fields.def.
 *
 * Runs in sekisho-policy and sekishoctl. Pure but for the problems it notes.
 */
#include "policy/fields.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/own.h"
#include "policy/kinds.h"

enum section {
	SECTION_site,
	SECTION_listen,
	SECTION_records,
	SECTION_connections,
	SECTION_login,
	SECTION_operator,
	SECTION_person,
	SECTION_permit,
	SECTION_extent,
	SECTION_limits,
	SECTION_dataset
};

enum shape { SHAPE_FIELD, SHAPE_PART, SHAPE_PARTS };

struct field {
	enum section section;
	const char *key;
	enum shape shape;
	enum kind kind;
	uint64_t least, most;
	const char *fallback;
	size_t offset;
	enum section child;
	/* PARTS: a count is at offset, behind it so many items of this size,
	 * each of which begins with its line */
	size_t items, size, room;
};

static const struct field fields[] = {
#define FIELD(section, key, kind, least, most, fallback, meaning)              \
	{ SECTION_##section, #key, SHAPE_FIELD, KIND_##kind,                   \
	  (uint64_t)least,   most, fallback,	offsetof(struct section, key), \
	  SECTION_##section, 0,	   0,		0 },
#define PART(section, key, child, meaning)                                     \
	{ SECTION_##section,                                                   \
	  #key,                                                                \
	  SHAPE_PART,                                                          \
	  KIND_NONE,                                                           \
	  0,                                                                   \
	  0,                                                                   \
	  "",                                                                  \
	  offsetof(struct section, key),                                       \
	  SECTION_##child,                                                     \
	  0,                                                                   \
	  0,                                                                   \
	  0 },
#define PARTS(section, key, child, meaning)                                    \
	{ SECTION_##section,                                                   \
	  #key,                                                                \
	  SHAPE_PARTS,                                                         \
	  KIND_NONE,                                                           \
	  0,                                                                   \
	  0,                                                                   \
	  "",                                                                  \
	  offsetof(struct section, key),                                       \
	  SECTION_##child,                                                     \
	  offsetof(struct section, key.item) - offsetof(struct section, key),  \
	  sizeof((struct section *)NULL)->key.item[0],                         \
	  ARRAY_LEN(((struct section *)NULL)->key.item) },
#include "policy/fields.def"
#undef FIELD
#undef PART
#undef PARTS
};

/* Where one map is being read, and into what. */
struct place {
	const struct yaml *yaml;
	struct problems *problems;
	enum section section;
	const char *prefix; /* "" or "limits." */
	uint8_t *out;
};

static void read_map(const struct place *place, uint32_t map);

static const struct field *find_field(enum section section, const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (fields[i].section == section &&
		    strcmp(fields[i].key, key) == 0)
			return &fields[i];
	return NULL;
}

static uint32_t find_value(const struct yaml *yaml, uint32_t map,
			   const char *key)
{
	if (map == 0 || yaml->nodes[map].kind != NODE_MAP)
		return 0;
	for (uint32_t n = yaml->nodes[map].first; n; n = yaml->nodes[n].next)
		if (strcmp(yaml_text(yaml, yaml->nodes[n].key), key) == 0)
			return n;
	return 0;
}

static void known_keys(enum section section, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (fields[i].section != section)
			continue;
		int n = snprintf(out + used, size - used, "%s%s",
				 used ? ", " : "", fields[i].key);
		used += n > 0 && (size_t)n < size - used ? (size_t)n : 0;
	}
}

static void refuse_unknown(const struct place *place, uint32_t map)
{
	const struct yaml *yaml = place->yaml;
	char known[160];

	for (uint32_t n = yaml->nodes[map].first; n; n = yaml->nodes[n].next) {
		uint32_t key = yaml->nodes[n].key;

		if (find_field(place->section, yaml_text(yaml, key)))
			continue;
		known_keys(place->section, known, sizeof known);
		problems_add(place->problems, yaml->file, yaml->nodes[key].line,
			     TEXT_FIELD_UNKNOWN, yaml_text(yaml, key), known,
			     NULL);
	}
}

static void read_parts(const struct place *part, const struct field *field,
		       uint32_t list)
{
	const struct yaml *yaml = part->yaml;
	uint32_t *count = (uint32_t *)(void *)part->out;
	char most[24];

	if (list && yaml->nodes[list].kind != NODE_LIST) {
		problems_add(part->problems, yaml->file, yaml->nodes[list].line,
			     TEXT_FIELD_LIST, field->key, NULL, NULL);
		return;
	}
	for (uint32_t n = list ? yaml->nodes[list].first : 0; n;
	     n = yaml->nodes[n].next) {
		struct place one = *part;

		if (*count == field->room) {
			snprintf(most, sizeof most, "%zu", field->room);
			problems_add(part->problems, yaml->file,
				     yaml->nodes[n].line, TEXT_FIELD_RANGE,
				     field->key, "0", most);
			return;
		}
		one.out = part->out + field->items + field->size * (*count)++;
		*(uint32_t *)(void *)one.out = yaml->nodes[n].line;
		read_map(&one, n);
	}
}

static void read_part(const struct place *place, const struct field *field,
		      uint32_t node)
{
	char prefix[64];
	struct place part = *place;

	snprintf(prefix, sizeof prefix, "%s%s.", place->prefix, field->key);
	part.prefix = prefix;
	part.section = field->child;
	part.out = place->out + field->offset;
	if (field->shape == SHAPE_PARTS)
		read_parts(&part, field, node);
	else
		read_map(&part, node);
}

static void read_field(const struct place *place, const struct field *field,
		       uint32_t map)
{
	const struct yaml *yaml = place->yaml;
	uint32_t node = find_value(yaml, map, field->key);
	char key[128];
	struct slot slot = {
		.key = key,
		.file = yaml->file,
		.least = field->least,
		.most = field->most,
		.out = place->out + field->offset,
		.problems = place->problems,
	};

	snprintf(key, sizeof key, "%s%s", place->prefix, field->key);
	if (field->shape != SHAPE_FIELD)
		read_part(place, field, node);
	else if (node && !(yaml->nodes[node].kind == NODE_SCALAR &&
			   yaml->nodes[node].len == 0 && field->fallback &&
			   !*field->fallback))
		kind_read(field->kind, yaml, node, &slot);
	else if (field->fallback)
		kind_fallback(field->kind, field->fallback, &slot);
	else
		problems_add(place->problems, yaml->file,
			     map ? yaml->nodes[map].line : 0,
			     TEXT_FIELD_MISSING, key, kind_meaning(field->kind),
			     NULL);
}

/* map 0: the map is not there, so every field takes its fallback. */
static void read_map(const struct place *place, uint32_t map)
{
	if (map && place->yaml->nodes[map].kind != NODE_MAP) {
		problems_add(place->problems, place->yaml->file,
			     place->yaml->nodes[map].line, TEXT_FIELD_MAP, NULL,
			     NULL, NULL);
		return;
	}
	if (map)
		refuse_unknown(place, map);
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (fields[i].section == place->section)
			read_field(place, &fields[i], map);
}

#define FIELDS_OF(name)                                                        \
	void fields_##name(const struct yaml *yaml, struct name *out,          \
			   struct problems *problems)                          \
	{                                                                      \
		struct place place = { yaml, problems, SECTION_##name, "",     \
				       (uint8_t *)out };                       \
                                                                               \
		memset(out, 0, sizeof *out);                                   \
		read_map(&place, 1);                                           \
	}

FIELDS_OF(site)
FIELDS_OF(person)
FIELDS_OF(permit)
FIELDS_OF(dataset)

unsigned int fields_line(const struct yaml *yaml, const char *key)
{
	uint32_t node = yaml->count > 1 ? find_value(yaml, 1, key) : 0;

	return node ? yaml->nodes[node].line : 1;
}

unsigned int fields_member_line(const struct yaml *yaml, const char *key,
				const char *member)
{
	uint32_t list = yaml->count > 1 ? find_value(yaml, 1, key) : 0;

	for (uint32_t n = list ? yaml->nodes[list].first : 0; n;
	     n = yaml->nodes[n].next)
		if (strcmp(yaml_text(yaml, n), member) == 0)
			return yaml->nodes[n].line;
	return fields_line(yaml, key);
}
