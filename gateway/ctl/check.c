/*
 * check - read a policy folder without a gateway.
 *
 * Runs in sekishoctl as the operator, before an apply. The files are read by
 * the same code as in sekisho-policy.
 */
#include <fcntl.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/ctl/ctl.h"
#include "policy/load.h"

static void say_problems(const struct ctl *ctl, const char *folder,
			 const struct problems *problems, struct result *result)
{
	char number[24], line[PROBLEM_SIZE];

	snprintf(number, sizeof number, "%zu", problems->count);
	result_error(result, RESULT_WRONG, TEXT_CTL_PROBLEMS, folder, number,
		     NULL);
	for (size_t i = 0; i < problems_texts(problems); i++)
		result_note(result, TEXT_VERBATIM,
			    problems_text(problems, i, ctl->lang, line,
					  sizeof line),
			    NULL, NULL);
	result_hint(result, TEXT_CTL_PROBLEMS_HINT, NULL, NULL);
}

void ctl_check(const struct ctl *ctl, const char *folder, struct result *result)
{
	static struct problems problems;
	struct err err = { "" };
	AUTO_FD int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		err_sys(&err, "%s", folder);
		result_error(result, RESULT_WRONG, TEXT_VERBATIM, err.text,
			     NULL, NULL);
		result_hint(result, TEXT_CTL_TRY_HELP, NULL, NULL);
		return;
	}
	if (policy_check_folder(fd, NULL, &problems) < 0)
		say_problems(ctl, folder, &problems, result);
	else
		result_begin_with(result, RESULT_ONE, TEXT_CTL_POLICY_FINE,
				  folder, NULL);
}
