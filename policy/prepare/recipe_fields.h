/*
 * recipe_fields - fill a struct of recipe.h from a map, by recipe.def.
 */
#ifndef POLICY_PREPARE_RECIPE_FIELDS_H
#define POLICY_PREPARE_RECIPE_FIELDS_H

#include "policy/prepare/recipe.h"

enum recipe_section {
	SECTION_recipe,
	SECTION_source,
	SECTION_subject,
	SECTION_quarantine,
	SECTION_optout,
	SECTION_cohort,
	SECTION_filter,
	SECTION_report,
	SECTION_require,
	SECTION_catalogue,
	/* one for each action: SECTION_ACTIONS + what */
	SECTION_ACTIONS
};

/* What is read, and who hears of problems. */
struct reading_recipe {
	struct recipe *recipe;
	struct problems *problems;
};

/* Read the fields of section from map into out (zeroed). other: a key that
 * may stand in the map besides those of the table; NULL: none. */
void recipe_fields(const struct reading_recipe *r, uint32_t section,
		   uint32_t map, const char *const *other, void *out);

/* The value of key in map, or 0. */
uint32_t recipe_find(const struct recipe *recipe, uint32_t map,
		     const char *key);
/* The action of that name, or DO_NOTHING. */
enum do_what do_of_word(const char *word);

/* How many members a map or list has; 0 for node 0. */
uint32_t recipe_members(const struct recipe *recipe, uint32_t node);

/* recipe_columns.c: the columns of a source, each with its actions. */
void recipe_columns(const struct reading_recipe *r, uint32_t node,
		    struct source *source);
/* recipe_check.c: what must hold between the parts of a source, ... */
void recipe_check_source(const struct reading_recipe *r,
			 const struct source *source);
/* ... and of the recipe. */
void recipe_check(const struct reading_recipe *r);

/* Note a problem at a node. */
void recipe_wrong(const struct reading_recipe *r, uint32_t node,
		  enum text_id id, const char *first, const char *second);

#endif
