/*
 * console - a line editor over a channel wire, for people of the roles.
 *
 * Runs in sekisho-desk. libedit edits only on terminals, so it is shown a pty
 * that nobody reads or writes: modes and window size go there, characters
 * come from the wire (EL_GETCFN) and drawing goes to it (wire_open). What the
 * person types is distrusted; it is edited in memory and forgotten at exit.
 */
#include "gateway/desk/console.h"

#include <fcntl.h>
#include <histedit.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>

#include "gateway/base/own.h"
#include "gateway/desk/ask.h"
#include "gateway/desk/complete.h"
#include "gateway/desk/pager.h"
#include "gateway/desk/typing.h"
#include "gateway/desk/wire.h"

enum { KEPT_LINES = 200, PROMPT_SIZE = 32 };

/* One console per process; libedit's callbacks find it here. */
static struct {
	struct typing typing;
	EditLine *edit;
	History *history;
	FILE *out, *in;
	int terminal, other_end;
	char prompt[PROMPT_SIZE];
} console = { .terminal = -1, .other_end = -1 };

static void set_window(const struct desk *desk)
{
	struct winsize size = {
		.ws_col = (unsigned short)(desk->cols ? desk->cols : 80),
		.ws_row = (unsigned short)(desk->rows ? desk->rows : 24),
	};

	ioctl(console.terminal, TIOCSWINSZ, &size);
}

static int read_character(EditLine *edit, wchar_t *c)
{
	struct typing *typing = &console.typing;

	for (;;) {
		int got = typing_next(typing, c);

		if (got > 0)
			return 1;
		if (got < 0)
			return 0;
		typing->resized = false;
		set_window(typing->desk);
		el_resize(edit);
		el_set(edit, EL_REFRESH);
	}
}

static char *prompt(EditLine *edit)
{
	(void)edit;
	return console.prompt;
}

static unsigned char on_tab(EditLine *edit, int c)
{
	char rest[64];

	(void)c;
	const LineInfo *line = el_line(edit);
	size_t len = (size_t)(line->cursor - line->buffer);
	if (!complete(console.typing.desk, line->buffer, len, rest,
		      sizeof rest) ||
	    el_insertstr(edit, rest) < 0)
		return CC_REFRESH_BEEP;
	return CC_REFRESH;
}

static int open_pty(struct err *err)
{
	AUTO_FD int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (master < 0 || unlockpt(master) < 0)
		return err_sys(err, "open a pty");
	AUTO_FD int slave =
		ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return err_sys(err, "open the other end of a pty");
	console.other_end = take_fd(&master);
	console.terminal = take_fd(&slave);
	return 0;
}

static void set_up_editor(void)
{
	EditLine *edit = console.edit;
	HistEvent event;

	el_set(edit, EL_TERMINAL, "xterm");
	el_set(edit, EL_SIGNAL, 0);
	el_set(edit, EL_EDITOR, "emacs");
	el_set(edit, EL_PROMPT, prompt);
	el_set(edit, EL_GETCFN, read_character);
	el_set(edit, EL_ADDFN, "sekisho-complete", "complete a command",
	       on_tab);
	el_set(edit, EL_BIND, "^I", "sekisho-complete", NULL);
	el_set(edit, EL_BIND, "^C", "em-kill-line", NULL);
	el_set(edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
	history(console.history, &event, H_SETSIZE, KEPT_LINES);
	history(console.history, &event, H_SETUNIQUE, 1);
	el_set(edit, EL_HIST, history, console.history);
}

int console_prepare(struct desk *desk, struct err *err)
{
	if (!setlocale(LC_ALL, "C.UTF-8"))
		return err_set(err, "the locale C.UTF-8 is missing");
	/* Where TZ is unset, mktime() looks at the zone's file each time, which
	 * the filter forbids; a TZ that stays the same is looked up once. */
	if (setenv("TZ", ":/etc/localtime", 0) < 0)
		return err_set(err, "out of memory");
	tzset();
	if (desk->for_session || *desk->command || !desk->tty)
		return 0;
	if (open_pty(err) < 0)
		return -1;
	set_window(desk);
	console.out = wire_open(desk->serving, CHANNEL_DATA, true);
	console.in = fopen("/dev/null", "re");
	console.history = history_init();
	if (!console.out || !console.in || !console.history)
		return err_set(err, "out of memory");
	console.edit = el_init_fd("sekisho", console.in, console.out,
				  console.out, console.terminal,
				  console.terminal, console.terminal);
	if (!console.edit)
		return err_set(err, "libedit does not start");
	set_up_editor();
	return 0;
}

static int show(const struct desk *desk, const struct command *command,
		const struct result *result, FILE *out, struct err *err)
{
	AUTO_FREE char *bytes = NULL;
	size_t len = 0;
	struct render render = { .lang = desk->lang,
				 .columns = desk->cols,
				 .format = command->format,
				 .form = desk_form(desk, command),
				 .colour = true };

	if (desk->page) {
		pager_show(&console.typing, out, desk->page);
		return 0;
	}
	render.out = open_memstream(&bytes, &len);
	if (!render.out)
		return err_set(err, "out of memory");
	render_result(&render, result);
	fclose(render.out);
	pager_show(&console.typing, out, bytes);
	return 0;
}

static int answer_line(struct desk *desk, const char *line, FILE *out,
		       struct err *err)
{
	static struct command command;
	static struct result result;

	if (command_split(&command, line) < 0)
		desk_malformed(&result);
	else if (command.n == 0)
		return 0;
	else if (desk_answer(desk, &command, &result, err) < 0)
		return -1;
	return show(desk, &command, &result, out, err);
}

/* The words that a vote can give as its reason, for the Tab key alone. */
static int learn_reasons(struct desk *desk, struct err *err)
{
	static struct command command;
	static struct result result;

	command_begin(&command);
	command_put(&command, "reasons");
	if (ask(desk->policy, &command, ASK_SECONDS, &result, err) < 0)
		return -1;
	known_learn(&desk->known, &result);
	return 0;
}

/* A reviewer comes to work: what waits is the first thing to see. */
static int begin_review(struct desk *desk, struct err *err)
{
	if (desk->role != DESK_REVIEWER)
		return 0;
	if (learn_reasons(desk, err) < 0)
		return -1;
	return answer_line(desk, "queue", console.out, err);
}

static void say_welcome(const struct desk *desk, FILE *out)
{
	char line[512];
	const char *role = desk->role == DESK_REVIEWER	 ? "reviewer"
			   : desk->role == DESK_APPROVER ? "approver"
							 : "auditor";
	struct render render = { .lang = desk->lang };

	text_fill(line, sizeof line, desk->lang, TEXT_DESK_WELCOME,
		  desk->person, render_word(&render, role), NULL);
	render_wrapped(out, line, 0, desk->cols);
	fflush(out);
}

static void set_prompt(const struct desk *desk)
{
	const char *place = desk->role == DESK_REVIEWER	  ? "review"
			    : desk->role == DESK_APPROVER ? "approve"
							  : "audit";

	snprintf(console.prompt, sizeof console.prompt, "sekisho(%s)> ", place);
}

int desk_console(struct desk *desk, struct err *err)
{
	HistEvent event;
	int count;

	typing_begin(&console.typing, desk);
	set_prompt(desk);
	say_welcome(desk, console.out);
	if (begin_review(desk, err) < 0)
		return -1;
	fflush(console.out);
	while (!desk->leaving && !console.typing.gone) {
		const char *line = el_gets(console.edit, &count);

		if (!line || count <= 0)
			break;
		if (strspn(line, " \t\r\n") < strlen(line))
			history(console.history, &event, H_ENTER, line);
		if (answer_line(desk, line, console.out, err) < 0)
			return -1;
		fflush(console.out);
	}
	if (!desk->leaving)
		fputc('\n', console.out);
	fflush(console.out);
	el_end(console.edit);
	history_end(console.history);
	wire_exit(desk->serving, 0);
	return 0;
}
