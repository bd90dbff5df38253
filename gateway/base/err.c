#include "gateway/base/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/visible.h"

int err_set(struct err *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(err->text, sizeof err->text, format, args);
	va_end(args);
	return -1;
}

int err_sys(struct err *err, const char *format, ...)
{
	int saved = errno;
	va_list args;

	va_start(args, format);
	vsnprintf(err->text, sizeof err->text, format, args);
	va_end(args);
	size_t used = strlen(err->text);
	snprintf(err->text + used, sizeof err->text - used, ": %s",
		 strerrordesc_np(saved) ? strerrordesc_np(saved) : "error");
	errno = saved;
	return -1;
}

int err_within(struct err *err, const char *format, ...)
{
	struct err below = *err;
	va_list args;

	va_start(args, format);
	vsnprintf(err->text, sizeof err->text, format, args);
	va_end(args);
	size_t used = strlen(err->text);
	snprintf(err->text + used, sizeof err->text - used, ": %s", below.text);
	return -1;
}

/*
 * One write per line, so that lines of several processes do not mix; and no
 * stdio, which asks a device whether it is a terminal, as no filter allows.
 */
__attribute__((format(printf, 1, 0))) static void say(const char *format,
						      va_list args)
{
	char raw[700];
	char safe[1500], line[2048];

	vsnprintf(raw, sizeof raw, format, args);
	visible_text(safe, sizeof safe, raw, strlen(raw));
	int n = snprintf(line, sizeof line, "%s: %s\n",
			 program_invocation_short_name, safe);
	size_t len = n < 0 ? 0 : (size_t)n;
	if (len >= sizeof line)
		len = sizeof line - 1;
	if (write(STDERR_FILENO, line, len) < 0)
		return; /* there is nowhere else to say it */
}

_Noreturn void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	_exit(70);
}

void note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
}
