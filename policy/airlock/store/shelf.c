#include "policy/airlock/store/shelf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"

enum { FOLDER = O_RDONLY | O_DIRECTORY | O_NOFOLLOW };

/* Those above are synced too: a killed life may have made them just before. */
int shelf_open(int folder, const char *permit, const char *actor,
	       struct err *err)
{
	AUTO_FD int above = place_folder(folder, permit, 0750);
	AUTO_FD int shelf = above < 0 ? -1 : place_folder(above, actor, 0750);

	if (shelf < 0 || fsync(folder) < 0 || fsync(above) < 0)
		return err_sys(err, "the folder of a person");
	return take_fd(&shelf);
}

static bool holds(int fd, const char *bytes, size_t len)
{
	struct stat st;
	char piece[4096];
	size_t at = 0;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    (size_t)st.st_size != len)
		return false;
	while (at < len) {
		ssize_t n = pread(fd, piece, sizeof piece, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || (size_t)n > len - at ||
		    memcmp(piece, bytes + at, (size_t)n) != 0)
			return false;
		at += (size_t)n;
	}
	return true;
}

/* What stands at its number is as it must be, and durable. */
static int settle(int folder, int shelf)
{
	return fchmod(folder, 0550) < 0 || fsync(folder) < 0 || fsync(shelf) < 0
		       ? -1
		       : 0;
}

enum shelf_found shelf_look(int shelf, const char *number, const char *receipt,
			    size_t len)
{
	AUTO_FD int folder = place_beneath(shelf, number, FOLDER);

	if (folder < 0)
		return errno == ENOENT ? SHELF_EMPTY : SHELF_OTHER;
	AUTO_FD int file = place_beneath(folder, "receipt.json",
					 O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
	if (file < 0 || !holds(file, receipt, len))
		return SHELF_OTHER;
	/* The life that moved it here may have ended before it said so. */
	return settle(folder, shelf) < 0 ? SHELF_LOOSE : SHELF_SAME;
}

/* Open the folder that the last part of the name is in. */
static int folder_of(int folder, const char *name)
{
	AUTO_FREE char *path = strdup(name);
	AUTO_FD int at = place_beneath(folder, ".", FOLDER);
	char *part = path;

	if (!path)
		die("out of memory");
	for (char *slash; at >= 0 && (slash = strchr(part, '/'));
	     part = slash + 1) {
		*slash = '\0';
		int inner = place_folder(at, part, 0750);

		own_close(&at);
		at = inner;
	}
	return take_fd(&at);
}

int shelf_link(const struct place *place, int folder, const char *name,
	       const uint8_t hash[static NAMES_HASH], struct err *err)
{
	AUTO_FD int at = folder_of(folder, name);
	const char *last = strrchr(name, '/');
	char copy[PLACE_COPY];

	place_copy_path(copy, hash);
	if (at < 0 ||
	    linkat(place->frozen, copy, at, last ? last + 1 : name, 0) < 0)
		return err_sys(err, "a file of the release");
	return 0;
}

/* Every folder below this one: nobody writes there again, and it is synced. */
static int seal(int folder)
{
	AUTO_FD int fd = place_beneath(folder, ".", FOLDER);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int done = 0;

	if (!dir)
		return -1;
	take_fd(&fd);
	while (done == 0 && (entry = readdir(dir))) {
		struct stat st;

		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		done = fstatat(folder, entry->d_name, &st, AT_SYMLINK_NOFOLLOW);
		if (done < 0 || !S_ISDIR(st.st_mode))
			continue;
		AUTO_FD int inner =
			place_beneath(folder, entry->d_name, FOLDER);
		done = inner < 0 || seal(inner) < 0 ? -1 : fchmod(inner, 0550);
	}
	closedir(dir);
	return done < 0 ? -1 : fsync(folder);
}

/* A folder that moves must be writable until it has moved. */
enum shelf_found shelf_put(const struct place *place, const char *name,
			   int shelf, const char *number, struct err *err)
{
	AUTO_FD int folder = place_beneath(place->fresh, name, FOLDER);

	if (folder < 0 || seal(folder) < 0) {
		err_sys(err, "sync the release");
		return SHELF_EMPTY;
	}
	if (renameat2(place->fresh, name, shelf, number, RENAME_NOREPLACE) <
	    0) {
		err_sys(err, "put the release in its place");
		return SHELF_EMPTY;
	}
	if (settle(folder, shelf) == 0)
		return SHELF_SAME;
	err_sys(err, "sync the release in its place");
	/* Who is told no must not find it there. */
	return fchmod(folder, 0750) < 0 ||
			       renameat(shelf, number, place->fresh, name) < 0
		       ? SHELF_LOOSE
		       : SHELF_EMPTY;
}

int shelf_clear(struct place *place, const char *permit, const char *actor,
		const char *number, struct err *err)
{
	AUTO_FD int shelf = shelf_open(place->released, permit, actor, err);
	AUTO_FD int folder = -1;
	char name[PLACE_TEMPORARY];

	if (shelf < 0)
		return -1;
	folder = place_beneath(shelf, number, FOLDER);
	if (folder < 0 && errno == ENOENT)
		return fsync(shelf) < 0 ? err_sys(err, "sync a shelf") : 0;
	place_name(place, name);
	if (folder < 0 || fchmod(folder, 0700) < 0 ||
	    renameat(shelf, number, place->fresh, name) < 0 || fsync(shelf) < 0)
		return err_sys(err, "take a release away");
	place_discard(place, name);
	return 0;
}
