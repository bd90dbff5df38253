/*
 * columns - what each column of a table holds, as its heading and cells say.
 */
#ifndef POLICY_AIRLOCK_COMPARE_COLUMNS_H
#define POLICY_AIRLOCK_COMPARE_COLUMNS_H

#include "policy/airlock/compare/card.h"
#include "policy/airlock/compare/table.h"

enum { COLUMNS_MOST = 1024 /* wider tables are an error of the check */ };

enum column_role {
	ROLE_OTHER = 0, /* words, measurements */
	ROLE_COUNT,	/* whole numbers that nothing else explains */
	ROLE_PERSONS,	/* counts, and the heading says so */
	ROLE_MARGIN,	/* a total over the row's counts */
	ROLE_LABEL,	/* the first column */
	ROLE_KEY,	/* another column that names the row */
	ROLE_PERCENT,
	ROLE_STATISTIC,
	ROLE_DEVIATION,
	ROLE_EXTREME,
	ROLE_PERCENTILE,
	ROLE_MODEL,
	ROLE_QUANTITY,
	ROLE_POPULATION,
	ROLE_AREA,
	ROLE_INSURER,
	ROLE_FACILITY,
	ROLE_DIRECT, /* names, numbers, addresses of single persons */
	ROLE_AT_RISK,
	ROLE_EVENTS,
};

struct column {
	enum column_role role;
	enum column_role named; /* what its heading alone says */
	uint8_t percentile;	/* of ROLE_PERCENTILE: 1 to 99 */
};

struct columns {
	size_t first_row; /* of data: 1 behind a heading */
	size_t n;
	struct column column[COLUMNS_MOST];
};

/* Decide for every column. False: the table is too wide. */
bool columns_read(struct columns *columns, const struct table *table,
		  const struct card *card);

/* Cells of this column are counts of persons. */
bool column_counts(const struct columns *columns, size_t column);

/* The first column with this role, or -1. */
int column_with(const struct columns *columns, enum column_role role);

/* The number of persons that a row's statistics stand on, or -1. */
int column_base(const struct columns *columns, const struct table *table,
		const struct card *card);

/* The row is a total over others: Total, 合計, … in its label. */
bool row_is_margin(const struct table *table, size_t row);

/* The row's label says that its numbers are counts of persons: n, 人数. */
bool row_is_persons(const struct table *table, size_t row);

/* Cell text as small ASCII letters, trimmed and cut; for comparing words. */
size_t column_word(char *out, size_t size, const struct table *table,
		   const struct cell *cell);

#endif
