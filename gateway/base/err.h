/*
 * err - one sentence that says what is wrong, where, and what to do.
 *
 * Errors travel up as values; only a main function prints them.
 */
#ifndef GATEWAY_BASE_ERR_H
#define GATEWAY_BASE_ERR_H

#include <stdarg.h>

struct err {
	char text[512];
};

/* Write the sentence. Always -1, so that `return err_set(...)` reads well. */
int err_set(struct err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same, followed by ": " and the meaning of errno. Always -1. */
int err_sys(struct err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Put "prefix: " in front of a sentence that came from below. Always -1. */
int err_within(struct err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Stop the process: for bugs and half-dropped privilege only, never for what
 * a peer sent. Writes "program: sentence" to standard error, exits 70.
 */
_Noreturn void die(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/* One line on standard error, "program: sentence"; untrusted bytes escaped. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
