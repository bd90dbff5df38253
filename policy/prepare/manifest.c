/*
 * manifest - write it from what was prepared, and read it back as a stranger.
 *
 * Runs in sekisho-prepare; reading distrusts every byte.
 */
#include "policy/prepare/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "audit/canonical.h"
#include "gateway/base/err.h"
#include "gateway/supervisor/version.h"
#include "policy/prepare/json.h"
#include "policy/prepare/types.h"

static const char *profile_word(const struct recipe *recipe)
{
	return recipe->profile == PROFILE_ANONYMIZED ? "anonymized"
						     : "pseudonymized";
}

static FILE *begin(char **text, size_t *len)
{
	FILE *out = open_memstream(text, len);

	if (!out)
		die("out of memory");
	return out;
}

static char *finish(FILE *out, char *const *text)
{
	putc('\n', out);
	if (fclose(out) != 0)
		die("out of memory");
	return *text;
}

static void put_files(FILE *out, const struct bundle *bundle)
{
	for (uint32_t i = 0; i < bundle->nfiles; i++) {
		const struct bundle_file *file = &bundle->files[i];
		unsigned int n = 0;

		fputs(i ? ",{" : "{", out);
		json_number(out, &n, "bytes", file->bytes);
		json_text(out, &n, "path", file->path);
		json_text(out, &n, "sha256", file->hash);
		putc('}', out);
	}
}

static void put_sources(FILE *out, const struct manifest_of *of)
{
	for (uint32_t i = 0; i < of->recipe->nsources; i++) {
		const struct extract *e = &of->extracts[i];
		unsigned int n = 0;

		fputs(i ? ",{" : "{", out);
		json_number(out, &n, "bytes", e->bytes);
		json_number(out, &n, "columns_in", e->fields);
		json_number(out, &n, "columns_out", e->ncolumns);
		json_text(out, &n, "name", e->source->name);
		json_number(out, &n, "rows_dropped", e->rows_in - e->rows_out);
		json_number(out, &n, "rows_in", e->rows_in);
		json_number(out, &n, "rows_out", e->rows_out);
		json_text(out, &n, "sha256", e->hash);
		putc('}', out);
	}
}

char *manifest_text(const struct manifest_of *of, size_t *len)
{
	const struct recipe *recipe = of->recipe;
	unsigned int n = 0;
	char *text = NULL;
	FILE *out = begin(&text, len);

	putc('{', out);
	json_text(out, &n, "dataset", recipe->dataset);
	json_key(out, &n, "files");
	putc('[', out);
	put_files(out, of->bundle);
	putc(']', out);
	json_text(out, &n, "key_id", of->key_id);
	json_text(out, &n, "permit", recipe->permit);
	json_text(out, &n, "permit_key_id", of->permit_key_id);
	json_text(out, &n, "profile", profile_word(recipe));
	json_text(out, &n, "recipe_sha256", of->recipe_hash);
	json_key(out, &n, "sources");
	putc('[', out);
	put_sources(out, of);
	putc(']', out);
	json_text(out, &n, "tool", "sekisho-prepare " SEKISHO_VERSION);
	json_number(out, &n, "version", MANIFEST_FORM);
	putc('}', out);
	return finish(out, &text);
}

/* --- Catalogue ------------------------------------------------------------- */

static const char *system_of(const struct catalogue *catalogue,
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
	const char *system = system_of(&recipe->catalogue, column);
	unsigned int n = 0;

	putc('{', out);
	json_key(out, &n, "actions");
	for (uint32_t i = 0; i < column->nactions; i++)
		fprintf(out, "%s\"%s\"", i ? "," : "[",
			do_word(column->actions[i].what));
	putc(']', out);
	if (system)
		json_text(out, &n, "code_system", system);
	json_key(out, &n, "indexed");
	fputs(one->indexed ? "true" : "false", out);
	json_text(out, &n, "name", column->as);
	json_text(out, &n, "type", type_name(one->seen));
	putc('}', out);
}

static void put_table(FILE *out, const struct recipe *recipe,
		      const struct extract *e)
{
	unsigned int n = 0;

	putc('{', out);
	json_key(out, &n, "columns");
	for (uint32_t i = 0; i < e->ncolumns; i++) {
		putc(i ? ',' : '[', out);
		put_column(out, recipe, &e->columns[i]);
	}
	putc(']', out);
	json_text(out, &n, "file", e->path + strlen("data/"));
	json_text(out, &n, "name", e->source->name);
	json_key(out, &n, "null");
	putc('[', out);
	for (uint32_t i = 0; i < e->source->null.count; i++) {
		const char *null = e->source->null.item[i];

		fputs(i ? "," : "", out);
		json_string(out, null, strlen(null));
	}
	putc(']', out);
	json_number(out, &n, "rows", e->rows_out);
	putc('}', out);
}

char *catalogue_text(const struct recipe *recipe,
		     const struct extract *extracts, size_t *len)
{
	const struct catalogue *catalogue = &recipe->catalogue;
	unsigned int n = 0;
	char *text = NULL;
	FILE *out = begin(&text, len);

	putc('{', out);
	json_text(out, &n, "dataset", recipe->dataset);
	if (catalogue->description)
		json_text(out, &n, "description", catalogue->description);
	json_text(out, &n, "permit", recipe->permit);
	json_text(out, &n, "profile", profile_word(recipe));
	json_key(out, &n, "tables");
	for (uint32_t i = 0; i < recipe->nsources; i++) {
		putc(i ? ',' : '[', out);
		put_table(out, recipe, &extracts[i]);
	}
	putc(']', out);
	if (catalogue->title)
		json_text(out, &n, "title", catalogue->title);
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
