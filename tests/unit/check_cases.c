/* links: policy/airlock/parse policy/airlock/compare policy/airlock/findings gateway/base; -ljansson -lz */
/*
 * Every case of tests/cases/disclosure.json, through parser and review.
 *
 * A case that cannot hold yet is named here with what it waits for; one that
 * holds all the same must be taken off the list. So the number of cases that
 * wait is always the true one.
 */
#include <jansson.h>

#include "gateway/base/own.h"
#include "tests/unit/checking.h"

enum { CASES = 78, WAITING = 7 };

static const struct {
	const char *id, *why;
} waiting[] = {
	{ "T09-a", "persons recounted from the dataset" },
};

static struct checking checking;
static json_t *whole; /* what all tests of this child look into */

static json_t *load(void)
{
	json_error_t error;

	whole = json_load_file("tests/cases/disclosure.json", 0, &error);

	CHECK(whole != NULL);
	return json_object_get(whole, "cases");
}

static const char *word(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "";
}

static uint64_t number_of(const char *text, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(text, words[i]) == 0)
			return i;
	CHECK_STR(text, "a word of the profile");
	return 0;
}

/* config overrides the profile; false: a key that is not built */
static bool read_config(struct profile *profile, const json_t *config)
{
	static const char *const zero[] = { "block", "flag", "allow" };
	static const char *const policy[] = { "ndb", "uk-10", "opensafely" };
	static const char *const facility[] = { "forbid", "allow" };
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)config, key, value)
	{
		const char *text = json_string_value(value);

		if (strcmp(key, "k") == 0)
			profile->k = (uint64_t)json_integer_value(value);
		else if (strcmp(key, "zero_policy") == 0)
			profile->zero_policy = number_of(text, zero, 3);
		else if (strcmp(key, "policy") == 0)
			profile->policy = number_of(text, policy, 3);
		else if (strcmp(key, "suppressed_min") == 0)
			profile->suppressed_min =
				(uint64_t)json_integer_value(value);
		else if (strcmp(key, "suppressed_max") == 0)
			profile->suppressed_max =
				(uint64_t)json_integer_value(value);
		else if (strcmp(key, "facility_output") == 0)
			profile->facility_output = number_of(text, facility, 2);
		else if (strcmp(key, "accept_cp932") == 0)
			profile->accept_cp932 = json_is_true(value);
		else if (strcmp(key, "allow") != 0)
			return false; /* types that cannot be read block */
	}
	return true;
}

static void read_card(struct card *card, const json_t *json)
{
	static const char *const types[] = { "",	"count",  "percent",
					     "stats",	"volume", "model",
					     "survival" };
	static const char *const modes[] = { "nearest", "up", "midpoint" };
	const json_t *rounding = json_object_get(json, "rounding");

	*card = (struct card){ 0 };
	card->type = (enum card_type)number_of(word(json, "type"), types, 7);
	card->n_column = json_string_value(json_object_get(json, "n_column"));
	card->population_column =
		json_string_value(json_object_get(json, "population_column"));
	card->geo_municipality = strcmp(word(json, "geo"), "municipality") == 0;
	card->rounding_base =
		(uint64_t)json_integer_value(json_object_get(rounding, "base"));
	if (*word(rounding, "mode"))
		card->rounding_mode = (enum rounding_mode)number_of(
			word(rounding, "mode"), modes, 3);
	card->rounding_totals = strcmp(word(rounding, "cells"), "totals") == 0;
}

static size_t decode_base64(uint8_t *out, const char *text)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm"
				       "nopqrstuvwxyz0123456789+/";
	unsigned int bits = 0, have = 0;
	size_t len = 0;

	for (; *text && *text != '='; text++) {
		const char *at = strchr(alphabet, *text);

		CHECK(at != NULL);
		bits = (bits << 6 | (unsigned int)(at - alphabet)) & 0xffffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[len++] = (uint8_t)(bits >> have);
		}
	}
	return len;
}

static void run_files(const json_t *files)
{
	size_t i;
	json_t *file;

	json_array_foreach(files, i, file)
	{
		const json_t *text = json_object_get(file, "text");
		const char *b64 = word(file, "b64");
		AUTO_FREE uint8_t *bytes = malloc(strlen(b64) + 1);

		CHECK(bytes != NULL);
		if (text)
			checking_file(&checking, word(file, "name"),
				      json_string_value(text),
				      json_string_length(text));
		else
			checking_file(&checking, word(file, "name"), bytes,
				      decode_base64(bytes, b64));
	}
}

static void run_history(const json_t *history)
{
	size_t i;
	json_t *file;

	json_array_foreach(history, i, file)
	{
		const json_t *text = json_object_get(file, "text");
		json_t *release = json_object_get(file, "release");

		read_card(&checking.review.card, json_object_get(file, "card"));
		checking_any(&checking, word(file, "name"),
			     json_string_value(text), json_string_length(text),
			     (uint32_t)json_integer_value(release));
	}
}

static bool holds(const json_t *expect)
{
	static const char *const verdicts[] = { "BLOCK", "REVIEW", "CLEAR" };
	static const char *const severities[] = { "block", "flag", "info" };
	const enum checked verdict = checking.review.findings.verdict;
	size_t i;
	json_t *f;

	if (strcmp(verdicts[verdict], word(expect, "verdict")) != 0)
		return false;
	json_array_foreach(json_object_get(expect, "findings"), i, f)
	{
		int severity =
			(int)number_of(word(f, "severity"), severities, 3);

		if (!checking_found(&checking, word(f, "code"), severity))
			return false;
	}
	json_array_foreach(json_object_get(expect, "must_not"), i, f)
	{
		const char *code = json_string_value(f);

		/* "CODE@where": another cell may have it */
		if (!strchr(code, '@') && checking_found(&checking, code, -1))
			return false;
	}
	return true;
}

/* NULL: nothing is missing for it; else what it needs */
static const char *needs(const json_t *one)
{
	size_t i;
	json_t *f;

	json_array_foreach(
		json_object_get(json_object_get(one, "expect"), "findings"), i,
		f) if (!finding_find(word(f, "code"))) return word(f, "code");
	for (i = 0; i < ARRAY_LEN(waiting); i++)
		if (strcmp(waiting[i].id, word(one, "id")) == 0)
			return waiting[i].why;
	return NULL;
}

static bool run(const json_t *one)
{
	checking_init(&checking);
	bool known = read_config(&checking.review.profile,
				 json_object_get(one, "config"));
	run_history(json_object_get(one, "history"));
	read_card(&checking.review.card, json_object_get(one, "card"));
	run_files(json_object_get(one, "files"));
	return known && holds(json_object_get(one, "expect"));
}

TEST(all, "every case holds, or is known to wait for something")
{
	size_t i, waits = 0, wrong = 0;
	json_t *one;

	json_t *cases = load();
	CHECK_INT(json_array_size(cases), CASES);
	json_array_foreach(cases, i, one)
	{
		const char *need = needs(one);
		const bool held = run(one);

		if (need)
			fprintf(stderr, "# %s waits for: %s\n", word(one, "id"),
				need);
		waits += need != NULL;
		if (held == (need == NULL))
			continue;
		wrong++;
		fprintf(stderr, "# %s %s: %s\n%s", word(one, "id"),
			held ? "holds, and should not wait" : "does not hold",
			word(one, "title"), checking_list(&checking));
	}
	fprintf(stderr, "# %zu of %d cases hold, %zu wait\n",
		CASES - waits - wrong, CASES, waits);
	CHECK_INT(wrong, 0);
	CHECK_INT(waits, WAITING);
}

TAP_MAIN
