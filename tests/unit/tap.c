/*
 * tap - run the tests of one program, each in a child of its own.
 *
 * Runs in test programs only. The child may crash, hang or leave processes:
 * its process group is killed and its folder removed when it ends.
 */
#include "tests/unit/tap.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECONDS = 10, SKIPPED = 77 };

static struct tap_test *first, **last = &first;
static char folder[256];

void tap_add(struct tap_test *test)
{
	*last = test;
	last = &test->next;
}

static _Noreturn void end_test(int status)
{
	fflush(stderr);
	_exit(status);
}

void tap_check(bool holds, const char *what, const char *file, int line)
{
	if (holds)
		return;
	fprintf(stderr, "# %s:%d: does not hold: %s\n", file, line, what);
	end_test(1);
}

void tap_check_str(const char *got, const char *want, const char *what,
		   const char *file, int line)
{
	if (got == want || (got && want && strcmp(got, want) == 0))
		return;
	fprintf(stderr, "# %s:%d: %s\n#   got:  %s\n#   want: %s\n", file, line,
		what, got ? got : "(NULL)", want ? want : "(NULL)");
	end_test(1);
}

void tap_check_int(int64_t got, int64_t want, const char *what,
		   const char *file, int line)
{
	if (got == want)
		return;
	fprintf(stderr, "# %s:%d: %s\n#   got:  %lld\n#   want: %lld\n", file,
		line, what, (long long)got, (long long)want);
	end_test(1);
}

void tap_check_err(const struct err *err, const char *part, const char *file,
		   int line)
{
	if (strstr(err->text, part))
		return;
	fprintf(stderr, "# %s:%d: error says:  %s\n#   should say: %s\n", file,
		line, err->text, part);
	end_test(1);
}

void tap_check_err_value(struct err err, const char *part, const char *file,
			 int line)
{
	tap_check_err(&err, part, file, line);
}

void tap_skip(const char *why)
{
	fprintf(stderr, "# skipped: %s\n", why);
	end_test(getenv("TEST_NO_SKIP") ? 1 : SKIPPED);
}

/* --- The test's folder ----------------------------------------------------- */

static void folder_name(pid_t pid)
{
	const char *where = getenv("TMPDIR");

	snprintf(folder, sizeof folder, "%s/sekisho-unit.%d",
		 where ? where : "/tmp", (int)pid);
}

static int remove_entry(const char *path, const struct stat *st, int kind,
			struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static void folder_clean(void)
{
	nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void folder_remove(pid_t pid)
{
	folder_name(pid);
	folder_clean();
	folder[0] = 0;
}

const char *tap_folder(void)
{
	if (folder[0])
		return folder;
	folder_name(getpid());
	/* One of our number that was killed may have left its own. */
	folder_clean();
	if (mkdir(folder, 0700) < 0) {
		fprintf(stderr, "# mkdir %s: %s\n", folder, strerror(errno));
		end_test(1);
	}
	return folder;
}

/* --- Running --------------------------------------------------------------- */

static _Noreturn void child(const struct tap_test *test)
{
	struct sigaction standard = { .sa_handler = SIG_DFL };

	setpgid(0, 0);
	sigaction(SIGALRM, &standard, NULL);
	dup2(STDERR_FILENO, STDOUT_FILENO); /* TAP is the parent's to print */
	alarm(SECONDS);
	test->run();
	exit(0); /* not _exit: a leak checker may want to speak */
}

/* Print the line of one test. Whether it passed. */
static bool report(const struct tap_test *test, unsigned int number, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		printf("ok %u - %s\n", number, test->sentence);
		return true;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED) {
		printf("ok %u - %s # SKIP\n", number, test->sentence);
		return true;
	}
	printf("not ok %u - %s\n", number, test->sentence);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		printf("# not done after %d seconds\n", SECONDS);
	else if (WIFSIGNALED(status))
		printf("# ended by signal %d\n", WTERMSIG(status));
	else
		printf("# exit status %d (test %s)\n", WEXITSTATUS(status),
		       test->name);
	return false;
}

static bool run_one(const struct tap_test *test, unsigned int number)
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0) {
		printf("Bail out! fork: %s\n", strerror(errno));
		exit(1);
	}
	if (pid == 0)
		child(test);
	setpgid(pid, pid);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	kill(-pid, SIGKILL); /* whatever the test left running */
	folder_remove(pid);
	return report(test, number, status);
}

static bool wanted(const struct tap_test *test, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], test->name) == 0)
			return true;
	return argc < 2;
}

int tap_run(int argc, char **argv)
{
	unsigned int number = 0, failed = 0;

	for (const struct tap_test *test = first; test; test = test->next)
		if (wanted(test, argc, argv) && !run_one(test, ++number))
			failed++;
	printf("1..%u\n", number);
	if (!number)
		fprintf(stderr, "# no test of that name\n");
	return failed || !number ? 1 : 0;
}
