/*
 * recipe - what a recipe file says, as values, or everything wrong with it.
 *
 * Filled from recipe.def; texts point into the parsed file, which the recipe
 * keeps. A recipe that recipe_load accepted is complete in itself; whether it
 * fits the sources shows when their headers are read (scheme.h).
 */
#ifndef POLICY_PREPARE_RECIPE_H
#define POLICY_PREPARE_RECIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/plan.h"
#include "policy/prepare/decimal.h"
#include "policy/problems.h"
#include "policy/yaml.h"

enum profile { PROFILE_NONE = 0, PROFILE_PSEUDONYMIZED, PROFILE_ANONYMIZED };
enum encoding { ENCODING_NONE = 0, ENCODING_UTF8, ENCODING_CP932 };
enum null_rule { NULL_NONE = 0, NULL_KEEP, NULL_ERROR };
enum bad_rule { BAD_NONE = 0, BAD_ERROR, BAD_NULL };
enum date_keep {
	KEEP_NONE = 0,
	KEEP_YEAR,
	KEEP_QUARTER,
	KEEP_MONTH,
	KEEP_WEEK
};
enum shift_unit { UNIT_NONE = 0, UNIT_DAY, UNIT_WEEK };
enum hierarchy {
	HIERARCHY_NONE = 0,
	HIERARCHY_ICD10,
	HIERARCHY_ATC,
	HIERARCHY_POSTCODE_JP,
	HIERARCHY_PREFIX
};
enum missing_rule {
	MISSING_NONE = 0,
	MISSING_ERROR,
	MISSING_KEEP,
	MISSING_LABEL
};
enum rare_count { COUNT_NONE = 0, COUNT_SUBJECTS, COUNT_ROWS };
enum small_rule { SMALL_NONE = 0, SMALL_ERROR, SMALL_FOLD, SMALL_DELETE };
enum text_mode { TEXT_MODE_NONE = 0, TEXT_MODE_DROP, TEXT_MODE_SCAN };
enum cohort_mode { COHORT_NONE = 0, COHORT_INCLUDE, COHORT_EXCLUDE };

enum do_what {
	DO_NOTHING = 0,
#define ACTION(name, meaning) DO_##name,
#include "policy/prepare/actions.def"
#undef ACTION
	DOS
};

struct words {
	uint32_t count;
	const char **item;
	size_t *lengths;
	uint64_t have; /* bit n: some have n bytes (63: or more) */
};

struct action {
	enum do_what what;
	unsigned int line;
	struct words allow;
	const char *domain;
	uint32_t normalize, length, null;
	struct words link_key;
	uint32_t keep, unit, bad, mode, hierarchy, missing, count, small;
	const char *in, *out, *by, *label, *file;
	uint32_t max_days, band, top, level, k;
	int32_t at; /* day */
	struct decimal width, to, gt, lt;
};

struct column {
	const char *name, *as; /* as: in the result */
	unsigned int line;
	uint32_t nactions;
	struct action *actions;
};

struct subject {
	const char *column, *domain;
	uint32_t normalize;
};

struct quarantine {
	uint32_t max_rows;
	struct decimal max_share;
};

struct optout {
	const char *file, *column;
};

struct cohort {
	const char *file, *column;
	uint32_t mode;
};

struct filter {
	unsigned int line;
	const char *column, *form;
	struct words between, prefix_in, in, not_in;
};

struct report {
	struct words quasi_identifiers, sensitive;
};

struct require {
	uint32_t k, l;
};

struct source {
	const char *name;
	unsigned int line;
	const char *path;
	uint32_t format, encoding;
	char separator;
	struct words null, index;
	bool has_subject;
	struct subject subject;
	const char *history; /* NULL: none */
	bool has_optout, has_cohort;
	struct optout optout;
	struct cohort cohort;
	uint32_t nfilters;
	struct filter *filters;
	uint32_t ncolumns;
	struct column *columns;
};

struct catalogue {
	const char *title, *description;
	uint32_t nsystems;
	const char **columns, **systems;
};

struct recipe {
	struct yaml yaml;
	char file[160]; /* its name for problems */
	struct memory *memory;
	uint32_t version;
	const char *dataset, *permit;
	uint32_t profile;
	const char *key; /* "permit" or "linkage:NAME" */
	uint32_t nsources;
	struct source *sources;
	bool has_quarantine;
	struct quarantine quarantine;
	struct report report;
	struct require require;
	struct catalogue catalogue;
};

/*
 * Read len bytes. name is the file's, without its folder. 0, or -1 and at
 * least one problem. The caller calls recipe_clear in any case.
 */
int recipe_load(struct recipe *recipe, const char *name, const uint8_t *bytes,
		size_t len, struct problems *problems);
void recipe_clear(struct recipe *recipe);

/* "keep", as in recipe.def. */
const char *do_word(enum do_what what);

/* Does this column appear in the result? */
bool column_shown(const struct column *column);

/* Zeroed memory that lives as long as the recipe. */
void *recipe_memory(struct recipe *recipe, size_t count, size_t size);

#endif
