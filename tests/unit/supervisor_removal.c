/* links: gateway/supervisor sandbox audit gateway/base */
/*
 * An old delivery of a dataset is taken away by root, and nothing else is.
 */
#include "gateway/supervisor/removal.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "tests/unit/tap.h"

static struct gateway gateway;
static struct plan_dataset dataset = { .name = "D-1" };
static char inside[512], outside[512], kept[512 + 16];

static void put(const char *path)
{
	AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	CHECK(fd >= 0);
}

/* DATASETS/D-1/MANIFEST/inner, and a folder elsewhere with one file. */
static void begin(void)
{
	char path[512];

	memset(dataset.manifest, 'a', HASH_TEXT_SIZE - 1);
	snprintf(path, sizeof path, "%s/D-1", tap_folder());
	CHECK(mkdir(path, 0755) == 0);
	snprintf(path, sizeof path, "%s/D-1/%s", tap_folder(),
		 dataset.manifest);
	CHECK(mkdir(path, 0755) == 0);
	snprintf(inside, sizeof inside, "%s/D-1/%s/inner", tap_folder(),
		 dataset.manifest);
	CHECK(mkdir(inside, 0755) == 0);
	snprintf(outside, sizeof outside, "%s/elsewhere", tap_folder());
	CHECK(mkdir(outside, 0755) == 0);
	snprintf(kept, sizeof kept, "%s/kept", outside);
	put(kept);
}

static int erase(struct err *err)
{
	gateway.tree.folders[TREE_DATASETS] =
		open(tap_folder(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return removal_carry_out(&gateway, &dataset, err);
}

static bool is_there(void)
{
	char path[512];

	snprintf(path, sizeof path, "%s/D-1/%s", tap_folder(),
		 dataset.manifest);
	return access(path, F_OK) == 0;
}

TEST(removed, "a delivery goes with its folders, what a link names stays")
{
	char path[600];
	struct err err;

	begin();
	snprintf(path, sizeof path, "%s/file", inside);
	put(path);
	snprintf(path, sizeof path, "%s/link", inside);
	CHECK(symlink(outside, path) == 0);
	CHECK_INT(erase(&err), 0);
	CHECK(!is_there());
	CHECK(access(kept, F_OK) == 0);
	CHECK_INT(erase(&err), 0);
}

TEST(mounted, "what is mounted in a delivery stays, and it says so")
{
	struct err err = { "" };

	if (geteuid() != 0)
		SKIP("needs root");
	CHECK(unshare(CLONE_NEWNS) == 0);
	CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	begin();
	CHECK(mount(outside, inside, NULL, MS_BIND, NULL) == 0);
	CHECK_INT(erase(&err), -1);
	CHECK(access(kept, F_OK) == 0);
	CHECK_ERR(err, "mounted");
}

TAP_MAIN
