/*
 * formula - F11: cells that a spreadsheet would run.
 */
#include <string.h>

#include "policy/airlock/compare/check.h"

static bool has_any(const char *text, size_t len, const char *set)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] && strchr(set, text[i]))
			return true;
	return false;
}

/* "=…" and "@name"; behind a sign only calls, links and remote data. */
static bool is_formula(const char *text, size_t len)
{
	while (len > 0 && (*text == ' ' || *text == '\t' || *text == '\n')) {
		text++;
		len--;
	}
	if (len < 2)
		return false;
	if (text[0] == '=' || text[0] == '@')
		return true;
	return (text[0] == '+' || text[0] == '-') && has_any(text, len, "(!|=");
}

void check_formulas(const struct check *check)
{
	for (size_t r = 0; r < check->table->nrows; r++)
		for (size_t c = 0; c < check->table->rows[r].cells; c++) {
			const struct cell *cell = table_at(check->table, r, c);

			if (cell->kind != CELL_TEXT ||
			    !is_formula(table_text(check->table, cell),
					cell->len))
				continue;
			struct finding f =
				check_place(check, FINDING_F11_FORMULA, r, c);
			findings_add(check->findings, &f);
		}
}
