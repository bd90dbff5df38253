/*
 * recipe_columns - what a recipe says of each column: an action or a chain.
 *
 * Runs in sekisho-prepare. Two spellings of a chain are known, that of the
 * example in the policy papers and the plain one; both mean a list of actions.
 */
#include <stdio.h>
#include <string.h>

#include "policy/prepare/normalize.h"
#include "policy/prepare/recipe_fields.h"

static const char *const column_keys[] = { "do", "as", NULL };

/* An action whose name is known: its parameters are the keys of map. */
static void read_action(const struct reading_recipe *r, const char *word,
			uint32_t map, struct action *action)
{
	const struct yaml *yaml = &r->recipe->yaml;

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
	if (action->link_key.count > 0 && action->normalize == 0)
		action->normalize = NORMALIZE_KANA;
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
	uint32_t count = recipe_members(r->recipe, list);

	column->actions =
		recipe_memory(r->recipe, count, sizeof *column->actions);
	if (count == 0)
		recipe_wrong(r, list, TEXT_RECIPE_DO, NULL, NULL);
	for (uint32_t n = nodes[list].first; n; n = nodes[n].next) {
		struct action *action = &column->actions[column->nactions++];

		read_link(r, n, action);
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
	const struct action *first = column->actions;

	if (column->nactions == 0 || first->what == DO_drop)
		return false;
	return first->what != DO_text || first->mode == TEXT_MODE_SCAN;
}

void recipe_columns(const struct reading_recipe *r, uint32_t node,
		    struct source *source)
{
	const struct node *nodes = r->recipe->yaml.nodes;
	uint32_t map = recipe_find(r->recipe, node, "columns");
	uint32_t count = recipe_members(r->recipe, map);

	if (!map || nodes[map].kind != NODE_MAP || count == 0 || count > 1000) {
		recipe_wrong(r, map ? map : node, TEXT_RECIPE_COLUMNS, NULL,
			     NULL);
		return;
	}
	source->columns =
		recipe_memory(r->recipe, count, sizeof *source->columns);
	for (uint32_t n = nodes[map].first; n; n = nodes[n].next)
		read_column(r, n, &source->columns[source->ncolumns++]);
}
