#include "policy/airlock/store/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "gateway/base/own.h"

enum { FOLDER = O_RDONLY | O_DIRECTORY | O_NOFOLLOW, DEPTH = 520 };

int place_beneath(int folder, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned int)(flags | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
			   RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
	};
	long fd;

	/* The kernel asks for another try where a rename came in between. */
	for (int tries = 0; tries < 16; tries++) {
		fd = syscall(SYS_openat2, folder, path, &how, sizeof how);
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return (int)fd;
}

int place_folder(int parent, const char *name, mode_t mode)
{
	bool made = mkdirat(parent, name, mode) == 0;

	if (!made && errno != EEXIST)
		return -1;
	AUTO_FD int fd = place_beneath(parent, name, FOLDER);
	if (fd < 0 || (made && fsync(parent) < 0))
		return -1;
	return take_fd(&fd);
}

static int remove_all(int folder, unsigned int depth);

static int remove_one(int folder, const char *name, unsigned int depth)
{
	if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR || depth == 0)
		return -1;
	AUTO_FD int inner = place_beneath(folder, name, FOLDER);
	if (inner < 0 || fchmod(inner, 0700) < 0 ||
	    remove_all(inner, depth - 1) < 0)
		return -1;
	return unlinkat(folder, name, AT_REMOVEDIR);
}

static int remove_all(int folder, unsigned int depth)
{
	AUTO_FD int fd = place_beneath(folder, ".", FOLDER);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int done = dir ? 0 : -1;

	if (dir)
		fd = -1;
	while (done == 0) {
		const struct dirent *entry = readdir(dir);

		if (!entry)
			break;
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			done = remove_one(folder, entry->d_name, depth);
	}
	if (dir)
		closedir(dir);
	return done;
}

int place_open(struct place *place, struct err *err)
{
	AUTO_FD int root = place_beneath(AT_FDCWD, ".", FOLDER);

	place->made = 0;
	place->fresh = place_folder(root, "new", 0700);
	place->frozen = place_folder(root, "frozen", 0700);
	place->released = place_folder(root, "released", 0711);
	place->status = place_folder(root, "status", 0711);
	if (root < 0 || place->fresh < 0 || place->frozen < 0 ||
	    place->released < 0 || place->status < 0)
		return err_sys(err, "the store's folders");
	if (remove_all(place->fresh, DEPTH) < 0)
		return err_sys(err, "clear new/");
	return 0;
}

void place_close(struct place *place)
{
	own_close(&place->fresh);
	own_close(&place->frozen);
	own_close(&place->released);
	own_close(&place->status);
}

void place_name(struct place *place, char name[static PLACE_TEMPORARY])
{
	snprintf(name, PLACE_TEMPORARY, "%" PRIu64, ++place->made);
}

static int create(int folder, const char *name)
{
	return openat(folder, name,
		      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		      0440);
}

int place_file(struct place *place, char name[static PLACE_TEMPORARY])
{
	place_name(place, name);
	return create(place->fresh, name);
}

int place_new_folder(struct place *place, char name[static PLACE_TEMPORARY])
{
	place_name(place, name);
	return place_folder(place->fresh, name, 0750);
}

void place_discard(const struct place *place, const char *name)
{
	remove_one(place->fresh, name, DEPTH);
}

int place_write(int folder, const char *name, const void *bytes, size_t len)
{
	AUTO_FD int fd = create(folder, name);
	const char *at = bytes;

	if (fd < 0)
		return -1;
	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		at += n;
		len -= (size_t)n;
	}
	return fsync(fd);
}

void place_copy_path(char out[static PLACE_COPY],
		     const uint8_t hash[static NAMES_HASH])
{
	char hex[NAMES_HEX];

	names_hex(hex, hash);
	snprintf(out, PLACE_COPY, "%.2s/%s", hex, hex);
}

/* A copy that stands already is replaced by one that was just written whole;
 * whoever has the old one open, or released, keeps it. */
int place_keep(struct place *place, const char *name,
	       const uint8_t hash[static NAMES_HASH])
{
	char path[PLACE_COPY], part[3];

	place_copy_path(path, hash);
	snprintf(part, sizeof part, "%.2s", path);
	AUTO_FD int folder = place_folder(place->frozen, part, 0700);
	if (folder < 0 || renameat(place->fresh, name, place->frozen, path) < 0)
		return -1;
	return fsync(folder);
}

int place_copy(const struct place *place, const uint8_t hash[static NAMES_HASH])
{
	char path[PLACE_COPY];

	place_copy_path(path, hash);
	return place_beneath(place->frozen, path, O_RDONLY | O_NOFOLLOW);
}

void place_drop(const struct place *place,
		const uint8_t hash[static NAMES_HASH])
{
	char path[PLACE_COPY];

	place_copy_path(path, hash);
	unlinkat(place->frozen, path, 0);
}
