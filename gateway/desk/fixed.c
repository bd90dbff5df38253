/*
 * fixed - leave free text out of a result.
 *
 * Runs in sekisho-desk. What a researcher could have written (titles, names,
 * evidence) must not leave by the back door of a status command.
 */
#include "gateway/desk/fixed.h"

#include "gateway/base/own.h"

static bool is_fixed(const struct result_sentence *sentence)
{
	for (size_t i = 0; i < ARRAY_LEN(sentence->arguments); i++)
		if (sentence->arguments[i] > 0)
			return false;
	return true;
}

void fixed_only(struct result *out, const struct result *result)
{
	if (result->has_error) {
		result_error(out, result->exit, result->error.id, NULL, NULL,
			     NULL);
		if (result->has_hint)
			result_hint(out, result->hint.id, NULL, NULL);
		return;
	}
	result_begin(out, result->shape, result->title.id);
	out->has_title = result->has_title && is_fixed(&result->title);
	for (unsigned int i = 0; i < result->ncolumns; i++)
		if (result->columns[i].kind != RESULT_TEXT)
			result_column(out, result->columns[i].key,
				      result->columns[i].kind);
	for (unsigned int row = 0; row < result->nrows; row++) {
		result_row(out);
		for (unsigned int i = 0; i < result->ncolumns; i++)
			if (result->columns[i].kind != RESULT_TEXT)
				result_text(out, result_cell(result, row, i));
	}
	out->exit = result->exit;
	out->cut += result->cut;
}
