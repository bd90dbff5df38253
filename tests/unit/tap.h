/*
 * tap - the test runner: each test a sentence, a child and ten seconds.
 *
 * A test program is TESTs and, as its last line, TAP_MAIN. It prints TAP for
 * prove. With arguments it runs only the tests of those names. A CHECK that
 * does not hold says so on standard error and ends its test.
 *
 *	TEST(empty, "an empty log has the hash of nothing") {
 *		CHECK_INT(chain.next, 0);
 *	}
 *	TAP_MAIN
 */
#ifndef TESTS_UNIT_TAP_H
#define TESTS_UNIT_TAP_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/err.h"

struct tap_test {
	const char *name, *sentence;
	void (*run)(void);
	struct tap_test *next;
};

#define TEST(test, words)                                                      \
	static void test_##test(void);                                         \
	__attribute__((constructor)) static void register_##test(void)         \
	{                                                                      \
		static struct tap_test entry = { #test, words, test_##test,    \
						 0 };                          \
		tap_add(&entry);                                               \
	}                                                                      \
	static void test_##test(void)

#define TAP_MAIN                                                               \
	int main(int argc, char **argv)                                        \
	{                                                                      \
		return tap_run(argc, argv);                                    \
	}

#define CHECK(condition) tap_check((condition), #condition, __FILE__, __LINE__)

/* Strings; NULL equals only NULL. */
#define CHECK_STR(got, want)                                                   \
	tap_check_str((got), (want), #got, __FILE__, __LINE__)

/* Integers of any kind, compared as 64 bits. */
#define CHECK_INT(got, want)                                                   \
	tap_check_int((int64_t)(got), (int64_t)(want), #got, __FILE__, __LINE__)

/* The sentence in a struct err, or where one points, contains the part. */
#define CHECK_ERR(error, part)                                                 \
	_Generic((error), struct err: tap_check_err_value,                   \
		 struct err *: tap_check_err,                              \
		 const struct err *: tap_check_err)((error), (part),         \
						    __FILE__, __LINE__)

/* End this test as skipped; a failure where TEST_NO_SKIP=1 is set. */
#define SKIP(why) tap_skip(why)

/*
 * An empty folder of this test alone, below $TMPDIR or /tmp, made at the
 * first call; it and all in it are removed after the test. Never NULL.
 */
const char *tap_folder(void);

/* What the macros call. */
void tap_add(struct tap_test *test);
int tap_run(int argc, char **argv);
void tap_check(bool holds, const char *what, const char *file, int line);
void tap_check_str(const char *got, const char *want, const char *what,
		   const char *file, int line);
void tap_check_int(int64_t got, int64_t want, const char *what,
		   const char *file, int line);
void tap_check_err(const struct err *err, const char *part, const char *file,
		   int line);
void tap_check_err_value(struct err err, const char *part, const char *file,
			 int line);
_Noreturn void tap_skip(const char *why);

#endif
