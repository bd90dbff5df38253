/* links: sandbox gateway/base */
/*
 * bombs_attack - sessions that take all there is, beside one that works.
 *
 *	bombs_attack FOLDER BIN      (tests/attack/bombs.t makes FOLDER)
 *
 * Each bomb has a session of its own, and while it lasts a neighbour starts
 * processes. A bomb must be stopped by the plan's limit and end; the neighbour
 * must go on. How much slower it was is told, and not judged.
 */
#include "tests/attack/follow.h"
#include "tests/attack/stage.h"

/* most: what the plan lets one have; number: how it is refused, 0: killed. */
static const struct bomb {
	const char *name;
	int most, number;
} bombs[] = {
	{ "fork", 64, EAGAIN },	   { "thread", 64, EAGAIN },
	{ "memory", 256, 0 },	   { "tmpfs", 32, ENOSPC },
	{ "disk", 32, ENOSPC },	   { "inodes", 4096, ENOSPC },
	{ "pipes", 2048, EMFILE }, { "terminal", 64, ENOSPC },
};

static int taken, refused; /* of the bomb that is on */
static long beats, p99;
static unsigned int number, bad;

static void tell(bool ok, const char *what, const char *sentence)
{
	printf("%sok %u - %s: %s\n", ok ? "" : "not ", ++number, what,
	       sentence);
	if (!ok)
		bad++;
}

static void take_line(const char *line)
{
	sscanf(line, "bomb %*s %d %d", &taken, &refused);
	sscanf(line, "beat %ld %ld", &beats, &p99);
}

static void begin(struct stage *stage, struct stage_session *s,
		  struct stage_shell *shell, const char *task)
{
	const char *const argv[] = { "/usr/bin/bombs", task, NULL };
	struct err err;

	if (stage_begin(stage, s, &err) < 0 ||
	    stage_spawn(s, false, argv, shell, &err) < 0)
		stage_fail(task, &err);
}

/* 0: it went on to its end. */
static int beat(struct stage *stage)
{
	struct stage_shell shell = { -1, -1, -1, -1 };
	struct stage_session s;
	struct err err;

	beats = p99 = 0;
	begin(stage, &s, &shell, "beat");
	follow(&shell, take_line, NULL);

	int status = stage_exited(&s, &err);

	follow_close(&shell);
	stage_end(&s);
	return status;
}

static bool is_gone(const struct cgroup *cgroup)
{
	for (int i = 0; i < 2000 && cgroup_populated(cgroup); i++)
		usleep(5000);
	return !cgroup_populated(cgroup);
}

static void try_bomb(struct stage *stage, const struct bomb *bomb)
{
	struct stage_shell shell = { -1, -1, -1, -1 };
	struct stage_session s;
	struct err err;

	taken = refused = -1;
	begin(stage, &s, &shell, bomb->name);

	int status = beat(stage);

	printf("# beside %s: %ld beats, p99 %ld us\n", bomb->name, beats, p99);
	tell(status == 0 && beats > 0, bomb->name, "its neighbour goes on");
	follow(&shell, take_line, NULL);
	printf("# %s: took %d, then %s\n", bomb->name, taken,
	       refused > 0 ? strerror(refused) : "was killed");
	tell(taken > 0 && taken <= bomb->most && refused == bomb->number,
	     bomb->name, "is stopped by the plan's limit");
	if (cgroup_kill(&s.cgroup, &err) < 0)
		printf("# %s\n", err.text);
	tell(is_gone(&s.cgroup), bomb->name, "ends, and nothing of it is left");
	follow_close(&shell);
	stage_end(&s);
}

/* What a session left in the workspace is the permit's, and in the way. */
static void tidy(const struct stage *stage)
{
	char path[400];

	for (int i = 0; i < 4096; i++) {
		snprintf(path, sizeof path, "%s/shared/bomb%d",
			 stage->workspace, i);
		if (unlink(path) < 0)
			return;
	}
}

int main(int argc, char **argv)
{
	struct stage stage;

	if (argc != 3)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	stage_set(&stage, argv[1], argv[2]);
	tell(beat(&stage) == 0, "alone", "a session works");
	printf("# alone: %ld beats, p99 %ld us\n", beats, p99);
	for (size_t i = 0; i < ARRAY_LEN(bombs); i++) {
		try_bomb(&stage, &bombs[i]);
		tidy(&stage);
	}
	stage_strike(&stage);
	printf("1..%u\n", number);
	return bad != 0;
}
