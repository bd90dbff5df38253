/*
 * postings - write them from sorted runs, read them by halving.
 *
 * Written in sekisho-prepare, in a thread of its own beside the database; read
 * wherever an output is compared with records.
 */
#include "policy/prepare/postings.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "policy/prepare/need.h"
#include "policy/prepare/posting_runs.h"
#include "policy/prepare/transform.h"

static const char magic[8] = "SKPOST01";
static const char what[] = "index of records";

enum { ENTRY = 16, SECTION = 32, TAIL = 24, OUT = 64 * 1024 };

/* --- Values ------------------------------------------------------------------ */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The plain form of a number in out; its length, or 0: it is no number, or is
 * longer than any that two tables write differently. */
static size_t plain_number(const char *at, size_t len,
			   char out[static POSTINGS_VALUE])
{
	size_t i = 0, used = 0, point = 0;

	if (len == 0 || len >= POSTINGS_VALUE)
		return 0;
	if (at[0] == '-' || at[0] == '+')
		i++;
	if (at[0] == '-')
		out[used++] = '-';
	if (i == len || !is_digit(at[i]))
		return 0;
	while (i + 1 < len && at[i] == '0' && is_digit(at[i + 1]))
		i++;
	for (; i < len; i++) {
		if (at[i] == '.' && !point && i + 1 < len)
			point = used + 1;
		else if (!is_digit(at[i]))
			return 0;
		out[used++] = at[i];
	}
	while (point && used > point && out[used - 1] == '0')
		used--;
	used -= point && used == point;
	if (used == 2 && out[0] == '-' && out[1] == '0') {
		out[0] = '0';
		return 1;
	}
	return used;
}

static uint64_t hash_bytes(const char *at, size_t len)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (uint8_t)at[i]) * UINT64_C(1099511628211);
	hash = (hash ^ hash >> 33) * UINT64_C(0xff51afd7ed558ccd);
	hash = (hash ^ hash >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return hash ^ hash >> 33;
}

uint64_t postings_hash(const char *value, size_t len)
{
	char plain[POSTINGS_VALUE];
	size_t n = plain_number(value, len, plain);

	return n ? hash_bytes(plain, n) : hash_bytes(value, len);
}

/* --- Writing ------------------------------------------------------------------- */

/* A file that is written through a small buffer. */
struct writing {
	int fd;
	size_t used;
	uint64_t written;
	uint8_t buffer[OUT];
};

static int flush(struct writing *w, struct fault *fault)
{
	size_t used = w->used;

	w->used = 0;
	return disk_write(w->fd, w->buffer, used, what, fault);
}

static int put(struct writing *w, const void *bytes, size_t len,
	       struct fault *fault)
{
	if (w->used + len > OUT && flush(w, fault) < 0)
		return -1;
	memcpy(w->buffer + w->used, bytes, len);
	w->used += len;
	w->written += len;
	return 0;
}

static int put_u64(struct writing *w, uint64_t value, struct fault *fault)
{
	uint64_t little = htole64(value);

	return put(w, &little, sizeof little, fault);
}

/* The hashes of a record go to [i * room]. */
static void hash_record(const struct extract *extract,
			const struct csv_field *fields, uint64_t nothing,
			uint64_t *hashes, size_t room)
{
	for (uint32_t i = 0; i < extract->ncolumns; i++) {
		const struct csv_field *field = &fields[i];
		bool none = field->len == 0 ||
			    is_null(extract->source, field->at, field->len);

		hashes[i * room] =
			none ? nothing : postings_hash(field->at, field->len);
	}
}

static int add_record(struct posting_runs *runs, const struct extract *extract,
		      const struct csv_field *fields, struct fault *fault)
{
	uint64_t *hashes = posting_runs_row(runs, fault);

	if (hashes)
		hash_record(extract, fields, runs->nothing, hashes, runs->room);
	return hashes ? 0 : -1;
}

static int add_all(struct posting_runs *runs, const struct extract *extract,
		   struct fault *fault)
{
	AUTO_FREE char *bytes = need(CSV_BLOCK + CSV_SLACK, 1);
	AUTO_FREE struct csv_field *fields =
		need(extract->ncolumns, sizeof *fields);
	struct block block = { .bytes = bytes };
	struct csv csv = { .separator = ',' };
	struct input input;
	uint64_t rows = 0;
	long n = 0;

	int more = input_again(&input, extract->fd, extract->path, fault);
	while (more == 0 && (more = input_block(&input, &block, fault)) > 0) {
		csv_begin(&csv, block.bytes, block.len, 1);
		while ((n = csv_record(&csv, fields, extract->ncolumns,
				       fault)) > 0)
			if (rows++ > 0 &&
			    add_record(runs, extract, fields, fault) < 0)
				break;
		more = n == 0 ? disk_go_on(fault) : -1;
	}
	input_close(&input);
	return more;
}

/* What is known of the columns while they are written. */
struct sections {
	const struct extract *extract;
	struct writing *rows, *values; /* values: of one column, scratch */
	uint64_t *table;	       /* four numbers for each column */
	uint32_t column;	       /* at work */
};

/* The values of a column follow its rows. */
static int end_column(struct sections *s, uint32_t column, struct fault *fault)
{
	struct writing *values = s->values;
	uint64_t *entry = s->table + (size_t)column * 4;
	uint8_t piece[4096];
	uint64_t at = 0;

	entry[2] = s->rows->written;
	entry[3] = values->written / ENTRY;
	if (flush(values, fault) < 0)
		return -1;
	while (at < values->written) {
		ssize_t n = pread(values->fd, piece, sizeof piece, (off_t)at);

		if (n <= 0)
			return fault_sys(fault, what);
		if (put(s->rows, piece, (size_t)n, fault) < 0)
			return -1;
		at += (uint64_t)n;
	}
	values->written = 0;
	if (ftruncate(values->fd, 0) < 0 || lseek(values->fd, 0, SEEK_SET) < 0)
		return fault_sys(fault, what);
	return 0;
}

static int put_value(void *whose, uint64_t hash, uint64_t rows,
		     struct fault *fault)
{
	struct sections *s = whose;
	uint64_t *entry = s->table + (size_t)s->column * 4;

	if (put_u64(s->values, hash, fault) < 0 ||
	    put_u64(s->values, entry[1], fault) < 0)
		return -1;
	entry[1] += rows;
	return 0;
}

static int put_rows(void *whose, const void *rows, uint32_t n,
		    struct fault *fault)
{
	const struct sections *s = whose;
	const uint8_t *at = rows;

	for (uint32_t i = 0; i < n; i++, at += sizeof(uint32_t)) {
		uint32_t row;

		memcpy(&row, at, sizeof row);
		row = htole32(row);
		if (put(s->rows, &row, sizeof row, fault) < 0)
			return -1;
	}
	return 0;
}

static int put_sections(struct sections *s, struct posting_runs *runs,
			struct fault *fault)
{
	const struct posting_sink sink = { s, put_value, put_rows };
	int done = posting_runs_end(runs, fault);

	for (uint32_t i = 0; done == 0 && i < s->extract->ncolumns; i++) {
		uint64_t begin = s->rows->written;

		s->column = i;
		done = posting_runs_column(runs, i, &sink, fault);
		if (done < 0)
			break;
		/* of a column without a value the file says nothing */
		if (s->table[(size_t)i * 4 + 1] > 0)
			s->table[(size_t)i * 4] = begin;
		done = end_column(s, i, fault);
	}
	return done;
}

static int put_table(const struct sections *s, struct fault *fault)
{
	uint32_t n = s->extract->ncolumns;

	for (uint32_t i = 0; i < 4 * n; i++)
		if (put_u64(s->rows, s->table[i], fault) < 0)
			return -1;
	if (put_u64(s->rows, n, fault) < 0 ||
	    put_u64(s->rows, s->extract->rows.out, fault) < 0 ||
	    put(s->rows, magic, sizeof magic, fault) < 0)
		return -1;
	return flush(s->rows, fault);
}

int postings_make(const struct extract *extract, struct bundle *bundle, int fd,
		  struct fault *fault)
{
	AUTO_FREE struct writing *rows = need(1, sizeof *rows);
	AUTO_FREE struct writing *values = need(1, sizeof *values);
	AUTO_FREE uint64_t *table =
		need((size_t)extract->ncolumns * 4, sizeof *table);
	struct sections s = { extract, rows, values, table, 0 };
	struct posting_runs runs;

	if (extract->rows.out > UINT32_MAX)
		return fault_say(fault, FAULT_TOO_LONG, extract->path);
	/* a value that is nothing has no rows: its hash says so */
	posting_runs_init(&runs, bundle, extract->ncolumns,
			  postings_hash("", 0));
	rows->fd = fd;
	values->fd = bundle_scratch(bundle, fault);
	int done = values->fd < 0 ? -1 : add_all(&runs, extract, fault);
	if (done == 0)
		done = put_sections(&s, &runs, fault);
	if (done == 0)
		done = put_table(&s, fault);
	posting_runs_clear(&runs);
	own_close(&values->fd);
	return done;
}

/* --- Reading ------------------------------------------------------------------- */

static int get(int fd, void *out, size_t len, uint64_t at, struct fault *fault)
{
	ssize_t n = pread(fd, out, len, (off_t)at);

	if (n < 0)
		return fault_sys(fault, what);
	return (size_t)n == len ? 0 : fault_say(fault, FAULT_BUNDLE, what);
}

int postings_open(struct postings *postings, int fd, struct fault *fault)
{
	uint8_t tail[TAIL];
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fault_sys(fault, what);
	*postings = (struct postings){ .fd = fd, .size = (uint64_t)st.st_size };
	if (postings->size < TAIL ||
	    get(fd, tail, sizeof tail, postings->size - TAIL, fault) < 0 ||
	    memcmp(tail + 16, magic, sizeof magic) != 0)
		return fault_say(fault, FAULT_BUNDLE, what);
	memcpy(&postings->columns, tail, 8);
	memcpy(&postings->rows, tail + 8, 8);
	postings->columns = le64toh(postings->columns);
	postings->rows = le64toh(postings->rows);
	return postings->columns <= CSV_COLUMNS &&
			       postings->columns * SECTION + TAIL <=
				       postings->size
		       ? 0
		       : fault_say(fault, FAULT_BUNDLE, what);
}

/* Where a value's rows begin in its column, and how many they are. 1, 0: the
 * column does not have it, -1. */
static int find_value(const struct postings *postings,
		      const uint64_t section[static 4], uint64_t hash,
		      uint64_t *first, uint64_t *count, struct fault *fault)
{
	uint64_t low = 0, high = le64toh(section[3]);
	uint64_t values = le64toh(section[2]), entry[2], next[2];

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (get(postings->fd, entry, sizeof entry,
			values + middle * ENTRY, fault) < 0)
			return -1;
		if (le64toh(entry[0]) < hash)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == le64toh(section[3]))
		return 0;
	if (get(postings->fd, entry, sizeof entry, values + low * ENTRY,
		fault) < 0)
		return -1;
	if (le64toh(entry[0]) != hash)
		return 0;
	next[1] = section[1];
	if (low + 1 < le64toh(section[3]) &&
	    get(postings->fd, next, sizeof next, values + (low + 1) * ENTRY,
		fault) < 0)
		return -1;
	*first = le64toh(entry[1]);
	*count = le64toh(next[1]) - *first;
	return *first <= le64toh(next[1]) ? 1 : -1;
}

int64_t postings_find(const struct postings *postings, uint32_t column,
		      const char *value, size_t len, uint32_t *rows,
		      size_t most, struct fault *fault)
{
	uint64_t tables = postings->size - TAIL - postings->columns * SECTION;
	uint64_t section[4], first = 0, count = 0;

	if (column >= postings->columns)
		return fault_say(fault, FAULT_BUNDLE, what);
	if (get(postings->fd, section, sizeof section,
		tables + (uint64_t)column * SECTION, fault) < 0)
		return -1;
	int found = find_value(postings, section, postings_hash(value, len),
			       &first, &count, fault);
	if (found <= 0)
		return found;
	size_t wanted = count < most ? (size_t)count : most;
	if (get(postings->fd, rows, wanted * sizeof *rows,
		le64toh(section[0]) + first * sizeof *rows, fault) < 0)
		return -1;
	for (size_t i = 0; i < wanted; i++)
		rows[i] = le32toh(rows[i]);
	return (int64_t)count;
}
