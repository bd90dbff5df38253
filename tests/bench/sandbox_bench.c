/* links: sandbox gateway/base */
/*
 * sandbox_bench FOLDER BIN - a sandbox's start beside bubblewrap's.
 *
 * By turns, in one run: from nothing to the end of /usr/bin/true. Ours has
 * cgroups with limits, Landlock and both filters; bubblewrap the namespaces
 * and mounts alone, over the same toolset, workspace and dataset.
 */
#include <time.h>

#include "tests/attack/stage.h"

enum { ROUNDS = 40 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double ours(struct stage *stage)
{
	static const char *const argv[] = { "/usr/bin/true", NULL };
	struct stage_session session;
	struct stage_shell shell = { -1, -1, -1, -1 };
	struct err err;
	double start = now();

	if (stage_begin(stage, &session, &err) < 0 ||
	    stage_spawn(&session, false, argv, &shell, &err) < 0 ||
	    stage_exited(&session, &err) != 0)
		stage_fail("a sandbox of ours", &err);
	double took = now() - start;
	close(shell.listener);
	close(shell.in);
	close(shell.out);
	close(shell.errors);
	stage_end(&session);
	return took;
}

static void bubblewrap(const struct stage *stage)
{
	char shared[400], home[400], out[400], data[400];

	snprintf(shared, sizeof shared, "%s/shared", stage->workspace);
	snprintf(home, sizeof home, "%s/home/a-test", stage->workspace);
	snprintf(out, sizeof out, "%s/out/a-test", stage->workspace);
	snprintf(data, sizeof data, "%s/datasets/sample", stage->folder);
	execlp("bwrap", "bwrap", "--unshare-all", "--unshare-user", "--uid",
	       "1000", "--gid", "1000", "--die-with-parent", "--ro-bind",
	       stage->toolset, "/", "--tmpfs", "/data", "--ro-bind", data,
	       "/data/sample", "--bind", shared, "/workspace", "--bind", home,
	       "/home/researcher", "--bind", out, "/out", "--proc", "/proc",
	       "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/run/sekisho",
	       "/usr/bin/true", (char *)NULL);
	_exit(127);
}

static double theirs(const struct stage *stage)
{
	double start = now();
	pid_t pid = fork();
	int status;

	if (pid == 0)
		bubblewrap(stage);
	if (waitpid(pid, &status, 0) < 0 || status != 0)
		stage_fail("bubblewrap", NULL);
	return now() - start;
}

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int main(int argc, char **argv)
{
	struct stage stage;
	double us[ROUNDS], them[ROUNDS];

	if (argc != 3) {
		fprintf(stderr, "usage: sandbox_bench FOLDER BIN\n");
		return 2;
	}
	stage_set(&stage, argv[1], argv[2]);
	for (int i = 0; i < ROUNDS; i++) {
		us[i] = ours(&stage);
		them[i] = theirs(&stage);
	}
	stage_strike(&stage);
	qsort(us, ROUNDS, sizeof *us, by_size);
	qsort(them, ROUNDS, sizeof *them, by_size);
	double ratio = us[ROUNDS / 2] / them[ROUNDS / 2];
	printf("  start to end of true: ours %.2f ms (%.2f to %.2f), "
	       "bubblewrap %.2f ms (%.2f to %.2f): %.2f, target at most 1.00"
	       "  %s\n",
	       us[ROUNDS / 2], us[0], us[ROUNDS - 1], them[ROUNDS / 2], them[0],
	       them[ROUNDS - 1], ratio, ratio <= 1.0 ? "met" : "missed");
	return ratio <= 1.0 ? 0 : 1;
}
