/*
 * recipe - the parts of a recipe that are maps of maps, and what must hold
 * between them.
 *
 * Runs in sekisho-prepare. The recipe is the custodian's, but it is read as
 * strictly as a stranger's: a slip in it is a disclosure.
 */
#include "policy/prepare/recipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/err.h"
#include "policy/prepare/recipe_fields.h"

struct memory {
	struct memory *next;
	_Alignas(16) uint8_t bytes[];
};

void *recipe_memory(struct recipe *recipe, size_t count, size_t size)
{
	struct memory *more = calloc(1, sizeof *more + count * size + 1);

	if (!more)
		die("out of memory");
	more->next = recipe->memory;
	recipe->memory = more;
	return more->bytes;
}

void recipe_clear(struct recipe *recipe)
{
	while (recipe->memory) {
		struct memory *next = recipe->memory->next;

		free(recipe->memory);
		recipe->memory = next;
	}
	yaml_clear(&recipe->yaml);
}

uint32_t recipe_members(const struct recipe *recipe, uint32_t node)
{
	const struct node *nodes = recipe->yaml.nodes;
	uint32_t count = 0;

	for (uint32_t n = node ? nodes[node].first : 0; n; n = nodes[n].next)
		count++;
	return count;
}

/* --- Sources --------------------------------------------------------------- */

/* Names of sources become names of files and tables. */
static bool is_source_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len < ID_SIZE && name[0] >= 'a' && name[0] <= 'z' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == len &&
	       strncmp(name, "sqlite_", 7) != 0;
}

/* Whose rows: history, opt-outs, cohort. */
static void read_who(const struct reading_recipe *r, uint32_t node,
		     struct source *source)
{
	uint32_t optout = recipe_find(r->recipe, node, "optout");
	uint32_t cohort = recipe_find(r->recipe, node, "cohort");

	source->has_optout = optout != 0;
	source->has_cohort = cohort != 0;
	if (optout)
		recipe_fields(r, SECTION_optout, optout, NULL, &source->optout);
	if (cohort)
		recipe_fields(r, SECTION_cohort, cohort, NULL, &source->cohort);
}

static void read_filters(const struct reading_recipe *r, uint32_t node,
			 struct source *source)
{
	struct recipe *recipe = r->recipe;
	const struct node *nodes = recipe->yaml.nodes;
	uint32_t list = recipe_find(recipe, node, "rows");

	if (!list)
		return;
	if (nodes[list].kind != NODE_LIST) {
		recipe_wrong(r, list, TEXT_FIELD_LIST, "rows", NULL);
		return;
	}
	source->filters = recipe_memory(recipe, recipe_members(recipe, list),
					sizeof *source->filters);
	for (uint32_t n = nodes[list].first; n; n = nodes[n].next) {
		struct filter *filter = &source->filters[source->nfilters++];

		filter->line = nodes[n].line;
		recipe_fields(r, SECTION_filter, n, NULL, filter);
	}
}

static void read_source(const struct reading_recipe *r, uint32_t node,
			struct source *source)
{
	const struct yaml *yaml = &r->recipe->yaml;
	uint32_t subject = recipe_find(r->recipe, node, "subject");

	source->name = yaml_text(yaml, yaml->nodes[node].key);
	source->line = yaml->nodes[yaml->nodes[node].key].line;
	if (!is_source_name(source->name))
		recipe_wrong(r, yaml->nodes[node].key, TEXT_RECIPE_SOURCE_NAME,
			     source->name, NULL);
	recipe_fields(r, SECTION_source, node, NULL, source);
	if (yaml->nodes[node].kind != NODE_MAP)
		return;
	source->separator = source->format == 2 ? '\t' : ',';
	source->has_subject = subject != 0;
	if (subject)
		recipe_fields(r, SECTION_subject, subject, NULL,
			      &source->subject);
	read_who(r, node, source);
	read_filters(r, node, source);
	recipe_columns(r, node, source);
	recipe_check_source(r, source);
}

static void read_sources(const struct reading_recipe *r)
{
	struct recipe *recipe = r->recipe;
	const struct node *nodes = recipe->yaml.nodes;
	uint32_t map = recipe_find(recipe, 1, "sources");
	uint32_t count = recipe_members(recipe, map);

	if (!map || nodes[map].kind != NODE_MAP || count == 0 || count > 64) {
		recipe_wrong(r, map ? map : 1, TEXT_RECIPE_SOURCES, NULL, NULL);
		return;
	}
	recipe->sources = recipe_memory(recipe, count, sizeof *recipe->sources);
	for (uint32_t n = nodes[map].first; n; n = nodes[n].next)
		read_source(r, n, &recipe->sources[recipe->nsources++]);
}

/* --- The rest ----------------------------------------------------------------- */

static void read_catalogue(const struct reading_recipe *r)
{
	struct recipe *recipe = r->recipe;
	const struct yaml *yaml = &recipe->yaml;
	uint32_t map = recipe_find(recipe, 1, "catalogue");
	uint32_t systems = recipe_find(recipe, map, "code_systems");
	uint32_t count = recipe_members(recipe, systems);

	if (!map)
		return;
	recipe_fields(r, SECTION_catalogue, map, NULL, &recipe->catalogue);
	recipe->catalogue.columns =
		recipe_memory(recipe, count, sizeof(char *));
	recipe->catalogue.systems =
		recipe_memory(recipe, count, sizeof(char *));
	for (uint32_t n = systems ? yaml->nodes[systems].first : 0; n;
	     n = yaml->nodes[n].next) {
		uint32_t i = recipe->catalogue.nsystems++;

		recipe->catalogue.columns[i] =
			yaml_text(yaml, yaml->nodes[n].key);
		recipe->catalogue.systems[i] = yaml_text(yaml, n);
	}
}

/* `stop`, or a map with the one key `quarantine`. */
static void read_on_error(const struct reading_recipe *r)
{
	struct recipe *recipe = r->recipe;
	const struct yaml *yaml = &recipe->yaml;
	uint32_t node = recipe_find(recipe, 1, "on_error");
	uint32_t map = recipe_find(recipe, node, "quarantine");

	if (!node || strcmp(yaml_text(yaml, node), "stop") == 0)
		return;
	if (!map || recipe_members(recipe, node) != 1) {
		recipe_wrong(r, node, TEXT_RECIPE_ON_ERROR, NULL, NULL);
		return;
	}
	recipe->has_quarantine = true;
	recipe_fields(r, SECTION_quarantine, map, NULL, &recipe->quarantine);
}

static void read_report(const struct reading_recipe *r)
{
	struct recipe *recipe = r->recipe;
	uint32_t map = recipe_find(recipe, 1, "report");
	uint32_t require = recipe_find(recipe, map, "require");

	recipe->require = (struct require){ 1, 1 };
	if (!map)
		return;
	recipe_fields(r, SECTION_report, map, NULL, &recipe->report);
	if (require)
		recipe_fields(r, SECTION_require, require, NULL,
			      &recipe->require);
}

static void name_dataset(const struct reading_recipe *r, const char *name)
{
	struct recipe *recipe = r->recipe;
	size_t len = strlen(name);
	char *made;

	if (recipe->dataset)
		return;
	if (len > 5 && strcmp(name + len - 5, ".yaml") == 0)
		len -= 5;
	made = recipe_memory(recipe, len + 1, 1);
	memcpy(made, name, len);
	recipe->dataset = made;
	if (len >= ID_SIZE)
		recipe_wrong(r, 1, TEXT_FIELD_MISSING, "dataset", "id");
}

int recipe_load(struct recipe *recipe, const char *name, const uint8_t *bytes,
		size_t len, struct problems *problems)
{
	struct reading_recipe r = { recipe, problems };
	static const char *const none[] = { NULL };
	size_t before = problems->count;

	memset(recipe, 0, sizeof *recipe);
	snprintf(recipe->file, sizeof recipe->file, "%s", name);
	if (yaml_parse(&recipe->yaml, recipe->file, bytes, len, problems) < 0)
		return -1;
	recipe_fields(&r, SECTION_recipe, 1, none, recipe);
	if (recipe->yaml.nodes[1].kind == NODE_MAP) {
		name_dataset(&r, recipe->file);
		read_sources(&r);
		read_on_error(&r);
		read_report(&r);
		read_catalogue(&r);
		recipe_check(&r);
	}
	return problems->count == before ? 0 : -1;
}
