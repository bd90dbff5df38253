/*
 * bundle - nameless files that become a folder at the end.
 *
 * Runs in sekisho-prepare as the custodian.
 */
#include "policy/prepare/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "policy/prepare/need.h"

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

/* Remove what bundle_finish had made when it failed. */
static void unmake(const struct bundle *bundle)
{
	int folder = openat(bundle->parent, bundle->temporary,
			    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (folder < 0)
		return;
	for (uint32_t i = 0; i < bundle->nfiles; i++)
		unlinkat(folder, bundle->files[i].path, 0);
	unlinkat(folder, "data", AT_REMOVEDIR);
	unlinkat(folder, "index", AT_REMOVEDIR);
	close(folder);
	unlinkat(bundle->parent, bundle->temporary, AT_REMOVEDIR);
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

/* A folder and its entries, durably. */
static int make_folder(int parent, const char *name, struct fault *fault)
{
	if (mkdirat(parent, name, 0755) < 0)
		return fault_sys(fault, name);
	int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0 || fchmod(folder, 0755) < 0) {
		fault_sys(fault, name);
		own_close(&folder);
	}
	return folder;
}

static int link_all(const struct bundle *bundle, struct fault *fault)
{
	AUTO_FD int folder =
		make_folder(bundle->parent, bundle->temporary, fault);
	if (folder < 0)
		return -1;
	AUTO_FD int data = make_folder(folder, "data", fault);
	if (data < 0)
		return -1;
	AUTO_FD int index = make_folder(folder, "index", fault);
	if (index < 0)
		return -1;
	for (uint32_t i = 0; i < bundle->nfiles; i++)
		if (link_file(&bundle->files[i], folder, fault) < 0)
			return -1;
	if (fsync(data) < 0 || fsync(index) < 0 || fsync(folder) < 0)
		return fault_sys(fault, bundle->name);
	return 0;
}

int bundle_finish(struct bundle *bundle, struct fault *fault)
{
	snprintf(bundle->temporary, sizeof bundle->temporary, ".%s.%d",
		 bundle->name, (int)getpid());
	int done = link_all(bundle, fault);
	if (done == 0)
		done = disk_go_on(fault);
	if (done == 0 &&
	    renameat2(bundle->parent, bundle->temporary, bundle->parent,
		      bundle->name, RENAME_NOREPLACE) < 0)
		done = errno == EEXIST ? fault_say(fault, FAULT_OUTPUT_EXISTS,
						   bundle->name)
				       : fault_sys(fault, bundle->name);
	if (done < 0) {
		unmake(bundle);
		return -1;
	}
	return fsync(bundle->parent) < 0 ? fault_sys(fault, bundle->name) : 0;
}
