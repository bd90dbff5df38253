#include "audit/search/terms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void terms_clear(struct terms *terms)
{
	for (uint32_t i = 0; i < terms->n; i++)
		free(terms->all[i].places);
	free(terms->all);
	free(terms->slots);
	*terms = (struct terms){ 0 };
}

void terms_key(char key[static TERMS_KEY], enum query_term term,
	       const char *value, size_t len)
{
	if (len >= QUERY_VALUE)
		key[0] = '\0';
	else
		snprintf(key, TERMS_KEY, "%s=%.*s", query_name(term), (int)len,
			 value);
}

/* FNV-1a: short keys of our own; who could choose them is slowed down alone. */
static uint32_t hash(const char *key)
{
	uint32_t hash = 2166136261u;

	while (*key)
		hash = (hash ^ (uint8_t)*key++) * 16777619u;
	return hash;
}

static uint32_t *slot_of(const struct terms *terms, const char *key)
{
	uint32_t mask = 2 * terms->room - 1;
	uint32_t at = hash(key) & mask;

	while (terms->slots[at] &&
	       strcmp(terms->all[terms->slots[at] - 1].key, key) != 0)
		at = (at + 1) & mask;
	return &terms->slots[at];
}

/* Twice the room, which is a power of two. */
static int grow(struct terms *terms)
{
	uint32_t room = terms->room ? 2 * terms->room : 1024;
	struct terms_one *all =
		reallocarray(terms->all, room, sizeof *terms->all);

	if (!all)
		return -1;
	terms->all = all;
	uint32_t *slots = calloc(2 * (size_t)room, sizeof *slots);
	if (!slots)
		return -1;
	free(terms->slots);
	terms->slots = slots;
	terms->room = room;
	for (uint32_t i = 0; i < terms->n; i++)
		*slot_of(terms, all[i].key) = i + 1;
	return 0;
}

static struct terms_one *find(struct terms *terms, const char *key)
{
	if (terms->n == terms->room && grow(terms) < 0)
		return NULL;
	uint32_t *slot = slot_of(terms, key);
	if (*slot == 0) {
		struct terms_one *one = &terms->all[terms->n++];

		*one = (struct terms_one){ .n = 0 };
		memcpy(one->key, key, strlen(key) + 1);
		*slot = terms->n;
	}
	return &terms->all[*slot - 1];
}

static int add_place(struct terms_one *one, uint16_t place)
{
	if (one->n > 0 && one->places[one->n - 1] == place)
		return 0;
	if (one->n == one->room) {
		uint32_t room = one->room ? 2 * one->room : 8;
		uint16_t *places =
			reallocarray(one->places, room, sizeof *places);

		if (!places)
			return -1;
		one->places = places;
		one->room = room;
	}
	one->places[one->n++] = place;
	return 0;
}

struct adding {
	struct terms *terms;
	uint16_t place;
};

static void take(void *context, enum query_term term, const char *value,
		 size_t len)
{
	struct adding *adding = context;
	struct terms *terms = adding->terms;
	char key[TERMS_KEY];

	terms_key(key, term, value, len);
	if (!*key || terms->failed)
		return;
	struct terms_one *one = find(terms, key);
	if (!one || add_place(one, adding->place) < 0)
		terms->failed = true;
}

int terms_add(struct terms *terms, const struct record_view *record,
	      uint16_t place)
{
	struct adding adding = { terms, place };

	query_terms(record, take, &adding);
	return terms->failed ? -1 : 0;
}
