/*
 * made_log - a real log that no gateway wrote, for verifiers and searches:
 * FOLDER/log, key and anchor. Whatever fails ends the program.
 */
#ifndef TESTS_INTEROP_MADE_LOG_H
#define TESTS_INTEROP_MADE_LOG_H

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "audit/ledger.h"

static inline int made_log_folder(const char *base, const char *name)
{
	char path[5000];

	snprintf(path, sizeof path, "%s/%s", base, name);
	if (mkdir(path, 0700) < 0)
		die("make %s", path);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static inline void made_log_begin(struct ledger *ledger, const char *base,
				  const char *origin)
{
	struct err err = { "" };

	ledger->dir = made_log_folder(base, "log");
	ledger->key_dir = made_log_folder(base, "key");
	ledger->anchor_dir = made_log_folder(base, "anchor");
	if (ledger_open(ledger, origin, &err) < 0)
		die("%s", err.text);
}

static inline void made_log_sign(struct ledger *ledger)
{
	struct err err = { "" };

	if (ledger_commit(ledger, &err) < 0 || ledger_sign(ledger, &err) < 0)
		die("%s", err.text);
}

#endif
