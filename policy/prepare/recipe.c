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
#include "policy/prepare/prf.h"
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

static uint32_t members(const struct recipe *recipe, uint32_t node)
{
	const struct node *nodes = recipe->yaml.nodes;
	uint32_t count = 0;

	for (uint32_t n = node ? nodes[node].first : 0; n; n = nodes[n].next)
		count++;
	return count;
}

/* --- Actions ------------------------------------------------------------ */

static const char *const column_keys[] = { "do", "as", NULL };

static void check_action(const struct reading_recipe *r, uint32_t node,
			 const struct action *action)
{
	char bits[16];

	if (action->what != DO_pseudonym || action->length == 0 ||
	    action->length >= PSEUDONYM_LEAST)
		return;
	snprintf(bits, sizeof bits, "%u", action->length * 5);
	recipe_wrong(r, node, TEXT_FAULT_WEAK_PSEUDONYM, bits, NULL);
}

/* An action whose name is known: its parameters are the keys of map. */
static void read_action(const struct reading_recipe *r, const char *word,
			uint32_t map, struct action *action)
{
	struct yaml *yaml = &r->recipe->yaml;

	action->what = do_of_word(word);
	action->line = yaml->nodes[map].line;
	if (action->what == DO_NOTHING) {
		char known[160] = "";

		for (enum do_what what = 1; what < DOS; what++)
			snprintf(known + strlen(known),
				 sizeof known - strlen(known), "%s%s",
				 *known ? ", " : "", do_word(what));
		recipe_wrong(r, map, TEXT_RECIPE_ACTION, word, known);
		return;
	}
	recipe_fields(r, SECTION_ACTIONS + action->what, map, column_keys,
		      action);
	check_action(r, map, action);
}

/* {do: NAME, ...}, or in a chain also {NAME: {...}}. */
static void read_link(const struct reading_recipe *r, uint32_t node,
		      struct action *action)
{
	const struct yaml *yaml = &r->recipe->yaml;
	const struct node *nodes = yaml->nodes;
	uint32_t first = nodes[node].kind == NODE_MAP ? nodes[node].first : 0;
	uint32_t name = recipe_find(r->recipe, node, "do");

	if (name && nodes[name].kind == NODE_SCALAR)
		read_action(r, yaml_text(yaml, name), node, action);
	else if (first && !nodes[first].next && nodes[first].kind == NODE_MAP)
		read_action(r, yaml_text(yaml, nodes[first].key), first,
			    action);
	else
		recipe_wrong(r, node, TEXT_RECIPE_DO, NULL, NULL);
}

static void read_chain(const struct reading_recipe *r, uint32_t list,
		       struct column *column)
{
	const struct node *nodes = r->recipe->yaml.nodes;
	uint32_t count = members(r->recipe, list);

	column->actions =
		recipe_memory(r->recipe, count, sizeof *column->actions);
	if (count == 0)
		recipe_wrong(r, list, TEXT_RECIPE_DO, NULL, NULL);
	for (uint32_t n = nodes[list].first; n; n = nodes[n].next) {
		struct action *action = &column->actions[column->nactions++];

		read_link(r, n, action);
		if (action->what == DO_drop && count > 1)
			recipe_wrong(r, n, TEXT_RECIPE_DROP, NULL, NULL);
	}
}

static void read_column(const struct reading_recipe *r, uint32_t node,
			struct column *column)
{
	const struct yaml *yaml = &r->recipe->yaml;
	const struct node *nodes = yaml->nodes;
	uint32_t chain = recipe_find(r->recipe, node, "do");
	uint32_t as = recipe_find(r->recipe, node, "as");

	column->line = nodes[nodes[node].key].line;
	column->name = column->as = yaml_text(yaml, nodes[node].key);
	if (strlen(column->name) > 200 || !*column->name)
		recipe_wrong(r, nodes[node].key, TEXT_RECIPE_NAME, NULL, NULL);
	if (as)
		column->as = yaml_text(yaml, as);
	if (as && (!*column->as || strlen(column->as) > 200))
		recipe_wrong(r, as, TEXT_RECIPE_NAME, NULL, NULL);
	if (nodes[node].kind == NODE_LIST) {
		read_chain(r, node, column);
	} else if (chain && nodes[chain].kind == NODE_LIST) {
		for (uint32_t n = nodes[node].first; n; n = nodes[n].next)
			if (n != chain && n != as)
				recipe_wrong(r, nodes[n].key,
					     TEXT_FIELD_UNKNOWN,
					     yaml_text(yaml, nodes[n].key),
					     "do, as");
		read_chain(r, chain, column);
	} else {
		column->actions =
			recipe_memory(r->recipe, 1, sizeof *column->actions);
		column->nactions = 1;
		read_link(r, node, column->actions);
	}
}

bool column_shown(const struct column *column)
{
	return column->nactions > 0 && column->actions[0].what != DO_drop;
}

/* --- Sources --------------------------------------------------------------- */

static const struct column *find_column(const struct source *source,
					const char *name)
{
	for (uint32_t i = 0; i < source->ncolumns; i++)
		if (strcmp(source->columns[i].name, name) == 0)
			return &source->columns[i];
	return NULL;
}

static void check_result_names(const struct reading_recipe *r,
			       const struct source *source)
{
	uint32_t shown = 0;

	for (uint32_t i = 0; i < source->ncolumns; i++) {
		const struct column *one = &source->columns[i];

		if (!column_shown(one))
			continue;
		shown++;
		for (uint32_t k = 0; k < i; k++)
			if (column_shown(&source->columns[k]) &&
			    strcasecmp(source->columns[k].as, one->as) == 0)
				problems_add(r->problems, r->recipe->file,
					     one->line, TEXT_RECIPE_SAME_NAME,
					     one->as, NULL, NULL);
	}
	if (shown == 0)
		problems_add(r->problems, r->recipe->file, source->line,
			     TEXT_RECIPE_ALL_DROPPED, source->name, NULL, NULL);
}

/* Every column that another part of the recipe names must be listed. */
static void check_named(const struct reading_recipe *r,
			const struct source *source, const char *name,
			unsigned int line)
{
	if (name && !find_column(source, name))
		problems_add(r->problems, r->recipe->file, line,
			     TEXT_RECIPE_NO_COLUMN, name, source->name, NULL);
}

/* A person's own id never goes out as it is. */
static void check_subject(const struct reading_recipe *r,
			  const struct source *source)
{
	const struct column *column;

	if (!source->has_subject || !source->subject.column)
		return;
	check_named(r, source, source->subject.column, source->line);
	column = find_column(source, source->subject.column);
	if (column && column->nactions > 0 &&
	    column->actions[0].what != DO_drop &&
	    column->actions[0].what != DO_pseudonym)
		problems_add(r->problems, r->recipe->file, column->line,
			     TEXT_RECIPE_SUBJECT_SHOWN, column->name, NULL,
			     NULL);
}

static bool is_shown_as(const struct source *source, const char *name)
{
	for (uint32_t i = 0; i < source->ncolumns; i++)
		if (column_shown(&source->columns[i]) &&
		    strcmp(source->columns[i].as, name) == 0)
			return true;
	return false;
}

static void check_source(const struct reading_recipe *r,
			 const struct source *source)
{
	check_result_names(r, source);
	check_subject(r, source);
	for (uint32_t i = 0; i < source->index.count; i++)
		if (!is_shown_as(source, source->index.item[i]))
			problems_add(r->problems, r->recipe->file, source->line,
				     TEXT_RECIPE_NO_COLUMN,
				     source->index.item[i], source->name, NULL);
	for (uint32_t i = 0; i < source->ncolumns; i++) {
		const struct column *column = &source->columns[i];

		for (uint32_t a = 0; a < column->nactions; a++) {
			const struct words *key = &column->actions[a].link_key;

			for (uint32_t k = 0; k < key->count; k++)
				check_named(r, source, key->item[k],
					    column->actions[a].line);
		}
	}
}

static void read_columns(const struct reading_recipe *r, uint32_t node,
			 struct source *source)
{
	const struct node *nodes = r->recipe->yaml.nodes;
	uint32_t map = recipe_find(r->recipe, node, "columns");
	uint32_t count = members(r->recipe, map);

	if (!map || nodes[map].kind != NODE_MAP || count == 0 || count > 1000) {
		recipe_wrong(r, map ? map : node, TEXT_RECIPE_COLUMNS, NULL,
			     NULL);
		return;
	}
	source->columns_line = nodes[map].line;
	source->columns =
		recipe_memory(r->recipe, count, sizeof *source->columns);
	for (uint32_t n = nodes[map].first; n; n = nodes[n].next)
		read_column(r, n, &source->columns[source->ncolumns++]);
	check_source(r, source);
}

/* Names of sources become names of files and tables. */
static bool is_source_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len < ID_SIZE && name[0] >= 'a' && name[0] <= 'z' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == len &&
	       strncmp(name, "sqlite_", 7) != 0;
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
	read_columns(r, node, source);
}

static void read_sources(const struct reading_recipe *r)
{
	struct recipe *recipe = r->recipe;
	const struct node *nodes = recipe->yaml.nodes;
	uint32_t map = recipe_find(recipe, 1, "sources");
	uint32_t count = members(recipe, map);

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
	uint32_t count = members(recipe, systems);

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
		read_catalogue(&r);
	}
	return problems->count == before ? 0 : -1;
}
