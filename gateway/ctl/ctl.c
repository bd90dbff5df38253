/*
 * ctl - the table of the operator's commands.
 *
 * Runs in sekishoctl as the operator. What the operator may do is decided by
 * policy, which asks the kernel who is at the other end.
 */
#include "gateway/ctl/ctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "gateway/base/own.h"
#include "gateway/desk/ask.h"

enum by {
	by_help,
	by_doctor,
	by_check,
	by_ask,
	by_prepare,
	by_log,
	by_mark,
	by_traced,
	by_toolset
};

struct verb {
	const char *name, *arguments;
	enum by by;
	unsigned int least, most;
	enum text_id help;
};

static const struct verb verbs[] = {
#define CTL(name, by, arguments, least, most, help)                            \
	{ name, arguments, by_##by, least, most, TEXT_CTL_##help },
#include "gateway/ctl/verbs.def"
#undef CTL
};

const char *ctl_language(void)
{
	const char *names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strncmp(value, "ja", 2) == 0 ? "ja" : "en";
	}
	return "en";
}

static bool is_two_words(const struct verb *verb)
{
	return strchr(verb->name, ' ') != NULL;
}

/* The verb that the words from number `from` on begin with, or NULL. */
static const struct verb *find_verb(const struct command *command,
				    unsigned int from)
{
	char two[128];

	snprintf(two, sizeof two, "%.60s %.60s", command_word(command, from),
		 command_word(command, from + 1));
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (strcmp(verbs[i].name,
			   is_two_words(&verbs[i])
				   ? two
				   : command_word(command, from)) == 0)
			return &verbs[i];
	return NULL;
}

enum render_form ctl_form(const struct command *command)
{
	const struct verb *verb = find_verb(command, 0);

	return verb && verb->by == by_log ? RENDER_RECORDS : RENDER_TABLE;
}

static void say_unknown(const struct command *command, unsigned int from,
			struct result *result)
{
	char words[160];

	snprintf(words, sizeof words, "%.60s%s%.60s",
		 command_word(command, from), command->n > from + 1 ? " " : "",
		 command_word(command, from + 1));
	result_error(result, RESULT_WRONG, TEXT_CTL_UNKNOWN, words, NULL, NULL);
	result_hint(result, TEXT_CTL_TRY_HELP, NULL, NULL);
}

static void help_on(const struct ctl *ctl, const struct verb *verb,
		    struct result *result)
{
	char line[512];

	result_begin(result, RESULT_ONE, verb->help);
	result_column(result, "usage", RESULT_TEXT);
	result_row(result);
	snprintf(line, sizeof line, "sekishoctl %s %s", verb->name,
		 verb->arguments);
	result_text(result, line);
	(void)ctl;
}

static void help(const struct ctl *ctl, const struct command *command,
		 struct result *result)
{
	const struct verb *verb = find_verb(command, 1);

	if (verb) {
		help_on(ctl, verb, result);
		return;
	}
	if (command->n > 1) {
		say_unknown(command, 1, result);
		return;
	}
	result_begin(result, RESULT_LIST, TEXT_CTL_USAGE);
	result_column(result, "command", RESULT_ID);
	result_column(result, "what", RESULT_TEXT);
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		result_row(result);
		result_text(result, verbs[i].name);
		result_text(result, text(ctl->lang, verbs[i].help));
	}
}

/* Policy gets a verb of two words as one. */
static void ask_policy(const struct ctl *ctl, const struct verb *verb,
		       const struct command *command, struct result *result)
{
	static struct command whole;

	command_begin(&whole);
	command_add(&whole, verb->name);
	for (unsigned int i = is_two_words(verb) ? 2 : 1; i < command->n; i++)
		command_add(&whole, command->words[i]);
	ctl_ask(ctl, &whole, result);
}

void ctl_answer(const struct ctl *ctl, const struct command *command,
		struct result *result)
{
	const struct verb *verb = find_verb(command, 0);
	unsigned int n;

	if (command->n == 0) {
		help(ctl, command, result);
		return;
	}
	if (!verb) {
		say_unknown(command, 0, result);
		return;
	}
	n = command->n - (is_two_words(verb) ? 2 : 1);
	if (n < verb->least || n > verb->most) {
		result_error(result, RESULT_WRONG, TEXT_CTL_ARGUMENTS,
			     verb->name, verb->arguments, NULL);
		return;
	}
	switch (verb->by) {
	case by_help:
		help(ctl, command, result);
		return;
	case by_doctor:
		ctl_doctor(ctl, command, result);
		return;
	case by_check:
		ctl_check(ctl, command->words[2], result);
		return;
	case by_log:
		ctl_log(ctl, command, result);
		return;
	case by_toolset:
		ctl_toolset(ctl, command, result);
		return;
	case by_prepare: /* ctl_prepare would not have come back */
		result_error(result, RESULT_FAILED, TEXT_CTL_NO_PREPARE, NULL,
			     NULL, NULL);
		return;
	case by_mark:
		ctl_mark(ctl, command, result);
		return;
	case by_traced:
		ctl_traced(ctl, command, result);
		return;
	case by_ask:
		ask_policy(ctl, verb, command, result);
		return;
	}
}

static int connect_gateway(const struct ctl *ctl, char *path, size_t size)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	AUTO_FD int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(path, size, "%s/ctl", ctl->run);
	if (strlen(path) >= sizeof name.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(name.sun_path, path, strlen(path) + 1);
	if (sock < 0 ||
	    connect(sock, (const struct sockaddr *)&name, sizeof name) < 0)
		return -1;
	return take_fd(&sock);
}

void ctl_ask(const struct ctl *ctl, const struct command *command,
	     struct result *result)
{
	struct err err = { "" };
	char path[512];
	AUTO_FD int sock = connect_gateway(ctl, path, sizeof path);

	if (sock < 0) {
		result_error(result, RESULT_FAILED, TEXT_CTL_NO_GATEWAY, path,
			     strerror(errno), NULL);
		result_hint(result, TEXT_CTL_START_GATEWAY, NULL, NULL);
		return;
	}
	if (ask(sock, command, ASK_SECONDS, result, &err) == 0)
		return;
	result_error(result, RESULT_FAILED, TEXT_CTL_LINK, err.text, NULL,
		     NULL);
	result_hint(result, TEXT_CTL_LINK_HINT, NULL, NULL);
}
