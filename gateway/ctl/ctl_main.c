/*
 * ctl_main - sekishoctl: the operator's command.
 *
 * Run by operators under their own accounts; not confined, because it has no
 * right of its own: policy decides by the account that connects. Distrusts the
 * policy folder that it checks, and what the gateway's answers quote.
 */
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "gateway/ctl/ctl.h"

static const char run_folder[] = "/run/sekisho";

/* Words and options; 0, or -1 if they do not fit or --run has no folder. */
static int read_arguments(int argc, char **argv, struct ctl *ctl,
			  struct command *command)
{
	command_begin(command);
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--run") == 0) {
			if (++i == argc)
				return -1;
			ctl->run = argv[i];
		} else if (strcmp(argv[i], "--prometheus") == 0) {
			ctl->prometheus = true;
		} else if (strcmp(argv[i], "--help") == 0) {
			if (command_add(command, "help") < 0)
				return -1;
		} else if (command_add(command, argv[i]) < 0) {
			return -1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct ctl ctl = { .run = run_folder, .lang = ctl_language() };
	struct render render = { .lang = ctl.lang };
	static struct command command;
	static struct result result;
	struct winsize size = { 0 };

	ctl_prepare(argc, argv);
	setlocale(LC_ALL, "C.UTF-8");
	tzset();
	if (read_arguments(argc, argv, &ctl, &command) < 0) {
		result_error(&result, RESULT_WRONG, TEXT_CTL_UNKNOWN,
			     argv[argc - 1], NULL, NULL);
		result_hint(&result, TEXT_CTL_TRY_HELP, NULL, NULL);
	} else {
		ctl_answer(&ctl, &command, &result);
	}
	render.format = command.format;
	render.form = ctl_form(&command);
	render.out = result.has_error && render.format != RENDER_JSON ? stderr
								      : stdout;
	if (ioctl(fileno(render.out), TIOCGWINSZ, &size) == 0)
		render.columns = size.ws_col;
	/* What went to standard output already is all there is to say. */
	if (ctl.prometheus && !result.has_error)
		ctl_prometheus(stdout, &result);
	else if (result.has_title || result.has_error || result.ncolumns > 0)
		render_result(&render, &result);
	return result.exit;
}
