/*
 * commands_report - a report of a preparation, for a custodian to look at.
 *
 * Runs in sekisho-prepare as the custodian.
 */
#include <errno.h>
#include <fcntl.h>

#include "gateway/base/own.h"
#include "policy/prepare/commands.h"
#include "policy/prepare/need.h"
#include "policy/prepare/overview.h"

static int put_page(struct outcome *o, const struct overview *overview)
{
	const char *path = o->options.html;
	AUTO_FREE char *page = NULL;
	size_t len;
	FILE *out = need_stream(&page, &len);

	overview_page(out, overview, o->lang);
	need_stream_end(out);
	AUTO_FD int fd =
		open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EEXIST
			       ? fault_say(&o->fault, FAULT_OUTPUT_EXISTS, path)
			       : fault_sys(&o->fault, path);
	return disk_write(fd, page, len, path, &o->fault);
}

int report(struct outcome *o)
{
	struct overview overview;
	int done = overview_read(&overview, o->options.path, &o->fault);

	if (done == 0 && o->options.html)
		done = put_page(o, &overview);
	else if (done == 0)
		overview_text(stdout, &overview, o->lang);
	overview_clear(&overview);
	return done;
}
