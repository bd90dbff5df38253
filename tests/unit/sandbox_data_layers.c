/* links: sandbox gateway/base */
/*
 * A dataset is read-only three times over: by its mount, by who owns it and
 * by Landlock. Each layer is tried with the other two removed, by the same
 * attempts that all succeed where there is none.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/landlock.h"
#include "sandbox/trees.h"
#include "tests/unit/tap.h"

enum { USER = 64001 };

enum layer { MOUNT = 1, OWNER = 2, LANDLOCK = 4, ALL = 7 };

/* --- The attempts -------------------------------------------------------------- */

#define AT "/data/sample/"

static int make_over(void)
{
	return rename(AT "inner/deep.csv", AT "table.csv");
}

static int write_to(void)
{
	return open(AT "table.csv", O_WRONLY);
}

static int write_inner(void)
{
	return open(AT "inner/deep.csv", O_RDWR | O_APPEND);
}

static int cut(void)
{
	return truncate(AT "table.csv", 0);
}

static int make(void)
{
	return open(AT "new", O_WRONLY | O_CREAT, 0644);
}

static int make_folder(void)
{
	return mkdir(AT "folder", 0755);
}

static int make_link(void)
{
	return symlink("table.csv", AT "link");
}

static int drop(void)
{
	return unlink(AT "inner/deep.csv");
}

static int move(void)
{
	return rename(AT "table.csv", AT "moved");
}

static int change_mode(void)
{
	return chmod(AT "table.csv", 0666);
}

static int change_time(void)
{
	return utimensat(AT_FDCWD, AT "table.csv", NULL, 0);
}

/* What is tried, and which layers refuse it. Landlock knows neither modes nor
 * times, and truncating since its third ABI; it is the last line only of what
 * the bytes are. */
static const struct {
	const char *what;
	int (*attempt)(void);
	int held_by;
} attempts[] = {
	{ "open a file for writing", write_to, ALL },
	{ "open a file in a folder for writing", write_inner, ALL },
	{ "truncate a file", cut, ALL },
	{ "make a file", make, ALL },
	{ "make a folder", make_folder, ALL },
	{ "make a link", make_link, ALL },
	{ "remove a file", drop, ALL },
	{ "rename a file", move, ALL },
	{ "put a file over another", make_over, ALL },
	{ "change a mode", change_mode, MOUNT | OWNER },
	{ "change a time", change_time, MOUNT | OWNER },
};

/* --- A place to try them in ------------------------------------------------------ */

static const char *in_folder(const char *name)
{
	static char path[4][600];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof path[turn], "%s/%s", tap_folder(), name);
	return path[turn];
}

static void folder(const char *name)
{
	CHECK(mkdir(in_folder(name), 0755) == 0);
}

static void file(const char *name, uid_t owner)
{
	int fd = open(in_folder(name), O_WRONLY | O_CREAT | O_EXCL, 0644);

	CHECK(fd >= 0 && write(fd, "a,b\n", 4) == 4);
	CHECK(fchown(fd, owner, owner) == 0);
	close(fd);
}

static int open_path(const char *name)
{
	int fd = open(in_folder(name), O_PATH | O_DIRECTORY | O_CLOEXEC);

	CHECK(fd >= 0);
	return fd;
}

static void make_dataset(bool own)
{
	uid_t owner = own ? USER : 0;

	folder("dataset");
	folder("dataset/inner");
	file("dataset/table.csv", owner);
	file("dataset/inner/deep.csv", owner);
	CHECK(chown(in_folder("dataset"), owner, owner) == 0);
	CHECK(chown(in_folder("dataset/inner"), owner, owner) == 0);
}

/* The folders that every sandbox has, for landlock.def. */
static void make_root(void)
{
	static const char *const names[] = {
		"root",		  "root/data",	   "root/data/sample",
		"root/proc",	  "root/run",	   "root/import",
		"root/dev",	  "root/dev/shm",  "root/workspace",
		"root/out",	  "root/home",	   "root/home/researcher",
		"root/tmp",	  "root/usr",	   "workspace",
		"workspace/home", "workspace/out", "workspace/shared",
		"workspace/empty"
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		folder(names[i]);
	folder("workspace/home/a-1");
	folder("workspace/out/a-1");
	CHECK(chmod(in_folder("root/tmp"), 01777) == 0);
	CHECK(chmod(tap_folder(), 0755) == 0);
}

/* As a box makes it: the tree of the plan's dataset, put in its place. */
static void mount_as_box(void)
{
	static struct trees trees;
	struct build build = { .client = -1, .uid_user = USER };
	struct err err;

	snprintf(build.plan.actor, sizeof build.plan.actor, "a-1");
	snprintf(build.plan.datasets[0].name,
		 sizeof build.plan.datasets[0].name, "sample");
	build.plan.ndatasets = 1;
	build.plan.memory_bytes = 64 << 20;
	build.toolset = open_path("root/usr");
	build.workspace = open_path("workspace");
	build.datasets[0] = open_path("dataset");
	if (trees_prepare(&trees, &build, &err) < 0)
		fprintf(stderr, "# %s\n", err.text);
	for (unsigned int i = 0; i < trees.n; i++)
		if (strcmp(trees.list[i].at, "data/sample") == 0)
			CHECK(syscall(SYS_move_mount, trees.list[i].mount, "",
				      AT_FDCWD, in_folder("root/data/sample"),
				      MOVE_MOUNT_F_EMPTY_PATH) == 0);
}

static void prepare(int layers)
{
	if (geteuid() != 0)
		SKIP("needs root");
	CHECK(unshare(CLONE_NEWNS) == 0);
	CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	make_root();
	make_dataset(!(layers & OWNER));
	if (layers & MOUNT)
		mount_as_box();
	else
		CHECK(mount(in_folder("dataset"), in_folder("root/data/sample"),
			    NULL, MS_BIND, NULL) == 0);
}

/* In a child: enter what is left of the sandbox, try. 0: it succeeded. */
_Noreturn static void try_one(int layers, int (*attempt)(void))
{
	struct err err;

	if (chroot(in_folder("root")) < 0 || chdir("/") < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		_exit(250);
	if (layers & LANDLOCK && landlock_enter(&err) < 0) {
		fprintf(stderr, "# %s\n", err.text);
		_exit(251);
	}
	if (setresgid(USER, USER, USER) < 0 || setresuid(USER, USER, USER) < 0)
		_exit(252);
	_exit(attempt() >= 0 ? 0 : errno);
}

/* The errno of the attempt; 0: it succeeded. */
static int outcome(int layers, int (*attempt)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		try_one(layers, attempt);
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool is_refusal(int number)
{
	return number == EROFS || number == EACCES || number == EPERM;
}

/* Every attempt is refused if one of these layers holds it. An attempt that
 * succeeds changes what later ones find, so each has a place of its own. */
static void expect_held(int layers)
{
	prepare(layers);
	for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
		if (!(attempts[i].held_by & layers))
			continue;
		int number = outcome(layers, attempts[i].attempt);

		if (!is_refusal(number))
			fprintf(stderr, "# %s: %s\n", attempts[i].what,
				number ? strerror(number) : "it succeeded");
		CHECK(is_refusal(number));
	}
}

TEST(mount_alone, "the mount alone keeps a dataset from being written")
{
	expect_held(MOUNT);
}

TEST(owner_alone, "its owner alone keeps a dataset from being written")
{
	expect_held(OWNER);
}

TEST(landlock_alone, "Landlock alone keeps a dataset from being written")
{
	expect_held(LANDLOCK);
}

TEST(no_mount, "with the mount removed the other two hold")
{
	expect_held(OWNER | LANDLOCK);
}

TEST(no_owner, "with the ownership removed the other two hold")
{
	expect_held(MOUNT | LANDLOCK);
}

TEST(no_landlock, "with Landlock removed the other two hold")
{
	expect_held(MOUNT | OWNER);
}

TEST(all, "all three together hold, and the data can be read")
{
	expect_held(ALL);
}

/* --- The witness ------------------------------------------------------------------ */

static int read_it(void)
{
	return open(AT "table.csv", O_RDONLY);
}

TEST(readable, "each layer lets the data be read")
{
	prepare(ALL);
	CHECK_INT(outcome(ALL, read_it), 0);
	CHECK_INT(outcome(MOUNT, read_it), 0);
	CHECK_INT(outcome(OWNER, read_it), 0);
}

static void expect_done(int (*attempt)(void))
{
	prepare(0);
	CHECK_INT(outcome(0, attempt), 0);
}

#define WITNESS(attempt)                                                       \
	TEST(witness_##attempt, "where no layer is, this works: " #attempt)    \
	{                                                                      \
		expect_done(attempt);                                          \
	}

WITNESS(write_to)
WITNESS(write_inner)
WITNESS(cut)
WITNESS(make)
WITNESS(make_folder)
WITNESS(make_link)
WITNESS(drop)
WITNESS(move)
WITNESS(make_over)
WITNESS(change_mode)
WITNESS(change_time)

TAP_MAIN
