/*
 * submission - files of a command from a sandbox.
 *
 * Runs in sekisho-policy. The words are a researcher's and not trusted: what
 * passes here is a path beneath /out and a name that is safe to print and to
 * give a file.
 */
#include "policy/submission.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/visible.h"

/* What stands beside the files of a release. */
static const char *const taken[] = { "receipt.json", "receipt.tlog-proof" };

static int say(struct wrong *wrong, enum text_id why, const char *first)
{
	wrong->why = why;
	snprintf(wrong->first, sizeof wrong->first, "%.255s", first);
	return -1;
}

static bool printable(const char *text)
{
	char seen[4 * WORDS_ABOUT_SIZE];

	visible_text(seen, sizeof seen, text, strlen(text));
	return strcmp(seen, text) == 0;
}

static int read_purpose(const char *value, struct request *request,
			struct wrong *wrong)
{
	char most[16];

	snprintf(most, sizeof most, "%d", WORDS_ABOUT_SIZE - 1);
	if (!*value || strlen(value) >= sizeof request->purpose ||
	    !printable(value))
		return say(wrong, TEXT_SUBMIT_PURPOSE, most);
	snprintf(request->purpose, sizeof request->purpose, "%s", value);
	return 0;
}

/* "a/b.csv": no part is empty, ".", ".." or hidden. */
static bool path_fine(const char *path)
{
	for (;;) {
		size_t len = strcspn(path, "/");

		if (len == 0 || path[0] == '.')
			return false;
		if (!path[len])
			return true;
		path += len + 1;
	}
}

static bool name_fine(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(taken); i++)
		if (strcmp(name, taken[i]) == 0)
			return false;
	return strlen(name) < FILE_NAME_SIZE && printable(name);
}

static int read_file(const char *word, struct check *check, struct wrong *wrong)
{
	struct request_files *files = &check->files;
	const char *path = strncmp(word, "/out/", 5) == 0 ? word + 5 : word;
	const char *name = strrchr(path, '/');

	name = name ? name + 1 : path;
	if (path[0] == '/')
		return say(wrong, TEXT_SUBMIT_PLACE, word);
	if (strlen(path) >= sizeof check->path[0] || !path_fine(path) ||
	    !name_fine(name))
		return say(wrong, TEXT_SUBMIT_NAME, word);
	for (uint32_t i = 0; i < files->count; i++)
		if (strcmp(files->file[i].name, name) == 0)
			return say(wrong, TEXT_SUBMIT_TWICE, name);
	snprintf(check->path[files->count], sizeof check->path[0], "%s", path);
	snprintf(files->file[files->count].name, FILE_NAME_SIZE, "%s", name);
	files->count++;
	return 0;
}

static int check_whole(const struct check *check, struct wrong *wrong)
{
	size_t names = 0;

	for (uint32_t i = 0; i < check->files.count; i++)
		names += strlen(check->files.file[i].name);
	if (check->files.count == 0)
		return say(wrong, TEXT_SUBMIT_NOTHING, "");
	if (names > REQUEST_NAMES)
		return say(wrong, TEXT_SUBMIT_NAMES, "");
	return 0;
}

int submission_read(const struct words *words, uint32_t most,
		    struct check *check, struct wrong *wrong)
{
	char count[16];

	unsigned int from = check->submits ? 1 : 0;

	most = most < REQUEST_FILES ? most : REQUEST_FILES;
	snprintf(count, sizeof count, "%u", most);
	if (check->submits &&
	    read_purpose(words->count > 0 ? words->word[0] : "",
			 &check->request, wrong) < 0)
		return -1;
	for (unsigned int i = from; i < words->count; i++) {
		if (check->files.count == most)
			return say(wrong, TEXT_SUBMIT_MANY, count);
		if (read_file(words->word[i], check, wrong) < 0)
			return -1;
	}
	return check_whole(check, wrong);
}
