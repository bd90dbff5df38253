/*
 * mounts - see mounts.h. Runs in the supervisor.
 */
#include "gateway/supervisor/mounts.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/supervisor/sessions.h"
#include "sandbox/beneath.h"
#include "sandbox/program.h"
#include "sandbox/toolset.h"
#include "sandbox/workspace.h"

/* Is something mounted here? A mount point is on another device than "..". */
static bool mounted(const char *at)
{
	char above[PATH_MAX];
	struct stat here, there;

	snprintf(above, sizeof above, "%s/..", at);
	return stat(at, &here) == 0 && stat(above, &there) == 0 &&
	       here.st_dev != there.st_dev;
}

static int open_mount(const char *at, struct err *err)
{
	int fd = open(at, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, "open %s", at);
	return fd;
}

static int mountpoint(struct gateway *gateway, const char *kind,
		      const char *name, char at[PATH_MAX], struct err *err)
{
	char folder[2 * ID_SIZE];

	snprintf(folder, sizeof folder, "%s-%s", kind, name);
	return tree_mountpoint(&gateway->tree, gateway->settings, folder, at,
			       PATH_MAX, err);
}

/* A toolset stays mounted as long as the gateway runs, whatever stands in its
 * folder later: so its hash is read once. */
struct toolset {
	struct toolset *next;
	char name[ID_SIZE], sha256[HASH_TEXT_SIZE];
};

static void read_hash(const struct gateway *gateway, struct toolset *toolset)
{
	char file[ID_SIZE + 16];
	struct err ignored;

	snprintf(file, sizeof file, "%s.erofs.sha256", toolset->name);
	AUTO_FD int fd = beneath_open(gateway->tree.folders[TREE_TOOLSETS],
				      file, O_RDONLY, &ignored);
	ssize_t n = fd < 0 ? -1 : read(fd, toolset->sha256, HASH_TEXT_SIZE - 1);
	if (n != HASH_TEXT_SIZE - 1 ||
	    strspn(toolset->sha256, "0123456789abcdef") != (size_t)n)
		toolset->sha256[0] = '\0';
}

static const struct toolset *known(struct gateway *gateway, const char *name)
{
	struct toolset *toolset = gateway->toolsets;

	while (toolset && strcmp(toolset->name, name) != 0)
		toolset = toolset->next;
	if (toolset)
		return toolset;
	toolset = calloc(1, sizeof *toolset);
	if (!toolset)
		return NULL;
	snprintf(toolset->name, sizeof toolset->name, "%s", name);
	read_hash(gateway, toolset);
	toolset->next = gateway->toolsets;
	gateway->toolsets = toolset;
	return toolset;
}

int mounts_toolset(struct gateway *gateway, const char *name,
		   char sha256[HASH_TEXT_SIZE], struct err *err)
{
	const struct toolset *toolset;
	char at[PATH_MAX];

	if (mountpoint(gateway, "toolset", name, at, err) < 0)
		return -1;
	if (!mounted(at) && toolset_mount(gateway->tree.folders[TREE_TOOLSETS],
					  name, at, err) < 0)
		return -1;
	toolset = known(gateway, name);
	if (!toolset)
		return err_set(err, "out of memory");
	memcpy(sha256, toolset->sha256, HASH_TEXT_SIZE);
	return open_mount(at, err);
}

int mounts_client(struct gateway *gateway, struct err *err)
{
	const char *folder = gateway->settings->programs;
	AUTO_FD int programs = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_FD int program =
		programs < 0 ? -1
			     : openat(programs, "sekisho",
				      O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char at[PATH_MAX];

	if (program < 0)
		return err_sys(err, "%s/sekisho", folder);
	if (mountpoint(gateway, "program", "sekisho", at, err) < 0 ||
	    (!mounted(at) && program_mount(program, at, err) < 0))
		return -1;

	AUTO_FD int mount = open_mount(at, err);

	if (mount < 0)
		return -1;
	int fd = openat(mount, PROGRAM_FILE, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "open the client's copy");
	return fd;
}

int mounts_workspace(struct gateway *gateway, const struct plan *plan,
		     struct workspace *workspace, struct err *err)
{
	char at[PATH_MAX];

	workspace->permit = plan->permit;
	workspace->bytes = plan->workspace_bytes;
	workspace->inodes = plan->workspace_inodes;
	workspace->encryption = plan->encryption;
	if (mountpoint(gateway, "workspace", plan->permit, at, err) < 0 ||
	    workspace_mount(gateway->tree.folders[TREE_WORKSPACES], workspace,
			    mounted(at), at, err) < 0)
		return -1;
	int fd = workspace_person(at, plan->actor, err) < 0
			 ? -1
			 : open_mount(at, err);
	if (fd < 0)
		mounts_release(gateway, plan->permit);
	return fd;
}

int mounts_out(struct gateway *gateway, const struct plan *plan, int ids,
	       struct err *err)
{
	char at[PATH_MAX];

	if (mountpoint(gateway, "workspace", plan->permit, at, err) < 0)
		return -1;
	return workspace_out(at, plan->actor, ids, err);
}

void mounts_release(struct gateway *gateway, const char *permit)
{
	const struct session *session = gateway->sessions;
	char at[PATH_MAX];
	struct err err;

	while (session && (!session->has_workspace ||
			   strcmp(session->plan.permit, permit) != 0))
		session = session->next;
	if (session)
		return;
	if (mountpoint(gateway, "workspace", permit, at, &err) < 0 ||
	    workspace_unmount(at, &err) < 0)
		note("%s", err.text);
}
