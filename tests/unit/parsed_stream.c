/* links: gateway/base */
/*
 * What a parse of a hostile file may say, and what is not believed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/base/parsed.h"
#include "tests/unit/tap.h"

static struct parsed_out out;
static struct parsed_in in;
static struct parsed_item item;
static struct err err;

static void open_pipe(void)
{
	int ends[2];

	CHECK(pipe(ends) == 0);
	out.pipe = ends[1];
	in.pipe = ends[0];
}

static void feed(const char *bytes, size_t len)
{
	open_pipe();
	CHECK(write(out.pipe, bytes, len) == (ssize_t)len);
	close(out.pipe);
}

static void refuse(const char *bytes, size_t len, const char *why)
{
	feed(bytes, len);
	CHECK_INT(parsed_next(&in, &item, 1000, &err), -1);
	CHECK_ERR(err, why);
}

TEST(nothing, "a stream that ends without END is a parse that failed")
{
	refuse("", 0, "broke off");
}

TEST(half, "an item that breaks off is refused")
{
	refuse("\x05\x04\0\0\0ab", 7, "broke off");
}

TEST(zero, "an item of no kind is refused")
{
	refuse("\0\0\0\0\0", 5, "malformed");
}

TEST(unknown, "an item of an unknown kind is refused")
{
	refuse("\x08\0\0\0\0", 5, "malformed");
}

TEST(long, "an item longer than the limit is refused before it is read")
{
	refuse("\x02\x01\0\x01\0", 5, "malformed");
}

TEST(row_length, "a row whose number has another length is refused")
{
	refuse("\x04\x03\0\0\0abc", 8, "malformed");
}

TEST(fault_words, "a fault's code is capitals, digits and underscores")
{
	refuse("\x06\x0b\0\0\0\0\0\0\0\0\0\0\0F\x1b[", 16, "malformed");
}

TEST(fault_empty, "a fault without a code is refused")
{
	refuse("\x06\x08\0\0\0\0\0\0\0\0\0\0\0", 13, "malformed");
}

TEST(after, "what comes after END is refused")
{
	feed("\x07\x08\0\0\0\x01\0\0\0\0\0\0\0\x05\0\0\0\0", 18);
	CHECK_INT(parsed_next(&in, &item, 1000, &err), 1);
	CHECK_INT(item.kind, PARSED_END);
	CHECK_INT(item.total, 1);
	CHECK_INT(parsed_next(&in, &item, 1000, &err), -1);
	CHECK_ERR(err, "goes on after");
}

TEST(silent, "a writer that says nothing is not waited for any longer")
{
	open_pipe();
	CHECK_INT(parsed_next(&in, &item, 20, &err), -1);
	CHECK_ERR(err, "silent");
}

TEST(all, "each kind of item arrives as it was put")
{
	open_pipe();
	parsed_put(&out, PARSED_TYPE, "csv", 3);
	parsed_put_row(&out, 7);
	parsed_put(&out, PARSED_CELL, "", 0);
	parsed_put_fault(&out, "F08_CONTROL", 3, 9);
	CHECK_INT(parsed_put_end(&out, 1ull << 40), 0);
	close(out.pipe);
	CHECK_INT(parsed_next(&in, &item, 1000, &err), 1);
	CHECK_INT(item.kind, PARSED_TYPE);
	CHECK(item.len == 3 && memcmp(item.bytes, "csv", 3) == 0);
	CHECK_INT(parsed_next(&in, &item, 1000, &err), 1);
	CHECK_INT(item.kind, PARSED_ROW);
	CHECK_INT(item.row, 7);
	CHECK_INT(parsed_next(&in, &item, 1000, &err), 1);
	CHECK_INT(item.kind, PARSED_CELL);
	CHECK_INT(item.len, 0);
	CHECK_INT(parsed_next(&in, &item, 1000, &err), 1);
	CHECK_INT(item.kind, PARSED_FAULT);
	CHECK_INT(item.row, 3);
	CHECK_INT(item.column, 9);
	CHECK(item.len == 11 && memcmp(item.bytes, "F08_CONTROL", 11) == 0);
	CHECK_INT(parsed_next(&in, &item, 1000, &err), 1);
	CHECK_INT(item.kind, PARSED_END);
	CHECK(item.total == 1ull << 40);
	CHECK_INT(parsed_next(&in, &item, 1000, &err), 0);
}

TEST(many, "megabytes of items pass through a small buffer unharmed")
{
	AUTO_FREE uint8_t *big = malloc(PARSED_MAX + 10);

	CHECK(big != NULL);
	memset(big, 'x', PARSED_MAX + 10);
	open_pipe();
	if (fork() == 0) {
		for (size_t i = 0; i < 100; i++)
			parsed_put(&out, PARSED_BYTES, big,
				   i * 997 % PARSED_MAX);
		parsed_put(&out, PARSED_LINE, big, PARSED_MAX + 10);
		_exit(parsed_put_end(&out, 5) < 0);
	}
	close(out.pipe);
	for (size_t i = 0; i < 100; i++) {
		CHECK_INT(parsed_next(&in, &item, 5000, &err), 1);
		CHECK_INT(item.len, i * 997 % PARSED_MAX);
		CHECK(item.len == 0 || (item.bytes[0] == 'x' &&
					item.bytes[item.len - 1] == 'x'));
	}
	CHECK_INT(parsed_next(&in, &item, 5000, &err), 1);
	CHECK_INT(item.len, PARSED_MAX);
	CHECK_INT(parsed_next(&in, &item, 5000, &err), 1);
	CHECK_INT(parsed_next(&in, &item, 5000, &err), 0);
}

TAP_MAIN
