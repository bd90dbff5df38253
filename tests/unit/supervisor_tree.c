/* links: gateway/supervisor gateway/base */
/*
 * The gateway's folders: owners by table, wrong owners refused.
 */
#include "gateway/supervisor/tree.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/tap.h"

static char config[256], state[256], run[256];

static struct settings settings(void)
{
	snprintf(config, sizeof config, "%s/etc", tap_folder());
	snprintf(state, sizeof state, "%s/state", tap_folder());
	snprintf(run, sizeof run, "%s/run", tap_folder());
	mkdir(config, 0755);
	return (struct settings){ .config = config,
				  .state = state,
				  .run = run,
				  .uid_base = 0x70000000 };
}

TEST(made, "missing folders are made with the owners of the table")
{
	struct settings where = settings();
	struct tree tree;
	struct stat info;
	struct err err;

	if (geteuid() != 0)
		SKIP("only root can give folders away");
	CHECK(tree_open(&tree, &where, &err) == 0);
	CHECK(fstat(tree.folders[TREE_AUDIT], &info) == 0);
	CHECK_INT(info.st_uid, 0x70000001);
	CHECK_INT(info.st_mode & 07777, 0750);
	CHECK(fstat(tree.credential, &info) == 0);
	CHECK_INT(info.st_size, 32);
	CHECK_INT(info.st_mode & 07777, 0600);
}

TEST(kept, "a second start keeps the credential")
{
	struct settings where = settings();
	struct tree tree;
	struct err err;
	char before[32], after[32];

	if (geteuid() != 0)
		SKIP("only root can give folders away");
	CHECK(tree_open(&tree, &where, &err) == 0);
	CHECK(pread(tree.credential, before, 32, 0) == 32);
	CHECK(tree_open(&tree, &where, &err) == 0);
	CHECK(pread(tree.credential, after, 32, 0) == 32);
	for (int i = 0; i < 32; i++)
		CHECK_INT(before[i], after[i]);
}

TEST(foreign, "a folder of somebody else is refused, not mended")
{
	struct settings where = settings();
	struct tree tree;
	struct err err;
	char path[300];

	if (geteuid() != 0)
		SKIP("only root can give folders away");
	CHECK(tree_open(&tree, &where, &err) == 0);
	snprintf(path, sizeof path, "%s/audit", state);
	CHECK(chown(path, 1234, 1234) == 0);
	CHECK(tree_open(&tree, &where, &err) < 0);
	CHECK_ERR(err, "audit belongs to 1234:1234");
}

TEST(planted, "a link in place of a folder is refused")
{
	struct settings where = settings();
	struct tree tree;
	struct err err;
	char path[300];

	mkdir(state, 0755);
	snprintf(path, sizeof path, "%s/audit", state);
	CHECK(symlink("/etc", path) == 0);
	CHECK(tree_open(&tree, &where, &err) < 0);
	CHECK_ERR(err, "audit");
}

TEST(numbers, "no two services have one uid")
{
	static const unsigned int numbers[] = {
#define SERVICE(id, program, uid, root, death) uid,
#include "gateway/supervisor/services.def"
#undef SERVICE
	};
	uint64_t taken = 0;

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		CHECK(numbers[i] > 0 && numbers[i] < 64);
		CHECK(!(taken >> numbers[i] & 1));
		taken |= UINT64_C(1) << numbers[i];
	}
}

TAP_MAIN
