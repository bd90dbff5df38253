/*
 * render_queue - the requests that wait: what they hold, how long they have
 * waited, and which ones wait for the person who looks.
 *
 * Runs in sekisho-desk. The same cells as the answer, in words.
 */
#include <string.h>
#include <time.h>

#include "gateway/desk/age.h"
#include "gateway/desk/columns.h"
#include "gateway/desk/render.h"

static const char *const numbers[] = { "files", "block", "flag", "info" };

static void begin(struct result *queue, const struct result *result)
{
	result_begin(queue, RESULT_LIST, result->title.id);
	queue->has_title = result->has_title;
	result_column(queue, "request", RESULT_NUMBER);
	result_column(queue, "permit", RESULT_ID);
	result_column(queue, "waited", RESULT_STATE);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		result_column(queue, numbers[i], RESULT_NUMBER);
	result_column(queue, "state", RESULT_STATE);
	result_column(queue, "turn", RESULT_STATE);
}

static void put_row(const struct render *render, struct result *queue,
		    const struct result *result, unsigned int row)
{
	int64_t at = (int64_t)column_count(result, row, "submitted");
	const char *open = column_cell(result, row, "open");
	char age[64];

	result_row(queue);
	result_text(queue, column_cell(result, row, "request"));
	result_text(queue, column_cell(result, row, "permit"));
	result_text(queue, age_words(age, sizeof age, render->lang,
				     at > 0 ? time(NULL) - at : -1));
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		result_text(queue, column_cell(result, row, numbers[i]));
	result_text(queue, column_cell(result, row, "state"));
	result_text(queue, !*open		    ? ""
			   : strcmp(open, "0") == 0 ? "voted"
						    : "your_turn");
}

void render_queue(const struct render *render, const struct result *result)
{
	static struct result queue;

	begin(&queue, result);
	for (unsigned int row = 0; row < result->nrows; row++)
		put_row(render, &queue, result, row);
	queue.cut += result->cut;
	render_table(render, &queue);
	for (unsigned int i = 0; i < result->nnotes; i++) {
		char line[RENDER_CELL];

		result_say(result, &result->notes[i], render->lang, line,
			   sizeof line);
		render_wrapped(render->out, line, 0, render_columns(render));
	}
}
