/*
 * install - copy, check the copy, rename.
 *
 * Runs in sekisho-prepare where a gateway's operator takes a bundle in.
 */
#include "policy/prepare/install.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/own.h"

enum { NAME = HASH_HEX + 32 };

static int put_file(int folder, const char *path, const void *bytes, size_t len,
		    struct fault *fault)
{
	AUTO_FD int fd = openat(folder, path,
				O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);

	if (fd < 0)
		return fault_sys(fault, path);
	if (disk_write(fd, bytes, len, path, fault) < 0)
		return -1;
	return fchmod(fd, 0444) < 0 || fsync(fd) < 0 ? fault_sys(fault, path)
						     : 0;
}

static int copy_bytes(int from, int to, const char *path, struct fault *fault)
{
	static char piece[256 * 1024];
	ssize_t n;

	while ((n = read(from, piece, sizeof piece)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fault_sys(fault, path);
		if (disk_go_on(fault) < 0 ||
		    disk_write(to, piece, (size_t)n, path, fault) < 0)
			return -1;
	}
	return fchmod(to, 0444) < 0 || fsync(to) < 0 ? fault_sys(fault, path)
						     : 0;
}

/* The copy is judged by what the manifest says, not by what was copied. */
static int copy_file(const struct verified *v, int folder,
		     const struct manifest_file *file, struct fault *fault)
{
	AUTO_FD int from = verify_open(v->folder, file->path, fault);
	char hash[HASH_HEX];
	uint64_t bytes;

	if (from < 0)
		return -1;
	AUTO_FD int to = openat(folder, file->path,
				O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (to < 0)
		return fault_sys(fault, file->path);
	if (copy_bytes(from, to, file->path, fault) < 0 ||
	    disk_hash(to, file->path, hash, &bytes, fault) < 0)
		return -1;
	return bytes == file->bytes && strcmp(hash, file->hash) == 0
		       ? 0
		       : fault_say(fault, FAULT_BUNDLE, file->path);
}

static int sync_folder(int folder, const char *name, struct fault *fault)
{
	AUTO_FD int fd =
		openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 || fchmod(fd, 0755) < 0 || fsync(fd) < 0
		       ? fault_sys(fault, name)
		       : 0;
}

static int copy_all(const struct verified *v, int into, const char *temporary,
		    struct fault *fault)
{
	if (mkdirat(into, temporary, 0755) < 0)
		return fault_sys(fault, temporary);
	AUTO_FD int folder =
		openat(into, temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0 || mkdirat(folder, "data", 0755) < 0 ||
	    mkdirat(folder, "index", 0755) < 0)
		return fault_sys(fault, temporary);
	for (uint32_t i = 0; i < v->manifest.nfiles; i++)
		if (copy_file(v, folder, &v->manifest.files[i], fault) < 0)
			return -1;
	if (put_file(folder, "manifest.json", v->text, v->text_len, fault) <
		    0 ||
	    put_file(folder, "manifest.sig", v->signature, v->signature_len,
		     fault) < 0 ||
	    sync_folder(folder, "data", fault) < 0 ||
	    sync_folder(folder, "index", fault) < 0)
		return -1;
	return sync_folder(folder, ".", fault);
}

/* A folder of the shape that a bundle has; what else lies there stays. */
static void remove_bundle(int into, const char *name)
{
	static const char *const inside[] = { "data", "index", "." };
	int bundle = openat(into, name,
			    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	for (size_t i = 0; bundle >= 0 && i < ARRAY_LEN(inside); i++) {
		int fd =
			openat(bundle, inside[i],
			       O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		DIR *all = fd < 0 ? NULL : fdopendir(fd);
		const struct dirent *one;

		while (all && (one = readdir(all)))
			unlinkat(dirfd(all), one->d_name, 0);
		if (all)
			closedir(all);
		if (i < 2)
			unlinkat(bundle, inside[i], AT_REMOVEDIR);
	}
	own_close(&bundle);
	unlinkat(into, name, AT_REMOVEDIR);
}

static int put_in_place(int into, const char *temporary, const char *name,
			bool replace, struct fault *fault)
{
	if (renameat2(into, temporary, into, name, RENAME_NOREPLACE) < 0) {
		if (errno != EEXIST)
			return fault_sys(fault, name);
		if (!replace)
			return fault_say(fault, FAULT_OUTPUT_EXISTS, name);
		if (renameat2(into, temporary, into, name, RENAME_EXCHANGE) < 0)
			return fault_sys(fault, name);
		remove_bundle(into, temporary);
	}
	return fsync(into) < 0 ? fault_sys(fault, name) : 0;
}

/* The dataset's folder, made if it is not there. Or -1. */
static int open_dataset(const struct installation *installation,
			const char *dataset, struct fault *fault)
{
	AUTO_FD int into =
		open(installation->into, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (into < 0)
		return fault_sys(fault, installation->into);
	if (mkdirat(into, dataset, 0755) < 0 && errno != EEXIST)
		return fault_sys(fault, dataset);
	int fd = openat(into, dataset,
			O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fchmod(fd, 0755) < 0 || fsync(into) < 0) {
		own_close(&fd);
		return fault_sys(fault, dataset);
	}
	return fd;
}

int install_bundle(const struct installation *installation,
		   struct verified *verified, struct fault *fault)
{
	const struct manifest *manifest = &verified->manifest;
	char temporary[NAME];

	if (verify_bundle(verified, installation->bundle, installation->public,
			  fault) < 0)
		return -1;
	if (installation->permit &&
	    strcmp(installation->permit, manifest->permit) != 0)
		return fault_say(fault, FAULT_PERMIT, manifest->permit);
	AUTO_FD int into = open_dataset(installation, manifest->dataset, fault);
	if (into < 0)
		return -1;
	snprintf(temporary, sizeof temporary, ".%s.%d", manifest->hash,
		 (int)getpid());
	int done = copy_all(verified, into, temporary, fault);
	if (done == 0)
		done = put_in_place(into, temporary, manifest->hash,
				    installation->replace, fault);
	if (done < 0)
		remove_bundle(into, temporary);
	return done;
}
