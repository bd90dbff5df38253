/*
 * single - answer one command of `ssh HOST …` and leave.
 *
 * Runs in sekisho-desk, over one channel. The person's input is not read:
 * there is nothing to say after the command.
 */
#include <string.h>

#include "gateway/desk/desk.h"
#include "gateway/desk/wire.h"

/* `ssh HOST sekisho VERB` and, on desks of roles, `ssh HOST VERB`. */
static const char *without_name(const char *line)
{
	size_t name = strlen("sekisho");

	line += strspn(line, " ");
	if (strncmp(line, "sekisho", name) == 0 &&
	    (line[name] == '\0' || line[name] == ' '))
		return line + name;
	return line;
}

int desk_single(struct desk *desk, struct err *err)
{
	static struct command command;
	static struct result result;
	struct render render = { .lang = desk->lang,
				 .columns = desk->cols,
				 .colour = desk->tty };

	if (command_split(&command, without_name(desk->command)) < 0)
		desk_malformed(&result);
	else if (desk_answer(desk, &command, &result, err) < 0)
		return -1;
	render.format = command.format;
	render.form = desk_form(desk, &command);
	render.out = wire_open(desk->serving,
			       result.has_error && render.format != RENDER_JSON
				       ? CHANNEL_STDERR
				       : CHANNEL_DATA,
			       desk->tty);
	if (!render.out)
		return err_set(err, "out of memory");
	if (desk->page)
		fputs(desk->page, render.out);
	else
		render_result(&render, &result);
	fclose(render.out);
	wire_exit(desk->serving, result.exit);
	return 0;
}
