/*
 * shape - R02, I03, I05: tables of records, of persons, and of facilities.
 */
#include <string.h>

#include "policy/airlock/compare/check.h"

enum { RECORDS = 50 /* rows from which a table may be one of records */ };

static uint64_t hash(const char *text, size_t len)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)text[i]) * 0x100000001b3u;
	return h ^ h >> 29;
}

/* Every cell of the column differs, as far as a set of hashes can say. */
static bool is_unique(const struct check *check, size_t column)
{
	enum { SLOTS = 1 << 15 };
	static uint64_t seen[SLOTS];
	size_t rows = check->table->nrows - check->columns->first_row;

	if (rows > SLOTS / 2)
		rows = SLOTS / 2; /* the first ones stand for all */
	memset(seen, 0, sizeof seen);
	for (size_t i = 0; i < rows; i++) {
		const struct cell *cell = table_at(
			check->table, check->columns->first_row + i, column);
		uint64_t h =
			hash(table_text(check->table, cell), cell->len) | 1;
		size_t at = h % SLOTS;

		if (cell->len == 0)
			return false;
		while (seen[at] != 0 && seen[at] != h)
			at = (at + 1) % SLOTS;
		if (seen[at] == h)
			return false;
		seen[at] = h;
	}
	return true;
}

static void look_for_records(const struct check *check)
{
	size_t rows = check->table->nrows - check->columns->first_row;
	struct finding f =
		check_place(check, FINDING_R02_MICRODATA_SHAPE, 0, 0);

	if (rows < RECORDS || check->card->type == CARD_COUNT ||
	    column_with(check->columns, ROLE_PERSONS) >= 0)
		return;
	for (size_t c = 0; c < check->columns->n; c++) {
		if (!is_unique(check, c))
			continue;
		f.column = (uint32_t)c + 1;
		f.first = rows;
		findings_add(check->findings, &f);
		return;
	}
}

/* Cells of the column that name something. */
static uint64_t count_words(const struct check *check, size_t column)
{
	uint64_t n = 0;

	for (size_t r = check->columns->first_row; r < check->table->nrows;
	     r++) {
		enum cell_kind kind = table_at(check->table, r, column)->kind;

		n += kind == CELL_TEXT || kind == CELL_NUMBER;
	}
	return n;
}

static void look_for_facilities(const struct check *check)
{
	int column = column_with(check->columns, ROLE_FACILITY);

	if (column < 0 || check->profile->facility_output)
		return;
	struct finding f =
		check_place(check, FINDING_I05_FACILITY, 0, (size_t)column);
	f.first = count_words(check, (size_t)column);
	if (f.first > 0)
		findings_add(check->findings, &f);
}

/* A heading that names persons, over cells that say something. */
static void look_for_persons(const struct check *check)
{
	for (size_t c = 0; c < check->columns->n; c++) {
		struct finding f =
			check_place(check, FINDING_I03_ID_SHAPE, 0, c);

		if (check->columns->column[c].role != ROLE_DIRECT ||
		    count_words(check, c) == 0)
			continue;
		f.severity = SEVERITY_FLAG;
		findings_add(check->findings, &f);
	}
}

void check_shape(const struct check *check)
{
	if (check->table->nrows <= check->columns->first_row)
		return;
	look_for_records(check);
	look_for_facilities(check);
	look_for_persons(check);
}
