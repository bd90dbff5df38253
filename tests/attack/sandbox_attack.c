/* links: sandbox gateway/base */
/*
 * sandbox_attack - a sandbox, the attempts in it, and what is left after it.
 *
 *	sandbox_attack FOLDER BIN      (tests/attack/sandbox.t makes FOLDER)
 */
#include <sys/socket.h>
#include <sys/syscall.h>

#include "tests/attack/follow.h"
#include "tests/attack/stage.h"
#include "tests/attack/traps.h"

static unsigned int number, refused, bad;
static bool seen[512];

static void tell(bool ok, const char *sentence)
{
	printf("%sok %u - %s\n", ok ? "" : "not ", ++number, sentence);
	if (!ok)
		bad++;
	fflush(stdout);
}

static void count(int call)
{
	if (call >= 0 && call < 512)
		seen[call] = true;
	refused++;
}

/* Pass the attempts' lines on under our own numbers. */
static void pass(const char *line)
{
	const char *words = strstr(line, " - ");

	if (strncmp(line, "ok ", 3) == 0 && words)
		tell(true, words + 3);
	else if (strncmp(line, "not ok ", 7) == 0 && words)
		tell(false, words + 3);
	else
		printf("%s%s\n", line[0] == '#' ? "" : "# ", line);
}

static void attempts(const struct stage_session *s)
{
	const char *const argv[] = { "/usr/bin/attempts", "tell", traps_name(),
				     NULL };
	struct stage_shell shell = { -1, -1, -1, -1 };
	struct err err;

	if (stage_spawn(s, true, argv, &shell, &err) < 0)
		stage_fail("spawn", &err);
	follow(&shell, pass, count);
	tell(stage_exited(s, &err) == 0, "the attempts ran to their end");
	tell(refused > 80, "the dangerous calls were reported");
	tell(seen[SYS_mount] && seen[SYS_ptrace] && seen[SYS_bpf] &&
		     seen[SYS_ioctl] && seen[SYS_socket] && seen[SYS_clone],
	     "the reports name the calls");
	follow_close(&shell);
}

static void missing_program(const struct stage_session *s)
{
	static const char *const argv[] = { "/usr/bin/none", NULL };
	struct stage_shell shell = { -1, -1, -1, -1 };
	struct err err;

	if (stage_spawn(s, false, argv, &shell, &err) < 0)
		stage_fail("spawn", &err);
	tell(stage_exited(s, &err) == 127 << 8,
	     "a missing program ends with status 127");
	follow_close(&shell);
}

static void pipes(const struct stage_session *s)
{
	static const char *const argv[] = { "/usr/bin/attempts", "true", NULL };
	struct stage_shell shell = { -1, -1, -1, -1 };
	struct err err;

	if (stage_spawn(s, false, argv, &shell, &err) < 0)
		stage_fail("spawn", &err);
	follow(&shell, NULL, count);
	tell(stage_exited(s, &err) == 0, "a program runs on pipes");
	follow_close(&shell);
}

static void hang_up(struct stage_session *s)
{
	struct pollfd ended = { .fd = s->pidfd, .events = POLLIN };

	shutdown(s->control, SHUT_RDWR);
	tell(poll(&ended, 1, 2000) == 1,
	     "a sandbox ends when the supervisor's end closes");
}

static void frozen(const struct stage_session *s)
{
	struct err err;

	tell(cgroup_freeze(&s->cgroup, true, &err) == 0,
	     "a sandbox can be frozen");
	tell(cgroup_kill(&s->cgroup, &err) == 0, "and killed while it is");
}

int main(int argc, char **argv)
{
	struct stage_session s;
	struct stage stage;
	struct err err;

	if (argc != 3)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	stage_set(&stage, argv[1], argv[2]);
	traps_set(&stage);
	if (stage_begin(&stage, &s, &err) < 0) {
		stage_strike(&stage);
		stage_fail("box", &err);
	}
	tell(true, "a sandbox is built");
	attempts(&s);
	missing_program(&s);
	pipes(&s);
	hang_up(&s);
	stage_end(&s);
	if (stage_begin(&stage, &s, &err) < 0)
		stage_fail("box", &err);
	frozen(&s);
	stage_end(&s);
	strcpy(stage.plan.actor, "a-stranger");
	tell(stage_begin(&stage, &s, &err) < 0 &&
		     strstr(err.text, "a-stranger"),
	     "a plan without its person's folders is refused");
	printf("# %s\n", err.text);
	stage_strike(&stage);
	printf("1..%u\n", number);
	return bad != 0;
}
