/* links: policy/airlock/store audit gateway/base; -lcrypto */
/*
 * store_freeze - what a researcher may leave in /out to deceive the store, and
 * what policy may ask of it.
 */
#include "tests/unit/store_stage.h"

#include <sys/un.h>

static char text[] = "area,count\nnorth,12\n";
enum { LEN = sizeof text - 1 };

TEST(links, "a symbolic link is not followed, at the end nor on the way")
{
	start();
	write_in(out, "real", text, LEN);
	CHECK(mkdirat(out, "d", 0755) == 0);
	write_in(out, "d/real", text, LEN);
	CHECK(symlinkat("real", out, "link") == 0);
	CHECK(symlinkat("/etc/passwd", out, "away") == 0);
	CHECK(symlinkat("d", out, "folder") == 0);
	CHECK_INT(freeze("link"), FROZEN_NOT_REGULAR);
	CHECK_INT(freeze("away"), FROZEN_NOT_REGULAR);
	CHECK_INT(freeze("folder/real"), FROZEN_NOT_REGULAR);
	CHECK_INT(copies(), 0);
	CHECK_INT(freeze("d/real"), FROZEN_COPIED);
}

TEST(hard, "a file of two names is refused")
{
	start();
	write_in(out, "one", text, LEN);
	CHECK(linkat(out, "one", out, "two", 0) == 0);
	CHECK_INT(freeze("one"), FROZEN_LINKS);
	CHECK(unlinkat(out, "two", 0) == 0);
	CHECK_INT(freeze("one"), FROZEN_COPIED);
}

TEST(kinds, "a FIFO, a folder, a socket, a device and a lease hold up nobody")
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	start();
	CHECK(mkfifoat(out, "fifo", 0666) == 0);
	CHECK(mkdirat(out, "d", 0755) == 0);
	snprintf(address.sun_path, sizeof address.sun_path, "%.80s/out/sock",
		 tap_folder());
	CHECK(bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
	CHECK(fchmodat(out, "sock", 0777, 0) == 0);
	CHECK(mknodat(out, "null", S_IFCHR | 0666, 0x103) == 0);
	CHECK(fchmodat(out, "null", 0666, 0) == 0);
	CHECK_INT(freeze("fifo"), FROZEN_NOT_REGULAR);
	CHECK_INT(freeze("d"), FROZEN_NOT_REGULAR);
	CHECK_INT(freeze("sock"), FROZEN_NOT_REGULAR);
	CHECK_INT(freeze("null"), FROZEN_NOT_REGULAR);
	write_in(out, "leased", text, LEN);
	int leased = openat(out, "leased", O_RDWR | O_CLOEXEC);
	signal(SIGIO, SIG_IGN);
	CHECK(fcntl(leased, F_SETLEASE, F_WRLCK) == 0);
	CHECK_INT(freeze("leased"), FROZEN_CHANGED);
	CHECK_INT(copies(), 0);
	CHECK_INT(entries("new"), 0);
}

TEST(paths, "a path that leaves /out, or has a second spelling, is refused")
{
	static const char *const bad[] = { "",
					   "/",
					   "..",
					   "../requests/x",
					   "d/../real",
					   "./real",
					   "d//x",
					   "real/",
					   "/etc/passwd",
					   ".",
					   "d/.",
					   "x/..",
					   "/real",
					   "receipt.json",
					   "receipt.json/x",
					   "receipt.tlog-proof" };
	char longest[300];

	start();
	write_in(out, "real", text, LEN);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK_INT(freeze(bad[i]), FROZEN_BAD_PATH);
	memset(longest, 'n', 256);
	longest[256] = '\0';
	CHECK_INT(freeze(longest), FROZEN_BAD_PATH);
	CHECK_INT(freeze("no"), FROZEN_NO_FILE);
	CHECK_INT(freeze("no/such"), FROZEN_NO_FILE);
	CHECK_INT(freeze("real/x"), FROZEN_NO_FILE);
	CHECK_INT(copies(), 0);
	longest[255] = '\0';
	write_in(out, longest, text, LEN);
	CHECK_INT(freeze(longest), FROZEN_COPIED);
	write_in(out, "...", text, LEN);
	CHECK_INT(freeze("..."), FROZEN_COPIED);
	write_in(out, "表 1\n.csv", text, LEN);
	CHECK_INT(freeze("表 1\n.csv"), FROZEN_COPIED);
}

TEST(mount, "another file system below /out is not entered")
{
	char path[600];

	start();
	CHECK(mkdirat(out, "inner", 0755) == 0);
	snprintf(path, sizeof path, "%s/out/inner", tap_folder());
	CHECK(mount("none", path, "tmpfs", 0, "size=64k,mode=755") == 0);
	write_in(out, "inner/file", text, LEN);
	enum frozen outcome = freeze("inner/file");
	CHECK(umount2(path, MNT_DETACH) == 0);
	CHECK_INT(outcome, FROZEN_BAD_PATH);
}

TEST(sizes, "a file over the limit is refused, a sparse giant at once")
{
	start();
	write_in(out, "file", text, LEN);
	ask_freeze("file", LEN - 1, 1);
	CHECK_INT(hear_frozen(), FROZEN_TOO_LARGE);
	ask_freeze("file", LEN, 2);
	CHECK_INT(hear_frozen(), FROZEN_COPIED);
	CHECK_INT(frozen_size, LEN);
	write_in(out, "giant", text, LEN);
	int fd = openat(out, "giant", O_RDWR | O_CLOEXEC);
	CHECK(ftruncate(fd, (off_t)1 << 42) == 0);
	CHECK_INT(freeze("giant"), FROZEN_TOO_LARGE);
	CHECK_INT(entries("new"), 0);
	CHECK_INT(copies(), 1);
}

TEST(mode, "a file that the store may not read is unreadable")
{
	start();
	write_in(out, "file", text, LEN);
	CHECK(fchmodat(out, "file", 0, 0) == 0);
	CHECK_INT(freeze("file"), FROZEN_UNREADABLE);
}

TEST(copy, "a copy has the bytes, the name of its hash and mode 0440")
{
	static char big[3000001], back[3000002];
	char hex[NAMES_HEX], path[90];
	uint8_t hash[NAMES_HASH];
	struct stat st;

	start();
	for (size_t i = 0; i < sizeof big; i++)
		big[i] = (char)(i * 7 + i / 251);
	write_in(out, "big", big, sizeof big);
	hash_of(hash, big, sizeof big);
	CHECK_INT(freeze("big"), FROZEN_COPIED);
	CHECK(memcmp(hash, frozen_hash, sizeof hash) == 0);
	CHECK_INT(frozen_size, sizeof big);
	names_hex(hex, hash);
	snprintf(path, sizeof path, "frozen/%.2s/%s", hex, hex);
	CHECK(fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW) == 0);
	CHECK_INT(st.st_mode, S_IFREG | 0440);
	CHECK_INT(st.st_uid, STAGE_UID);
	CHECK_INT(read_in(root, path, back, sizeof back), sizeof big);
	CHECK(memcmp(big, back, sizeof big) == 0);
	write_in(out, "empty", "", 0);
	CHECK_INT(freeze("empty"), FROZEN_COPIED);
	CHECK_INT(frozen_size, 0);
	/* The same bytes again are the same copy. */
	CHECK_INT(freeze("big"), FROZEN_COPIED);
	CHECK_INT(copies(), 2);
	CHECK_INT(entries("new"), 0);
}

/* Until the parent kills it: put one of two files under the name. */
static pid_t swapper(void)
{
	pid_t pid = fork();

	while (pid == 0) {
		renameat2(out, "a", out, "b", RENAME_EXCHANGE);
		if (getppid() == 1)
			_exit(0);
	}
	return pid;
}

TEST(swap, "a name that is swapped all the time gives one file or none")
{
	static char one[200000], two[300000];
	uint8_t hashes[2][NAMES_HASH];
	int copied = 0, changed = 0;

	start();
	memset(one, '1', sizeof one);
	memset(two, '2', sizeof two);
	hash_of(hashes[0], one, sizeof one);
	hash_of(hashes[1], two, sizeof two);
	write_in(out, "a", one, sizeof one);
	write_in(out, "b", two, sizeof two);
	pid_t pid = swapper();
	for (int i = 0; i < 200; i++) {
		enum frozen outcome = freeze("a");

		if (outcome == FROZEN_CHANGED) {
			changed++;
			continue;
		}
		CHECK_INT(outcome, FROZEN_COPIED);
		bool first = frozen_size == sizeof one;
		CHECK(memcmp(frozen_hash, hashes[first ? 0 : 1], NAMES_HASH) ==
		      0);
		copied++;
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	CHECK(changed > 0);
	CHECK(copied + changed == 200 && copies() <= 2);
	CHECK_INT(entries("new"), 0);
}

TEST(race, "no link that takes a file's place is ever followed")
{
	pid_t pid;

	start();
	write_in(out, "good", text, LEN);
	CHECK(symlinkat("/etc/passwd", out, "evil") == 0);
	write_in(out, "name", text, LEN);
	pid = fork();
	while (pid == 0) {
		renameat2(out, "name", out, "evil", RENAME_EXCHANGE);
		if (getppid() == 1)
			_exit(0);
	}
	for (int i = 0; i < 500; i++) {
		enum frozen outcome = freeze("name");

		CHECK(outcome == FROZEN_NOT_REGULAR ||
		      outcome == FROZEN_CHANGED || outcome == FROZEN_COPIED);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	CHECK(copies() <= 1);
}

/* 64 MiB, which takes many steps. */
static int large(const char *name)
{
	int fd = openat(out, name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	CHECK(fd >= 0 && ftruncate(fd, 64 << 20) == 0);
	CHECK(fchown(fd, STAGE_UID, STAGE_UID) == 0);
	return fd;
}

/* The store has begun to copy. */
static void begun(void)
{
	for (int i = 0; entries("new") == 0; i++) {
		CHECK(i < 4000);
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
}

TEST(cut, "a file that is cut, grown, written or unlinked meanwhile changed")
{
	start();
	for (int way = 0; way < 4; way++) {
		int fd = large("large");

		ask_freeze("large", 1 << 30, 1);
		begun();
		if (way == 0)
			CHECK(ftruncate(fd, 1 << 20) == 0);
		else if (way == 1)
			CHECK(ftruncate(fd, 65 << 20) == 0);
		else if (way == 2)
			CHECK(pwrite(fd, "x", 1, 0) == 1);
		else
			CHECK(unlinkat(out, "large", 0) == 0);
		CHECK_INT(hear_frozen(), FROZEN_CHANGED);
		CHECK_INT(entries("new"), 0);
		close(fd);
		unlinkat(out, "large", 0);
	}
	CHECK_INT(copies(), 0);
}

TEST(turns, "a small file does not wait for a large one")
{
	start();
	close(large("large"));
	write_in(out, "small", text, LEN);
	ask_freeze("large", 1 << 30, 1);
	ask_freeze("small", 1 << 30, 2);
	CHECK_INT(hear_frozen(), FROZEN_COPIED);
	CHECK_INT(m.ref, 2);
	CHECK_INT(hear_frozen(), FROZEN_COPIED);
	CHECK_INT(m.ref, 1);
}

TEST(many, "as many requests as policy likes are all answered")
{
	bool heard[500] = { false };

	start();
	write_in(out, "small", text, LEN);
	for (uint32_t i = 0; i < 500; i++) {
		ask_freeze("small", 1 << 20, i);
		while (stage_readable(policy, 0)) {
			CHECK_INT(hear_frozen(), FROZEN_COPIED);
			heard[m.ref] = true;
		}
	}
	for (int i = 0; i < 500; i++)
		while (!heard[i]) {
			CHECK_INT(hear_frozen(), FROZEN_COPIED);
			heard[m.ref] = true;
		}
}

static void end_session(void)
{
	char name[64];

	msg_start(&m, MSG_OUT_END, 0);
	msg_put_str(&m, session);
	CHECK(msg_send(stage.link, &m, &err) == 0);
	CHECK_INT(hear(stage.link), MSG_OUT_ENDED);
	msg_get_str(&m, name, sizeof name);
	CHECK(msg_done(&m));
	CHECK_STR(name, session);
}

TEST(session, "a session that is unknown or has ended has no files")
{
	start();
	write_in(out, "file", text, LEN);
	CHECK_INT(freeze("file"), FROZEN_COPIED);
	end_session();
	CHECK_INT(freeze("file"), FROZEN_NO_SESSION);
	end_session();
	msg_start(&m, MSG_FREEZE, 1);
	msg_put_str(&m, "../../etc");
	msg_put_str(&m, "file");
	msg_put_u64(&m, 100);
	CHECK(msg_send(policy, &m, &err) == 0);
	CHECK_INT(hear_frozen(), FROZEN_NO_SESSION);
}

TEST(deaf, "a policy that does not listen yet holds up nobody, and misses "
	   "nothing")
{
	int answers = 0, copied = 0;

	start();
	write_in(out, "file", text, LEN);
	for (uint32_t i = 0; i < 900; i++)
		ask_freeze("file", 1 << 20, i);
	end_session();
	for (; answers < 900; answers++)
		copied += hear_frozen() == FROZEN_COPIED;
	CHECK(copied > 0);
	CHECK(!stage_readable(policy, 100));
}

/* The store has something open below path. */
static bool holds_open(const char *path)
{
	char name[64], to[600];
	bool held = false;

	snprintf(name, sizeof name, "/proc/%d/fd", stage.pid);
	DIR *dir = opendir(name);
	CHECK(dir != NULL);
	for (struct dirent *e; (e = readdir(dir));) {
		ssize_t n =
			readlinkat(dirfd(dir), e->d_name, to, sizeof to - 1);

		to[n > 0 ? n : 0] = '\0';
		held |= strstr(to, path) != NULL;
	}
	closedir(dir);
	return held;
}

TEST(ended, "when a session ends nothing of its /out stays open")
{
	char path[300];

	start();
	snprintf(path, sizeof path, "%s/out", tap_folder());
	close(large("large"));
	ask_freeze("large", 1 << 30, 1);
	begun();
	CHECK(holds_open(path));
	end_session();
	CHECK(!holds_open(path));
	CHECK_INT(hear_frozen(), FROZEN_NO_SESSION);
	CHECK_INT(entries("new"), 0);
}

TEST(full, "a full disk takes nothing, leaves nothing, and says so")
{
	static char much[300000];
	char path[600];

	if (geteuid() != 0)
		SKIP("needs root");
	out = stage_folder("out");
	close(stage_folder("requests"));
	snprintf(path, sizeof path, "%s/requests", tap_folder());
	CHECK(mount("none", path, "tmpfs", 0,
		    "size=256k,mode=711,uid=64321,gid=64321") == 0);
	begin(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	link_policy();
	give_out(session);
	write_in(out, "much", much, sizeof much);
	write_in(out, "little", text, LEN);
	enum frozen first = freeze("much");
	int left = entries("new"), kept = copies();
	enum frozen second = freeze("little");
	CHECK(umount2(path, MNT_DETACH) == 0);
	CHECK_INT(first, FROZEN_NO_ROOM);
	CHECK_INT(left, 0);
	CHECK_INT(kept, 0);
	CHECK_INT(second, FROZEN_COPIED);
}

TEST(handed, "what is handed out is read-only, from its first byte, and right")
{
	uint8_t unknown[NAMES_HASH] = { 1 };
	char back[100];

	start();
	write_in(out, "file", text, LEN);
	CHECK_INT(hand(unknown), -1);
	CHECK_INT(freeze("file"), FROZEN_COPIED);
	write_in(out, "file", "other", 5);
	int fd = hand(frozen_hash);
	CHECK(fd >= 0);
	CHECK_INT(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	CHECK_INT(read(fd, back, sizeof back), LEN);
	CHECK(memcmp(back, text, LEN) == 0);
}

TEST(rotten, "a copy whose bytes are not its name's is handed to nobody")
{
	char hex[NAMES_HEX], path[90];

	start();
	write_in(out, "file", text, LEN);
	CHECK_INT(freeze("file"), FROZEN_COPIED);
	names_hex(hex, frozen_hash);
	snprintf(path, sizeof path, "frozen/%.2s/%s", hex, hex);
	write_in(root, path, "area,count\nnorth,13\n", LEN);
	CHECK_INT(hand(frozen_hash), -1);
	/* Freezing it again puts it right. */
	CHECK_INT(freeze("file"), FROZEN_COPIED);
	CHECK(hand(frozen_hash) >= 0);
}

TEST(drop, "what is dropped is gone")
{
	start();
	write_in(out, "file", text, LEN);
	CHECK_INT(freeze("file"), FROZEN_COPIED);
	msg_start(&m, MSG_DROP, 0);
	msg_put_bytes(&m, frozen_hash, NAMES_HASH);
	CHECK(msg_send(policy, &m, &err) == 0);
	CHECK_INT(freeze("missing"), FROZEN_NO_FILE);
	CHECK_INT(copies(), 0);
}

static void keep(bool last, uint8_t hashes[][NAMES_HASH], uint32_t n)
{
	msg_start(&m, MSG_KEEP, 0);
	msg_put_u8(&m, last);
	msg_put_u32(&m, n);
	for (uint32_t i = 0; i < n; i++)
		msg_put_bytes(&m, hashes[i], NAMES_HASH);
	CHECK(msg_send(policy, &m, &err) == 0);
}

TEST(kept, "a new policy names what stays, in parts, and the rest goes")
{
	static uint8_t hashes[300][NAMES_HASH];
	char name[32];

	start();
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof name, "f%d", i);
		write_in(out, name, name, strlen(name));
		CHECK_INT(freeze(name), FROZEN_COPIED);
		memcpy(hashes[i], frozen_hash, NAMES_HASH);
	}
	CHECK_INT(copies(), 300);
	link_policy();
	keep(false, hashes, 100);
	keep(false, hashes + 150, 50);
	keep(true, hashes + 299, 1);
	/* What it freezes next is never part of the rest. */
	CHECK_INT(freeze("f120"), FROZEN_COPIED);
	CHECK_INT(copies(), 152);
	CHECK(hand(hashes[120]) >= 0 && hand(hashes[7]) >= 0 &&
	      hand(hashes[199]) >= 0 && hand(hashes[299]) >= 0);
	CHECK(hand(hashes[121]) < 0 && hand(hashes[210]) < 0);
	link_policy();
	keep(true, hashes, 0);
	CHECK_INT(freeze("missing"), FROZEN_NO_FILE);
	CHECK_INT(copies(), 0);
}

TEST(named, "naming what stays removes nothing that was frozen over the link")
{
	static uint8_t hashes[1][NAMES_HASH];

	start();
	write_in(out, "old", "old", 3);
	write_in(out, "file", text, LEN);
	CHECK_INT(freeze("old"), FROZEN_COPIED);
	link_policy();
	close(large("large"));
	/* Before, and while it is still being copied. */
	CHECK_INT(freeze("file"), FROZEN_COPIED);
	ask_freeze("large", 1 << 30, 1);
	keep(true, hashes, 1);
	ask_freeze("missing", 1, 2);
	CHECK_INT(hear_frozen(), FROZEN_COPIED);
	CHECK(hand(frozen_hash) >= 0);
	CHECK_INT(hear_frozen(), FROZEN_NO_FILE);
	CHECK_INT(copies(), 2);
	keep(true, hashes, 1);
	CHECK_INT(freeze("missing"), FROZEN_NO_FILE);
	CHECK_INT(copies(), 2);
}

/* A life of the store begins with policy's message, which ends it. */
static void ends_with(const struct msg *message)
{
	CHECK(msg_send(policy, message, &err) == 0);
	CHECK_INT(hear(policy), MSG_NONE);
	CHECK_INT(stage_hear(&stage), MSG_FAILED);
	CHECK_INT(stage_end(&stage), 1);
	close(policy);
	begin(root);
	link_policy();
	give_out(session);
	CHECK_INT(freeze("file"), FROZEN_COPIED);
}

static void put_freeze(const char *path)
{
	msg_start(&m, MSG_FREEZE, 1);
	msg_put_str(&m, session);
	msg_put_bytes(&m, path, strlen(path));
	msg_put_u64(&m, 1000);
}

/* Without it policy would have no store: nobody else makes a new link. */
TEST(malformed, "a malformed or untimely message of policy's ends the store")
{
	uint8_t half[16] = { 0 };

	start();
	write_in(out, "file", text, LEN);
	put_freeze("fi\xff"
		   "le");
	ends_with(&m);
	put_freeze("file");
	msg_put_u8(&m, 0);
	ends_with(&m);
	put_freeze("file");
	msg_put_fd(&m, out);
	ends_with(&m);
	msg_start(&m, MSG_DROP, 0);
	msg_put_bytes(&m, half, sizeof half);
	ends_with(&m);
	msg_start(&m, MSG_KEEP, 0);
	msg_put_u8(&m, 1);
	msg_put_u32(&m, 0xffffffff);
	ends_with(&m);
	/* While it names what stays it says nothing else. */
	keep(false, NULL, 0);
	put_freeze("file");
	ends_with(&m);
	/* What the supervisor may, policy may not. */
	msg_start(&m, MSG_HAND, 0);
	msg_put_bytes(&m, frozen_hash, NAMES_HASH);
	ends_with(&m);
	CHECK_INT(copies(), 1);
	stop();
}

TEST(left, "a store that policy has left ends, so that both get a new link")
{
	start();
	write_in(out, "file", text, LEN);
	CHECK_INT(freeze("file"), FROZEN_COPIED);
	close(policy);
	CHECK_INT(stage_hear(&stage), MSG_FAILED);
	CHECK_INT(stage_end(&stage), 1);
}

static void put_status(const char *permit, const char *actor, uint32_t request)
{
	static const char state[] = "{\"state\":\"review\"}\n";

	msg_start(&m, MSG_STATUS, 0);
	msg_put_str(&m, permit);
	msg_put_str(&m, actor);
	msg_put_u32(&m, request);
	msg_put_bytes(&m, state, sizeof state - 1);
}

TEST(status, "the state of a request is written for its person alone")
{
	struct stat st;
	char back[100];

	start();
	write_in(out, "file", text, LEN);
	put_status("P-1", "a-7", 4);
	CHECK(msg_send(policy, &m, &err) == 0);
	CHECK_INT(freeze("missing"), FROZEN_NO_FILE);
	read_in(root, "status/P-1/a-7/4/status.json", back, sizeof back);
	CHECK_STR(back, "{\"state\":\"review\"}\n");
	CHECK(fstatat(root, "status/P-1/a-7/4/status.json", &st, 0) == 0);
	CHECK_INT(st.st_mode, S_IFREG | 0440);
	CHECK(fstatat(root, "status/P-1/a-7", &st, 0) == 0);
	CHECK_INT(st.st_mode, S_IFDIR | 0750);
	put_status("P-1", "..", 4);
	ends_with(&m);
	put_status("P-1/..", "a-7", 4);
	ends_with(&m);
	put_status("P-1", "a-7", 0);
	ends_with(&m);
	CHECK_INT(entries("status/P-1/a-7"), 1);
}

TEST(again, "what a killed life left half done is removed by the next")
{
	start();
	close(large("large"));
	ask_freeze("large", 1 << 30, 1);
	begun();
	kill(stage.pid, SIGKILL);
	CHECK_INT(stage_end(&stage), 1000 + SIGKILL);
	CHECK_INT(entries("new"), 1);
	CHECK(mkdirat(root, "new/r", 0500) == 0);
	CHECK(mkdirat(root, "new/r/inner", 0500) == 0);
	CHECK(fchownat(root, "new/r/inner", STAGE_UID, STAGE_UID, 0) == 0);
	CHECK(fchownat(root, "new/r", STAGE_UID, STAGE_UID, 0) == 0);
	begin(root);
	CHECK_INT(entries("new"), 0);
	CHECK_INT(copies(), 0);
	stop();
}

TAP_MAIN
