/*
 * toolset - the system images of sessions: built, listed, hashed again.
 *
 * Runs in sekishoctl: build as root, since files of an image belong to root;
 * the rest as whoever may read the folder.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <openssl/evp.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/ctl/ctl.h"
#include "gateway/ctl/recipe.h"

static const char usual[] = "/var/lib/sekisho/toolsets";
static const char suffix[] = ".erofs";

enum { PATH = 4096, HASH_BYTES = 32 };

static const char *word(const struct command *command, unsigned int i,
			const char *otherwise)
{
	return i < command->n ? command_word(command, i) : otherwise;
}

/* --- What stands beside an image --------------------------------------------- */

/* The hash that its builder wrote; "" if there is none. */
static void read_hash(int folder, const char *image, char *out)
{
	char path[300];

	snprintf(path, sizeof path, "%.250s.sha256", image);
	AUTO_FD int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, out, HASH_TEXT_SIZE - 1);

	out[n > 0 ? n : 0] = '\0';
	if (strspn(out, "0123456789abcdef") != HASH_TEXT_SIZE - 1)
		out[0] = '\0';
}

/* Lines of its list of packages; -1: there is none. */
static int64_t count_packages(int folder, const char *image)
{
	char path[300], line[512];
	int64_t n = 0;

	snprintf(path, sizeof path, "%.250s.packages", image);
	int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!file)
		return -1;
	while (fgets(line, sizeof line, file))
		n++;
	fclose(file);
	return n;
}

static bool hash_image(int folder, const char *image, char *out)
{
	static uint8_t buffer[1 << 16];
	uint8_t bytes[HASH_BYTES];
	AUTO_FD int fd = openat(folder, image, O_RDONLY | O_CLOEXEC);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	ssize_t n = -1;
	bool good =
		fd >= 0 && md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1;

	while (good && (n = read(fd, buffer, sizeof buffer)) > 0)
		good = EVP_DigestUpdate(md, buffer, (size_t)n) == 1;
	good = good && n == 0 && EVP_DigestFinal_ex(md, bytes, NULL) == 1;
	EVP_MD_CTX_free(md);
	for (size_t i = 0; good && i < sizeof bytes; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	return good;
}

/* --- The images of a folder --------------------------------------------------- */

static int is_image(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > strlen(suffix) && len < ID_SIZE + strlen(suffix) &&
	       strcmp(entry->d_name + len - strlen(suffix), suffix) == 0;
}

/* Call row(folder, image) for each, by name. -1: the folder cannot be read. */
static int each_image(const char *path, const char *only,
		      void (*row)(int, const char *, struct result *),
		      struct result *result)
{
	AUTO_FD int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent **entries;
	int n = folder < 0
			? -1
			: scandirat(folder, ".", &entries, is_image, alphasort);

	if (n < 0) {
		result_error(result, RESULT_FAILED, TEXT_TOOLSET_FOLDER, path,
			     strerror(errno), NULL);
		return -1;
	}
	for (int i = 0; i < n; i++) {
		size_t len = strlen(entries[i]->d_name) - strlen(suffix);

		if (!*only || (strlen(only) == len &&
			       strncmp(entries[i]->d_name, only, len) == 0))
			row(folder, entries[i]->d_name, result);
		free(entries[i]);
	}
	free(entries);
	return 0;
}

static void put_name(struct result *result, const char *image)
{
	char name[ID_SIZE];

	snprintf(name, sizeof name, "%.*s",
		 (int)(strlen(image) - strlen(suffix)), image);
	result_row(result);
	result_text(result, name);
}

static void put_known(struct result *result, int64_t number)
{
	if (number < 0)
		result_text(result, "");
	else
		result_number(result, number);
}

/* --- list ------------------------------------------------------------------------ */

/* What the gateway says of its sessions, if it says anything to us. */
static struct result sessions;

/* How many live sessions have it; -1: not known. */
static int64_t count_sessions(const char *name)
{
	int64_t n = 0;
	unsigned int column = 0;

	if (sessions.has_error)
		return -1;
	while (column < sessions.ncolumns &&
	       strcmp(sessions.columns[column].key, "toolset") != 0)
		column++;
	for (unsigned int i = 0; i < sessions.nrows; i++)
		n += strcmp(result_cell(&sessions, i, column), name) == 0;
	return n;
}

static void list_row(int folder, const char *image, struct result *result)
{
	char hash[HASH_TEXT_SIZE];
	struct stat is = { .st_size = 0 };
	const char *name;

	fstatat(folder, image, &is, 0);
	read_hash(folder, image, hash);
	put_name(result, image);
	name = result_cell(result, result->nrows - 1, 0);
	result_text(result, hash);
	result_number(result, (int64_t)is.st_mtime);
	result_number(result, (int64_t)is.st_size);
	put_known(result, count_packages(folder, image));
	put_known(result, count_sessions(name));
}

static void list_columns(struct result *result)
{
	result_begin(result, RESULT_LIST, TEXT_TOOLSET_LIST);
	result_column(result, "toolset", RESULT_ID);
	result_column(result, "sha256", RESULT_ID);
	result_column(result, "built", RESULT_TIME);
	result_column(result, "bytes", RESULT_NUMBER);
	result_column(result, "packages", RESULT_NUMBER);
	result_column(result, "sessions", RESULT_NUMBER);
}

static void list(const struct ctl *ctl, const char *folder, const char *only,
		 struct result *result)
{
	static struct command question;

	command_begin(&question);
	command_add(&question, "session list");
	ctl_ask(ctl, &question, &sessions);
	list_columns(result);
	each_image(folder, only, list_row, result);
}

/* --- verify ---------------------------------------------------------------------- */

static void verify_row(int folder, const char *image, struct result *result)
{
	char written[HASH_TEXT_SIZE], now[HASH_TEXT_SIZE] = "";
	bool read = hash_image(folder, image, now);

	read_hash(folder, image, written);
	put_name(result, image);
	result_text(result, now);
	result_text(result, !read			? "error"
			    : !*written			? "missing"
			    : strcmp(written, now) == 0 ? "ok"
							: "differs");
	if (!read || strcmp(written, now) != 0)
		result->exit = RESULT_FAILED;
}

static void verify(const char *folder, const char *only, struct result *result)
{
	result_begin(result, RESULT_LIST, TEXT_TOOLSET_VERIFY);
	result_column(result, "toolset", RESULT_ID);
	result_column(result, "sha256", RESULT_ID);
	result_column(result, "state", RESULT_STATE);
	if (each_image(folder, only, verify_row, result) == 0 &&
	    result->nrows == 0)
		result_error(result, RESULT_WRONG, TEXT_TOOLSET_NONE, folder,
			     NULL, NULL);
}

/* --- build ----------------------------------------------------------------------- */

/* Beside this program, where `make install` and the build put it. */
static int find_script(const char *name, char *path, size_t size)
{
	char self[PATH];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);

	if (len <= 0)
		return -1;
	self[len] = '\0';
	snprintf(path, size, "%.3900s/../share/sekisho/toolset/%s",
		 dirname(self), name);
	return access(path, X_OK);
}

/* Run a script of ours with two words; what it says goes to standard error,
 * for the answer is ours. Its status, -1: it could not be run. */
static int run_script(const char *name, const char *first, const char *second)
{
	extern char **environ;
	char path[PATH], one[PATH], two[PATH];
	char *words[] = { path, one, two, NULL };
	posix_spawn_file_actions_t actions;
	int status = -1;
	pid_t pid;

	snprintf(one, sizeof one, "%s", first);
	snprintf(two, sizeof two, "%s", second);
	if (find_script(name, path, sizeof path) < 0 ||
	    posix_spawn_file_actions_init(&actions) != 0)
		return -1;
	if (posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO,
					     STDOUT_FILENO) == 0 &&
	    posix_spawn(&pid, path, &actions, NULL, words, environ) == 0)
		waitpid(pid, &status, 0);
	posix_spawn_file_actions_destroy(&actions);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void say_problems(const struct ctl *ctl, const char *recipe,
			 const struct problems *problems, struct result *result)
{
	char line[PROBLEM_SIZE];

	result_error(result, RESULT_WRONG, TEXT_TOOLSET_RECIPE, recipe, NULL,
		     NULL);
	for (size_t i = 0; i < problems_texts(problems); i++)
		result_note(result, TEXT_VERBATIM,
			    problems_text(problems, i, ctl->lang, line,
					  sizeof line),
			    NULL, NULL);
}

static void build(const struct ctl *ctl, const char *recipe, const char *folder,
		  struct result *result)
{
	static struct problems problems;
	char name[ID_SIZE] = "", image[ID_SIZE + 8];

	if (recipe_check(recipe, name, &problems) < 0) {
		say_problems(ctl, recipe, &problems, result);
		return;
	}
	snprintf(image, sizeof image, "%s%s", name, suffix);
	if (run_script("build.sh", recipe, folder) != 0 ||
	    run_script("packages.sh", folder, image) != 0) {
		result_error(result, RESULT_FAILED, TEXT_TOOLSET_NOT_BUILT,
			     name, NULL, NULL);
		return;
	}
	list(ctl, folder, name, result);
}

void ctl_toolset(const struct ctl *ctl, const struct command *command,
		 struct result *result)
{
	const char *what = command_word(command, 1);

	if (strcmp(what, "build") == 0)
		build(ctl, command_word(command, 2), word(command, 3, usual),
		      result);
	else if (strcmp(what, "list") == 0)
		list(ctl, word(command, 2, usual), "", result);
	else
		verify(word(command, 2, usual), word(command, 3, ""), result);
}
