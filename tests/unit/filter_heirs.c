/* links: gateway/base; */
/*
 * mkfilter on a list with heirs: what it takes over from theirs, and which
 * lists it refuses to make sense of.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/tap.h"

static char said[8192];

static const char *write_list(const char *name, const char *text)
{
	static char path[2][300];
	static unsigned int turn;
	char *at = path[turn++ % 2];

	snprintf(at, sizeof path[0], "%s/%s", tap_folder(), name);
	FILE *file = fopen(at, "we");
	CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0);
	return at;
}

/* Print the list's rules with one heir's into said. The exit status. */
static int print(const char *list, const char *heir)
{
	const char *own = write_list("own", list);
	const char *other = write_list("heir", heir);
	int ends[2], status = -1;
	size_t used = 0;
	ssize_t n;

	CHECK(pipe(ends) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		execl("build/tool/mkfilter", "mkfilter", "--print", own, other,
		      (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	while ((n = read(ends[0], said + used, sizeof said - 1 - used)) > 0)
		used += (size_t)n;
	said[used] = '\0';
	close(ends[0]);
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool says(const char *part)
{
	if (!strstr(said, part))
		fprintf(stderr, "# said: %s\n", said);
	return strstr(said, part);
}

TEST(takes, "what an heir allows and reports is taken over, what it refuses "
	    "is not")
{
	CHECK_INT(print("default enosys\nallow read\n",
			"default kill\nallow write\nnotify mount\n"
			"errno EPERM ptrace\n"),
		  0);
	CHECK(says("read                     allow\n"));
	CHECK(says("write                    allow\n"));
	CHECK(says("mount                    notify\n"));
	CHECK(says("everything else: ENOSYS\n"));
	CHECK(!strstr(said, "ptrace"));
}

TEST(own, "what a list allows itself is allowed, though an heir reports it")
{
	CHECK_INT(print("default enosys\nallow mount\n",
			"default enosys\nnotify mount\n"),
		  0);
	CHECK(says("mount                    allow\n"));
	CHECK(!strstr(said, "notify"));
}

TEST(wider, "a condition goes where an heir allows the whole call")
{
	CHECK_INT(print("default enosys\nallow ioctl arg1 == 1\n",
			"default kill\nallow ioctl\n"),
		  0);
	CHECK(says("ioctl                    allow\n"));
	CHECK(!strstr(said, "arg1"));
}

TEST(apart, "a list says itself how much of an heir's report is left")
{
	CHECK_INT(print("default enosys\nallow unshare arg0 == 0x20000\n"
			"notify unshare arg0 != 0x20000\n",
			"default enosys\nnotify unshare\n"),
		  0);
	CHECK(says("allow if arg0 == 0x20000\n"));
	CHECK(says("notify if arg0 != 0x20000\n"));
}

TEST(overlaps, "two answers to one call are refused: neither would be sure")
{
	CHECK_INT(print("default enosys\nallow unshare arg0 == 0x20000\n",
			"default enosys\nnotify unshare\n"),
		  1);
	CHECK(says("'unshare' has another rule"));
	CHECK_INT(print("default enosys\nallow socket arg0 == 2\n",
			"default enosys\nallow socket arg0 == 1\n"
			"notify socket arg0 != 1\n"),
		  1);
	CHECK(says("'socket' has another rule"));
	CHECK_INT(print("default enosys\nerrno EPERM mount\n",
			"default enosys\nallow mount\n"),
		  1);
	CHECK_INT(print("default enosys\nallow read\nallow read arg0 == 1\n",
			"default enosys\n"),
		  1);
}

TEST(arguments, "conditions on one call that begin with different arguments "
		"are refused")
{
	CHECK_INT(print("default enosys\nallow prlimit64 arg2 == 0\n"
			"allow prlimit64 arg1 == 3\n",
			"default enosys\n"),
		  1);
	CHECK(says("told apart by another argument"));
}

TEST(kills, "a default that kills is refused above heirs")
{
	CHECK_INT(print("default kill\nallow read\n", "default kill\n"), 1);
	CHECK(says("would kill heirs"));
}

TAP_MAIN
