/*
 * area - T13 and T14: the rules of the national claims database (NDB) for
 * small municipalities and for volumes of drugs.
 */
#include <string.h>

#include "policy/airlock/compare/check.h"

enum {
	NOTHING_BELOW = 2000, /* inhabitants */
	MORE_BELOW = 25000,
	MORE = 20, /* persons, from the one to the other */
	VOLUME = 1000,
	VOLUME_INJECTED = 400,
};

static void look_at_area(const struct check *check, size_t row,
			 int64_t population)
{
	for (size_t c = 0; c < check->columns->n; c++) {
		struct finding f =
			check_place(check, FINDING_T13_SMALL_AREA, row, c);
		int64_t value;

		if (!column_counts(check->columns, c) ||
		    !cell_is_whole(table_at(check->table, row, c), &value))
			continue;
		if (population >= NOTHING_BELOW &&
		    (value == 0 || value >= MORE))
			continue;
		f.first = (uint64_t)population;
		f.second = population >= NOTHING_BELOW ? MORE : 0;
		findings_add(check->findings, &f);
	}
}

static void look_at_areas(const struct check *check)
{
	int population = column_with(check->columns, ROLE_POPULATION);

	if (column_with(check->columns, ROLE_AREA) < 0 || population < 0)
		return;
	for (size_t r = check->columns->first_row; r < check->table->nrows;
	     r++) {
		int64_t people;

		if (cell_is_whole(table_at(check->table, r, (size_t)population),
				  &people) &&
		    people >= 0 && people < MORE_BELOW)
			look_at_area(check, r, people);
	}
}

static void look_for_cross(const struct check *check)
{
	int insurer = column_with(check->columns, ROLE_INSURER);

	if (insurer < 0 || column_with(check->columns, ROLE_AREA) < 0)
		return;
	struct finding f = check_place(check, FINDING_T13_CROSS_FORBIDDEN, 0,
				       (size_t)insurer);
	findings_add(check->findings, &f);
}

/* The row says that the drug is injected. */
static bool is_injected(const struct check *check, size_t row)
{
	static const char *const words[] = { "注射", "injection", "injected",
					     "iv" };
	char text[64];

	for (size_t c = 1; c < check->columns->n; c++) {
		column_word(text, sizeof text, check->table,
			    table_at(check->table, row, c));
		for (size_t i = 0; i < sizeof words / sizeof *words; i++)
			if (strcmp(text, words[i]) == 0)
				return true;
	}
	return false;
}

static void look_at_volumes(const struct check *check)
{
	int quantity = column_with(check->columns, ROLE_QUANTITY);

	if (quantity < 0 || column_with(check->columns, ROLE_PERSONS) >= 0)
		return;
	for (size_t r = check->columns->first_row; r < check->table->nrows;
	     r++) {
		const struct cell *cell =
			table_at(check->table, r, (size_t)quantity);
		struct finding f = check_place(check, FINDING_T14_DRUG_VOLUME,
					       r, (size_t)quantity);
		int64_t value = cell->value;

		if (cell->kind != CELL_NUMBER || value == 0)
			continue;
		for (uint8_t i = 0; i < cell->decimals; i++)
			value /= 10;
		f.first = is_injected(check, r) ? VOLUME_INJECTED : VOLUME;
		if (value < (int64_t)f.first)
			findings_add(check->findings, &f);
	}
}

void check_areas(const struct check *check)
{
	if (check->profile->policy != POLICY_NDB)
		return;
	look_at_areas(check);
	look_for_cross(check);
	look_at_volumes(check);
}
