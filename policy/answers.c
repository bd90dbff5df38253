/*
 * answers - findings and files as rows.
 *
 * Runs in sekisho-policy. Names of files are a researcher's words: they go
 * into text cells, which reach screens only (gateway/desk/fixed.h).
 */
#include "policy/answers.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/ask.h"
#include "policy/statement.h"

void answer_wrong(struct server *server, const struct check *check,
		  enum text_id why, const char *first)
{
	result_error(&server->result, CHECK_WRONG, why, first, NULL, NULL);
	server_answer(server, check->peer, check->ask);
}

static int graver(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;

	if (x->severity != y->severity)
		return x->severity < y->severity ? -1 : 1;
	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	return x->column < y->column ? -1 : x->column > y->column;
}

static void finding_columns(struct result *r)
{
	result_column(r, "file", RESULT_NUMBER);
	result_column(r, "name", RESULT_TEXT);
	result_column(r, "code", RESULT_ID);
	result_column(r, "severity", RESULT_STATE);
	result_column(r, "row", RESULT_NUMBER);
	result_column(r, "column", RESULT_NUMBER);
	result_column(r, "first", RESULT_NUMBER);
	result_column(r, "second", RESULT_NUMBER);
}

static void finding_row(struct result *r, const struct finding *finding,
			const struct request_files *files)
{
	const char *name = finding->file > 0 && finding->file <= files->count
				   ? files->file[finding->file - 1].name
				   : "";

	result_row(r);
	result_number(r, finding->file);
	result_text(r, name);
	result_text(r, finding->code);
	result_text(r, severity_word(finding->severity));
	result_number(r, finding->row);
	result_number(r, finding->column);
	result_number(r, (int64_t)finding->first);
	result_number(r, (int64_t)finding->second);
}

void answer_findings(struct server *server, enum text_id title,
		     const struct request_files *files,
		     struct findings *findings, uint32_t file)
{
	struct result *r = &server->result;

	if (findings->count > 0)
		qsort(findings->item, findings->count, sizeof *findings->item,
		      graver);
	result_begin(r, RESULT_LIST, title);
	finding_columns(r);
	for (uint32_t i = 0; i < findings->count; i++)
		if (file == 0 || findings->item[i].file == file ||
		    findings->item[i].file == 0)
			finding_row(r, &findings->item[i], files);
	r->cut += findings->cut;
}

void answer_check(struct server *server, struct check *check)
{
	static const enum text_id titles[] = { TEXT_ANSWER_BLOCK,
					       TEXT_ANSWER_REVIEW,
					       TEXT_ANSWER_CLEAR };
	static const uint8_t exits[] = { 2, 1, 0 };
	struct result *r = &server->result;
	char number[24];

	answer_findings(server, titles[check->verdict], &check->files,
			&check->findings, 0);
	r->exit = exits[check->verdict];
	if (check->request.number > 0) {
		enum request_state state = check->request.state;

		snprintf(number, sizeof number, "%" PRId64,
			 check->request.number);
		r->exit = state == REQUEST_REVIEW ? 0 : 2;
		result_note(r,
			    state == REQUEST_REVIEW	 ? TEXT_SUBMIT_DONE
			    : state == REQUEST_WITHDRAWN ? TEXT_SUBMIT_WITHDRAWN
							 : TEXT_SUBMIT_RETURNED,
			    number, NULL, NULL);
	}
	server_answer(server, check->peer, check->ask);
}

const char *answer_type(const char *name, char *out)
{
	const char *dot = strrchr(name, '.');
	size_t len = dot ? strlen(dot + 1) : 0;

	out[0] = '\0';
	if (!dot || dot == name || len == 0 || len > 8)
		return out;
	for (size_t i = 0; i <= len; i++) {
		unsigned char c = (unsigned char)dot[1 + i];

		if (i < len && (c >= 0x80 || !isalnum(c))) {
			out[0] = '\0';
			return out;
		}
		out[i] = (char)tolower(c);
	}
	return out;
}

const char *answer_outcome(enum vote outcome)
{
	static const char *const words[VOTES] = { [VOTE_NONE] = "waiting",
						  [VOTE_APPROVE] = "approved",
						  [VOTE_RETURN] = "returned",
						  [VOTE_REJECT] = "rejected" };

	return words[outcome];
}

struct peer *answer_waiting(const struct server *server, uint32_t ref)
{
	for (size_t i = 0; i < server->npeers; i++) {
		struct peer *peer = server->peers[i];

		if (!peer->gone && peer->waits == WAITS_OUTBOX &&
		    peer->ref == ref)
			return peer;
	}
	return NULL;
}

int answer_done(struct server *server, const struct outbox_row *row,
		struct err *err)
{
	struct peer *peer = answer_waiting(server, row->ref);

	(void)err;
	if (!peer)
		return 0;
	result_begin(&server->result, RESULT_ONE, TEXT_ASK_DONE);
	ask_answer(server, peer);
	return 0;
}

void answer_count(const struct findings *findings, uint32_t file,
		  uint32_t by[NUMBERS])
{
	memset(by, 0, NUMBERS * sizeof by[0]);
	for (uint32_t i = 0; i < findings->count; i++)
		if (findings->item[i].file == file &&
		    findings->item[i].severity < NUMBERS)
			by[findings->item[i].severity]++;
}
