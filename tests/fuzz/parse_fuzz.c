/* links: policy/airlock/parse gateway/base */
/*
 * parse - whatever the file, the items are well-formed, every byte is passed
 * on, and how the file is cut into pieces makes no difference.
 *
 * The first byte chooses the name.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "policy/airlock/parse/parser.h"

enum { HEAD = 4096 };

static struct parser parser;
static struct parsed_in in[2];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int parse(const char *name, const uint8_t *data, size_t size,
		 size_t piece)
{
	int file = memfd_create("parsed", MFD_CLOEXEC);
	size_t done = size < HEAD ? size : HEAD;

	if (file < 0)
		abort();
	parser_init(&parser, file, name);
	parser_feed(&parser, data, done);
	while (done < size) {
		size_t n = size - done < piece ? size - done : piece;

		parser_feed(&parser, data + done, n);
		done += n;
	}
	if (parser_end(&parser) < 0 || lseek(file, 0, SEEK_SET) != 0)
		abort();
	return file;
}

/* The next item that is no BYTES; those are counted. */
static int next(struct parsed_in *from, struct parsed_item *item, size_t *bytes)
{
	struct err err;
	int got;

	while ((got = parsed_next(from, item, 0, &err)) == 1) {
		if (item->kind != PARSED_BYTES)
			return 1;
		*bytes += item->len;
	}
	if (got < 0)
		abort();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "a.csv", "a.tsv", "a.txt",
					     "a.json", "a" };
	size_t bytes[2] = { 0 };
	struct parsed_item one, two;

	if (size == 0)
		return 0;
	const char *name = names[data[0] % 5];
	for (size_t i = 0; i < 2; i++)
		in[i] = (struct parsed_in){
			.pipe = parse(name, data + 1, size - 1,
				      i ? 65536 : 1 + size % 7),
		};
	int got;
	do {
		got = next(&in[0], &one, &bytes[0]);
		if (next(&in[1], &two, &bytes[1]) != got)
			abort();
		if (got && (one.kind != two.kind || one.len != two.len ||
			    one.row != two.row || one.column != two.column ||
			    memcmp(one.bytes, two.bytes, one.len) != 0))
			abort();
	} while (got);
	if (bytes[0] != size - 1 || bytes[1] != size - 1)
		abort();
	close(in[0].pipe);
	close(in[1].pipe);
	return 0;
}
