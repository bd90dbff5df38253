/* links: gateway/base */
/*
 * result_wire - results over a wire, and bytes that are no result.
 */
#include <string.h>

#include "gateway/base/result.h"
#include "tests/unit/tap.h"

static struct result result, other;
static struct msg m;

static void rewind_to(struct msg *at, size_t len)
{
	static struct msg copy;

	msg_from_bytes(&copy, at->data, len);
	*at = copy;
}

static void fill(void)
{
	result_begin(&result, RESULT_LIST, TEXT_DESK_LOG);
	result_column(&result, "permit", RESULT_ID);
	result_column(&result, "title", RESULT_TEXT);
	result_row(&result);
	result_text(&result, "P-1");
	result_text(&result, "題\033名");
	result_row(&result);
	result_text(&result, "P-2");
	result_note(&result, TEXT_DESK_LOG_BAD, "7", NULL, NULL);
	msg_start(&m, MSG_ANSWER, 0);
	result_put(&m, &result);
}

TEST(round, "a result arrives as it was sent, made visible")
{
	fill();
	rewind_to(&m, m.len);
	CHECK_INT(result_get(&m, &other), 0);
	CHECK_INT(other.nrows, 2);
	CHECK_STR(result_cell(&other, 0, 1), "題\\x1b名");
	CHECK_STR(result_cell(&other, 1, 1), "");
	CHECK_STR(result_cell(&other, 2, 0), "");
	CHECK_STR(result_code(&other.notes[0]), "DESK_LOG_BAD");
}

TEST(cut, "a result cut at any byte is refused")
{
	fill();
	size_t whole = m.len;
	static struct msg kept;

	kept = m;
	for (size_t len = MSG_HEADER; len < whole; len++) {
		m = kept;
		rewind_to(&m, len);
		CHECK_INT(result_get(&m, &other), -1);
		CHECK_INT(other.nrows, 0);
	}
}

TEST(flip, "a result with any byte changed is refused or stays in bounds")
{
	fill();
	size_t whole = m.len;
	static struct msg kept;

	kept = m;
	for (size_t at = MSG_HEADER; at < whole; at++) {
		m = kept;
		m.data[at] ^= 0xff;
		rewind_to(&m, whole);
		if (result_get(&m, &other) == 0)
			CHECK(other.ncells <= RESULT_CELLS);
	}
}

TEST(full, "rows that do not fit are counted and whole rows arrive")
{
	char cell[RESULT_CELL_SIZE];

	memset(cell, 'x', sizeof cell - 1);
	cell[sizeof cell - 1] = '\0';
	result_begin(&result, RESULT_LIST, TEXT_DESK_LOG);
	result_column(&result, "title", RESULT_TEXT);
	result_column(&result, "detail", RESULT_TEXT);
	for (int i = 0; i < 100; i++) {
		result_row(&result);
		result_text(&result, cell);
		result_text(&result, cell);
	}
	CHECK(result.nrows > 20 && result.nrows < 30);
	CHECK_INT(result.nrows + result.cut, 100);
	msg_start(&m, MSG_ANSWER, 0);
	result_put(&m, &result);
	CHECK(!m.bad);
	rewind_to(&m, m.len);
	CHECK_INT(result_get(&m, &other), 0);
	CHECK_STR(result_cell(&other, other.nrows - 1, 1),
		  result_cell(&result, result.nrows - 1, 1));
}

TEST(error, "an error throws the rows away and carries its status")
{
	fill();
	result_error(&result, RESULT_DENIED, TEXT_VERBATIM, "no", NULL, NULL);
	msg_start(&m, MSG_ANSWER, 0);
	result_put(&m, &result);
	rewind_to(&m, m.len);
	CHECK_INT(result_get(&m, &other), 0);
	CHECK_INT(other.exit, RESULT_DENIED);
	CHECK_INT(other.nrows, 0);
	CHECK(other.has_error);
}

TAP_MAIN
