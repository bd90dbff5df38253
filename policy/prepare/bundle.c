/*
 * bundle - nameless files that become a folder at the end.
 *
 * Runs in sekisho-prepare as the custodian.
 */
#include "policy/prepare/bundle.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "policy/prepare/need.h"

/* --- What a bundle that was not finished left ---------------------------------- */

static void remove_entry(int folder, const char *name, int depth);

/* Take the entries out of an open folder. */
static void empty_folder(int folder, int depth)
{
	DIR *entries = fdopendir(fcntl(folder, F_DUPFD_CLOEXEC, 0));
	const struct dirent *entry;

	while (entries && (entry = readdir(entries)))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			remove_entry(folder, entry->d_name, depth);
	if (entries)
		closedir(entries);
}

/* A file, or a folder with what is in it; a bundle has folders in one. */
static void remove_entry(int folder, const char *name, int depth)
{
	if (unlinkat(folder, name, 0) == 0 || depth == 0)
		return;
	AUTO_FD int inner = openat(
		folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (inner < 0)
		return;
	empty_folder(inner, depth - 1);
	unlinkat(folder, name, AT_REMOVEDIR);
}

/* ".NAME." and digits: a folder of bundle_finish. */
static bool is_temporary(const struct bundle *bundle, const char *entry)
{
	size_t len = strlen(bundle->name);

	return entry[0] == '.' && strncmp(entry + 1, bundle->name, len) == 0 &&
	       entry[len + 1] == '.' && entry[len + 2] &&
	       strspn(entry + len + 2, "0123456789") == strlen(entry + len + 2);
}

/* Who finishes a bundle holds its folder's lock; a folder that nobody holds
 * was left by one that was killed. */
static void remove_left(const struct bundle *bundle)
{
	DIR *entries = fdopendir(openat(bundle->parent, ".",
					O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	const struct dirent *entry;

	while (entries && (entry = readdir(entries))) {
		if (!is_temporary(bundle, entry->d_name))
			continue;
		AUTO_FD int left =
			openat(bundle->parent, entry->d_name,
			       O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (left >= 0 && flock(left, LOCK_EX | LOCK_NB) == 0)
			remove_entry(bundle->parent, entry->d_name, 2);
	}
	if (entries)
		closedir(entries);
}

int bundle_begin(struct bundle *bundle, const char *path, struct fault *fault)
{
	AUTO_FREE char *for_parent = need_copy(path, strlen(path));
	AUTO_FREE char *for_name = need_copy(path, strlen(path));
	struct stat st;

	*bundle = (struct bundle){ .parent = -1 };
	const char *name = basename(for_name);
	if (strlen(name) >= sizeof bundle->name || strcmp(name, "/") == 0 ||
	    name[0] == '.')
		return fault_say(fault, FAULT_USAGE, path);
	snprintf(bundle->name, sizeof bundle->name, "%s", name);
	bundle->parent =
		open(dirname(for_parent), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (bundle->parent < 0)
		return fault_sys(fault, path);
	if (fstatat(bundle->parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return fault_say(fault, FAULT_OUTPUT_EXISTS, path);
	remove_left(bundle);
	return 0;
}

void bundle_clear(struct bundle *bundle)
{
	for (uint32_t i = 0; i < bundle->nfiles; i++)
		own_close(&bundle->files[i].fd);
	bundle->nfiles = 0;
	if (bundle->parent >= 0)
		close(bundle->parent);
	bundle->parent = -1;
}

int bundle_scratch(const struct bundle *bundle, struct fault *fault)
{
	int fd = openat(bundle->parent, ".", O_TMPFILE | O_RDWR | O_CLOEXEC,
			0400);

	if (fd < 0)
		fault_sys(fault, "a file without a name (O_TMPFILE)");
	return fd;
}

int bundle_create(struct bundle *bundle, const char *path, struct fault *fault)
{
	if (bundle->nfiles == BUNDLE_FILES)
		return fault_say(fault, FAULT_RECIPE, "too many files");
	struct bundle_file *file = &bundle->files[bundle->nfiles];
	snprintf(file->path, sizeof file->path, "%s", path);
	file->fd = bundle_scratch(bundle, fault);
	if (file->fd < 0)
		return -1;
	bundle->nfiles++;
	return file->fd;
}

int bundle_put(struct bundle *bundle, const char *path, const void *bytes,
	       size_t len, struct fault *fault)
{
	int fd = bundle_create(bundle, path, fault);

	return fd < 0 ? -1 : disk_write(fd, bytes, len, path, fault);
}

static int by_path(const void *a, const void *b)
{
	const struct bundle_file *one = a, *other = b;

	return strcmp(one->path, other->path);
}

int bundle_hash(struct bundle *bundle, struct fault *fault)
{
	qsort(bundle->files, bundle->nfiles, sizeof bundle->files[0], by_path);
	for (uint32_t i = 0; i < bundle->nfiles; i++) {
		struct bundle_file *file = &bundle->files[i];

		if (disk_go_on(fault) < 0 ||
		    disk_hash(file->fd, file->path, file->hash, &file->bytes,
			      fault) < 0)
			return -1;
	}
	return 0;
}

static int link_file(const struct bundle_file *file, int folder,
		     struct fault *fault)
{
	char self[64];

	snprintf(self, sizeof self, "/proc/self/fd/%d", file->fd);
	if (fchmod(file->fd, 0444) < 0 || fsync(file->fd) < 0 ||
	    linkat(AT_FDCWD, self, folder, file->path, AT_SYMLINK_FOLLOW) < 0)
		return fault_sys(fault, file->path);
	return 0;
}

static int make_folder(int parent, const char *name, mode_t mode,
		       struct fault *fault)
{
	if (mkdirat(parent, name, mode) < 0)
		return fault_sys(fault, name);
	int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0 || fchmod(folder, mode) < 0) {
		fault_sys(fault, name);
		own_close(&folder);
		unlinkat(parent, name, AT_REMOVEDIR);
	}
	return folder;
}

/* All files get their names in folder, durably. */
static int link_all(const struct bundle *bundle, int folder,
		    struct fault *fault)
{
	AUTO_FD int data = make_folder(folder, "data", 0755, fault);
	if (data < 0)
		return -1;
	AUTO_FD int index = make_folder(folder, "index", 0755, fault);
	if (index < 0)
		return -1;
	for (uint32_t i = 0; i < bundle->nfiles; i++)
		if (link_file(&bundle->files[i], folder, fault) < 0)
			return -1;
	if (fsync(data) < 0 || fsync(index) < 0)
		return fault_sys(fault, bundle->name);
	return disk_go_on(fault);
}

/* Nobody else may look in before it is whole, and the lock says that it is
 * being made: whoever begins a bundle of the same name leaves it alone. */
static int make_whole(const struct bundle *bundle, int folder,
		      struct fault *fault)
{
	if (flock(folder, LOCK_EX | LOCK_NB) < 0)
		return fault_sys(fault, bundle->name);
	if (link_all(bundle, folder, fault) < 0)
		return -1;
	if (fchmod(folder, 0755) < 0 || fsync(folder) < 0)
		return fault_sys(fault, bundle->name);
	if (renameat2(bundle->parent, bundle->temporary, bundle->parent,
		      bundle->name, RENAME_NOREPLACE) < 0)
		return errno == EEXIST ? fault_say(fault, FAULT_OUTPUT_EXISTS,
						   bundle->name)
				       : fault_sys(fault, bundle->name);
	return 0;
}

int bundle_finish(struct bundle *bundle, struct fault *fault)
{
	snprintf(bundle->temporary, sizeof bundle->temporary, ".%s.%d",
		 bundle->name, (int)getpid());
	AUTO_FD int folder =
		make_folder(bundle->parent, bundle->temporary, 0700, fault);
	if (folder < 0)
		return -1;
	if (make_whole(bundle, folder, fault) < 0) {
		remove_entry(bundle->parent, bundle->temporary, 2);
		return -1;
	}
	if (fsync(bundle->parent) == 0)
		return 0;
	fault_sys(fault, bundle->name);
	bundle_undo(bundle);
	return -1;
}

void bundle_undo(const struct bundle *bundle)
{
	if (renameat2(bundle->parent, bundle->name, bundle->parent,
		      bundle->temporary, RENAME_NOREPLACE) == 0)
		remove_entry(bundle->parent, bundle->temporary, 2);
}
