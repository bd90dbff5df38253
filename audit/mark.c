#include "audit/mark.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/segment.h"
#include "gateway/base/own.h"

static const char name[] = "acknowledged";

enum {
	BODY = 20 + 1 + 20 + 1 + HASH_BASE64_SIZE - 1,
	CHECK = 16, /* the beginning of the body's SHA-256, in hex */
	LINE = BODY + 1 + CHECK + 1,
	LINES = 2
};

static void print(char out[static LINE + 1], const struct mark *mark,
		  struct hasher *hasher)
{
	char head[HASH_BASE64_SIZE], hex[HASH_HEX_SIZE];

	hash_base64(head, &mark->head);
	snprintf(out, LINE + 1, "%020" PRIu64 " %020" PRIu64 " %s", mark->size,
		 mark->length, head);
	struct hash check = hash_bytes(hasher, out, BODY);
	hash_hex(hex, &check);
	snprintf(out + BODY, LINE + 1 - BODY, " %.*s\n", CHECK, hex);
}

/* One line, with a NUL somewhere behind it. */
static bool parse(const char *line, struct mark *mark, struct hasher *hasher)
{
	char again[LINE + 1];

	mark->size = strtoull(line, NULL, 10);
	mark->length = strtoull(line + 21, NULL, 10);
	if (!hash_from_base64(&mark->head, line + 42, HASH_BASE64_SIZE - 1))
		return false;
	print(again, mark, hasher);
	return memcmp(again, line, LINE) == 0;
}

int mark_open(int dir, struct mark_file *file, struct mark *mark,
	      struct hasher *hasher, struct err *err)
{
	AUTO_FD int fd = segment_open(dir, name, O_RDWR, err);
	char text[LINES * LINE + 2];
	bool found = false;

	file->fd = -1;
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	text[n < 0 ? 0 : n] = '\0';
	for (unsigned int i = 0; n == LINES * LINE && i < LINES; i++) {
		struct mark one;

		if (!parse(text + i * LINE, &one, hasher) ||
		    (found && one.size < mark->size))
			continue;
		*mark = one;
		file->turn = (i + 1) % LINES;
		found = true;
	}
	if (!found)
		return err_set(err,
			       "%s is damaged; not started, see "
			       "docs/audit-format.md",
			       name);
	file->fd = take_fd(&fd);
	return 0;
}

int mark_create(int dir, struct mark_file *file, struct mark *mark,
		struct hasher *hasher, struct err *err)
{
	char text[LINES * LINE + 1];

	memset(mark, 0, sizeof *mark);
	for (int i = 0; i < LINES; i++)
		print(text + i * LINE, mark, hasher);
	if (segment_replace(dir, name, text, LINES * LINE, err) < 0)
		return -1;
	file->turn = 0;
	file->fd = segment_open(dir, name, O_RDWR, err);
	return file->fd < 0 ? -1 : 0;
}

int mark_write(struct mark_file *file, const struct mark *mark,
	       struct hasher *hasher, struct err *err)
{
	char line[LINE + 1];

	print(line, mark, hasher);
	errno = ENOSPC;
	if (pwrite(file->fd, line, LINE, file->turn * LINE) != LINE)
		return err_sys(err, "write %s", name);
	file->turn = (file->turn + 1) % LINES;
	return 0;
}
