/* links: sandbox gateway/base */
/*
 * box_killed - a box that dies at each of its system calls, and a spawner
 * that dies under a sandbox: nothing of either is left.
 *
 *	box_killed FOLDER BIN STOPPER     (tests/fault/box_killed.t makes FOLDER)
 *
 * The stopper counts the calls of the box and of the sandbox's first process
 * from BUILD on, and kills the one that makes the Nth.
 */
#include <sys/prctl.h>

#include "tests/attack/stage.h"

enum { MOST = 2000 };

static const char *stopper;
static unsigned int number, bad;

static void tell(bool ok, const char *sentence)
{
	printf("%sok %u - %s\n", ok ? "" : "not ", ++number, sentence);
	bad += !ok;
	fflush(stdout);
}

/* --- What there is of a box ---------------------------------------------------- */

/* The number after the key in /proc/PID/status, or -1. */
static long status_field(pid_t pid, const char *key)
{
	char path[64], line[256];
	long value = -1;

	snprintf(path, sizeof path, "/proc/%d/status", pid);
	FILE *file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file))
		if (strncmp(line, key, strlen(key)) == 0)
			value = strtol(line + strlen(key), NULL, 10);
	if (file)
		fclose(file);
	return value;
}

/* The first child of a process, or 0. */
static pid_t child_of(pid_t pid)
{
	char path[64];
	int child = 0;

	snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
	FILE *file = fopen(path, "re");
	if (!file)
		stage_fail(path, NULL);
	if (fscanf(file, "%d", &child) != 1)
		child = 0;
	fclose(file);
	return child;
}

static unsigned int count_lines(const char *path)
{
	FILE *file = fopen(path, "re");
	unsigned int n = 0;
	int c;

	if (!file)
		stage_fail(path, NULL);
	while ((c = fgetc(file)) != EOF)
		n += c == '\n';
	fclose(file);
	return n;
}

/* Is it so within two seconds? */
static bool soon(bool (*holds)(pid_t), pid_t pid)
{
	for (int i = 0; i < 400; i++) {
		if (holds(pid))
			return true;
		usleep(5000);
	}
	return false;
}

static bool childless(pid_t pid)
{
	return child_of(pid) == 0;
}

static bool has_child(pid_t pid)
{
	return child_of(pid) != 0;
}

static bool gone(pid_t pid)
{
	return kill(pid, 0) < 0 && errno == ESRCH;
}

/* Its first call is the one that it waits in. */
static bool traced_or_gone(pid_t pid)
{
	return status_field(pid, "TracerPid:") > 0 || gone(pid);
}

/* --- One box, killed at its Nth call ------------------------------------------- */

static pid_t start_stopper(pid_t box, unsigned int nth)
{
	char pid_text[16], nth_text[16];
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	snprintf(pid_text, sizeof pid_text, "%d", box);
	snprintf(nth_text, sizeof nth_text, "%u", nth);
	execl(stopper, stopper, "--kill-at", nth_text, "--pid", pid_text,
	      (char *)NULL);
	_exit(127);
}

/* 1: it was built and what was left of it has been ended; 0: it was not. */
static int one(struct stage *stage, unsigned int nth)
{
	struct stage_session s;
	struct err err;
	pid_t box, tracer;

	if (stage_box(stage, &s, &err) < 0 || !soon(has_child, stage->spawner))
		stage_fail("box", &err);
	box = child_of(stage->spawner);
	tracer = start_stopper(box, nth);
	if (!soon(traced_or_gone, box))
		stage_fail("stopper", NULL);
	if (stage_build(stage, &s, &err) < 0 && !gone(box))
		stage_fail("build", &err);

	int built = stage_built(&s, &err) == 0;
	struct pollfd ended = { .fd = s.pidfd, .events = POLLIN };

	/* init may be at its Nth call just now */
	usleep(built ? 20000 : 0);
	own_close(&s.control);
	own_close(&s.desk);
	own_close(&s.group);
	if (built && poll(&ended, 1, 5000) != 1)
		printf("# init did not end, call %u\n", nth);
	kill(tracer, SIGTERM);
	waitpid(tracer, NULL, 0);
	own_close(&s.pidfd);
	if (!soon(childless, stage->spawner)) {
		printf("# call %u: a process is left\n", nth);
		bad++;
	}
	stage_sweep(&s);
	return built;
}

static void each_call(struct stage *stage)
{
	unsigned int mounts = count_lines("/proc/self/mountinfo");
	unsigned int built = 0, nth = 0;

	while (built < 60 && nth < MOST)
		built += (unsigned int)one(stage, ++nth);
	printf("# %u calls, %u of them once the sandbox was built\n", nth,
	       built);
	tell(nth > 250 && nth < MOST,
	     "a box was killed at each call until it was built, and its init "
	     "at each after");
	tell(bad == 0, "no process of it was left");
	tell(count_lines("/proc/self/mountinfo") == mounts,
	     "no mount of it was left");
}

/* --- The spawner --------------------------------------------------------------- */

/* A shell in it began and ended: init is in its loop by now. */
static void use(const struct stage_session *s)
{
	static const char *const argv[] = { "/usr/bin/attempts", "true", NULL };
	struct stage_shell shell = { -1, -1, -1, -1 };
	struct err err;

	if (stage_spawn(s, true, argv, &shell, &err) < 0 ||
	    stage_exited(s, &err) != 0)
		stage_fail("spawn", &err);
	close(shell.listener);
	close(shell.in);
}

static void spawner_dies(struct stage *stage)
{
	struct stage_session s;
	struct err err;
	pid_t init;

	if (stage_begin(stage, &s, &err) < 0)
		stage_fail("box", &err);
	use(&s);
	init = child_of(stage->spawner);
	tell(init > 0, "the sandbox's first process is the spawner's child");
	kill(stage->spawner, SIGKILL);

	struct pollfd ended = { .fd = s.pidfd, .events = POLLIN };

	tell(poll(&ended, 1, 2000) == 1,
	     "a sandbox dies with the spawner, though its wire is open");
	waitpid(init, NULL, 0);
	tell(gone(init), "and leaves nothing that somebody must wait for");
	waitpid(stage->spawner, NULL, 0);
	close(s.control);
	close(s.desk);
	close(s.pidfd);
	stage_sweep(&s);
}

static void supervisor_leaves(struct stage *stage)
{
	struct stage_session s;
	struct err err;
	int status = -1;

	stage_spawner(stage);
	if (stage_box(stage, &s, &err) < 0)
		stage_fail("box", &err);
	close(stage->spawner_link);
	stage->spawner_link = -1;
	waitpid(stage->spawner, &status, 0);
	tell(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	     "a spawner ends when the supervisor's end closes");

	struct pollfd link = { .fd = s.box, .events = POLLIN };

	tell(poll(&link, 1, 2000) == 1, "and a box that waits ends with it");
	close(s.box);
}

int main(int argc, char **argv)
{
	struct stage stage;

	if (argc != 4)
		return 2;
	stopper = argv[3];
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); /* as the supervisor is */
	setvbuf(stdout, NULL, _IOLBF, 0);
	stage_set(&stage, argv[1], argv[2]);
	each_call(&stage);
	spawner_dies(&stage);
	supervisor_leaves(&stage);
	stage_strike(&stage);
	printf("1..%u\n", number);
	return bad != 0;
}
