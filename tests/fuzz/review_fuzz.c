/* links: policy/airlock/parse policy/airlock/compare policy/airlock/findings gateway/base; -lz */
/*
 * review - whatever file a person writes, and whatever a parse that was taken
 * over says, the checks end and every finding is one of the table.
 *
 * The first byte: even, the rest is a file for the parser; odd, it is what
 * stands in the pipe.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "policy/airlock/compare/review.h"
#include "policy/airlock/parse/parser.h"

static struct review review;
static struct parser parser;
static struct parsed_in in;
static uint8_t index_of_one[PSEUDONYM_BYTES];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a parse says, in a file to read from. */
static int say(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "a.csv", "a.tsv", "a.txt",
					     "a.json" };
	int file = memfd_create("parsed", MFD_CLOEXEC);

	if (file < 0)
		abort();
	if (data[0] % 2 == 0) {
		parser_init(&parser, file, names[data[0] / 2 % 4]);
		parser_feed(&parser, data + 1, size - 1);
		parser_end(&parser);
	} else if (write(file, data + 1, size - 1) != (ssize_t)size - 1) {
		abort();
	}
	lseek(file, 0, SEEK_SET);
	return file;
}

static void check_findings(void)
{
	const struct findings *f = &review.findings;

	if (f->n > FINDINGS_MOST)
		abort();
	for (size_t i = 0; i < f->n; i++)
		if (!finding_at((size_t)f->list[i].code) ||
		    f->list[i].severity >= SEVERITIES ||
		    (f->list[i].severity == SEVERITY_BLOCK &&
		     f->verdict != CHECKED_BLOCK))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t sha256[REVIEW_HASH];
	struct parsed_item item;
	struct err err;
	int got;

	if (size == 0 || size > 100000)
		return 0;
	review_clear(&review);
	review.pseudonyms.n = 0;
	review.nfiles = 0;
	review.profile = profile_default();
	findings_init(&review.findings);
	if (pseudonyms_add(&review.pseudonyms, index_of_one,
			   sizeof index_of_one, &err) < 0)
		abort();
	for (uint32_t number = 0; number < 2; number++) {
		const struct review_file file = { .number = number,
						  .size = size - 1,
						  .sha256 = sha256,
						  .name = "a.csv" };

		review_begin(&review, &file);
		in = (struct parsed_in){ .pipe = say(data, size) };
		while ((got = parsed_next(&in, &item, 0, &err)) == 1)
			if (review_item(&review, &item, &err) < 0)
				break;
		if (got != 0)
			review_failed(&review);
		else
			review_end(&review);
		close(in.pipe);
	}
	check_findings();
	return 0;
}
