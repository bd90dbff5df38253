/* links: policy/prepare policy audit gateway/base; -lsqlite3 -lyaml -lutf8proc -lcrypto */
/*
 * prepare_postings - the index of records says of every value exactly the rows
 * that have it; spilled records come back sorted, each once.
 */
#include <endian.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/prepare/need.h"
#include "policy/prepare/posting_runs.h"
#include "policy/prepare/postings.h"
#include "tests/unit/tap.h"

enum { ROWS = 30000, COLUMNS = 3 };

static struct bundle bundle;
static struct fault fault;
static char values[ROWS][COLUMNS][16];

static uint32_t dice(uint64_t *state, uint32_t sides)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)((*state >> 33) % sides);
}

static void begin(void)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/bundle", tap_folder());
	CHECK(bundle_begin(&bundle, path, &fault) == 0);
}

/* A table as an extract: unique ids, few values, and many with nothing. */
static void make_extract(struct extract *extract, struct source *source)
{
	static struct result_column columns[COLUMNS];
	uint64_t state = 7;
	char *text;
	size_t len;
	FILE *out = need_stream(&text, &len);

	fputs("a,b,c\n", out);
	for (int i = 0; i < ROWS; i++) {
		snprintf(values[i][0], 16, "id%d", i * 7 % ROWS);
		snprintf(values[i][1], 16, "%u", dice(&state, 5));
		if (dice(&state, 3))
			snprintf(values[i][2], 16, "%u.%u", dice(&state, 900),
				 dice(&state, 10));
		else
			values[i][2][0] = '\0';
		fprintf(out, "%s,%s,%s\n", values[i][0], values[i][1],
			values[i][2]);
	}
	need_stream_end(out);
	*source = (struct source){ .name = "t" };
	*extract = (struct extract){ .source = source,
				     .ncolumns = COLUMNS,
				     .columns = columns,
				     .rows.out = ROWS };
	snprintf(extract->path, sizeof extract->path, "data/t.csv");
	extract->fd = bundle_create(&bundle, extract->path, &fault);
	CHECK(disk_write(extract->fd, text, len, "t", &fault) == 0);
	free(text);
}

/* Do the rows that are found have the value, and is their number right? */
static void check_value(const struct postings *postings, uint32_t column,
			const char *value)
{
	static uint32_t rows[ROWS];
	int64_t want = 0;
	int64_t n = postings_find(postings, column, value, strlen(value), rows,
				  ROWS, &fault);

	for (int i = 0; i < ROWS; i++)
		want += postings_hash(values[i][column],
				      strlen(values[i][column])) ==
			postings_hash(value, strlen(value));
	CHECK_INT(n, want);
	for (int64_t i = 0; i < n; i++) {
		CHECK(i == 0 || rows[i] > rows[i - 1]);
		CHECK(strtod(values[rows[i]][column] + (column == 0) * 2,
			     NULL) == strtod(value + (column == 0) * 2, NULL));
	}
}

TEST(postings, "every value of a table leads to its rows and no others")
{
	static struct extract extract;
	static struct source source;
	struct postings postings;
	uint64_t state = 11;

	begin();
	make_extract(&extract, &source);
	int fd = bundle_create(&bundle, "index/t.postings", &fault);
	CHECK_INT(postings_make(&extract, &bundle, fd, &fault), 0);
	CHECK_INT(postings_open(&postings, fd, &fault), 0);
	CHECK_INT(postings.columns, COLUMNS);
	CHECK_INT(postings.rows, ROWS);
	for (int i = 0; i < 300; i++) {
		uint32_t row = dice(&state, ROWS);

		for (uint32_t c = 0; c < COLUMNS; c++)
			if (values[row][c][0])
				check_value(&postings, c, values[row][c]);
	}
	check_value(&postings, 1, "9");
	check_value(&postings, 2, "12345.6");
	CHECK_INT(postings_find(&postings, 2, "", 0, NULL, 0, &fault), 0);
	CHECK_INT(postings_find(&postings, COLUMNS, "1", 1, NULL, 0, &fault),
		  -1);
	bundle_clear(&bundle);
}

TEST(numbers, "numbers that are written differently are one value")
{
	static const char *const same[] = { "7", "7.0", "07", "+7", "7.00" };

	for (size_t i = 0; i < 5; i++)
		CHECK(postings_hash(same[i], strlen(same[i])) ==
		      postings_hash("7", 1));
	CHECK(postings_hash("-0.0", 4) == postings_hash("0", 1));
	CHECK(postings_hash("-0.50", 5) == postings_hash("-0.5", 4));
	CHECK(postings_hash("70", 2) != postings_hash("7", 1));
	CHECK(postings_hash("7.", 2) != postings_hash("7", 1));
	CHECK(postings_hash("7a", 2) != postings_hash("7", 1));
}

TEST(damaged, "a file that is no index is not read as one")
{
	struct postings postings;

	begin();
	int fd = bundle_create(&bundle, "index/x", &fault);
	CHECK_INT(postings_open(&postings, fd, &fault), -1);
	char bytes[64];
	memset(bytes, 0xff, sizeof bytes);
	memcpy(bytes + 56, "SKPOST01", 8);
	CHECK(disk_write(fd, bytes, sizeof bytes, "x", &fault) == 0);
	CHECK_INT(postings_open(&postings, fd, &fault), -1);
	bundle_clear(&bundle);
}

/* More than fits into memory, in runs that are merged more than once. */
TEST(spill, "records that were spilled come back in order, each once")
{
	enum { MANY = 300000, RUNS = 40 };
	uint64_t state = 3, before[3] = { 0 }, record[3], n = 0;
	struct spill spill;

	begin();
	spill_init(&spill, &bundle, sizeof record);
	spill.room = MANY / RUNS;
	for (uint32_t i = 0; i < MANY; i++) {
		record[0] = htobe64(dice(&state, 50));
		record[1] = htobe64(dice(&state, 60));
		record[2] = htobe64(i % 100);
		CHECK_INT(spill_add(&spill, record, &fault), 0);
	}
	CHECK_INT(spill_begin(&spill, &fault), 0);
	while (spill_next(&spill, record, &fault) > 0) {
		CHECK(n == 0 || memcmp(before, record, sizeof record) < 0);
		memcpy(before, record, sizeof before);
		n++;
	}
	CHECK(n > 150000 && n <= 300000);
	spill_clear(&spill);
	bundle_clear(&bundle);
}

/* A column that is handed over must have the rows of these hashes. */
enum { MANY_ROWS = 20000, NOTHING = 77 };
static uint64_t hashes[COLUMNS][MANY_ROWS];

struct handed {
	uint32_t column, left; /* rows that are still to come of this hash */
	uint64_t hash, rows, values;
	uint32_t last;
};

static int handed_value(void *whose, uint64_t hash, uint64_t rows,
			struct fault *unused)
{
	struct handed *handed = whose;

	(void)unused;
	CHECK(handed->left == 0);
	CHECK(handed->values == 0 || hash > handed->hash);
	handed->hash = hash;
	handed->left = (uint32_t)rows;
	handed->last = 0;
	handed->values++;
	return 0;
}

static int handed_rows(void *whose, const void *rows, uint32_t n,
		       struct fault *unused)
{
	struct handed *handed = whose;

	(void)unused;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t row;

		memcpy(&row, (const uint8_t *)rows + 4 * i, 4);
		CHECK(row < MANY_ROWS && row + 1 > handed->last);
		CHECK(hashes[handed->column][row] == handed->hash);
		handed->last = row + 1;
		handed->rows++;
		handed->left--;
	}
	return 0;
}

TEST(runs, "rows that were grouped in many runs come back whole and in order")
{
	struct posting_runs runs;
	uint64_t state = 5, some = 0;

	begin();
	posting_runs_init(&runs, &bundle, COLUMNS, NOTHING);
	runs.room = MANY_ROWS / 300; /* runs that are merged twice */
	for (uint32_t row = 0; row < MANY_ROWS; row++) {
		uint64_t *to = posting_runs_row(&runs, &fault);

		hashes[0][row] = row * UINT64_C(0x9e3779b97f4a7c15);
		hashes[1][row] = dice(&state, 3) << 9;
		hashes[2][row] =
			dice(&state, 2) ? dice(&state, 900) << 7 : NOTHING;
		some += hashes[2][row] != NOTHING;
		for (uint32_t i = 0; i < COLUMNS; i++)
			to[i * runs.room] = hashes[i][row];
	}
	CHECK_INT(posting_runs_end(&runs, &fault), 0);
	for (uint32_t i = 0; i < COLUMNS; i++) {
		struct handed handed = { .column = i };
		const struct posting_sink sink = { &handed, handed_value,
						   handed_rows };

		CHECK_INT(posting_runs_column(&runs, i, &sink, &fault), 0);
		CHECK_INT(handed.left, 0);
		CHECK_INT(handed.rows, i == 2 ? some : MANY_ROWS);
	}
	posting_runs_clear(&runs);
	bundle_clear(&bundle);
}

TAP_MAIN
