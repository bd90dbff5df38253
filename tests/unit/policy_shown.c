/* links: policy policy/airlock policy/airlock/findings audit gateway/base; -lsqlite3 -lyaml -lcrypto */
/*
 * What was measured of a session, beside its plan: whatever is missing, too
 * much or otherwise than planned shows, and a researcher's words do not.
 */
#include "policy/shown.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/tap.h"

static struct result result;
static struct measured *measured;
static struct shown shown;

static const struct plan plan = {
	.session = "s0123456789abcdef",
	.permit = "P-1",
	.toolset = "analysis",
	.memory_bytes = 1ull << 30,
	.processes = 128,
	.cpu_percent = 200,
	.ndatasets = 1,
	.datasets = { { "D-1", "aa" } },
};

static const char mounts[] =
	"1 1 0:1 / / ro,nosuid,nodev,relatime - erofs none ro\n"
	"2 1 0:2 / /usr/local/bin/sekisho ro,nosuid,nodev - tmpfs none rw\n"
	"3 1 0:3 / /dev ro,nosuid,noexec - tmpfs none rw\n"
	"4 1 0:4 / /dev/pts rw,nosuid,noexec master:1 - devpts none rw\n"
	"5 1 0:5 / /dev/shm rw,nosuid,nodev,noexec - tmpfs none rw\n"
	"6 1 0:6 / /tmp rw,nosuid,nodev - tmpfs none rw\n"
	"7 1 0:7 / /run/sekisho ro,nosuid,nodev,noexec - tmpfs none rw\n"
	"8 1 0:8 / /data ro,nosuid,nodev,noexec - tmpfs none rw\n"
	"9 1 0:9 / /data/D-1 ro,nosuid,nodev,noexec - overlay none ro\n"
	"10 1 0:9 / /workspace rw,nosuid,nodev - ext4 /dev/loop0 rw\n"
	"11 1 0:9 / /home/researcher rw,nosuid,nodev - ext4 /dev/loop0 rw\n"
	"12 1 0:9 / /out rw,nosuid,nodev,noexec - ext4 /dev/loop0 rw\n"
	"13 1 0:9 / /proc rw,nosuid,nodev,noexec - proc none rw\n";

static const char limits[] = "memory.max 1073741824\nmemory.swap.max 0\n"
			     "pids.max 128\ncpu.max 200000 100000\n";

static const char namespaces[] =
	"user user:[11]\nmnt mnt:[12]\npid pid:[13]\nnet net:[14]\n"
	"ipc ipc:[15]\nuts uts:[16]\ncgroup cgroup:[17]\n";
static const char host[] =
	"user user:[1]\nmnt mnt:[2]\npid pid:[3]\nnet net:[4]\n"
	"ipc ipc:[5]\nuts uts:[6]\ncgroup cgroup:[7]\n";

static void put(uint32_t pid, const char *what, const char *text)
{
	measured_add(measured, pid, what, text, strlen(text));
}

static void put_process(uint32_t pid, uint32_t id, const char *capabilities,
			const char *group)
{
	char text[1024];

	put(pid, "cgroup", group);
	snprintf(text, sizeof text,
		 "Name:\tx\\nCapEff:\t0\nUid:\t%u\t%u\t%u\t%u\n"
		 "Gid:\t%u\t%u\t%u\t%u\nGroups:\t \nCapInh:\t0000\n"
		 "CapPrm:\t%s\nCapEff:\t%s\nCapBnd:\t%s\nCapAmb:\t0000\n"
		 "NoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t%d\n",
		 id, id, id, id, id, id, id, id, capabilities, capabilities,
		 capabilities, id == 500 ? 3 : 4);
	put(pid, "status", text);
	put(pid, "ns", namespaces);
}

static const char group[] = "1:memory:/sekisho-x/s1\n0::/sekisho-x/s1\n";

/* A session that is as planned, but for the pieces that a test leaves out. */
static void begin(const char *without)
{
	static const struct {
		uint32_t pid;
		const char *what, *text;
	} pieces[] = {
		{ 0, "lease", "500" },
		{ 0, "limits", limits },
		{ 0, "cgroup", "/sekisho-x/s1" },
		{ 0, "host", host },
		{ 0, "landlock", "7" },
		{ 0, "landlock.rules", "/usr\tREAD | RUN\n" },
		{ 0, "filter", "code" },
		{ 0, "filter.rules", "everything else: ENOSYS\n" },
		{ 0, "toolset", "bb" },
		{ 40, "mounts", mounts },
		{ 40, "uid_map", "  0  500  1\n  1000  501  1\n" },
		{ 40, "gid_map", "  0  500  1\n  1000  501  1\n" },
		{ 40, "fds", "0 /dev/null\n3 socket:[7]\n" },
	};

	measured_free(measured);
	measured = measured_new();
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
		if (strcmp(pieces[i].what, without) != 0)
			put(pieces[i].pid, pieces[i].what, pieces[i].text);
	put_process(40, 500, "00000000000001e0", group);
	put_process(41, 501, "0000000000000000", group);
}

static void fill(void)
{
	shown = shown_fill(&result, &plan, measured, false);
}

/* The state of an item's row; "" if there is none. */
static const char *state(const char *item)
{
	for (unsigned int i = 0; i < result.nrows; i++)
		if (strcmp(result_cell(&result, i, 0), item) == 0)
			return result_cell(&result, i, 3);
	return "";
}

TEST(planned, "a session that is as planned has no other row")
{
	begin("");
	fill();
	for (unsigned int i = 0; i < result.nrows; i++)
		if (strcmp(result_cell(&result, i, 3), "differs") == 0)
			printf("# %s: %s, not %s\n", result_cell(&result, i, 0),
			       result_cell(&result, i, 1),
			       result_cell(&result, i, 2));
	CHECK_INT(shown.differ, 0);
	CHECK_STR(state("process.41"), "as_planned");
	CHECK_STR(state("filter.sha256"), "built_in");
	CHECK_STR(state("dataset.D-1"), "built_in");
}

TEST(missing, "what could not be measured is not as planned")
{
	static const char *const pieces[][2] = {
		{ "host", "namespace.net" },	{ "mounts", "mount./out" },
		{ "uid_map", "uid_map" },	{ "gid_map", "gid_map" },
		{ "limits", "limit.memory.*" }, { "limits", "limit.pids.*" },
		{ "landlock", "landlock.abi" }, { "lease", "process.41" },
	};

	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		begin(pieces[i][0]);
		fill();
		CHECK_STR(state(pieces[i][1]), "differs");
	}
}

TEST(mounts, "a mount too many, twice or with other attributes is not planned")
{
	char text[4096];

	begin("mounts");
	snprintf(text, sizeof text,
		 "%s14 1 0:9 / /tmp rw - tmpfs none rw\n"
		 "15 1 0:9 / /mnt ro,nosuid - ext4 none rw\nbroken\n",
		 mounts);
	put(40, "mounts", text);
	fill();
	CHECK_INT(shown.differ, 2);
	CHECK_STR(state("mount./mnt"), "differs");
	begin("mounts");
	put(40, "mounts", "1 1 0:1 / / rw,nosuid,nodev - erofs none ro\n");
	fill();
	CHECK_STR(state("mount./"), "differs");
}

TEST(process, "one capability, another user or namespace is not planned")
{
	begin("");
	put_process(42, 501, "0000000000200000", group);
	put_process(43, 0, "0000000000000000", group);
	put_process(44, 501, "0000000000000000", "0::/other\n");
	put_process(45, 501, "0000000000000000", "0::/sekisho-x/s12\n");
	put(46, "cgroup", group);
	put(46, "status", "Name:\tx\n");
	fill();
	CHECK_STR(state("process.42"), "differs");
	CHECK_STR(state("process.43"), "differs");
	/* no longer of this session: a later process of the same number */
	CHECK_STR(state("process.44"), "");
	CHECK_STR(state("process.45"), "");
	CHECK_STR(state("process.46"), "differs");
}

TEST(many, "of many processes those that differ are shown, the others counted")
{
	begin("");
	for (uint32_t pid = 100; pid < 200; pid++)
		put_process(pid, pid == 199 ? 0 : 501, "0", group);
	fill();
	CHECK_INT(shown.differ, 1);
	CHECK_STR(state("process.199"), "differs");
	CHECK_STR(state("process.198"), "");
	CHECK_STR(state("process.others"), "as_planned");
	put(0, "more", "");
	fill();
	CHECK_STR(state("process.more"), "differs");
}

TEST(descriptor, "a descriptor of another kind is not planned")
{
	begin("fds");
	put(40, "fds", "0 /dev/null\n9 /etc/shadow\n");
	fill();
	CHECK_STR(state("init.fd.9"), "differs");
	CHECK_INT(shown.differ, 1);
}

TEST(rules, "the filter is shown rule by rule, and alone")
{
	begin("");
	shown = shown_fill(&result, &plan, measured, true);
	CHECK_INT(result.nrows, 1);
	CHECK_STR(result_cell(&result, 0, 1), "everything else: ENOSYS");
}

TEST(bounded, "too many pieces are left out")
{
	begin("");
	for (int i = 0; i < 2 * MEASURED_PIECES; i++)
		put(1000, "status", "Name:\tx\n");
	CHECK_INT(measured->n, MEASURED_PIECES);
	fill();
	CHECK(result.nrows > 0);
	measured_free(measured);
	measured = NULL;
}

TAP_MAIN
