#include "policy/airlock/compare/eliminate.h"

#include <stdlib.h>

#include "gateway/base/own.h"

/*
 * Arithmetic is modulo a prime above all counts. Matrices of tables have
 * minors of 0, 1 and -1 alone, so nothing is lost by it.
 */
static const uint64_t prime = 2147483647;

enum {
	CELLS_MOST = 1 << 22,	/* of the matrix */
	TERMS_MOST = 8,		/* of a sum that says something */
	STEPS_MOST = 200000000, /* multiplications */
};

struct matrix {
	size_t rows, columns; /* the last column is the sum */
	uint32_t *cell;
};

static uint32_t *row_of(const struct matrix *m, size_t row)
{
	return m->cell + row * m->columns;
}

static uint64_t power(uint64_t base, uint64_t exponent)
{
	uint64_t result = 1;

	for (; exponent > 0; exponent >>= 1) {
		if (exponent & 1)
			result = result * base % prime;
		base = base * base % prime;
	}
	return result;
}

static uint32_t residue(int64_t value)
{
	int64_t rest = value % (int64_t)prime;

	return (uint32_t)(rest < 0 ? rest + (int64_t)prime : rest);
}

static bool is_exact(const struct solver_sum *sum)
{
	return !sum->dropped && sum->least == sum->most;
}

static size_t count_exact(const struct solver *solver)
{
	size_t n = 0;

	for (size_t s = 0; s < solver->sums; s++)
		n += is_exact(&solver->sum[s]);
	return n;
}

static void fill(struct matrix *m, const struct solver *solver)
{
	size_t row = 0;

	for (size_t s = 0; s < solver->sums; s++) {
		const struct solver_sum *sum = &solver->sum[s];
		uint32_t *cells;

		if (!is_exact(sum))
			continue;
		cells = row_of(m, row++);
		for (uint32_t i = 0; i < sum->n; i++) {
			const struct solver_term *term =
				&solver->term[sum->first + i];

			cells[term->unknown] = residue(term->minus ? -1 : 1);
		}
		cells[m->columns - 1] = residue(sum->least);
	}
}

/* to -= from * factor */
static void subtract(const struct matrix *m, uint32_t *to, const uint32_t *from,
		     uint64_t factor)
{
	for (size_t c = 0; c < m->columns; c++)
		if (from[c])
			to[c] = (uint32_t)((to[c] +
					    (prime - factor) * from[c]) %
					   prime);
}

static void swap(const struct matrix *m, uint32_t *a, uint32_t *b)
{
	for (size_t c = 0; c < m->columns; c++) {
		uint32_t kept = a[c];

		a[c] = b[c];
		b[c] = kept;
	}
}

/* A row at or below done that has this column. */
static size_t find_pivot(const struct matrix *m, size_t done, size_t column)
{
	while (done < m->rows && row_of(m, done)[column] == 0)
		done++;
	return done;
}

static void reduce(struct matrix *m)
{
	size_t done = 0;

	for (size_t c = 0; c + 1 < m->columns && done < m->rows; c++) {
		size_t pivot = find_pivot(m, done, c);

		if (pivot == m->rows)
			continue;
		swap(m, row_of(m, pivot), row_of(m, done));
		uint32_t *lead = row_of(m, done);
		uint64_t inverse = power(lead[c], prime - 2);
		for (size_t i = 0; i < m->columns; i++)
			lead[i] = (uint32_t)(lead[i] * inverse % prime);
		for (size_t r = 0; r < m->rows; r++)
			if (r != done && row_of(m, r)[c])
				subtract(m, row_of(m, r), lead,
					 row_of(m, r)[c]);
		done++;
	}
}

/* Few terms, all of them 1 or -1. */
static bool says_something(const struct matrix *m, const uint32_t *row)
{
	size_t terms = 0;

	for (size_t c = 0; c + 1 < m->columns; c++) {
		if (row[c] == 0)
			continue;
		if (row[c] != 1 && row[c] != prime - 1)
			return false;
		terms++;
	}
	return terms > 0 && terms <= TERMS_MOST;
}

static void add_row(struct solver *solver, const struct matrix *m,
		    const uint32_t *row)
{
	int64_t sum = row[m->columns - 1];

	if (solver->sums == SOLVER_SUMS ||
	    solver->terms + TERMS_MOST > SOLVER_TERMS)
		return;
	if (sum > (int64_t)prime / 2)
		sum -= (int64_t)prime;
	solver_sum(solver, sum, sum);
	for (size_t c = 0; c + 1 < m->columns; c++)
		if (row[c])
			solver_term(solver, (uint32_t)c, row[c] != 1);
}

size_t eliminate(struct solver *solver)
{
	size_t first = solver->sums;
	struct matrix m = {
		.rows = count_exact(solver),
		.columns = solver->unknowns + 1,
	};

	if (m.rows == 0 || m.rows * m.columns > CELLS_MOST ||
	    m.rows * m.rows * m.columns > STEPS_MOST)
		return first;
	AUTO_FREE uint32_t *cells = calloc(m.rows * m.columns, sizeof *m.cell);
	m.cell = cells;
	if (!cells)
		return first;
	fill(&m, solver);
	reduce(&m);
	for (size_t r = 0; r < m.rows; r++)
		if (says_something(&m, row_of(&m, r)))
			add_row(solver, &m, row_of(&m, r));
	return first;
}
