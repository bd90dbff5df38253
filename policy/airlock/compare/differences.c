#include "policy/airlock/compare/differences.h"

#include <stdlib.h>
#include <string.h>

#include "policy/airlock/compare/rounding.h"

enum { LABEL_SIZE = 256, ROUNDING_MOST = 1000000 };

void differences_clear(struct differences *differences)
{
	free(differences->cells);
	differences->cells = NULL;
	differences->ncells = differences->room = differences->ntables = 0;
}

static uint64_t mix(uint64_t hash, const char *word)
{
	for (; *word; word++)
		hash = (hash ^ (uint8_t)*word) * 0x100000001b3u;
	return (hash ^ hash >> 31) * 0x9e3779b97f4a7c15u;
}

/* What names the row, and the heading of the column. */
static uint64_t label_of(const struct check *check, size_t row, size_t column)
{
	uint64_t hash = 0xcbf29ce484222325u;
	char word[LABEL_SIZE];

	for (size_t c = 0; c < check->columns->n; c++) {
		const struct cell *cell = table_at(check->table, row, c);
		enum column_role role = check->columns->column[c].role;

		if (role != ROLE_LABEL && role != ROLE_KEY &&
		    role != ROLE_AREA &&
		    (role != ROLE_OTHER || cell->kind != CELL_TEXT))
			continue;
		column_word(word, sizeof word, check->table, cell);
		hash = mix(hash, word);
	}
	word[0] = '\0';
	if (check->columns->first_row > 0)
		column_word(word, sizeof word, check->table,
			    table_at(check->table, 0, column));
	return mix(hash, word);
}

static bool keep(struct differences *d, const struct counted *cell)
{
	if (d->ncells == d->room) {
		size_t room = d->room ? d->room * 2 : 1024;
		struct counted *moved =
			room <= DIFFERENCES_CELLS
				? realloc(d->cells, room * sizeof *moved)
				: NULL;

		if (!moved)
			return false;
		d->cells = moved;
		d->room = room;
	}
	d->cells[d->ncells++] = *cell;
	return true;
}

/* By label; in place, since qsort() asks the system for its memory. */
static void sort(struct counted *cells, size_t n)
{
	for (size_t gap = n / 2; gap > 0; gap = gap == 2 ? 1 : gap * 5 / 11)
		for (size_t i = gap; i < n; i++) {
			const struct counted moved = cells[i];
			size_t at = i;

			for (; at >= gap && cells[at - gap].label > moved.label;
			     at -= gap)
				cells[at] = cells[at - gap];
			cells[at] = moved;
		}
}

static int64_t rounding_base(const struct check *check)
{
	const struct card *card = check->card;

	if (card->rounding_totals || card->rounding_base > ROUNDING_MOST)
		return 0;
	return (int64_t)card->rounding_base;
}

bool differences_keep(struct differences *d, const struct check *check)
{
	size_t first = d->ncells;
	uint64_t labels = 0;
	int64_t value;

	if (d->ntables == DIFFERENCES_TABLES)
		return false;
	for (size_t r = check->columns->first_row; r < check->table->nrows; r++)
		for (size_t c = 0; c < check->columns->n; c++) {
			if (!column_counts(check->columns, c) ||
			    !cell_is_whole(table_at(check->table, r, c),
					   &value) ||
			    value < 0 || value > INT32_MAX / 2)
				continue;
			struct interval was =
				rounding_undone(value, rounding_base(check),
						check->card->rounding_mode);
			const struct counted cell = {
				.label = label_of(check, r, c),
				.least = (int32_t)was.least,
				.most = (int32_t)was.most,
				.row = (uint32_t)r,
				.column = (uint32_t)c,
			};

			labels += cell.label;
			if (!keep(d, &cell))
				return false;
		}
	if (d->ncells == first)
		return true;
	sort(d->cells + first, d->ncells - first);
	d->tables[d->ntables].first = first;
	d->tables[d->ntables].n = d->ncells - first;
	d->tables[d->ntables].labels = labels;
	d->ntables++;
	return true;
}

/* 1: a is above b wherever they differ for certain; -1: below; 0: neither */
static int direction(const struct counted *a, const struct counted *b, size_t n)
{
	bool above = false, below = false;

	for (size_t i = 0; i < n; i++) {
		if (a[i].label != b[i].label)
			return 0;
		above |= a[i].least > b[i].most;
		below |= a[i].most < b[i].least;
	}
	return above == below ? 0 : above ? 1 : -1;
}

/* Means beside a count that differs by a few: those few have a mean too. */
static void say_means(const struct check *check, const struct counted *new,
		      uint64_t persons)
{
	for (size_t c = 0; c < check->columns->n; c++) {
		struct finding f =
			check_place(check, FINDING_D05_MEAN_DIFF, new->row, c);

		if (check->columns->column[c].role != ROLE_STATISTIC ||
		    table_at(check->table, new->row, c)->kind != CELL_NUMBER)
			continue;
		f.first = persons;
		findings_add(check->findings, &f);
	}
}

static void say(const struct check *check, const struct counted *new,
		const struct counted *more, const struct counted *less)
{
	int64_t least = (int64_t)more->least - less->most;
	int64_t most = (int64_t)more->most - less->least;
	struct finding f = check_place(check, FINDING_D01_CELL_DIFF, new->row,
				       new->column);

	if (least < 1 || most >= (int64_t)check->profile->k)
		return;
	if (least < most)
		f.severity = SEVERITY_FLAG;
	f.first = (uint64_t)most;
	findings_add(check->findings, &f);
	if (least == most)
		say_means(check, new, f.first);
}

static void compare(const struct differences *d, const struct check *check,
		    size_t old)
{
	size_t last = d->ntables - 1, n = d->tables[last].n;
	const struct counted *new = d->cells + d->tables[last].first;
	const struct counted *before = d->cells + d->tables[old].first;
	int way = direction(new, before, n);

	for (size_t i = 0; way != 0 && i < n; i++) {
		if (way > 0)
			say(check, &new[i], &new[i], &before[i]);
		else
			say(check, &new[i], &before[i], &new[i]);
	}
}

bool differences_check(struct differences *differences,
		       const struct check *check)
{
	size_t last = differences->ntables;

	if (!differences_keep(differences, check))
		return false;
	for (size_t old = 0; differences->ntables > last && old < last; old++)
		if (differences->tables[old].n == differences->tables[last].n &&
		    differences->tables[old].labels ==
			    differences->tables[last].labels)
			compare(differences, check, old);
	return true;
}
