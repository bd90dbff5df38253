/*
 * search - an auditor's questions to the whole log, and proofs of it.
 *
 * Runs in sekisho-desk with the log's folder as a descriptor, read-only by
 * file mode. Where records stand is asked of sekisho-index and not believed;
 * what is shown was read in the log. Each is a record before it is answered.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/ocsf.h"
#include "audit/offline.h"
#include "audit/seek.h"
#include "gateway/base/own.h"
#include "gateway/desk/desk.h"
#include "gateway/desk/log_rows.h"

/* --- Questions ---------------------------------------------------------------- */

/* The words as a query; false, and result says what is wrong. */
static bool read_query(const struct command *command, struct query *query,
		       struct result *result)
{
	const char *verb = command_word(command, 0);

	*query = (struct query){ .count = QUERY_FEW };
	for (unsigned int i = 1; i < command->n; i += 2) {
		const char *value = command_word(command, i + 1);
		enum query_word got = query_option(query, command->words[i],
						   value, time(NULL));

		if (got == QUERY_TAKEN)
			continue;
		log_rows_refuse(result, got, verb, command->words[i], value);
		result_hint(result, TEXT_DESK_SEE_HELP, verb, NULL);
		return false;
	}
	if (query_asks(query))
		return true;
	result_error(result, RESULT_WRONG, TEXT_SEARCH_WHAT, NULL, NULL, NULL);
	result_hint(result, TEXT_DESK_SEE_HELP, verb, NULL);
	return false;
}

/* An index that is not there any more is not asked again. */
static bool ask_index(struct desk *desk, const struct query *query,
		      struct seek_answer *answer, struct result *result)
{
	struct err why = { "" };

	answer->why[0] = '\0';
	if (desk->index < 0)
		err_set(&why, "it has ended");
	else if (seek(desk->index, query, answer, &why) < 0)
		own_close(&desk->index);
	else if (*answer->why)
		err_set(&why, "%s", answer->why);
	else
		return true;
	result_error(result, RESULT_FAILED, TEXT_SEARCH_NO_INDEX, why.text,
		     NULL, NULL);
	result_hint(result, TEXT_SEARCH_LATER, NULL, NULL);
	return false;
}

static int open_segments(const struct desk *desk, struct result *result)
{
	struct err why;
	int seg = openat(desk->log, "seg",
			 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (seg >= 0)
		return seg;
	err_sys(&why, "seg");
	result_error(result, RESULT_FAILED, TEXT_DESK_NO_LOG, why.text, NULL,
		     NULL);
	result_hint(result, TEXT_DESK_TELL_OPERATOR, NULL, NULL);
	return -1;
}

/* 1: answer has what was found, in the segments of *seg; 0: result says why
 * not; -1 and err: a link is gone. */
static int find(struct desk *desk, const struct command *command,
		struct query *query, struct seek_answer *answer, int *seg,
		struct result *result, struct err *err)
{
	char asked[200];

	if (!read_query(command, query, result))
		return 0;
	query_vocabulary(query, asked, sizeof asked);
	if (desk_reads(desk, command_word(command, 0), asked, err) < 0)
		return -1;
	if (!ask_index(desk, query, answer, result))
		return 0;
	*seg = open_segments(desk, result);
	return *seg >= 0;
}

int desk_search(struct desk *desk, const struct command *command,
		struct result *result, struct err *err)
{
	static struct seek_answer answer;
	AUTO_FD int seg = -1;
	struct query query;
	char number[24];
	int got = find(desk, command, &query, &answer, &seg, result, err);

	if (got <= 0)
		return got;
	log_rows_found(result, &answer.found, &query, seg);
	snprintf(number, sizeof number, "%" PRIu64, answer.nbad);
	if (answer.nbad > 0)
		result_note(result, TEXT_DESK_LOG_BAD, number, NULL, NULL);
	return 0;
}

static int write_ocsf(struct desk *desk, const struct found *found,
		      const struct query *query, int seg, struct err *err)
{
	static struct found_record record;
	struct found_reader reader;
	char origin[OCSF_ORIGIN];
	size_t len;
	FILE *page = open_memstream(&desk->page, &len);

	if (!page)
		return err_set(err, "out of memory");
	ocsf_origin(desk->log, origin);
	found_begin(&reader, seg);
	for (unsigned int i = 0; i < found->n; i++)
		if (found_read(&reader, &found->places[i], query, &record,
			       err) == 0)
			ocsf_write(page, &record, origin);
	found_end(&reader);
	fclose(page);
	return 0;
}

int desk_ocsf(struct desk *desk, const struct command *command,
	      struct result *result, struct err *err)
{
	static struct seek_answer answer;
	AUTO_FD int seg = -1;
	struct query query;
	int got = find(desk, command, &query, &answer, &seg, result, err);

	if (got <= 0)
		return got;
	result_begin(result, RESULT_LIST, TEXT_SEARCH_TITLE);
	return write_ocsf(desk, &answer.found, &query, seg, err);
}

/* --- Proofs ------------------------------------------------------------------- */

static bool read_number(const char *word, uint64_t *number)
{
	char *end;

	*number = strtoull(word, &end, 10);
	return *word >= '0' && *word <= '9' && !*end;
}

/* The words, of which there must be as many; false, and result says so. */
static bool read_sizes(const struct desk *desk, const struct command *command,
		       unsigned int n, uint64_t numbers[static 2],
		       struct result *result)
{
	for (unsigned int i = 0; i < n; i++) {
		const char *word = command_word(command, i + 1);

		numbers[i] = 0;
		if ((i == 1 && strcmp(word, "latest") == 0) ||
		    read_number(word, &numbers[i]))
			continue;
		log_rows_refuse(result,
				*word ? QUERY_BAD_VALUE : QUERY_NO_VALUE, "",
				command_word(command, 0), word);
		result_hint(result, TEXT_DESK_SEE_HELP,
			    command_word(command, 0), NULL);
		return false;
	}
	return !desk_too_many(desk, command, n, result);
}

/* The text as it is, so that it can be kept as a file. */
static int show(struct desk *desk, char *text, const struct err *why,
		struct result *result)
{
	if (text) {
		result_begin(result, RESULT_ONE, TEXT_SEARCH_TITLE);
		desk->page = text;
		return 0;
	}
	result_error(result, RESULT_FAILED, TEXT_PROOF_NONE, why->text, NULL,
		     NULL);
	return 0;
}

int desk_proof(struct desk *desk, const struct command *command,
	       struct result *result, struct err *err)
{
	struct err why = { "" };
	uint64_t numbers[2];

	if (!read_sizes(desk, command, 1, numbers, result))
		return 0;
	if (desk_reads(desk, "proof", "", err) < 0)
		return -1;
	return show(desk, offline_proof(desk->log, numbers[0], &why), &why,
		    result);
}

int desk_consistency(struct desk *desk, const struct command *command,
		     struct result *result, struct err *err)
{
	struct err why = { "" };
	uint64_t numbers[2];

	if (!read_sizes(desk, command, 2, numbers, result))
		return 0;
	if (desk_reads(desk, "consistency", "", err) < 0)
		return -1;
	return show(
		desk,
		offline_consistency(desk->log, numbers[0], numbers[1], &why),
		&why, result);
}
