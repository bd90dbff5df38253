/*
 * prepare_stage - files, keys, a permit and sekisho-prepare itself, for tests
 * that run it.
 */
#ifndef TESTS_UNIT_PREPARE_STAGE_H
#define TESTS_UNIT_PREPARE_STAGE_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/tap.h"

/* What the last run wrote. */
static char said[65536], complained[65536];

static const char *in(const char *name)
{
	static char paths[8][4096];
	static int turn;

	turn = (turn + 1) % 8;
	snprintf(paths[turn], sizeof paths[turn], "%s/%s", tap_folder(), name);
	return paths[turn];
}

static void put_bytes(const char *name, const void *bytes, size_t len)
{
	FILE *out = fopen(in(name), "we");

	CHECK(out != NULL);
	CHECK(fwrite(bytes, 1, len, out) == len);
	CHECK(fclose(out) == 0);
}

static void put(const char *name, const char *text)
{
	put_bytes(name, text, strlen(text));
}

static const char *get(const char *name)
{
	static char bytes[4][65536];
	static int turn;
	FILE *file = fopen(in(name), "re");

	turn = (turn + 1) % 4;
	CHECK(file != NULL);
	size_t n = fread(bytes[turn], 1, sizeof bytes[turn] - 1, file);
	bytes[turn][n] = '\0';
	fclose(file);
	return bytes[turn];
}

static bool exists(const char *name)
{
	return access(in(name), F_OK) == 0;
}

/* Run sekisho-prepare with words up to NULL; its exit status. */
static int run_prepare(const char *word, ...)
{
	static char program[] = "build/bin/sekisho-prepare";
	char *words[32] = { program };
	int n = 1, status;
	va_list more;

	va_start(more, word);
	for (; word; word = va_arg(more, const char *))
		words[n++] = strdup(word);
	va_end(more);
	put("said", "");
	put("complained", "");
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		int out = open(in("said"), O_WRONLY);
		int err = open(in("complained"), O_WRONLY);

		dup2(out, 1);
		dup2(err, 2);
		execv(program, words);
		_exit(127);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	snprintf(said, sizeof said, "%s", get("said"));
	snprintf(complained, sizeof complained, "%s", get("complained"));
	for (int i = 1; i < n; i++)
		free(words[i]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* Keys, a permit P-1 for dataset d, and a recipe around these columns. */
__attribute__((unused)) static void stage_prepare(void)
{
	put("P-1.yaml", "version: 1\npermit: P-1\ntitle: One\npurpose: Test\n"
			"persons: [taro]\nstarts: 2020-01-01\n"
			"ends: 2999-12-31\ndatasets: [d]\n");
	CHECK_INT(run_prepare("key", "make", "--out", in("keys"), NULL), 0);
	CHECK_INT(run_prepare("key", "permit", "--permit", "P-1", "--keys",
			      in("keys"), NULL),
		  0);
}

/* A recipe for one source a.csv; columns are lines of the map. */
__attribute__((unused)) static void put_recipe(const char *source,
					       const char *columns)
{
	char text[8192];

	snprintf(text, sizeof text,
		 "version: 1\npermit: P-1\nprofile: pseudonymized\nsources:\n"
		 "  a:\n    path: a.csv\n    encoding: utf-8\n%s"
		 "    columns:\n%s",
		 source, columns);
	put("d.yaml", text);
}

static int run_recipe(const char *out)
{
	return run_prepare("run", in("d.yaml"), "--keys", in("keys"),
			   "--permit-file", in("P-1.yaml"), "--out", in(out),
			   NULL);
}

static int verify_bundle_at(const char *bundle)
{
	return run_prepare("verify", in(bundle), "--public",
			   in("keys/signing.pub"), NULL);
}

/* Refused with this status and code, with nothing left behind. */
__attribute__((unused)) static void check_refused(int status, const char *code)
{
	DIR *all;
	const struct dirent *one;

	CHECK_INT(run_recipe("out"), status);
	if (!strstr(complained, code))
		CHECK_STR(complained, code);
	CHECK(!exists("out"));
	all = opendir(tap_folder());
	while ((one = readdir(all)))
		CHECK(strncmp(one->d_name, ".out", 4) != 0);
	closedir(all);
}

#endif
