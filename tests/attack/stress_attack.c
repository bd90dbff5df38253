/* links: sandbox gateway/base */
/*
 * stress_attack - stress-ng and trinity in sandboxes, and what is left after.
 *
 *	stress_attack FOLDER BIN SECONDS [NAME]  (tests/attack/stress.t)
 *
 * Each class of stress.def has a session of its own and runs SECONDS seconds
 * beside all others (with NAME: that one alone). What they do is theirs; what
 * must hold is that each session ends, that nothing of it is left, and that
 * the dataset is what it was and sandboxes are still built afterwards.
 */
#include <time.h>

#include "tests/attack/follow.h"
#include "tests/attack/stage.h"

enum { ARGUMENTS = 16, GRACE = 20 /* s */ };

struct stress {
	const char *name;
	const char *argv[ARGUMENTS];
	struct stage_session session;
	struct stage_shell shell;
	unsigned long bytes, calls; /* printed, reported */
	bool endless;
	char said[400]; /* how it began */
	size_t nsaid;
};

static struct stress stresses[] = {
#define STRESS(called, endless_is, ...)                                        \
	{ .name = called, .endless = endless_is, .argv = { __VA_ARGS__ } },
#include "tests/attack/stress.def"
};

static const char *only; /* NULL: all */
static unsigned int number, bad;

static void tell(bool ok, const char *format, const char *what)
{
	printf("%sok %u - %s%s\n", ok ? "" : "not ", ++number, what, format);
	if (!ok)
		bad++;
	fflush(stdout);
}

static bool wanted(const struct stress *stress)
{
	return !only || strcmp(only, stress->name) == 0;
}

static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static void begin(struct stage *stage, struct stress *stress,
		  const char *seconds)
{
	size_t n = 0;
	struct err err;

	stress->shell = (struct stage_shell){ -1, -1, -1, -1 };
	while (stress->argv[n])
		n++;
	if (!stress->endless)
		stress->argv[n] = seconds;
	if (stage_begin(stage, &stress->session, &err) < 0 ||
	    stage_spawn(&stress->session, true, stress->argv, &stress->shell,
			&err) < 0)
		stage_fail(stress->name, &err);
}

static void listen_to(struct stress *stress)
{
	char bytes[4096];
	ssize_t len = read(stress->shell.in, bytes, sizeof bytes);

	if (len <= 0) {
		own_close(&stress->shell.in);
		return;
	}
	stress->bytes += (unsigned long)len;
	for (ssize_t i = 0; i < len; i++)
		if (stress->nsaid < sizeof stress->said - 1)
			stress->said[stress->nsaid++] =
				bytes[i] == '\n' || bytes[i] == '\r' ? ' '
								     : bytes[i];
}

static void serve(struct stress *stress, const struct pollfd fds[2])
{
	if (fds[0].revents)
		listen_to(stress);
	if (fds[1].revents & POLLIN) {
		follow_refuse(stress->shell.listener, NULL);
		stress->calls++;
	} else if (fds[1].revents) {
		own_close(&stress->shell.listener);
	}
}

/* Until those that end have ended, and the time for the others is up; or
 * until nobody has the patience for what does not end. */
static void run(time_t up, time_t patience)
{
	struct pollfd fds[ARRAY_LEN(stresses)][2];

	for (;;) {
		bool any = now() < up;

		for (size_t i = 0; i < ARRAY_LEN(stresses); i++) {
			struct stress *stress = &stresses[i];

			fds[i][0].fd = stress->shell.in;
			fds[i][1].fd = stress->shell.listener;
			fds[i][0].events = fds[i][1].events = POLLIN;
			if (stress->shell.in >= 0 && !stress->endless)
				any = true;
		}
		if (!any || now() >= patience)
			return;
		if (poll(fds[0], 2 * ARRAY_LEN(stresses), 200) > 0)
			for (size_t i = 0; i < ARRAY_LEN(stresses); i++)
				serve(&stresses[i], fds[i]);
	}
}

static bool is_gone(const struct cgroup *cgroup)
{
	struct err err;

	if (cgroup_kill(cgroup, &err) < 0)
		printf("# %s\n", err.text);
	for (int i = 0; i < 1000 && cgroup_populated(cgroup); i++)
		usleep(5000);
	return !cgroup_populated(cgroup);
}

static void end(struct stress *stress)
{
	bool ended = stress->shell.in < 0 || stress->endless;
	bool gone = is_gone(&stress->session.cgroup);

	follow_close(&stress->shell);
	stage_end(&stress->session);
	printf("# %s: %lu bytes, %lu calls reported: %.300s\n", stress->name,
	       stress->bytes, stress->calls, stress->said);
	tell(stress->bytes > 0 && ended && gone,
	     " ran and ended, and nothing of it is left", stress->name);
}

static bool is_sound(struct stage *stage)
{
	static const char *const argv[] = { "/usr/bin/attempts", "true", NULL };
	struct stage_session s;
	struct stage_shell shell = { -1, -1, -1, -1 };
	struct err err;

	if (stage_begin(stage, &s, &err) < 0 ||
	    stage_spawn(&s, false, argv, &shell, &err) < 0) {
		printf("# %s\n", err.text);
		return false;
	}
	follow(&shell, NULL, NULL);

	bool done = stage_exited(&s, &err) == 0;

	follow_close(&shell);
	stage_end(&s);
	return done;
}

int main(int argc, char **argv)
{
	struct stage stage;

	if (argc < 4)
		return 2;
	only = argc > 4 ? argv[4] : NULL;
	setvbuf(stdout, NULL, _IOLBF, 0);
	stage_set(&stage, argv[1], argv[2]);
	for (size_t i = 0; i < ARRAY_LEN(stresses); i++) {
		stresses[i].shell.in = stresses[i].shell.listener = -1;
		if (wanted(&stresses[i]))
			begin(&stage, &stresses[i], argv[3]);
	}
	run(now() + atol(argv[3]), now() + atol(argv[3]) + GRACE);
	for (size_t i = 0; i < ARRAY_LEN(stresses); i++)
		if (wanted(&stresses[i]))
			end(&stresses[i]);
	tell(is_sound(&stage), " is built as before", "a sandbox");
	stage_strike(&stage);
	printf("1..%u\n", number);
	return bad != 0;
}
