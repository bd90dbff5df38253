/* links: sandbox audit gateway/base */
/*
 * erase_program - sekisho-erase, with the test as its supervisor.
 */
#include "gateway/base/own.h"
#include "tests/unit/stage.h"

static struct stage stage;
static struct err err;
static int root;

static void begin(void)
{
	if (geteuid() != 0)
		SKIP("needs root");
	root = stage_folder("root");
}

static void put(const char *name, const char *text)
{
	AUTO_FD int fd = openat(root, name, O_WRONLY | O_CREAT | O_EXCL, 0600);

	CHECK(fd >= 0);
	CHECK_INT(write(fd, text, strlen(text)), strlen(text));
	CHECK(fchown(fd, STAGE_UID, STAGE_UID) == 0);
}

static void put_folder(const char *name)
{
	CHECK(mkdirat(root, name, 0700) == 0);
	CHECK(fchownat(root, name, STAGE_UID, STAGE_UID, 0) == 0);
}

/* Run it over a file, or for -1 over the folder. What it said last. */
static unsigned int run(int file)
{
	stage_start(&stage, "build/bin/sekisho-erase", root);
	msg_put_u8(&stage.m, file >= 0);
	if (file >= 0)
		msg_put_fd(&stage.m, file);
	CHECK(msg_send(stage.link, &stage.m, &err) == 0);
	close(stage.program_audit);
	if (stage_hear(&stage) != MSG_READY)
		return MSG_NONE;
	unsigned int said = stage_hear(&stage);
	stage_end(&stage);
	return said;
}

static void expect(uint64_t files, uint64_t bytes)
{
	CHECK_INT(msg_get_u64(&stage.m), files);
	CHECK_INT(msg_get_u64(&stage.m), bytes);
	CHECK(msg_done(&stage.m));
}

static bool is_there(const char *name)
{
	return faccessat(root, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

TEST(file, "a file of another owner, that it was given open, loses its bytes")
{
	struct stat st;

	begin();
	put("image", "all that was known");
	AUTO_FD int fd = openat(root, "image", O_RDWR | O_CLOEXEC);
	CHECK(fchown(fd, 0, 0) == 0);
	CHECK_INT(run(fd), MSG_ERASED);
	expect(1, 18);
	CHECK(fstat(fd, &st) == 0);
	CHECK_INT(st.st_size, 0);
	CHECK(is_there("image"));
}

TEST(not_given, "an empty folder that is root's still goes with the others")
{
	begin();
	put_folder("sub");
	CHECK(mkdirat(root, "begun", 0700) == 0);
	CHECK(mkdirat(root, "sub/begun", 0700) == 0);
	CHECK_INT(run(-1), MSG_ERASED);
	expect(0, 0);
	CHECK(!is_there("begun") && !is_there("sub"));
}

TEST(read_only, "a file that cannot be overwritten is a failure, and stays")
{
	char text[32] = "";

	begin();
	put("image", "all that was known");
	AUTO_FD int fd = openat(root, "image", O_RDONLY | O_CLOEXEC);
	CHECK_INT(run(fd), MSG_FAILED);
	CHECK_INT(pread(fd, text, sizeof text - 1, 0), 18);
	CHECK_STR(text, "all that was known");
}

TEST(folder, "all in a folder goes, however deep, and the folder stays")
{
	begin();
	put("one", "1");
	put(".hidden", "22");
	put_folder("a");
	put_folder("a/b");
	put("a/b/three", "333");
	CHECK(symlinkat("one", root, "link") == 0);
	CHECK_INT(run(-1), MSG_ERASED);
	expect(3, 6);
	CHECK(!is_there("one") && !is_there(".hidden") && !is_there("a") &&
	      !is_there("link"));
	CHECK_INT(run(-1), MSG_ERASED);
	expect(0, 0);
}

TEST(second_name, "what has a second name elsewhere keeps its bytes there")
{
	char text[32] = "";
	int other;

	begin();
	other = stage_folder("other");
	put("released", "released");
	CHECK(linkat(root, "released", other, "stays", 0) == 0);
	CHECK_INT(run(-1), MSG_ERASED);
	expect(0, 0);
	CHECK(!is_there("released"));
	AUTO_FD int fd = openat(other, "stays", O_RDONLY | O_CLOEXEC);
	CHECK_INT(read(fd, text, sizeof text - 1), 8);
	CHECK_STR(text, "released");
}

TEST(link, "a link is removed, and what it leads to is not touched")
{
	char path[512];
	int other;

	begin();
	other = stage_folder("other");
	AUTO_FD int fd = openat(other, "kept", O_RDWR | O_CREAT, 0666);
	CHECK_INT(write(fd, "kept", 4), 4);
	snprintf(path, sizeof path, "%s/other", tap_folder());
	CHECK(symlinkat(path, root, "outside") == 0);
	CHECK(symlinkat("../other", root, "above") == 0);
	CHECK_INT(run(-1), MSG_ERASED);
	expect(0, 0);
	CHECK(!is_there("outside") && !is_there("above"));
	CHECK(faccessat(other, "kept", F_OK, 0) == 0);
}

TEST(deep, "folders go that are deeper than anybody would make them")
{
	char path[2000] = "";

	begin();
	put_folder("deep-1");
	for (int i = 0; i < 400; i++) {
		snprintf(path + strlen(path), sizeof path - strlen(path), "%sd",
			 i ? "/" : "");
		put_folder(path);
	}
	snprintf(path + strlen(path), sizeof path - strlen(path), "/f");
	put(path, "at the bottom");
	CHECK_INT(run(-1), MSG_ERASED);
	expect(1, 13);
	CHECK(!is_there("d") && !is_there("deep-1") && !is_there("deep-2"));
}

TAP_MAIN
