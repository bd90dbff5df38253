/*
 * secret - read what only the person at the terminal knows.
 *
 * Runs in sekisho-prepare.
 */
#include "policy/prepare/secret.h"

#include <string.h>
#include <termios.h>
#include <unistd.h>

static size_t read_line(char out[static SECRET_SIZE])
{
	size_t n = 0;
	char c;

	while (n < SECRET_SIZE - 1 && read(STDIN_FILENO, &c, 1) == 1 &&
	       c != '\n')
		out[n++] = c;
	out[n] = '\0';
	return n;
}

int secret_read(const char *prompt, char out[static SECRET_SIZE],
		struct fault *fault)
{
	struct termios before, quiet;
	bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;

	if (terminal) {
		quiet = before;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
		fputs(prompt, stderr);
	}
	size_t n = read_line(out);
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		putc('\n', stderr);
	}
	return n >= SECRET_LEAST
		       ? 0
		       : fault_say(fault, FAULT_KEY,
				   "a passphrase has 12 bytes or more");
}
