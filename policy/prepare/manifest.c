/*
 * manifest - write it from what was prepared, and read it back as a stranger.
 *
 * Runs in sekisho-prepare; reading distrusts every byte.
 */
#include "policy/prepare/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "audit/canonical.h"
#include "gateway/supervisor/version.h"
#include "policy/prepare/put.h"
#include "policy/prepare/need.h"
#include "policy/prepare/types.h"

static const char *profile_word(const struct recipe *recipe)
{
	return recipe->profile == PROFILE_ANONYMIZED ? "anonymized"
						     : "pseudonymized";
}

static char *finish(FILE *out, char *const *text)
{
	putc('\n', out);
	need_stream_end(out);
	return *text;
}

static void put_files(FILE *out, const struct bundle *bundle)
{
	for (uint32_t i = 0; i < bundle->nfiles; i++) {
		const struct bundle_file *file = &bundle->files[i];
		unsigned int n = 0;

		fputs(i ? ",{" : "{", out);
		put_number(out, &n, "bytes", file->bytes);
		put_text(out, &n, "path", file->path);
		put_text(out, &n, "sha256", file->hash);
		putc('}', out);
	}
}

/* What the classes of quasi-identifiers came to. */
static void put_classes(FILE *out, unsigned int *n, const struct extract *e)
{
	const struct classes_result *result = &e->classes;

	put_number(out, n, "k_alone", result->alone);
	put_number(out, n, "k_below", result->below);
	put_number(out, n, "k_classes", result->classes);
	put_number(out, n, "k_least", result->least_k);
	put_number(out, n, "l_least", result->least_l);
}

static void put_source(FILE *out, const struct extract *e)
{
	const struct tally *rows = &e->rows;
	unsigned int n = 0;

	if (e->bom)
		put_number(out, &n, "bom", 1);
	put_number(out, &n, "bytes", e->bytes);
	put_number(out, &n, "columns_in", e->fields);
	put_number(out, &n, "columns_out", e->ncolumns);
	if (e->classed)
		put_classes(out, &n, e);
	put_text(out, &n, "name", e->source->name);
	if (e->source->has_optout) {
		put_number(out, &n, "optouts_listed", e->optouts_listed);
		put_number(out, &n, "optouts_met", e->optouts_met);
	}
	put_number(out, &n, "rows_deleted", rows->deleted);
	put_number(out, &n, "rows_dropped", rows->in - rows->out);
	put_number(out, &n, "rows_filtered", rows->filtered);
	put_number(out, &n, "rows_in", rows->in);
	put_number(out, &n, "rows_opted_out", rows->opted_out);
	put_number(out, &n, "rows_out", rows->out);
	put_number(out, &n, "rows_outside_cohort", rows->outside_cohort);
	put_number(out, &n, "rows_quarantined", rows->quarantined);
	put_text(out, &n, "sha256", e->hash);
}

static void put_sources(FILE *out, const struct manifest_of *of)
{
	for (uint32_t i = 0; i < of->recipe->nsources; i++) {
		fputs(i ? ",{" : "{", out);
		put_source(out, &of->extracts[i]);
		putc('}', out);
	}
}

/* What the actions did where it is not every row: only what is not 0. */
static void put_counts(FILE *out, const struct manifest_of *of)
{
	bool any = false;

	for (uint32_t i = 0; i < of->recipe->nsources; i++) {
		const struct extract *e = &of->extracts[i];

		for (uint32_t c = 0; c < e->ncolumns; c++) {
			const struct column_tally *tally = &e->columns[c].tally;
			unsigned int n = 0;

			if (!tally->bad && !tally->labelled && !tally->suspect)
				continue;
			fputs(any ? ",{" : "{", out);
			any = true;
			put_number(out, &n, "bad", tally->bad);
			put_text(out, &n, "column", e->columns[c].column->as);
			put_number(out, &n, "labelled", tally->labelled);
			put_text(out, &n, "source", e->source->name);
			put_number(out, &n, "suspect", tally->suspect);
			putc('}', out);
		}
	}
}

char *manifest_text(const struct manifest_of *of, size_t *len)
{
	const struct recipe *recipe = of->recipe;
	unsigned int n = 0;
	char *text = NULL;
	FILE *out = need_stream(&text, len);

	putc('{', out);
	put_key(out, &n, "counts");
	putc('[', out);
	put_counts(out, of);
	putc(']', out);
	put_text(out, &n, "dataset", recipe->dataset);
	put_key(out, &n, "files");
	putc('[', out);
	put_files(out, of->bundle);
	putc(']', out);
	put_text(out, &n, "key_id", of->key_id);
	put_text(out, &n, "permit", recipe->permit);
	put_text(out, &n, "permit_key_id", of->permit_key_id);
	put_text(out, &n, "profile", profile_word(recipe));
	put_text(out, &n, "recipe_sha256", of->recipe_hash);
	put_key(out, &n, "sources");
	putc('[', out);
	put_sources(out, of);
	putc(']', out);
	put_text(out, &n, "tool", "sekisho-prepare " SEKISHO_VERSION);
	put_number(out, &n, "version", MANIFEST_FORM);
	putc('}', out);
	return finish(out, &text);
}

/* --- Catalogue ------------------------------------------------------------- */

const char *catalogue_system(const struct catalogue *catalogue,
			     const struct column *column)
{
	for (uint32_t i = 0; i < catalogue->nsystems; i++)
		if (strcmp(catalogue->columns[i], column->name) == 0)
			return catalogue->systems[i];
	return NULL;
}

static void put_column(FILE *out, const struct recipe *recipe,
		       const struct result_column *one)
{
	const struct column *column = one->column;
	const char *system = catalogue_system(&recipe->catalogue, column);
	unsigned int n = 0;

	putc('{', out);
	put_key(out, &n, "actions");
	for (uint32_t i = 0; i < column->nactions; i++)
		fprintf(out, "%s\"%s\"", i ? "," : "[",
			do_word(column->actions[i].what));
	putc(']', out);
	if (system)
		put_text(out, &n, "code_system", system);
	put_key(out, &n, "indexed");
	fputs(one->indexed ? "true" : "false", out);
	put_text(out, &n, "name", column->as);
	put_text(out, &n, "type", type_name(one->tally.seen));
	putc('}', out);
}

static void put_table(FILE *out, const struct recipe *recipe,
		      const struct extract *e)
{
	unsigned int n = 0;

	putc('{', out);
	put_key(out, &n, "columns");
	for (uint32_t i = 0; i < e->ncolumns; i++) {
		putc(i ? ',' : '[', out);
		put_column(out, recipe, &e->columns[i]);
	}
	putc(']', out);
	put_text(out, &n, "file", e->path + strlen("data/"));
	put_text(out, &n, "name", e->source->name);
	put_key(out, &n, "null");
	putc('[', out);
	for (uint32_t i = 0; i < e->source->null.count; i++) {
		const char *null = e->source->null.item[i];

		fputs(i ? "," : "", out);
		put_string(out, null, strlen(null));
	}
	putc(']', out);
	put_number(out, &n, "rows", e->rows.out);
	putc('}', out);
}

char *catalogue_text(const struct recipe *recipe,
		     const struct extract *extracts, size_t *len)
{
	const struct catalogue *catalogue = &recipe->catalogue;
	unsigned int n = 0;
	char *text = NULL;
	FILE *out = need_stream(&text, len);

	putc('{', out);
	put_text(out, &n, "dataset", recipe->dataset);
	if (catalogue->description)
		put_text(out, &n, "description", catalogue->description);
	put_text(out, &n, "permit", recipe->permit);
	put_text(out, &n, "profile", profile_word(recipe));
	put_key(out, &n, "tables");
	for (uint32_t i = 0; i < recipe->nsources; i++) {
		putc(i ? ',' : '[', out);
		put_table(out, recipe, &extracts[i]);
	}
	putc(']', out);
	if (catalogue->title)
		put_text(out, &n, "title", catalogue->title);
	putc('}', out);
	return finish(out, &text);
}

/* --- Reading ----------------------------------------------------------------- */

static bool take_text(const struct canonical *line, const char *key, char *out,
		      size_t size)
{
	const struct canonical_field *field = canonical_find(line, key);

	return field && field->kind == CANONICAL_STRING &&
	       canonical_unescape(out, size, field->value, field->len) >= 0;
}

static bool take_number(const struct canonical *line, const char *key,
			uint64_t *out)
{
	const struct canonical_field *field = canonical_find(line, key);

	if (!field || field->kind != CANONICAL_INTEGER || field->number < 0)
		return false;
	*out = (uint64_t)field->number;
	return true;
}

/* The length of the object that s begins with; strings are skipped. The text
 * was scanned before, so it ends. */
static size_t object_length(const char *s)
{
	size_t at = 0;
	int depth = 0;
	bool string = false;

	for (;; at++) {
		if (string && s[at] == '\\')
			at++;
		else if (s[at] == '"')
			string = !string;
		else if (!string && s[at] == '{')
			depth++;
		else if (!string && s[at] == '}' && --depth == 0)
			return at + 1;
	}
}

/* Call each for every object of the array under key; false: it is no array of
 * objects, or each said so. */
static bool every(const struct canonical *line, const char *key,
		  bool (*each)(struct manifest *, const struct canonical *),
		  struct manifest *manifest)
{
	const struct canonical_field *field = canonical_find(line, key);
	static struct canonical one;

	if (!field || field->kind != CANONICAL_ARRAY)
		return false;
	for (size_t at = 1; at + 1 < field->len;) {
		if (field->value[at] != '{')
			return false;
		size_t len = object_length(field->value + at);
		if (canonical_scan(&one, field->value + at, len) < 0 ||
		    !each(manifest, &one))
			return false;
		at += len + 1;
	}
	return true;
}

/* "data/NAME" or "index/NAME", and never another folder. */
static bool is_bundle_path(const char *path)
{
	const char *slash = strchr(path, '/');

	return slash && slash[1] && slash[1] != '.' &&
	       !strchr(slash + 1, '/') &&
	       (strncmp(path, "data/", 5) == 0 ||
		strncmp(path, "index/", 6) == 0);
}

static bool take_file(struct manifest *manifest, const struct canonical *line)
{
	struct manifest_file *file = &manifest->files[manifest->nfiles];

	if (manifest->nfiles == BUNDLE_FILES || line->nfields != 3 ||
	    !take_text(line, "path", file->path, sizeof file->path) ||
	    !take_text(line, "sha256", file->hash, sizeof file->hash) ||
	    !take_number(line, "bytes", &file->bytes) ||
	    strspn(file->hash, "0123456789abcdef") != HASH_HEX - 1)
		return false;
	manifest->nfiles++;
	return is_bundle_path(file->path) &&
	       (manifest->nfiles == 1 || strcmp(file[-1].path, file->path) < 0);
}

static bool take_source(struct manifest *manifest, const struct canonical *line)
{
	struct manifest_source *source = &manifest->sources[manifest->nsources];

	if (manifest->nsources == 64 ||
	    !take_text(line, "name", source->name, sizeof source->name) ||
	    !take_number(line, "rows_out", &source->rows))
		return false;
	take_number(line, "optouts_met", &source->optouts_met);
	take_number(line, "rows_outside_cohort", &source->outside_cohort);
	manifest->nsources++;
	return strspn(source->name, "abcdefghijklmnopqrstuvwxyz0123456789_") ==
	       strlen(source->name);
}

static bool is_name(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/');
}

int manifest_read(struct manifest *manifest, const char *bytes, size_t len,
		  struct fault *fault)
{
	static struct canonical line;
	uint8_t hash[HASH_BYTES];
	uint64_t form = 0;

	memset(manifest, 0, sizeof *manifest);
	if (len == 0 || bytes[len - 1] != '\n' ||
	    canonical_scan(&line, bytes, len - 1) < 0 ||
	    !take_number(&line, "version", &form) || form != MANIFEST_FORM ||
	    !take_text(&line, "dataset", manifest->dataset, ID_SIZE) ||
	    !is_name(manifest->dataset) ||
	    !take_text(&line, "permit", manifest->permit, ID_SIZE) ||
	    !take_text(&line, "key_id", manifest->key_id, KEY_ID) ||
	    !every(&line, "files", take_file, manifest) ||
	    !every(&line, "sources", take_source, manifest))
		return fault_say(fault, FAULT_BUNDLE, "manifest.json");
	hash_of(bytes, len, hash);
	hex_text(hash, sizeof hash, manifest->hash);
	return 0;
}
