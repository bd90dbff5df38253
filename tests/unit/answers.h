/*
 * answers - what a policy would answer to desks: one permit, one request with
 * a table and a text, and findings on them. For tests that look at screens.
 */
#ifndef TESTS_UNIT_ANSWERS_H
#define TESTS_UNIT_ANSWERS_H

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "gateway/base/msg.h"
#include "gateway/base/parsed.h"
#include "gateway/base/result.h"

static inline void answers_columns(struct result *r, const char *keys)
{
	/* key:kind, one letter a kind */
	char copy[512], *rest = copy, *word;

	snprintf(copy, sizeof copy, "%s", keys);
	while ((word = strsep(&rest, " "))) {
		char *kind = strchr(word, ':');
		const char *kinds = "tnisTd";

		*kind = '\0';
		result_column(
			r, word,
			(enum result_kind)(strchr(kinds, kind[1]) - kinds));
	}
}

/* Cells of rows: "|" between cells, lines between rows. */
static inline void answers_rows(struct result *r, const char *rows)
{
	char copy[4096], *rest = copy, *row;

	snprintf(copy, sizeof copy, "%s", rows);
	while ((row = strsep(&rest, "\n"))) {
		char *cell;

		result_row(r);
		while ((cell = strsep(&row, "|")))
			result_text(r, cell);
	}
}

static const char answers_findings_columns[] =
	"file:n name:t code:i severity:s row:n column:n first:n second:n";
static const char answers_files_columns[] =
	"file:n name:t type:i size:n sha256:i state:s block:n flag:n info:n "
	"viewed:s vote:s";

static inline void answers_check(struct result *r)
{
	result_begin(r, RESULT_LIST, TEXT_ASK_DONE);
	answers_columns(r, answers_findings_columns);
	answers_rows(r, "1|table1.csv|T01_MIN_CELL|block|3|2|10|0\n"
			"1|table1.csv|T01_MIN_CELL|block|5|3|10|0\n"
			"2|メモ.txt|F08_CONTROL|block|2|9|0|0\n"
			"1|table1.csv|T02_ZERO_CELL|flag|4|2|0|0\n"
			"2|メモ.txt|F07_BOM|info|0|0|0|0");
	r->exit = 2;
}

static inline void answers_findings(struct result *r, const char *file)
{
	result_begin(r, RESULT_LIST, TEXT_ASK_DONE);
	answers_columns(r, answers_findings_columns);
	answers_rows(r, strcmp(file, "2") == 0
				? "2|メモ.txt|F08_CONTROL|block|2|9|0|0\n"
				  "2|メモ.txt|F07_BOM|info|0|0|0|0"
				: "1|table1.csv|T01_MIN_CELL|block|3|2|10|0\n"
				  "1|table1.csv|T01_MIN_CELL|block|5|3|10|0\n"
				  "1|table1.csv|T02_ZERO_CELL|flag|4|2|0|0");
}

static inline void answers_queue(struct result *r)
{
	char rows[512];
	long long now = time(NULL);

	snprintf(rows, sizeof rows,
		 "3|P-2026-001|review|2|2|0|1|0|%lld\n"
		 "5|P-2026-004|review|12|0|0|3|2|%lld\n"
		 "6|P-2026-001|review|1|1|0|0|0|%lld",
		 now - 3 * 86400 - 60, now - 5 * 3600 - 60, now - 130);
	result_begin(r, RESULT_LIST, TEXT_ANSWER_QUEUE);
	answers_columns(r, "request:n permit:i state:s files:n open:n block:n "
			   "flag:n info:n submitted:T");
	answers_rows(r, rows);
}

static inline void answers_request(struct result *r)
{
	result_begin(r, RESULT_ONE, TEXT_ASK_DONE);
	answers_columns(r, "request:n permit:i state:s purpose:t files:n "
			   "checks:n submitted:T decided:T");
	answers_rows(r, "3|P-2026-001|review|表1: 年齢階級別の患者数と、"
			"高血圧の治療を受けている人の割合 (Table 1 of the "
			"paper, final version)|2|4|1790000000|0");
}

static inline void answers_show(struct result *r)
{
	result_begin(r, RESULT_LIST, TEXT_ASK_DONE);
	answers_columns(r, answers_files_columns);
	answers_rows(r, "1|table1.csv|csv|1204|" /* a hash */
			"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c"
			"15b0f00a08|review|2|1|0|yes|none\n"
			"2|メモ.txt|text|88|"
			"60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f"
			"558c11c752|review|1|0|1|no|none");
}

static inline void answers_status(struct result *r)
{
	result_begin(r, RESULT_LIST, TEXT_ANSWER_REQUESTS);
	answers_columns(r, "request:n state:s files:n block:n flag:n info:n "
			   "submitted:T decided:T place:n");
	answers_rows(r, "2|released|1|0|0|0|1789000000|1789100000|0\n"
			"3|review|2|0|1|0|1790000000|0|4");
}

static inline void answers_file(struct result *r, const char *file)
{
	result_begin(r, RESULT_ONE, TEXT_ASK_DONE);
	answers_columns(r, "view:n name:t type:i size:n sha256:i");
	answers_rows(r, strcmp(file, "2") == 0 ? "41|メモ.txt|text|88|"
					       : "41|table1.csv|csv|1204|");
}

static inline void answers_history(struct result *r)
{
	result_begin(r, RESULT_LIST, TEXT_ANSWER_HISTORY);
	answers_columns(r, "time:T event:s request:n file:n actor:i vote:s "
			   "reason:s remark:t");
	answers_rows(r, "1790000000|submitted|3||a1b2c3d4e5f60718|||\n"
			"1790080000|vote|3|1|77aa0c1d2e3f4a5b|return|"
			"small_count|4 行目と 5 行目の値が 10 未満です。"
			"区分をまとめてください。\n"
			"1790090000|note|3||77aa0c1d2e3f4a5b|||agreed");
}

/* A table with a wide label, numbers, and a letter that is none of ASCII. */
static inline void answers_table(struct parsed_out *out)
{
	static const char *const rows[5][4] = {
		{ "年齢階級", "男性", "女性", "note" },
		{ "30-34", "41", "52", "" },
		{ "35-39", "4", "47", "first p\xd0\xb0ss" },
		{ "40-44", "0", "61", "" },
		{ "45歳以上のすべての方", "1,203", "7", "total\033[2J" },
	};

	parsed_put(out, PARSED_TYPE, "csv", 3);
	for (uint32_t r = 0; r < 5; r++) {
		parsed_put_row(out, r + 1);
		for (size_t i = 0; i < 4; i++)
			parsed_put(out, PARSED_CELL, rows[r][i],
				   strlen(rows[r][i]));
	}
	parsed_put_end(out, 5);
}

static inline void answers_text(struct parsed_out *out)
{
	static const char *const lines[] = {
		"この表は全国の患者数を示す。A long line of text that "
		"goes on beyond the right edge of a narrow window, so that "
		"it has to be wrapped.",
		"hidden \xe2\x80\xae direction",
		"",
		"path C:\\u{41}",
	};

	parsed_put(out, PARSED_TYPE, "text", 4);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		parsed_put(out, PARSED_LINE, lines[i], strlen(lines[i]));
	parsed_put_end(out, 4);
}

static inline void answers_welcome(struct result *r)
{
	result_begin_with(r, RESULT_ONE, TEXT_DESK_INSIDE, "P-2026-001", NULL);
	result_note(r, TEXT_NOTICE_BEING_REPLACED, "claims-demo", "2026-12-01",
		    NULL);
}

/* The answer to an ASK: its verb and first two arguments. */
static inline void answers_give(struct result *r, const char *verb,
				const char *second)
{
	if (strcmp(verb, "check") == 0 || strcmp(verb, "submit") == 0)
		answers_check(r);
	else if (strcmp(verb, "welcome") == 0)
		answers_welcome(r);
	else if (strcmp(verb, "queue") == 0)
		answers_queue(r);
	else if (strcmp(verb, "request") == 0)
		answers_request(r);
	else if (strcmp(verb, "show") == 0)
		answers_show(r);
	else if (strcmp(verb, "status") == 0)
		answers_status(r);
	else if (strcmp(verb, "findings") == 0)
		answers_findings(r, second);
	else if (strcmp(verb, "file") == 0)
		answers_file(r, second);
	else if (strcmp(verb, "history") == 0)
		answers_history(r);
	else if (strcmp(verb, "vote") == 0) {
		answers_show(r);
		result_note(r, TEXT_VOTE_WAITS, "3", NULL, NULL);
	} else {
		result_error(r, RESULT_WRONG, TEXT_ASK_UNKNOWN, verb, NULL,
			     NULL);
	}
}

/* Read one ASK and answer it. False: the link is over. A verb and its second
 * argument go to the caller. */
static inline bool answers_serve(int link, char verb[64], char second[64])
{
	static struct msg m;
	static struct result r;
	char word[1200];
	struct err err;

	if (msg_receive(link, &m, &err) <= 0)
		return false;
	uint32_t ref = m.ref;
	msg_get_str(&m, verb, 64);
	second[0] = '\0';
	for (uint32_t n = msg_get_u32(&m), i = 0; i < n; i++) {
		msg_get_str(&m, word, sizeof word);
		if (i == 1)
			snprintf(second, 64, "%.63s", word);
	}
	msg_clear(&m);
	answers_give(&r, verb, second);
	return result_send(link, ref, &r, &err) == 0;
}

#endif
