/* links: gateway/base; -lpthread */
/*
 * bombs - run inside a sandbox: take all there is of one thing.
 *
 *	bombs NAME	takes until it is refused, holds it for a second, prints
 *			"bomb NAME TAKEN ERRNO"
 *	bombs beat	a neighbour: starts a process again and again for a
 *			second, prints "beat COUNT P99" (in microseconds)
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/own.h"

enum { BEATS = 100000, MEGABYTE = 1 << 20 };

/* Each takes one more: 0, or -1 with errno. */
static int take_process(int n)
{
	pid_t pid = fork();

	(void)n;
	if (pid != 0)
		return pid < 0 ? -1 : 0;
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	for (;;)
		;
}

static void *spin(void *nothing)
{
	for (;;)
		__asm__ volatile("");
	return nothing;
}

static int take_thread(int n)
{
	pthread_t thread;

	(void)n;
	errno = pthread_create(&thread, NULL, spin, NULL);
	return errno ? -1 : 0;
}

static int take_memory(int n)
{
	void *at = mmap(NULL, MEGABYTE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)n;
	if (at == MAP_FAILED)
		return -1;
	memset(at, 1, MEGABYTE);
	return 0;
}

static int take_file(const char *folder, int n, size_t size)
{
	static char bytes[MEGABYTE];
	char path[64];

	snprintf(path, sizeof path, "%s/bomb%d", folder, n);

	AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return -1;
	memset(bytes, 1, sizeof bytes);
	for (size_t done = 0; done < size;) {
		ssize_t len = write(fd, bytes, size - done);

		if (len <= 0)
			return -1;
		done += (size_t)len;
	}
	return 0;
}

static int take_tmpfs(int n)
{
	return take_file("/tmp", n, MEGABYTE);
}

static int take_disk(int n)
{
	return take_file("/workspace", n, MEGABYTE);
}

static int take_inode(int n)
{
	return take_file("/workspace", n, 0);
}

static int take_pipe(int n)
{
	static const char page[4096];
	int pair[2];

	(void)n;
	if (pipe2(pair, O_CLOEXEC | O_NONBLOCK) < 0)
		return -1;
	while (write(pair[1], page, sizeof page) > 0)
		;
	return 0;
}

static int take_terminal(int n)
{
	(void)n;
	return open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC) < 0 ? -1 : 0;
}

/* most: enough to show that nothing stopped it, and no more. */
static const struct bomb {
	const char *name;
	int (*take)(int n);
	int most;
} bombs[] = {
	{ "fork", take_process, 200 },	{ "thread", take_thread, 200 },
	{ "memory", take_memory, 512 }, { "tmpfs", take_tmpfs, 128 },
	{ "disk", take_disk, 128 },	{ "inodes", take_inode, 10000 },
	{ "pipes", take_pipe, 4000 },	{ "terminal", take_terminal, 200 },
};

static int explode(const struct bomb *bomb)
{
	int n = 0;

	while (n < bomb->most && bomb->take(n) == 0) {
		n++;
		/* Nobody may be left to say how much it was. */
		if (bomb->take == take_memory) {
			printf("bomb %s %d 0\n", bomb->name, n);
			fflush(stdout);
		}
	}
	printf("bomb %s %d %d\n", bomb->name, n, n < bomb->most ? errno : 0);
	fflush(stdout);
	sleep(1);
	return 0;
}

/* --- The neighbour ------------------------------------------------------------- */

static long microseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int by_size(const void *a, const void *b)
{
	const long *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int beat(void)
{
	static long took[BEATS];
	long end = microseconds() + 1000000;
	size_t n = 0;

	for (long now; n < BEATS && (now = microseconds()) < end; n++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			return 1;
		took[n] = microseconds() - now;
		usleep(1000);
	}
	qsort(took, n, sizeof *took, by_size);
	printf("beat %zu %ld\n", n, n ? took[n * 99 / 100] : 0);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "beat") == 0)
		return beat();
	for (size_t i = 0; argc == 2 && i < ARRAY_LEN(bombs); i++)
		if (strcmp(argv[1], bombs[i].name) == 0)
			return explode(&bombs[i]);
	return 2;
}
