/*
 * hand - what a custodian wrote, handed on to the gateway as it is.
 *
 * Runs in sekishoctl as the operator, who carries the file from one host to
 * the other. Nothing in it is believed here: policy verifies it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/ctl/ctl.h"

enum { FILE_SIZE = 2000 };

/* The file as text, at most FILE_SIZE - 1 bytes. 0, or -1: the answer says
 * why not. */
static int read_file(const char *path, char out[static FILE_SIZE],
		     struct result *result)
{
	AUTO_FD int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, out, FILE_SIZE - 1);

	if (n < 0) {
		result_error(result, RESULT_WRONG, TEXT_CTL_NO_FILE, path,
			     strerror(errno), NULL);
		return -1;
	}
	out[n] = '\0';
	return 0;
}

void ctl_mark(const struct ctl *ctl, const struct command *command,
	      struct result *result)
{
	static struct command whole;
	char bytes[FILE_SIZE], *rest = bytes;
	const char *mark, *signature;

	if (read_file(command_word(command, 2), bytes, result) < 0)
		return;
	mark = strsep(&rest, "\n");
	signature = rest ? strsep(&rest, "\n") : NULL;
	command_begin(&whole);
	if (!signature || !rest || *rest ||
	    command_put(&whole, "dataset stale") < 0 ||
	    command_put(&whole, mark) < 0 ||
	    command_put(&whole, signature) < 0) {
		result_error(result, RESULT_WRONG, TEXT_STALE_NO_MARK, NULL,
			     NULL, NULL);
		return;
	}
	ctl_ask(ctl, &whole, result);
}

/* The line among what sekisho-prepare printed; or NULL. */
static char *find_line(char *bytes)
{
	static const char begins[] = "reidentify ";
	char *rest = bytes, *line;

	while ((line = strsep(&rest, "\n")))
		if (strncmp(line, begins, sizeof begins - 1) == 0)
			return line;
	return NULL;
}

void ctl_traced(const struct ctl *ctl, const struct command *command,
		struct result *result)
{
	static struct command whole;
	char bytes[FILE_SIZE], typed[COMMAND_WORD];
	const char *line = typed;

	if (command->n == 3 && !strchr(command->words[2], '=')) {
		if (read_file(command->words[2], bytes, result) < 0)
			return;
		line = find_line(bytes);
	} else if (command_rest(command, 2, typed) < 0) {
		line = NULL;
	}
	command_begin(&whole);
	if (!line || command_put(&whole, "reidentify record") < 0 ||
	    command_put(&whole, line) < 0) {
		result_error(result, RESULT_WRONG, TEXT_TRACED_WRONG, NULL,
			     NULL, NULL);
		return;
	}
	ctl_ask(ctl, &whole, result);
}
