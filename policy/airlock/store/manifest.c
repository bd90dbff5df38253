#include "policy/airlock/store/manifest.h"

#include <stdlib.h>
#include <string.h>

/* Where we are; everything below returns false at what it does not expect. */
struct scan {
	char *at;
	const char *end;
};

static bool take(struct scan *scan, const char *text)
{
	size_t len = strlen(text);

	if ((size_t)(scan->end - scan->at) < len ||
	    memcmp(scan->at, text, len) != 0)
		return false;
	scan->at += len;
	return true;
}

static bool skip_string(struct scan *scan)
{
	if (!take(scan, "\""))
		return false;
	while (scan->at < scan->end && *scan->at != '"') {
		if ((unsigned char)*scan->at < 0x20)
			return false;
		scan->at += *scan->at == '\\' ? 2 : 1;
	}
	return scan->at < scan->end && take(scan, "\"");
}

/* A number, true, false or null: letters and digits, up to what ends it. */
static bool skip_word(struct scan *scan)
{
	static const char may[] = "0123456789abcdefghijklmnopqrstuvwxyz-+.E";
	const char *from = scan->at;

	while (scan->at < scan->end && *scan->at != '\0' &&
	       strchr(may, *scan->at))
		scan->at++;
	return scan->at > from;
}

static bool skip_value(struct scan *scan, unsigned int depth);

static bool skip_list(struct scan *scan, bool object, unsigned int depth)
{
	const char *close = object ? "}" : "]";

	scan->at++;
	if (take(scan, close))
		return true;
	do {
		if (object && (!skip_string(scan) || !take(scan, ":")))
			return false;
		if (!skip_value(scan, depth))
			return false;
	} while (take(scan, ","));
	return take(scan, close);
}

static bool skip_value(struct scan *scan, unsigned int depth)
{
	if (scan->at == scan->end || depth == 0)
		return false;
	if (*scan->at == '{' || *scan->at == '[')
		return skip_list(scan, *scan->at == '{', depth - 1);
	return *scan->at == '"' ? skip_string(scan) : skip_word(scan);
}

static bool read_number(struct scan *scan, uint64_t *out)
{
	const char *from = scan->at;

	*out = 0;
	while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9' &&
	       scan->at - from < 16)
		*out = *out * 10 + (uint64_t)(*scan->at++ - '0');
	return scan->at > from && (*from != '0' || scan->at - from == 1);
}

/* A string without escapes, which gets its NUL where its quote was. */
static bool read_text(struct scan *scan, const char **out)
{
	char *from = scan->at + 1;

	if (!skip_string(scan) ||
	    memchr(from, '\\', (size_t)(scan->at - 1 - from)))
		return false;
	scan->at[-1] = '\0';
	*out = from;
	return strlen(from) == (size_t)(scan->at - 1 - from);
}

static bool read_file(struct scan *scan, struct manifest_file *file)
{
	const char *hex;

	return take(scan, "{\"bytes\":") && read_number(scan, &file->bytes) &&
	       take(scan, ",\"path\":") && read_text(scan, &file->path) &&
	       names_path(file->path) && take(scan, ",\"sha256\":") &&
	       read_text(scan, &hex) &&
	       names_from_hex(file->hash, hex, strlen(hex)) && take(scan, "}");
}

static struct manifest_file *add(struct manifest *manifest)
{
	if (manifest->nfiles == manifest->room) {
		size_t room = manifest->room ? 2 * manifest->room : 64;
		void *grown = reallocarray(manifest->files, room,
					   sizeof *manifest->files);

		if (!grown)
			die("out of memory");
		manifest->files = grown;
		manifest->room = room;
	}
	struct manifest_file *file = &manifest->files[manifest->nfiles++];
	memset(file, 0, sizeof *file);
	return file;
}

/* Ascending, so that none stands there twice. */
static bool in_order(const struct manifest *manifest)
{
	size_t n = manifest->nfiles;

	return n < 2 || strcmp(manifest->files[n - 2].path,
			       manifest->files[n - 1].path) < 0;
}

static bool read_files(struct scan *scan, struct manifest *manifest)
{
	if (!take(scan, "["))
		return false;
	if (take(scan, "]"))
		return true;
	do
		if (!read_file(scan, add(manifest)) || !in_order(manifest))
			return false;
	while (take(scan, ","));
	return take(scan, "]");
}

/* The outermost object; files, once. */
static bool read_all(struct scan *scan, struct manifest *manifest)
{
	bool files = false;

	if (!take(scan, "{"))
		return false;
	do {
		if (take(scan, "\"files\":")) {
			if (files || !read_files(scan, manifest))
				return false;
			files = true;
		} else if (!skip_string(scan) || !take(scan, ":") ||
			   !skip_value(scan, MANIFEST_DEPTH)) {
			return false;
		}
	} while (take(scan, ","));
	if (!take(scan, "}"))
		return false;
	take(scan, "\n");
	return files && scan->at == scan->end;
}

int manifest_read(struct manifest *manifest, char *bytes, size_t len,
		  struct err *err)
{
	struct scan scan = { bytes, bytes + len };

	*manifest = (struct manifest){ .bytes = bytes };
	bytes[len] = '\0';
	if (len > MANIFEST_MAX || !read_all(&scan, manifest))
		return err_set(err, "manifest.json: byte %zd is not as it must",
			       scan.at - bytes);
	return 0;
}

void manifest_clear(struct manifest *manifest)
{
	free(manifest->files);
	free(manifest->bytes);
	*manifest = (struct manifest){ 0 };
}

static int compare(const void *key, const void *file)
{
	return strcmp(key, ((const struct manifest_file *)file)->path);
}

struct manifest_file *manifest_find(const struct manifest *manifest,
				    const char *path)
{
	if (manifest->nfiles == 0)
		return NULL;
	return bsearch(path, manifest->files, manifest->nfiles,
		       sizeof *manifest->files, compare);
}
