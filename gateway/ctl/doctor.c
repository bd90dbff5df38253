/*
 * doctor - look at what this host offers, and say what it means.
 *
 * Runs in sekishoctl, by anybody. The rows are those by which sekishod
 * refuses to start.
 */
#include <stdlib.h>
#include <string.h>

#include "gateway/ctl/ctl.h"
#include "gateway/host/host.h"

static const char *word(const struct command *command, unsigned int i,
			const char *usual)
{
	return i < command->n ? command_word(command, i) : usual;
}

static bool is_number(const char *typed)
{
	size_t len = strspn(typed, "0123456789");

	return len > 0 && len <= 10 && typed[len] == '\0' &&
	       strtoull(typed, NULL, 10) <= UINT32_MAX;
}

static void columns(struct result *result)
{
	result_begin(result, RESULT_LIST, TEXT_DOCTOR_TITLE);
	result_column(result, "check", RESULT_ID);
	result_column(result, "found", RESULT_STATE);
	result_column(result, "detail", RESULT_ID);
	result_column(result, "meaning", RESULT_TEXT);
}

void ctl_doctor(const struct ctl *ctl, const struct command *command,
		struct result *result)
{
	static const char *const words[] = { "refused", "weaker", "ok" };
	const struct host host = {
		.config = word(command, 1, "/etc/sekisho"),
		.state = word(command, 2, "/var/lib/sekisho"),
		.uid_base = (uint32_t)strtoul(word(command, 3, "1879048192"),
					      NULL, 10),
	};
	char names[400];

	if (command->n > 3 && !is_number(command_word(command, 3))) {
		result_error(result, RESULT_WRONG, TEXT_DOCTOR_UID_BASE,
			     command_word(command, 3), NULL, NULL);
		return;
	}
	columns(result);
	for (size_t i = 0; i < host_count(); i++) {
		struct host_row row;

		host_look(i, &host, &row);
		result_row(result);
		result_text(result, row.name);
		result_text(result, words[row.verdict]);
		result_text(result, row.detail);
		result_text(result, text(ctl->lang, row.meaning));
	}
	if (host_names(&host, HOST_WEAKER, names, sizeof names) > 0)
		result_note(result, TEXT_DOCTOR_WEAKER, names, NULL, NULL);
	if (host_names(&host, HOST_REFUSED, names, sizeof names) == 0) {
		result_note(result, TEXT_DOCTOR_SAFE, NULL, NULL, NULL);
		return;
	}
	result_note(result, TEXT_DOCTOR_UNSAFE, names, NULL, NULL);
	result->exit = RESULT_FAILED;
}
