/*
 * log - proofs and tiles out of a log's folder, for auditors and witnesses.
 *
 * Runs in sekishoctl with the rights of who called it, on the log or a copy.
 * What is written was checked against a checkpoint; the checkpoint itself is
 * for whoever is given it to check.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/offline.h"
#include "gateway/base/own.h"
#include "gateway/ctl/ctl.h"

/* A number as people write it; -1 and err otherwise. */
static int read_number(const char *word, uint64_t *number, struct err *err)
{
	char *end;

	errno = 0;
	*number = strtoull(word, &end, 10);
	if (errno || *end || *word < '0' || *word > '9')
		return err_set(err, "'%s' is not a number", word);
	return 0;
}

static int proof(int log, const struct command *command, struct err *err)
{
	uint64_t index;

	if (read_number(command->words[3], &index, err) < 0)
		return -1;
	return offline_proof(log, index, command->words[4], err);
}

static int consistency(int log, const struct command *command, struct err *err)
{
	uint64_t old, now = 0;

	if (read_number(command->words[3], &old, err) < 0 ||
	    (strcmp(command->words[4], "latest") != 0 &&
	     read_number(command->words[4], &now, err) < 0))
		return -1;
	return offline_consistency(log, old, now, command->words[5], err);
}

static int export(int log, const struct command *command, struct err *err)
{
	const char *what = command_word(command, 4);

	if (*what && strcmp(what, "entries") != 0)
		return err_set(err, "'%s': only 'entries' is known", what);
	if (mkdir(command->words[3], 0755) < 0)
		return err_sys(err, "make %s", command->words[3]);
	AUTO_FD int tiles =
		open(command->words[3], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tiles < 0)
		return err_sys(err, "open %s", command->words[3]);
	return offline_tiles(log, tiles, *what != '\0', err);
}

static const struct {
	const char *verb;
	int (*write)(int log, const struct command *command, struct err *err);
	unsigned int target; /* the word that says where to */
} table[] = {
	{ "proof", proof, 4 },
	{ "consistency", consistency, 5 },
	{ "export", export, 3 },
};

static int run(const struct command *command, struct result *result,
	       struct err *err)
{
	AUTO_FD int log =
		open(command->words[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (log < 0)
		return err_sys(err, "open %s", command->words[2]);
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (strcmp(table[i].verb, command->words[1]) != 0)
			continue;
		if (table[i].write(log, command, err) < 0)
			return -1;
		result_begin_with(result, RESULT_ONE, TEXT_CTL_LOG_WRITTEN,
				  command->words[table[i].target], NULL);
		return 0;
	}
	return err_set(err, "no such verb");
}

void ctl_log(const struct command *command, struct result *result)
{
	struct err err = { "" };

	if (run(command, result, &err) < 0)
		result_error(result, RESULT_FAILED, TEXT_VERBATIM, err.text,
			     NULL, NULL);
}
