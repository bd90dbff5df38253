#include "policy/airlock/compare/solver.h"

#include "policy/airlock/compare/eliminate.h"

enum { PASSES = 2000 /* what still moves then moves by little */ };

void solver_init(struct solver *solver)
{
	solver->unknowns = solver->sums = solver->terms = 0;
	solver->full = false;
}

uint32_t solver_unknown(struct solver *solver, int64_t least, int64_t most)
{
	if (solver->unknowns == SOLVER_UNKNOWNS) {
		solver->full = true;
		return 0;
	}
	solver->unknown[solver->unknowns] = (struct solver_unknown){
		.first_least = least,
		.first_most = most,
	};
	return (uint32_t)solver->unknowns++;
}

void solver_sum(struct solver *solver, int64_t least, int64_t most)
{
	if (solver->sums == SOLVER_SUMS) {
		solver->full = true;
		return;
	}
	solver->sum[solver->sums++] = (struct solver_sum){
		.first = (uint32_t)solver->terms,
		.least = least,
		.most = most,
	};
}

void solver_term(struct solver *solver, uint32_t unknown, bool minus)
{
	if (solver->full || solver->terms == SOLVER_TERMS) {
		solver->full = true;
		return;
	}
	solver->term[solver->terms++] = (struct solver_term){
		.unknown = unknown,
		.minus = minus,
	};
	solver->sum[solver->sums - 1].n++;
}

static void reset(struct solver *solver)
{
	for (size_t i = 0; i < solver->unknowns; i++) {
		struct solver_unknown *u = &solver->unknown[i];

		u->least = u->first_least;
		u->most = u->first_most;
	}
}

/* The least and most of a term, its sign taken in. */
static void bounds(const struct solver *solver, const struct solver_term *term,
		   int64_t *least, int64_t *most)
{
	const struct solver_unknown *u = &solver->unknown[term->unknown];

	*least = term->minus ? -u->most : u->least;
	*most = term->minus ? -u->least : u->most;
}

static bool set(struct solver_unknown *u, bool minus, int64_t least,
		int64_t most)
{
	int64_t low = minus ? -most : least, high = minus ? -least : most;
	bool moved = low > u->least || high < u->most;

	u->least = low > u->least ? low : u->least;
	u->most = high < u->most ? high : u->most;
	return moved;
}

/* 1: a bound moved; 0: none; -1: no values fit. */
static int tighten(struct solver *solver, const struct solver_sum *sum)
{
	int64_t all_least = 0, all_most = 0, least, most;
	bool moved = false;

	for (uint32_t i = 0; i < sum->n; i++) {
		bounds(solver, &solver->term[sum->first + i], &least, &most);
		all_least += least;
		all_most += most;
	}
	if (all_least > sum->most || all_most < sum->least)
		return -1;
	for (uint32_t i = 0; i < sum->n; i++) {
		const struct solver_term *term = &solver->term[sum->first + i];

		bounds(solver, term, &least, &most);
		moved |= set(&solver->unknown[term->unknown], term->minus,
			     sum->least - (all_most - most),
			     sum->most - (all_least - least));
	}
	return moved;
}

/* Until nothing moves. The sum that no values fit, or -1. */
static int settle(struct solver *solver)
{
	bool moved = true;

	reset(solver);
	for (size_t pass = 0; moved && pass < PASSES; pass++) {
		moved = false;
		for (size_t s = 0; s < solver->sums; s++) {
			struct solver_sum *sum = &solver->sum[s];
			int got = sum->dropped ? 0 : tighten(solver, sum);

			if (got < 0)
				return (int)s;
			moved |= got > 0;
		}
	}
	return -1;
}

/* All sums that are left fit together, as far as bounds can tell. */
static void drop_misfits(struct solver *solver)
{
	int misfit;

	/* First those that are impossible by themselves: they mislead others */
	reset(solver);
	for (size_t s = 0; s < solver->sums; s++) {
		if (tighten(solver, &solver->sum[s]) < 0)
			solver->sum[s].dropped = true;
		reset(solver);
	}
	while ((misfit = settle(solver)) >= 0)
		solver->sum[misfit].dropped = true;
}

void solver_run(struct solver *solver)
{
	drop_misfits(solver);
	size_t first = eliminate(solver);
	/*
	 * What was derived contradicts the bounds: some total is not what it
	 * seems, but which? Then only what each says by itself holds.
	 */
	if (solver->sums > first && settle(solver) >= 0) {
		solver->sums = first;
		settle(solver);
	}
	solver->sums = first;
}
