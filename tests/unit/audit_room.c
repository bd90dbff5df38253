/* links: audit gateway/base; -lcrypto */
/*
 * audit_room - the built sekisho-audit on a disk that is nearly full, or full.
 */
#include <sched.h>
#include <sys/mount.h>

#include "tests/unit/audit_stage.h"

/* The folders, and the log's on a small disk that nobody else sees. */
static void small_disk(const char *options)
{
	char path[600];

	folders();
	snprintf(path, sizeof path, "%s/log", tap_folder());
	CHECK(unshare(CLONE_NEWNS) == 0);
	CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	CHECK(mount("small", path, "tmpfs", 0, options) == 0);
	close(log_dir);
	log_dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* 16 MiB but for the last of it: scarce, but not full. */
static int fill_up(void)
{
	int fd =
		openat(log_dir, "filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	CHECK(posix_fallocate(fd, 0, 15 * 1024 * 1024 + 256 * 1024) == 0);
	return fd;
}

TEST(space, "the last of the disk is kept for control events")
{
	struct audit_record record, control;
	struct stage s;
	struct err err;

	small_disk("size=16m,mode=777");
	CHECK_INT(run(&s), MSG_READY);
	int policy = writer(&s, "policy", "*"), desk = writer(&s, "desk", "-");
	audit_begin(&record, "desk.verb", AUDIT_OK);
	CHECK(audit_write(desk, &record, NULL, &err) == 0);

	int fd = fill_up();
	usleep(1100 * 1000);
	audit_begin(&control, "auth.end", AUDIT_OK);
	CHECK(audit_write(policy, &control, NULL, &err) == 0);
	CHECK(strstr(content(segment), "\"state\":\"scarce\"") != NULL);
	audit_begin(&record, "desk.verb", AUDIT_OK);
	CHECK(audit_send(desk, 5, &record, NULL, &err) == 0);
	CHECK(!stage_readable(desk, 1500));
	for (int i = 0; i < 20; i++) {
		audit_begin(&control, "auth.end", AUDIT_OK);
		CHECK(audit_write(policy, &control, NULL, &err) == 0);
	}
	CHECK(strstr(content(segment), record.idem) == NULL);
	/* One that waits and ends does not keep audit busy. */
	int gone = writer(&s, "files", "-");
	audit_begin(&control, "files.open", AUDIT_OK);
	CHECK(audit_send(gone, 5, &control, NULL, &err) == 0);
	usleep(100 * 1000);
	close(gone);
	long before = stage_ticks(s.pid);
	usleep(1000 * 1000);
	CHECK(stage_ticks(s.pid) - before < 30);
	CHECK(strstr(content(segment), control.idem) == NULL);

	CHECK(ftruncate(fd, 0) == 0);
	CHECK(stage_readable(desk, 5000));
	CHECK(strstr(content(segment), "\"state\":\"enough\"") != NULL);
	/* But what it had sent, is on record as soon as there is room. */
	for (int i = 0; i < 500 && !strstr(content(segment), control.idem); i++)
		usleep(10000);
	CHECK(strstr(content(segment), control.idem) != NULL);
	CHECK(strstr(content(segment), record.idem) != NULL);
	CHECK(unlinkat(log_dir, "filler", 0) == 0);
	close(fd);
	CHECK_INT(stop(&s), 0);
}

TEST(scarce_end, "the end comes after what waited for room")
{
	struct audit_record record;
	struct stage s;
	struct err err;

	small_disk("size=16m,mode=777");
	int fd = fill_up();
	CHECK_INT(run(&s), MSG_READY);
	int alive = writer(&s, "desk", "-"), gone = writer(&s, "desk", "-");
	for (int i = 0;
	     i < 500 && !strstr(content(segment), "\"state\":\"scarce\""); i++)
		usleep(10000);
	audit_begin(&record, "desk.verb", AUDIT_OK);
	CHECK(audit_send(gone, 5, &record, NULL, &err) == 0);
	close(gone);
	char idem[sizeof record.idem];
	memcpy(idem, record.idem, sizeof idem);
	audit_begin(&record, "desk.verb", AUDIT_OK);
	CHECK(audit_send(alive, 5, &record, NULL, &err) == 0);
	CHECK(!stage_readable(alive, 300));
	CHECK(strstr(content(segment), idem) == NULL);
	CHECK_INT(stop(&s), 0);
	CHECK(strstr(content(segment), idem) != NULL);
	CHECK(strstr(content(segment), record.idem) != NULL);
	close(fd);
}

TEST(full, "without room it says so, keeps what it took, and goes on with room")
{
	struct audit_record record;
	struct stage s;
	struct err err;

	small_disk("size=1m,mode=777");
	CHECK_INT(run(&s), MSG_READY);
	CHECK(stage_alive(&s));
	int policy = writer(&s, "policy", "*");
	for (int i = 0; i < 5; i++) {
		/* At any moment the disk is filled to its last page. */
		static const char page[4096];
		int fd = openat(log_dir, "filler",
				O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		while (write(fd, page, sizeof page) > 0)
			;
		close(fd);
		audit_begin(&record, "auth.end", AUDIT_OK);
		CHECK(audit_send(policy, 5, &record, NULL, &err) == 0);
		CHECK_INT(stage_hear(&s), MSG_LOG_IS);
		CHECK_INT(msg_get_u8(&s.m), 0);
		CHECK(!stage_alive(&s));
		CHECK(!stage_readable(policy, 300));
		CHECK(strstr(content(segment), record.idem) == NULL);

		CHECK(unlinkat(log_dir, "filler", 0) == 0);
		CHECK(stage_readable(policy, 3000));
		CHECK(msg_receive(policy, &s.m, &err) == 1);
		CHECK_INT(s.m.type, MSG_RECORDED);
		CHECK_INT(stage_hear(&s), MSG_LOG_IS);
		CHECK_INT(msg_get_u8(&s.m), 1);
		CHECK(strstr(content(segment), record.idem) != NULL);
	}
	CHECK_INT(stop(&s), 0);
}

TAP_MAIN
