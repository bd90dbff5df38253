/*
 * parsing - what the parser makes of a file, as one line of text.
 *
 * "csv ROW1 a|b| ROW2 … F08_CONTROL@2:5 END2": items in order, BYTES left out.
 */
#ifndef TESTS_UNIT_PARSING_H
#define TESTS_UNIT_PARSING_H

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "policy/airlock/parse/parser.h"
#include "tests/unit/tap.h"

struct parsing {
	struct parser parser;
	struct parsed_in in;
	char said[65536];
	size_t bytes; /* of PARSED_BYTES in all */
};

static inline void parsing_say(struct parsing *p, const struct parsed_item *i)
{
	size_t used = strlen(p->said);
	char *at = p->said + used;
	size_t size = sizeof p->said - used;
	int len = (int)i->len;
	const char *text = (const char *)i->bytes;

	if (i->kind == PARSED_BYTES)
		p->bytes += i->len;
	else if (i->kind == PARSED_TYPE)
		snprintf(at, size, "%.*s", len, text);
	else if (i->kind == PARSED_LINE)
		snprintf(at, size, " LINE %.*s", len, text);
	else if (i->kind == PARSED_ROW)
		snprintf(at, size, " ROW%u ", i->row);
	else if (i->kind == PARSED_CELL)
		snprintf(at, size, "%.*s|", len, text);
	else if (i->kind == PARSED_FAULT)
		snprintf(at, size, " %.*s@%u:%u", len, text, i->row, i->column);
	else
		snprintf(at, size, " END%llu", (unsigned long long)i->total);
}

/* Parse bytes that come in pieces of so many; the first is all up to 4096. */
static inline const char *parsing_of(struct parsing *p, const char *name,
				     const void *bytes, size_t len,
				     size_t piece)
{
	const uint8_t *at = bytes;
	int file = memfd_create("parsed", MFD_CLOEXEC);
	struct parsed_item item;
	struct err err;
	int got;

	CHECK(file >= 0);
	parser_init(&p->parser, file, name);
	size_t first = len < 4096 ? len : 4096;
	parser_feed(&p->parser, at, first);
	for (size_t done = first; done < len; done += piece)
		parser_feed(&p->parser, at + done,
			    len - done < piece ? len - done : piece);
	CHECK_INT(parser_end(&p->parser), 0);
	CHECK(lseek(file, 0, SEEK_SET) == 0);
	p->in = (struct parsed_in){ .pipe = file };
	p->said[0] = '\0';
	p->bytes = 0;
	while ((got = parsed_next(&p->in, &item, 1000, &err)) == 1)
		parsing_say(p, &item);
	CHECK_INT(got, 0);
	close(file);
	return p->said;
}

#endif
