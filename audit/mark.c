#include "audit/mark.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/segment.h"
#include "gateway/base/own.h"

static const char name[] = "acknowledged";

enum { LINE = 20 + 1 + 20 + 1 + HASH_BASE64_SIZE };

static void print(char out[static LINE + 1], const struct mark *mark)
{
	char head[HASH_BASE64_SIZE];

	hash_base64(head, &mark->head);
	snprintf(out, LINE + 1, "%020" PRIu64 " %020" PRIu64 " %s\n",
		 mark->size, mark->length, head);
}

static int parse(const char *line, struct mark *mark)
{
	char again[LINE + 1];

	mark->size = strtoull(line, NULL, 10);
	mark->length = strtoull(line + 21, NULL, 10);
	if (!hash_from_base64(&mark->head, line + 42, HASH_BASE64_SIZE - 1))
		return -1;
	print(again, mark);
	return memcmp(again, line, LINE) == 0 ? 0 : -1;
}

int mark_open(int dir, struct mark *mark, struct err *err)
{
	AUTO_FD int fd = segment_open(dir, name, O_RDWR, err);
	char line[LINE + 2];

	if (fd < 0)
		return -1;
	ssize_t n = pread(fd, line, LINE + 1, 0);
	errno = 0;
	line[n < 0 ? 0 : n] = '\0';
	if (n != LINE || parse(line, mark) < 0)
		return err_set(err,
			       "%s is damaged; not started, see "
			       "docs/audit-format.md",
			       name);
	return take_fd(&fd);
}

int mark_create(int dir, struct mark *mark, struct err *err)
{
	char line[LINE + 1];

	memset(mark, 0, sizeof *mark);
	print(line, mark);
	if (segment_replace(dir, name, line, LINE, err) < 0)
		return -1;
	return segment_open(dir, name, O_RDWR, err);
}

int mark_write(int fd, const struct mark *mark, struct err *err)
{
	char line[LINE + 1];

	print(line, mark);
	errno = ENOSPC;
	if (pwrite(fd, line, LINE, 0) != LINE)
		return err_sys(err, "write %s", name);
	return 0;
}
