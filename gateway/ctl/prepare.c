/*
 * prepare - hand `dataset prepare` and `dataset install` to sekisho-prepare.
 *
 * Runs in sekishoctl as the operator or custodian. Keys and sources are the
 * business of a program of its own; this one only finds it, beside itself or
 * where `make install` puts it, never by PATH.
 */
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/ctl/ctl.h"

enum { WORDS = 64 };

static void start(const char *folder, const char *below, char **words)
{
	char path[4096 + 64];

	snprintf(path, sizeof path, "%s%s/sekisho-prepare", folder, below);
	execv(path, words);
}

void ctl_prepare(int argc, char **argv)
{
	static char name[] = "sekisho-prepare";
	char *words[WORDS + 2] = { name };
	char self[4096];
	int from = 3, n = 1;

	if (argc < 3 || argc > WORDS || strcmp(argv[1], "dataset") != 0)
		return;
	if (strcmp(argv[2], "install") == 0)
		from = 2;
	else if (strcmp(argv[2], "prepare") != 0)
		return;
	while (from < argc)
		words[n++] = argv[from++];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
	if (len <= 0)
		return;
	self[len] = '\0';
	const char *folder = dirname(self);
	start(folder, "", words);
	start(folder, "/../bin", words);
}
