#include "audit/segment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "gateway/base/own.h"

void segment_name(char out[static SEGMENT_NAME], uint64_t first)
{
	snprintf(out, SEGMENT_NAME, "%020" PRIu64 ".jsonl", first);
}

static int parse_name(const char *name, uint64_t *first)
{
	char again[SEGMENT_NAME];

	*first = strtoull(name, NULL, 10);
	segment_name(again, *first);
	return strcmp(again, name) == 0 && *first % SEGMENT_ENTRIES == 0 ? 0
									 : -1;
}

static int compare(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

static int collect(DIR *folder, uint64_t **firsts, size_t *n, struct err *err)
{
	for (;;) {
		uint64_t first;

		errno = 0;
		struct dirent *entry = readdir(folder);
		if (!entry)
			return errno ? err_sys(err, "read seg") : 0;
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		if (parse_name(entry->d_name, &first) < 0)
			return err_set(err, "seg/%s is no segment's name",
				       entry->d_name);
		uint64_t *more = reallocarray(*firsts, *n + 1, sizeof *more);
		if (!more)
			return err_set(err, "out of memory");
		*firsts = more;
		(*firsts)[(*n)++] = first;
	}
}

int segment_list(int seg, uint64_t **firsts, size_t *n, struct err *err)
{
	AUTO_FD int copy = openat(seg, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = copy < 0 ? NULL : fdopendir(copy);

	*firsts = NULL;
	*n = 0;
	if (!folder)
		return err_sys(err, "open seg");
	take_fd(&copy);
	int done = collect(folder, firsts, n, err);
	closedir(folder);
	if (done < 0) {
		free(*firsts);
		*firsts = NULL;
		return -1;
	}
	if (*n > 1)
		qsort(*firsts, *n, sizeof **firsts, compare);
	return 0;
}

int segment_open(int dir, const char *name, int flags, struct err *err)
{
	AUTO_FD int fd =
		openat(dir, name, flags | O_NOFOLLOW | O_CLOEXEC, 0640);
	struct stat info;

	if (fd < 0)
		return err_sys(err, "open %s", name);
	if (fstat(fd, &info) < 0)
		return err_sys(err, "stat %s", name);
	errno = 0;
	if (!S_ISREG(info.st_mode) || info.st_nlink > 1)
		return err_set(err, "%s is not a file with one name", name);
	return take_fd(&fd);
}

int segment_folder(int dir, const char *name, struct err *err)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

	if (mkdirat(dir, name, 0750) < 0 && errno != EEXIST)
		return err_sys(err, "make %s", name);
	int fd = openat(dir, name, flags);
	return fd < 0 ? err_sys(err, "open %s", name) : fd;
}

int segment_replace(int dir, const char *name, const void *bytes, size_t len,
		    struct err *err)
{
	char temporary[64];

	snprintf(temporary, sizeof temporary, "%s.tmp", name);
	if (unlinkat(dir, temporary, 0) < 0 && errno != ENOENT)
		return err_sys(err, "remove %s", temporary);
	AUTO_FD int fd =
		segment_open(dir, temporary, O_WRONLY | O_CREAT | O_EXCL, err);
	if (fd < 0)
		return -1;
	errno = ENOSPC;
	if (write(fd, bytes, len) != (ssize_t)len || fsync(fd) < 0)
		return err_sys(err, "write %s", temporary);
	if (renameat(dir, temporary, dir, name) < 0 || fsync(dir) < 0)
		return err_sys(err, "put %s in place", name);
	return 0;
}

long segment_read_small(int dir, const char *name, char *out, size_t size,
			struct err *err)
{
	AUTO_FD int fd = segment_open(dir, name, O_RDONLY, err);

	if (fd < 0)
		return -1;
	ssize_t n = read(fd, out, size);
	if (n < 0)
		return err_sys(err, "read %s", name);
	errno = 0;
	if ((size_t)n == size)
		return err_set(err, "%s is too long", name);
	out[n] = '\0';
	return n;
}
