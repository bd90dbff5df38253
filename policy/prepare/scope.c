#include "policy/prepare/scope.h"

#include <string.h>

static int check_source(const struct names *columns,
			const struct source *source, struct fault *fault)
{
	char id[512];

	for (uint32_t i = 0; i < source->ncolumns; i++) {
		const struct column *column = &source->columns[i];

		if (!column_shown(column))
			continue;
		int n = snprintf(id, sizeof id, "%s.%s", source->name,
				 column->as);
		if (n > 0 && n < (int)sizeof id && names_have(columns, id))
			continue;
		fault_say(fault, FAULT_PERMIT,
			  "the permit does not name this column");
		snprintf(fault->source, sizeof fault->source, "%s",
			 source->name);
		return fault_column(fault, i + 1, column->as,
				    strlen(column->as));
	}
	return 0;
}

int scope_check(const struct names *columns, const struct recipe *recipe,
		struct fault *fault)
{
	for (uint32_t i = 0; columns->count > 0 && i < recipe->nsources; i++)
		if (check_source(columns, &recipe->sources[i], fault) < 0)
			return -1;
	return 0;
}
