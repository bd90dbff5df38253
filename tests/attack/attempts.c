/* links: gateway/base */
/*
 * attempts - run inside a sandbox: try everything of attempts.def.
 *
 *	attempts tell HOST	TAP without a plan's count known outside
 *	attempts answer HOST	"answer NUMBER ERRNO" for each line of the table
 *	attempts true		only ends, for attempts that start a program
 *	attempts who		ends with 0 if it is who started it
 *
 * HOST is the name of an abstract socket that the test listens at outside.
 * Without all layers, socket families are not tried one after the other: the
 * kernel would load a module for each.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/own.h"

enum { KILLED = -2, OTHER_FAMILIES = 64, WRONG = 4000 };

/* Our own pipe in an attempt's process. */
static int reply = -1;

static const char *host = "";

#define raw(...) ((int)syscall(__VA_ARGS__))

static int failed(int number)
{
	errno = number;
	return -1;
}

static int raise_limit(void)
{
	struct rlimit limit = { 5000, 5000 };

	return setrlimit(RLIMIT_NOFILE, &limit);
}

static int raise_core(rlim_t value)
{
	struct rlimit limit = { value, value };

	return setrlimit(RLIMIT_CORE, &limit);
}

static int core_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_CORE, &limit) < 0)
		return -1;
	return limit.rlim_cur == 1 && limit.rlim_max == 1 ? 0 : failed(WRONG);
}

static int any_bounding(void)
{
	for (int i = 0; i < 64; i++)
		if (prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1)
			return i;
	return failed(ENOENT);
}

static int any_capability(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

	if (raw(SYS_capget, &header, sets) < 0)
		return failed(WRONG);
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		if (sets[i].permitted | sets[i].effective | sets[i].inheritable)
			return 0;
	return failed(ENOENT);
}

static int ruled_out(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : failed(WRONG);
}

/* A child of our own, which ends with us. */
static int trace_child(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		for (;;)
			pause();
	}

	int done = raw(SYS_ptrace, PTRACE_ATTACH, pid, 0, 0);
	int why = errno;

	kill(pid, SIGKILL);
	errno = why;
	return done;
}

static int make_file(const char *path)
{
	return open(path, O_WRONLY | O_CREAT, 0644);
}

static int make_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, path);
	return bind(fd, (struct sockaddr *)&address, sizeof address);
}

static int reach_desk(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX,
				       .sun_path = "/run/sekisho/desk" };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	return connect(fd, (struct sockaddr *)&address, sizeof address);
}

static int listen_at_port(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons(1025);
	if (fd < 0)
		return -1;
	return bind(fd, (struct sockaddr *)&address, sizeof address);
}

static int reach_host(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(host);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(address.sun_path + 1, host, len);
	return connect(
		fd, (struct sockaddr *)&address,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len));
}

static int any_host_socket(void)
{
	FILE *file = fopen("/proc/self/net/unix", "r");
	char line[512];

	if (!file)
		return failed(WRONG);
	while (fgets(line, sizeof line, file))
		if (strstr(line, host))
			return 0;
	return failed(ENOENT);
}

static int make_large(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	signal(SIGXFSZ, SIG_IGN);
	return fd < 0 ? failed(WRONG) : ftruncate(fd, 48 << 20);
}

static int move_fifo(void)
{
	if (mkdir("/home/researcher/d", 0700) < 0 ||
	    mkfifo("/home/researcher/d/f", 0600) < 0)
		return failed(WRONG);
	return rename("/home/researcher/d/f", "/workspace/f");
}

static int rename_across(void)
{
	if (mkdir("/workspace/one", 0700) < 0 ||
	    mkdir("/workspace/two", 0700) < 0 ||
	    make_file("/workspace/one/file") < 0)
		return -1;
	return rename("/workspace/one/file", "/workspace/two/file");
}

static int run_copy(const char *path)
{
	static char self[8 << 20];
	int from = open("/usr/bin/attempts", O_RDONLY);
	int to = open(path, O_WRONLY | O_CREAT, 0755);
	ssize_t len = read(from, self, sizeof self);
	int status;
	pid_t pid;

	if (len <= 0 || write(to, self, (size_t)len) != len)
		return failed(WRONG);
	close(to);
	pid = fork();
	if (pid == 0) {
		execl(path, "attempts", "true", NULL);
		_exit(errno);
	}
	waitpid(pid, &status, 0);
	return status == 0 ? 0 : failed(WEXITSTATUS(status));
}

static int run_setuid(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execl("/workspace/setuid", "attempts", "who", NULL);
		_exit(126);
	}
	waitpid(pid, &status, 0);
	if (status == 0)
		return failed(ENOENT);
	return WEXITSTATUS(status) == 1 ? 0 : failed(WRONG);
}

static int map_code(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT, 0755);
	void *at;

	if (fd < 0 || ftruncate(fd, 4096) < 0)
		return failed(WRONG);
	at = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	return at == MAP_FAILED ? -1 : 0;
}

static int open_link(const char *link_path, const char *target)
{
	if (symlink(target, link_path) < 0)
		return failed(WRONG);
	return open(link_path, O_RDONLY);
}

static int many_terminals(void)
{
	for (int i = 0; i < 65; i++)
		if (open("/dev/ptmx", O_RDWR | O_NOCTTY) < 0)
			return -1;
	return 0;
}

static int attach_filter(void)
{
	struct sock_filter code = { 0x06, 0, 0, 0 };
	struct sock_fprog program = { 1, &code };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
			  sizeof program);
}

#ifdef __x86_64__
static int old_call(void)
{
	long result = 20; /* getpid */

	__asm__ volatile("int $0x80"
			 : "+a"(result)
			 :
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
}
#endif

static int any_descriptor(void)
{
	for (int fd = 3; fd < 4096; fd++)
		if (fd != reply && fcntl(fd, F_GETFD) >= 0)
			return fd;
	return failed(EBADF);
}

static int any_variable(void)
{
	extern char **environ;

	for (char **at = environ; *at; at++)
		if (strncmp(*at, "PATH=", 5) != 0 &&
		    strncmp(*at, "HOME=", 5) != 0)
			return 0;
	return failed(ENOENT);
}

/* Field 4 is the place inside the file system that is mounted: only those of
 * the workspace may be other than its root, and name nothing of the host. */
static int any_host_path(void)
{
	FILE *file = fopen("/proc/self/mountinfo", "r");
	char line[2048], root[256];

	if (!file)
		return failed(WRONG);
	while (fgets(line, sizeof line, file)) {
		if (sscanf(line, "%*s %*s %*s %255s", root) != 1)
			return failed(WRONG);
		if (strstr(line, "/var/") || strstr(line, "sekisho-attack") ||
		    strstr(line, "/build/")) {
			printf("# %s", line);
			return 0;
		}
	}
	return failed(ENOENT);
}

struct attempt {
	const char *sentence;
	int expected;
	int (*attempt)(void);
};

#define ATTEMPT_AT(line, words, expects, expression)                           \
	static int attempt_##line(void)                                        \
	{                                                                      \
		return (expression);                                           \
	}
#define ATTEMPT_LINE(line, words, expects, expression)                         \
	ATTEMPT_AT(line, words, expects, expression)
#define ATTEMPT(words, expects, expression)                                    \
	ATTEMPT_LINE(__LINE__, words, expects, expression)
#include "tests/attack/attempts.def"
#undef ATTEMPT
#undef ATTEMPT_AT
#define ATTEMPT_AT(line, words, expects, expression)                           \
	{ words, expects, attempt_##line },
#define ATTEMPT(words, expects, expression)                                    \
	ATTEMPT_LINE(__LINE__, words, expects, expression)

static const struct attempt attempts[] = {
#include "tests/attack/attempts.def"
};

/* The attempt's errno, KILLED, or WRONG if it ended otherwise. */
static int try(const struct attempt *attempt)
{
	int pair[2], result_of = 0, status;
	pid_t pid;

	if (pipe(pair) < 0)
		return WRONG;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(pair[0]);
		reply = pair[1];
		fcntl(reply, F_SETFD, FD_CLOEXEC);
		errno = 0;
		int got = attempt->attempt();
		int result = got < 0 ? errno : 0;
		ssize_t written = write(reply, &result, sizeof result);

		_exit(written == (ssize_t)sizeof result ? 0 : 1);
	}
	close(pair[1]);
	ssize_t len = read(pair[0], &result_of, sizeof result_of);
	close(pair[0]);
	waitpid(pid, &status, 0);
	if (len == (ssize_t)sizeof result_of)
		return result_of;
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS ? KILLED
								 : WRONG;
}

static unsigned int number;

static void tell(bool ok, const char *sentence, int got, int expected)
{
	printf("%sok %u - %s\n", ok ? "" : "not ", ++number, sentence);
	if (!ok)
		printf("# got %d (%s), expected %d (%s)\n", got,
		       got >= 0 ? strerror(got) : "killed", expected,
		       expected >= 0 ? strerror(expected) : "killed");
}

static void try_families(void)
{
	for (int family = 0; family < OTHER_FAMILIES; family++) {
		char sentence[60];
		bool ok = family == AF_UNIX;

		snprintf(sentence, sizeof sentence,
			 "socket family %d is refused", family);
		if (!ok) {
			errno = 0;
			ok = socket(family, SOCK_STREAM, 0) < 0 &&
			     errno == EPERM;
			tell(ok, sentence, errno, EPERM);
		}
	}
}

static void tell_all(void)
{
	for (size_t i = 0; i < ARRAY_LEN(attempts); i++) {
		int got = try(&attempts[i]);

		tell(got == attempts[i].expected, attempts[i].sentence, got,
		     attempts[i].expected);
	}
	try_families();
	printf("# end of attempts\n");
}

static void answer_all(void)
{
	for (size_t i = 0; i < ARRAY_LEN(attempts); i++)
		printf("answer %zu %d\n", i, try(&attempts[i]));
}

int main(int argc, char **argv)
{
	const char *task = argc > 1 ? argv[1] : "";

	if (argc == 3)
		host = argv[2];
	if (strcmp(task, "true") == 0)
		return 0;
	if (strcmp(task, "who") == 0)
		return geteuid() == getuid() && getegid() == getgid() ? 0 : 1;
	if (strcmp(task, "tell") == 0 && *host)
		tell_all();
	else if (strcmp(task, "answer") == 0 && *host)
		answer_all();
	else
		return 2;
	return 0;
}
