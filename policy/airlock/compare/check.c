#include "policy/airlock/compare/check.h"

struct finding check_place(const struct check *check, enum finding_code code,
			   size_t row, size_t column)
{
	return (struct finding){
		.code = code,
		.severity = finding_at((size_t)code)->severity,
		.file = check->file,
		.row = row < check->table->nrows ? check->table->rows[row].line
						 : 0,
		.column = (uint32_t)column + 1,
	};
}

void check_table(const struct check *check)
{
	check_formulas(check);
	check_shape(check);
	check_counts(check);
	check_margins(check);
	check_rounding(check);
	check_percent(check);
	check_statistics(check);
	check_areas(check);
	check_survival(check);
}
