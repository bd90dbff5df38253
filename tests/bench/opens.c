/* links: gateway/base; */
/*
 * opens FILE PROGRAM - what one open of FILE, and one start and end of
 * PROGRAM, take: the middle of 2,000, in microseconds; then what the slowest of
 * 99 in 100 opens took.
 *
 * Each is done by a child of its own, so that each is a record. Built by
 * whoever runs it: watch.sh compiles it in a session, too.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TIMES = 2000 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double middle(double *times)
{
	qsort(times, TIMES, sizeof *times, by_size);
	return times[TIMES / 2];
}

/* The child's own time, so that fork and exit do not count. */
static void time_open(const char *file, double *time)
{
	pid_t pid = fork();
	int status = 1;

	if (pid == 0) {
		double begun = now();
		int fd = open(file, O_RDONLY | O_CLOEXEC);

		*time = now() - begun;
		_exit(fd < 0);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0)
		exit(1);
}

static void time_start(char *program, double *time)
{
	char *const argv[] = { program, NULL };
	double begun = now();
	int status = 1;
	pid_t pid;

	if (posix_spawn(&pid, program, NULL, NULL, argv, NULL) != 0 ||
	    waitpid(pid, &status, 0) != pid || status != 0)
		exit(1);
	*time = now() - begun;
}

int main(int argc, char **argv)
{
	double *times =
		mmap(NULL, TIMES * sizeof *times, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (argc != 3 || times == MAP_FAILED)
		return 2;
	for (int i = 0; i < TIMES; i++)
		time_open(argv[1], &times[i]);
	double open = middle(times), slow = times[TIMES * 99 / 100];
	for (int i = 0; i < TIMES; i++)
		time_start(argv[2], &times[i]);
	printf("%.1f %.1f %.1f\n", open, middle(times), slow);
	return 0;
}
