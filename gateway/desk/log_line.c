#include "gateway/desk/log_line.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/own.h"

enum { SEGMENT = 65536 /* entries of a file (docs/audit-format.md) */ };

int log_line(int folder, uint64_t index, char out[static LOG_LINE],
	     struct err *err)
{
	char path[48];
	uint64_t skip = index % SEGMENT;

	snprintf(path, sizeof path, "seg/%020" PRIu64 ".jsonl", index - skip);
	AUTO_FD int fd =
		openat(folder, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "re");
	if (!file)
		return errno == ENOENT ? 0 : err_sys(err, "%s", path);
	take_fd(&fd);
	bool found = true;
	for (uint64_t i = 0; i <= skip && found; i++)
		found = fgets(out, LOG_LINE, file) && strchr(out, '\n');
	fclose(file);
	if (!found)
		return 0;
	out[strcspn(out, "\n")] = '\0';
	return 1;
}
