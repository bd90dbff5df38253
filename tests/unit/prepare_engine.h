/*
 * prepare_engine - a source through the engine of sekisho-prepare, in this
 * process and under a key of the test's choice.
 */
#ifndef TESTS_UNIT_PREPARE_ENGINE_H
#define TESTS_UNIT_PREPARE_ENGINE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/prepare/extract.h"
#include "tests/unit/tap.h"

enum { ENGINE_TEXT = 1 << 22 };

struct engine {
	uint8_t key[PRF_KEY];
	uint32_t threads;
	struct problems problems; /* of the recipe */
	struct fault fault;
	struct tally rows;
	struct classes_result classes;
	uint64_t optouts_met;
	char out[ENGINE_TEXT]; /* the result as CSV */
};

static void engine_file(const char *name, const void *bytes, size_t len)
{
	char path[4096];
	FILE *out;

	snprintf(path, sizeof path, "%s/%s", tap_folder(), name);
	out = fopen(path, "we");
	CHECK(out != NULL);
	CHECK(fwrite(bytes, 1, len, out) == len);
	CHECK(fclose(out) == 0);
}

static void engine_text(const char *name, const char *text)
{
	engine_file(name, text, strlen(text));
}

/* Run the whole recipe text over its first source. 0, or -1: engine->fault;
 * a recipe with problems has the code of the first. */
static int engine_recipe(struct engine *engine, const char *text)
{
	static struct recipe recipe;
	static struct extract extract;
	struct bundle bundle;
	struct spill pseudonyms;
	char path[4096];
	int done;

	engine->problems.count = 0;
	if (recipe_load(&recipe, "d.yaml", (const uint8_t *)text, strlen(text),
			&engine->problems) < 0) {
		fault_set(&engine->fault,
			  fault_of_text(engine->problems.kept[0].id,
					FAULT_RECIPE));
		recipe_clear(&recipe);
		return -1;
	}
	snprintf(path, sizeof path, "%s/bundle", tap_folder());
	CHECK(bundle_begin(&bundle, path, &engine->fault) == 0);
	spill_init(&pseudonyms, &bundle, PSEUDONYM_BYTES);
	struct preparation preparation = {
		.recipe = &recipe,
		.sources = open(tap_folder(), O_RDONLY | O_CLOEXEC),
		.key = engine->key,
		.bundle = &bundle,
		.pseudonyms = &pseudonyms,
		.threads = engine->threads ? engine->threads : 2
	};
	done = extract_source(&extract, &recipe.sources[0], &preparation,
			      &engine->fault);
	engine->out[0] = '\0';
	if (done == 0) {
		ssize_t n = pread(extract.fd, engine->out,
				  sizeof engine->out - 1, 0);

		CHECK(n >= 0);
		engine->out[n] = '\0';
		engine->rows = extract.rows;
		engine->classes = extract.classes;
		engine->optouts_met = extract.optouts_met;
	}
	extract_clear(&extract);
	spill_clear(&pseudonyms);
	bundle_clear(&bundle);
	recipe_clear(&recipe);
	close(preparation.sources);
	return done;
}

/* A recipe with one source a.csv: more lines of the source, and columns. */
static int engine_run(struct engine *engine, const char *source,
		      const char *columns)
{
	static char text[65536];

	snprintf(text, sizeof text,
		 "version: 1\npermit: P-1\nprofile: pseudonymized\nsources:\n"
		 "  a:\n    path: a.csv\n%s%s    columns:\n%s",
		 strstr(source, "encoding:") ? "" : "    encoding: utf-8\n",
		 source, columns);
	return engine_recipe(engine, text);
}

#endif
