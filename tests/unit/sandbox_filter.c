/* links: gateway/base; */
/*
 * The system calls that user code may make, as mkfilter understands its list,
 * against the list that was last reviewed.
 *
 * A difference is a change of what a session may do: look at it, then
 * build/tool/mkfilter --print sandbox/user.filter >tests/golden/user.filter.txt
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "tests/unit/tap.h"

enum { LONG = 64 * 1024 };

static char printed[LONG], reviewed[LONG];

/* Start mkfilter on a list; the end to read what it prints from. */
static pid_t start_print(const char *list, int *from)
{
	int ends[2];

	CHECK(pipe(ends) == 0);
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execl("build/tool/mkfilter", "mkfilter", "--print", list,
		      (char *)NULL);
		perror("build/tool/mkfilter");
		_exit(127);
	}
	close(ends[1]);
	*from = ends[0];
	return pid;
}

static void read_all(int fd, char *out)
{
	size_t used = 0;
	ssize_t n;

	while ((n = read(fd, out + used, LONG - 1 - used)) > 0)
		used += (size_t)n;
	CHECK(n == 0 && used < LONG - 1);
	out[used] = '\0';
}

static void print(const char *list)
{
	AUTO_FD int from = -1;
	int status = -1;
	pid_t pid = start_print(list, &from);

	read_all(from, printed);
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK_INT(status, 0);
}

static void read_golden(void)
{
	AUTO_FD int fd =
		open("tests/golden/user.filter.txt", O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	read_all(fd, reviewed);
}

TEST(reviewed, "user code may call what was reviewed, line for line")
{
	char *was_rest, *is_rest;

	print("sandbox/user.filter");
	read_golden();
	char *was = strtok_r(reviewed, "\n", &was_rest);
	char *is = strtok_r(printed, "\n", &is_rest);

	CHECK(was && is);
	while (was || is) {
		CHECK_STR(is, was);
		was = strtok_r(NULL, "\n", &was_rest);
		is = strtok_r(NULL, "\n", &is_rest);
	}
}

TEST(closed, "user code is killed on another architecture and refused the "
	     "calls that lead out")
{
	static const char *const never[] = {
		" ptrace ",	     " mount ",	     " bpf ",
		" io_uring_setup ",  " keyctl ",     " userfaultfd ",
		" perf_event_open ", " unshare ",    " setns ",
		" init_module ",     " kexec_load ", " open_by_handle_at ",
	};

	print("sandbox/user.filter");
	CHECK(strstr(printed, "other architectures: kill\n"));
	CHECK(!strstr(printed, "everything else: allow"));
	for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
		const char *at = strstr(printed, never[i]);
		char line[128] = "";

		if (at)
			sscanf(at, "%127[^\n]", line);
		CHECK_STR(strstr(line, " allow") ? line : "refused", "refused");
	}
}

TAP_MAIN
