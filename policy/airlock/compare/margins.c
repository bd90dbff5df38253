/*
 * margins - T03, T04, T06: what totals give away of suppressed counts.
 *
 * Rows of totals (totals.h) and one column of totals are understood. Each
 * total is a sum; suppressed cells are its unknowns; the solver says what
 * follows. A total that no values fit was computed after the cells were taken
 * out.
 */
#include "policy/airlock/compare/check.h"
#include "policy/airlock/compare/rounding.h"
#include "policy/airlock/compare/solver.h"
#include "policy/airlock/compare/totals.h"

enum {
	MARGIN_MOST = INT32_MAX, /* behind a suppressed total */
	ROUNDED_CELLS = 8,	 /* so many multiples are no accident */
};

struct margins {
	const struct check *check;
	struct totals rows;
	int column;	  /* of totals; -1: none */
	int64_t rounding; /* base; 0 or 1: exact */
	struct place {
		size_t row, column;
	} places[SOLVER_UNKNOWNS];	/* of unknowns */
	struct place ends[SOLVER_SUMS]; /* the totals of sums */
	struct solver solver;
};

static bool is_total(const struct margins *m, size_t row, size_t column)
{
	return (int)column == m->column || totals_have(&m->rows, row);
}

static bool is_part(const struct margins *m, size_t column)
{
	enum column_role role = m->check->columns->column[column].role;

	return role == ROLE_COUNT || role == ROLE_PERSONS;
}

/* What a visible count can be before it was rounded. */
static struct interval unrounded(const struct margins *m, int64_t value,
				 bool total)
{
	const struct card *card = m->check->card;
	int64_t base = m->rounding;

	if (base < 2 || (card->rounding_totals && !total))
		return (struct interval){ value, value };
	return rounding_undone(value, base, card->rounding_mode);
}

/* The unknown behind a suppressed cell; made when it is first asked for. */
static uint32_t unknown_at(struct margins *m, size_t row, size_t column)
{
	const struct profile *profile = m->check->profile;
	const struct cell *cell = table_at(m->check->table, row, column);
	int64_t least = (int64_t)profile->suppressed_min;
	int64_t most = (int64_t)profile_suppressed_max(profile);

	for (size_t i = 0; i < m->solver.unknowns; i++)
		if (m->places[i].row == row && m->places[i].column == column)
			return (uint32_t)i;
	if (cell->kind == CELL_SUPPRESSED && cell->value > 0)
		most = cell->value - 1;
	else if (is_total(m, row, column))
		most = MARGIN_MOST;
	uint32_t unknown = solver_unknown(&m->solver, least, most);
	m->places[unknown] = (struct place){ row, column };
	return unknown;
}

/* Add a cell to the sum that is being made: its interval, or an unknown. */
static bool add_cell(struct margins *m, size_t row, size_t column, bool minus,
		     struct interval *rest)
{
	const struct cell *cell = table_at(m->check->table, row, column);
	int64_t value;

	if (cell_is_whole(cell, &value) && value >= 0 && value < MARGIN_MOST) {
		struct interval i =
			unrounded(m, value, is_total(m, row, column));

		rest->least += minus ? i.least : -i.most;
		rest->most += minus ? i.most : -i.least;
		return true;
	}
	if (cell->kind != CELL_SUPPRESSED && cell->kind != CELL_EMPTY)
		return false;
	solver_term(&m->solver, unknown_at(m, row, column), minus);
	return true;
}

/* All parts are seen and a few persons are missing: a category left out. */
static void say_seen(const struct margins *m, size_t row, size_t column,
		     struct interval rest)
{
	struct finding f =
		check_place(m->check, FINDING_T03_RECOVERABLE, row, column);

	if (rest.least < 1 || rest.most >= (int64_t)m->check->profile->k)
		return;
	f.first = (uint64_t)rest.most;
	findings_add(m->check->findings, &f);
}

/* Parts plus unknowns are the total; rest is the total less what is seen. */
struct sum {
	struct interval rest;
	size_t parts;
	bool fine; /* every cell of it is a count, seen or not */
};

/* A sum begins with its total. False: there is no room. */
static bool begin_sum(struct margins *m, size_t row, size_t column,
		      struct sum *sum)
{
	if (m->solver.sums == SOLVER_SUMS) {
		m->solver.full = true;
		return false;
	}
	*sum = (struct sum){ 0 };
	m->ends[m->solver.sums] = (struct place){ row, column };
	solver_sum(&m->solver, 0, 0);
	sum->fine = add_cell(m, row, column, true, &sum->rest);
	return true;
}

static void add_part(struct margins *m, size_t row, size_t column,
		     struct sum *sum)
{
	sum->fine = sum->fine && add_cell(m, row, column, false, &sum->rest);
	sum->parts++;
}

/* A sum without unknowns is looked at now, and no work for the solver. */
static void end_sum(struct margins *m, const struct sum *sum)
{
	size_t last = m->solver.sums - 1;
	struct solver_sum *made = &m->solver.sum[last];

	made->least = sum->rest.least;
	made->most = sum->rest.most;
	if (sum->fine && sum->parts >= 2 && made->n > 0)
		return;
	m->solver.sums--;
	if (sum->fine && sum->parts >= 2)
		say_seen(m, m->ends[last].row, m->ends[last].column, sum->rest);
}

static void add_along(struct margins *m, size_t row)
{
	struct sum sum;

	if (!begin_sum(m, row, (size_t)m->column, &sum))
		return;
	for (size_t c = 0; c < m->check->columns->n; c++)
		if (is_part(m, c))
			add_part(m, row, c, &sum);
	end_sum(m, &sum);
}

static void add_down(struct margins *m, const struct total *total,
		     size_t column)
{
	struct sum sum;

	if (!begin_sum(m, total->row, column, &sum))
		return;
	for (size_t r = total->from; r < total->to; r++)
		if (!totals_have(&m->rows, r))
			add_part(m, r, column, &sum);
	end_sum(m, &sum);
}

/* The only one, or -1. */
static int only_column(const struct check *check)
{
	int found = -1;

	for (size_t c = 0; c < check->columns->n; c++) {
		if (check->columns->column[c].role != ROLE_MARGIN)
			continue;
		if (found >= 0)
			return -1;
		found = (int)c;
	}
	return found;
}

/* What the card says; else 10 or 5 if every one of many counts says so. */
static int64_t rounding_of(const struct check *check)
{
	size_t counts = 0, tens = 0, fives = 0;
	int64_t value;

	if (check->card->rounding_base > 0)
		return (int64_t)check->card->rounding_base;
	for (size_t r = check->columns->first_row; r < check->table->nrows; r++)
		for (size_t c = 0; c < check->columns->n; c++) {
			if (!column_counts(check->columns, c) ||
			    !cell_is_whole(table_at(check->table, r, c),
					   &value) ||
			    value <= 0)
				continue;
			counts++;
			tens += value % 10 == 0;
			fives += value % 5 == 0;
		}
	if (counts < ROUNDED_CELLS || fives < counts)
		return 0;
	return tens == counts ? 10 : 5;
}

static void say_unknown(const struct margins *m, size_t i)
{
	const struct check *check = m->check;
	const struct solver_unknown *u = &m->solver.unknown[i];
	const struct place *at = &m->places[i];
	int64_t k = (int64_t)check->profile->k;
	int64_t usual = (int64_t)profile_suppressed_max(check->profile);
	bool total = is_total(m, at->row, at->column);
	struct finding f;

	if (total && (u->most >= k || u->least < 1))
		return;
	if (u->least == u->most) {
		f = check_place(check, FINDING_T03_RECOVERABLE, at->row,
				at->column);
		f.first = (uint64_t)u->least;
		findings_add(check->findings, &f);
		return;
	}
	if (u->least == (int64_t)check->profile->suppressed_min &&
	    u->most >= usual)
		return;
	f = check_place(check, FINDING_T04_BOUND, at->row, at->column);
	f.first = (uint64_t)u->least;
	f.second = (uint64_t)u->most;
	if (u->least < 1 || u->most >= k || u->most - u->least >= (k + 1) / 2)
		f.severity = SEVERITY_FLAG;
	findings_add(check->findings, &f);
}

/* No values fit this sum. */
static void say_dropped(const struct margins *m, size_t i)
{
	const struct place *at = &m->ends[i];
	struct finding f =
		check_place(m->check, FINDING_T06_MARGIN, at->row, at->column);

	if (m->solver.sum[i].dropped)
		findings_add(m->check->findings, &f);
}

/* Every cell that counts and was taken out, whether a total knows it or not. */
static void add_unknowns(struct margins *m)
{
	for (size_t r = m->check->columns->first_row;
	     r < m->check->table->nrows; r++)
		for (size_t c = 0; c < m->check->columns->n; c++)
			if (column_counts(m->check->columns, c) &&
			    table_at(m->check->table, r, c)->kind ==
				    CELL_SUPPRESSED)
				unknown_at(m, r, c);
}

static void add_sums(struct margins *m)
{
	const struct check *check = m->check;

	for (size_t r = check->columns->first_row;
	     m->column >= 0 && r < check->table->nrows; r++)
		add_along(m, r);
	for (size_t i = 0; i < m->rows.n; i++)
		for (size_t c = 0; c < check->columns->n; c++)
			if (is_part(m, c) || (int)c == m->column)
				add_down(m, &m->rows.row[i], c);
}

void check_margins(const struct check *check)
{
	static struct margins m;

	m.check = check;
	totals_find(&m.rows, check);
	m.column = only_column(check);
	m.rounding = rounding_of(check);
	solver_init(&m.solver);
	add_unknowns(&m);
	add_sums(&m);
	if (m.solver.full) {
		struct finding f = check_place(check, FINDING_E01_ENGINE, 0, 0);

		findings_add(check->findings, &f);
		return;
	}
	size_t sums = m.solver.sums;
	solver_run(&m.solver);
	for (size_t i = 0; i < m.solver.unknowns; i++)
		say_unknown(&m, i);
	for (size_t i = 0; i < sums; i++)
		say_dropped(&m, i);
}
