/*
 * checking - files through parser and review in one process, for tests.
 */
#ifndef TESTS_UNIT_CHECKING_H
#define TESTS_UNIT_CHECKING_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "policy/airlock/compare/review.h"
#include "policy/airlock/parse/parser.h"
#include "tests/unit/tap.h"

enum { CHECKING_PIDS = 1024 };

struct checking {
	struct review review;
	struct parser parser;
	struct parsed_in in;
	uint8_t index[CHECKING_PIDS * PSEUDONYM_BYTES];
	size_t pids;
};

static inline int checking_order(const void *a, const void *b)
{
	return memcmp(a, b, PSEUDONYM_BYTES);
}

/* The 16 bytes of a pseudonym's 26 characters. */
static inline void checking_value(uint8_t *value, const char *pid)
{
	unsigned int bits = 0, have = 0;

	for (size_t i = 0; i < PSEUDONYM_CHARS; i++) {
		bits = bits << 5 | pseudonym_digit((uint8_t)pid[i]);
		have += 5;
		if (have >= 8) {
			have -= 8;
			*value++ = (uint8_t)(bits >> have);
		}
	}
}

/* The pseudonyms of tests/cases/fixture.csv, sorted and unique. */
static inline void checking_fixture(struct checking *c)
{
	FILE *file = fopen("tests/cases/fixture.csv", "re");
	char line[512];
	size_t n = 0;

	CHECK(file != NULL);
	CHECK(fgets(line, sizeof line, file) != NULL);
	while (n < CHECKING_PIDS && fgets(line, sizeof line, file))
		checking_value(c->index + n++ * PSEUDONYM_BYTES, line);
	fclose(file);
	qsort(c->index, n, PSEUDONYM_BYTES, checking_order);
	c->pids = 0;
	for (size_t i = 0; i < n; i++) {
		uint8_t *at = c->index + i * PSEUDONYM_BYTES;

		if (i == 0 || checking_order(at - PSEUDONYM_BYTES, at) != 0)
			memmove(c->index + c->pids++ * PSEUDONYM_BYTES, at,
				PSEUDONYM_BYTES);
	}
}

static inline void checking_init(struct checking *c)
{
	struct err err;

	review_clear(&c->review);
	review_init(&c->review);
	if (c->pids == 0)
		checking_fixture(c);
	CHECK(pseudonyms_add(&c->review.pseudonyms, c->index,
			     c->pids * PSEUDONYM_BYTES, &err) == 0);
}

/* The next file of the check, or one of release number earlier. */
static inline void checking_any(struct checking *c, const char *name,
				const void *bytes, size_t len, uint32_t earlier)
{
	static uint32_t number;
	uint8_t sha256[REVIEW_HASH] = { 0 };
	int file = memfd_create("parsed", MFD_CLOEXEC);
	struct parsed_item item;
	struct err err;
	int got;

	CHECK(file >= 0);
	number++;
	/* equal for equal bytes is all that is asked of it */
	for (size_t i = 0; i < len; i++) {
		uint8_t *at = &sha256[i % REVIEW_HASH];

		*at = (uint8_t)(*at * 31u + ((const uint8_t *)bytes)[i] + i);
	}
	parser_init(&c->parser, file, name);
	parser_feed(&c->parser, bytes, len);
	CHECK_INT(parser_end(&c->parser), 0);
	CHECK(lseek(file, 0, SEEK_SET) == 0);
	c->in = (struct parsed_in){ .pipe = file };
	const struct review_file f = {
		.number = earlier ? earlier : number,
		.earlier = earlier > 0,
		.name = name,
		.size = len,
		.sha256 = sha256,
	};
	review_begin(&c->review, &f);
	while ((got = parsed_next(&c->in, &item, 1000, &err)) == 1)
		CHECK_INT(review_item(&c->review, &item, &err), 0);
	CHECK_INT(got, 0);
	review_end(&c->review);
	close(file);
}

static inline void checking_file(struct checking *c, const char *name,
				 const void *bytes, size_t len)
{
	checking_any(c, name, bytes, len, 0);
}

/* Is there a finding of this code; of this severity, unless it is -1? */
static inline bool checking_found(const struct checking *c, const char *code,
				  int severity)
{
	const struct findings *f = &c->review.findings;

	for (size_t i = 0; i < f->n; i++)
		if (strcmp(finding_at((size_t)f->list[i].code)->code, code) ==
			    0 &&
		    (severity < 0 || (int)f->list[i].severity == severity))
			return true;
	return false;
}

/* One line for each finding: "code severity row:column first second". */
static inline const char *checking_list(const struct checking *c)
{
	static char text[16384];
	static const char *const words[] = { "block", "flag", "info" };
	const struct findings *f = &c->review.findings;
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < f->n && used < sizeof text - 128; i++)
		used += (size_t)snprintf(
			text + used, sizeof text - used,
			"%s %s %u:%u %llu %llu\n",
			finding_at((size_t)f->list[i].code)->code,
			words[f->list[i].severity], f->list[i].row,
			f->list[i].column, (unsigned long long)f->list[i].first,
			(unsigned long long)f->list[i].second);
	return text;
}

#endif
