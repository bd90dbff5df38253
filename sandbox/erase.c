/*
 * erase - see erase.h. Runs in sekisho-erase. What the folders hold was
 * written by researchers: no name is printed and no link followed.
 */
#include "sandbox/erase.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/own.h"

enum { PIECE = 1024 * 1024, DEPTH = 32 };

static const uint8_t zeros[PIECE];

static size_t piece(off_t size, off_t at)
{
	return size - at < PIECE ? (size_t)(size - at) : PIECE;
}

static int overwrite(int fd, off_t size, struct err *err)
{
	for (off_t at = 0; at < size;) {
		ssize_t n = pwrite(fd, zeros, piece(size, at), at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_sys(err, "overwrite at byte %lld",
				       (long long)at);
		at += n;
	}
	return fsync(fd) < 0 ? err_sys(err, "sync what was overwritten") : 0;
}

/* From the disk: what the page cache has of it is dropped first. */
static int read_back(int fd, off_t size, struct err *err)
{
	static uint8_t there[PIECE];

	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	for (off_t at = 0; at < size;) {
		ssize_t n = pread(fd, there, piece(size, at), at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_sys(err, "read back at byte %lld",
				       (long long)at);
		if (memcmp(there, zeros, (size_t)n) != 0)
			return err_set(err,
				       "something is left near byte %lld of "
				       "what was overwritten",
				       (long long)at);
		at += n;
	}
	return 0;
}

int erase_file(int fd, struct erased *erased, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(err, "look at what is to be erased");
	if (!S_ISREG(st.st_mode))
		return err_set(err, "what is to be erased is no file");
	if (overwrite(fd, st.st_size, err) < 0 ||
	    read_back(fd, st.st_size, err) < 0)
		return -1;
	if (ftruncate(fd, 0) < 0 || fsync(fd) < 0)
		return err_sys(err, "empty what was overwritten");
	erased->files++;
	erased->bytes += (uint64_t)st.st_size;
	return 0;
}

/* One folder that is being emptied. */
struct emptying {
	int top;
	unsigned long moved; /* to the top, for being too deep */
	struct erased *erased;
};

static int erase_named(int folder, const char *name, struct erased *erased,
		       struct err *err)
{
	AUTO_FD int fd = openat(folder, name,
				O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(err, "open a file to erase it");
	return st.st_nlink > 1 ? 0 : erase_file(fd, erased, err);
}

static int erase_within(struct emptying *emptying, int folder, int depth,
			struct err *err);

/* Out of the depth, under a name that nobody uses; its turn comes there. */
static int move_up(struct emptying *emptying, int folder, const char *name,
		   struct err *err)
{
	char fresh[32];

	do {
		snprintf(fresh, sizeof fresh, "deep-%lu", ++emptying->moved);
	} while (renameat2(folder, name, emptying->top, fresh,
			   RENAME_NOREPLACE) < 0 &&
		 errno == EEXIST);
	return faccessat(emptying->top, fresh, F_OK, AT_SYMLINK_NOFOLLOW) < 0
		       ? err_sys(err, "move a deep folder up")
		       : 0;
}

static int empty_inner(struct emptying *emptying, int folder, const char *name,
		       int depth, struct err *err)
{
	AUTO_FD int inner = openat(
		folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (inner < 0)
		return err_sys(err, "open a folder to empty it");
	if (erase_within(emptying, inner, depth, err) < 0)
		return -1;
	return unlinkat(folder, name, AT_REMOVEDIR) < 0
		       ? err_sys(err, "remove a folder that was emptied")
		       : 0;
}

static int erase_entry(struct emptying *emptying, int folder, const char *name,
		       int depth, struct err *err)
{
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "look at what is to be erased");
	/* An empty one goes, also if it cannot be opened. */
	if (S_ISDIR(st.st_mode) && unlinkat(folder, name, AT_REMOVEDIR) == 0)
		return 0;
	if (S_ISDIR(st.st_mode))
		return depth < DEPTH ? empty_inner(emptying, folder, name,
						   depth + 1, err)
				     : move_up(emptying, folder, name, err);
	if (S_ISREG(st.st_mode) &&
	    erase_named(folder, name, emptying->erased, err) < 0)
		return -1;
	return unlinkat(folder, name, 0) < 0
		       ? err_sys(err, "remove what was erased")
		       : 0;
}

static int erase_within(struct emptying *emptying, int folder, int depth,
			struct err *err)
{
	int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = again < 0 ? NULL : fdopendir(again);
	const struct dirent *entry;
	int done = 0;

	if (!dir) {
		own_close(&again);
		return err_sys(err, "list what is to be erased");
	}
	while (done == 0 && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			done = erase_entry(emptying, folder, entry->d_name,
					   depth, err);
	closedir(dir);
	if (done == 0 && fsync(folder) < 0)
		done = err_sys(err, "sync a folder that was emptied");
	return done;
}

int erase_folder(int folder, struct erased *erased, struct err *err)
{
	struct emptying emptying = { .top = folder, .erased = erased };
	unsigned long moved;

	do {
		moved = emptying.moved;
		if (erase_within(&emptying, folder, 0, err) < 0)
			return -1;
	} while (emptying.moved != moved);
	return 0;
}
