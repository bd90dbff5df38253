/* links: policy/prepare policy audit gateway/base; -lsqlite3 -lyaml -lutf8proc -lcrypto */
/*
 * recipe - a recipe of any bytes is refused with problems that can be said, or
 * is whole: every column has its actions, every name its column.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/prepare/recipe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_column(const struct column *column)
{
	if (!column->name || !*column->name || !column->as ||
	    column->nactions == 0)
		abort();
	for (uint32_t i = 0; i < column->nactions; i++)
		if (column->actions[i].what == DO_NOTHING ||
		    column->actions[i].what >= DOS)
			abort();
}

static void check_recipe(const struct recipe *recipe)
{
	if (!recipe->dataset || !recipe->permit || recipe->nsources == 0)
		abort();
	for (uint32_t i = 0; i < recipe->nsources; i++) {
		const struct source *source = &recipe->sources[i];

		if (!source->path || source->encoding == ENCODING_NONE ||
		    source->ncolumns == 0)
			abort();
		for (uint32_t c = 0; c < source->ncolumns; c++)
			check_column(&source->columns[c]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct problems problems;
	static struct recipe recipe;
	char sentence[PROBLEM_SIZE];

	problems.count = 0;
	if (recipe_load(&recipe, "x.yaml", data, size, &problems) == 0)
		check_recipe(&recipe);
	else if (problems.count == 0)
		abort();
	for (size_t i = 0; i < problems_texts(&problems); i++)
		problems_text(&problems, i, i % 2 ? "ja" : "en", sentence,
			      sizeof sentence);
	recipe_clear(&recipe);
	return 0;
}
