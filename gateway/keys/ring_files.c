/*
 * ring_files - see ring_files.h. Runs in sekisho-keys.
 *
 * Overwriting reaches the blocks that a file lies in, not what a flash disk or
 * a file system with snapshots keeps of its own accord; therefore a wrapped
 * key never goes alone, but with the key it was wrapped under.
 */
#include "gateway/keys/ring_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/keys/wrap.h"

static const char name_new[] = "ring.new";

static int write_all(int fd, const uint8_t *bytes, size_t len, struct err *err)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = write(fd, bytes + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_sys(err, "write %s", name_new);
		done += (size_t)n;
	}
	return fsync(fd) < 0 ? err_sys(err, "sync %s", name_new) : 0;
}

int ring_file_write(int folder, const char *name, const uint8_t *bytes,
		    size_t len, struct err *err)
{
	/* May be left of an earlier try. */
	if (ring_file_wipe(folder, name_new, err) < 0)
		return -1;
	AUTO_FD int fd = openat(
		folder, name_new,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(err, "create %s", name_new);
	if (write_all(fd, bytes, len, err) < 0)
		return -1;
	if (renameat2(folder, name_new, folder, name, RENAME_NOREPLACE) < 0 ||
	    fsync(folder) < 0)
		return err_sys(err, "name %s", name);
	return 0;
}

/* A regular file, alone under its name, for us only. */
static int open_secret(int folder, const char *name, int flags, struct stat *st,
		       struct err *err)
{
	AUTO_FD int fd = openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fstat(fd, st) < 0)
		return err_sys(err, "open %s", name);
	if (!S_ISREG(st->st_mode) || st->st_nlink != 1 ||
	    (st->st_mode & 077) != 0) {
		errno = EINVAL;
		return err_set(err,
			       "%s: must be a file of mode 0600 with one name",
			       name);
	}
	return take_fd(&fd);
}

ssize_t ring_file_read(int folder, const char *name, uint8_t *out, size_t size,
		       struct err *err)
{
	struct stat st;
	AUTO_FD int fd = open_secret(folder, name, O_RDONLY, &st, err);
	size_t done = 0;

	if (fd < 0)
		return -1;
	while (done < size) {
		ssize_t n = read(fd, out + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "read %s", name);
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static int overwrite(int fd, off_t size, const char *name, struct err *err)
{
	uint8_t chance[4096];

	for (off_t at = 0; at < size; at += (off_t)sizeof chance) {
		size_t len = size - at < (off_t)sizeof chance
				     ? (size_t)(size - at)
				     : sizeof chance;

		wrap_random(chance, len);
		if (pwrite(fd, chance, len, at) != (ssize_t)len)
			return err_sys(err, "overwrite %s", name);
	}
	return fsync(fd) < 0 ? err_sys(err, "sync %s", name) : 0;
}

int ring_file_wipe(int folder, const char *name, struct err *err)
{
	struct stat st;
	AUTO_FD int fd = open_secret(folder, name, O_WRONLY, &st, err);

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || overwrite(fd, st.st_size, name, err) < 0)
		return -1;
	if (unlinkat(folder, name, 0) < 0 || fsync(folder) < 0)
		return err_sys(err, "remove %s", name);
	return 0;
}

int ring_files_each(int folder,
		    int (*each)(void *context, int folder, const char *name,
				struct err *err),
		    void *context, struct err *err)
{
	int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = again < 0 ? NULL : fdopendir(again);
	const struct dirent *entry;
	int done = 0;

	if (!dir) {
		own_close(&again);
		return err_sys(err, "list the permits' keys");
	}
	while (done == 0 && (entry = readdir(dir)))
		if (strncmp(entry->d_name, "site.", 5) == 0 ||
		    strncmp(entry->d_name, "ring.", 5) == 0)
			done = each(context, folder, entry->d_name, err);
	closedir(dir);
	return done;
}
