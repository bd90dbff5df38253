/*
 * pin - read one line that nobody else should see.
 *
 * Runs in sekisho-token.
 */
#include "policy/token/pin.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "gateway/base/own.h"

static char typed[PIN_SIZE];
static long typed_len = -1;

/* Bytes up to LF or the end, one by one: what follows is somebody else's. */
static long read_line(int fd, char out[static PIN_SIZE])
{
	long n = 0;
	char c;

	while (n < PIN_SIZE - 1 && read(fd, &c, 1) == 1 && c != '\n')
		out[n++] = c;
	out[n] = '\0';
	return n;
}

static long from_file(const char *path, char out[static PIN_SIZE],
		      struct err *err)
{
	struct stat st;
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(err, "the PIN's file %s", path);
	if (!S_ISREG(st.st_mode) || (st.st_mode & 077))
		return err_set(err, "others may read %s; chmod 600", path);
	return read_line(fd, out);
}

static long from_terminal(char out[static PIN_SIZE])
{
	static const char prompt[] = "PIN: ";
	struct termios before, quiet;

	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return read_line(STDIN_FILENO, out);
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	(void)!write(STDERR_FILENO, prompt, sizeof prompt - 1);
	long n = read_line(STDIN_FILENO, out);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	(void)!write(STDERR_FILENO, "\n", 1);
	return n;
}

long pin_read(const char *source, char out[static PIN_SIZE], struct err *err)
{
	if (!source) {
		if (typed_len < 0)
			typed_len = from_terminal(typed);
		memcpy(out, typed, sizeof typed);
		return typed_len;
	}
	if (strncmp(source, "file:", 5) == 0)
		source += 5;
	if (strncmp(source, "//", 2) == 0)
		source += 2;
	return from_file(source, out, err);
}

void pin_forget(void)
{
	explicit_bzero(typed, sizeof typed);
	typed_len = -1;
}
