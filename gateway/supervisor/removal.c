/*
 * removal - see removal.h. Runs in the supervisor, on an order alone. Follows
 * no link and enters no mount: whoever could write the folder decides nothing.
 */
#include "gateway/supervisor/removal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/supervisor/datasets.h"
#include "sandbox/beneath.h"

enum { DEPTH = 16 }; /* folders within folders, as in a dataset's check */

static int remove_folder(int parent, const char *name, unsigned int depth,
			 struct err *err);

static int remove_entry(int folder, const char *name, unsigned int depth,
			struct err *err)
{
	if (unlinkat(folder, name, 0) == 0)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return err_sys(err, "remove '%s'", name);
	return remove_folder(folder, name, depth + 1, err);
}

static int empty_folder(int folder, unsigned int depth, struct err *err)
{
	DIR *dir = fdopendir(folder);
	const struct dirent *entry;
	int done = 0;

	if (!dir) {
		own_close(&folder);
		return err_sys(err, "read a folder");
	}
	while (done == 0 && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			done = remove_entry(dirfd(dir), entry->d_name, depth,
					    err);
	closedir(dir);
	return done;
}

static int remove_folder(int parent, const char *name, unsigned int depth,
			 struct err *err)
{
	int fd = beneath_open_here(parent, name, O_RDONLY | O_DIRECTORY, err);

	if (fd < 0)
		return -1;
	if (depth > DEPTH) {
		own_close(&fd);
		return err_set(err, "'%s': folders too deep", name);
	}
	if (empty_folder(fd, depth, err) < 0)
		return -1;
	return unlinkat(parent, name, AT_REMOVEDIR) < 0
		       ? err_sys(err, "remove '%s'", name)
		       : 0;
}

static bool is_mounted(const struct gateway *gateway,
		       const struct plan_dataset *dataset)
{
	for (const struct session *session = gateway->sessions; session;
	     session = session->next)
		for (uint32_t i = 0; i < session->plan.ndatasets; i++) {
			const struct plan_dataset *one =
				&session->plan.datasets[i];

			if (strcmp(one->name, dataset->name) == 0 &&
			    strcmp(one->manifest, dataset->manifest) == 0)
				return true;
		}
	return false;
}

int removal_carry_out(struct gateway *gateway,
		      const struct plan_dataset *dataset, struct err *err)
{
	char going[HASH_TEXT_SIZE + 1];

	if (is_mounted(gateway, dataset))
		return err_set(err, "a session has it mounted");
	AUTO_FD int folder =
		beneath_open(gateway->tree.folders[TREE_DATASETS],
			     dataset->name, O_RDONLY | O_DIRECTORY, err);
	if (folder < 0)
		return -1;
	/* Under its name it is whole or not there; what a crash left goes now. */
	snprintf(going, sizeof going, ".%s", dataset->manifest);
	if (renameat(folder, dataset->manifest, folder, going) < 0 &&
	    errno != ENOENT)
		return err_sys(err, "rename '%s'", dataset->manifest);
	if (faccessat(folder, going, F_OK, AT_SYMLINK_NOFOLLOW) == 0 &&
	    remove_folder(folder, going, 0, err) < 0)
		return -1;
	return fsync(folder) < 0 ? err_sys(err, "sync '%s'", dataset->name) : 0;
}
