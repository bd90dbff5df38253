/*
 * result - fill, encode and decode the answers of verbs.
 *
 * Runs in policy, desks and sekishoctl. Encoded bytes come from another
 * process and are checked field by field; strings are made visible when they
 * are put in, because titles of datasets and the like were typed by people.
 */
#include "gateway/base/result.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/visible.h"

/* What an encoded result costs before the first row, with room to spare. */
enum { FIXED_COST = 2048, LEN_COST = 4, SENTENCE_COST = 64 };

static const char *const codes[TEXTS] = {
#define TEXT(id, english, japanese) [TEXT_##id] = #id,
#include "gateway/base/texts.def"
#undef TEXT
};

/* Keep a string; its offset, or 0 (the empty string) if there is no room. */
static uint32_t keep(struct result *r, const char *value, bool *full)
{
	char visible[RESULT_CELL_SIZE];
	size_t len;

	if (!value || !*value)
		return 0;
	len = visible_text(visible, sizeof visible, value, strlen(value));
	if (len + LEN_COST > r->budget || r->used + len + 1 > sizeof r->chars) {
		*full = true;
		return 0;
	}
	uint32_t at = (uint32_t)r->used;
	memcpy(r->chars + at, visible, len + 1);
	r->used += len + 1;
	r->budget -= len + LEN_COST;
	return at;
}

static struct result_sentence sentence(struct result *r, enum text_id id,
				       const char *first, const char *second,
				       const char *third)
{
	const char *arguments[] = { first, second, third };
	struct result_sentence said = { .id = id };
	bool full = false;

	for (size_t i = 0; i < ARRAY_LEN(arguments); i++)
		said.arguments[i] = keep(r, arguments[i], &full);
	return said;
}

static void reset(struct result *r, enum result_shape shape)
{
	r->exit = RESULT_DONE;
	r->shape = shape;
	r->has_title = r->has_error = r->has_hint = false;
	r->ncolumns = r->nrows = r->ncells = r->nnotes = 0;
	r->cut = 0;
	r->chars[0] = '\0';
	r->used = 1;
	r->budget = RESULT_MAX - FIXED_COST;
}

void result_begin_with(struct result *r, enum result_shape shape,
		       enum text_id title, const char *first,
		       const char *second)
{
	reset(r, shape);
	r->title = sentence(r, title, first, second, NULL);
	r->has_title = true;
}

void result_begin(struct result *r, enum result_shape shape, enum text_id title)
{
	result_begin_with(r, shape, title, NULL, NULL);
}

void result_column(struct result *r, const char *key, enum result_kind kind)
{
	if (r->ncolumns == RESULT_COLUMNS || r->nrows > 0 ||
	    strlen(key) >= RESULT_KEY_SIZE)
		die("result: bad column '%s'", key);
	struct result_column *column = &r->columns[r->ncolumns++];
	snprintf(column->key, sizeof column->key, "%s", key);
	column->kind = kind;
}

void result_row(struct result *r)
{
	/* Cells that were not given are empty. */
	while (r->ncells < r->nrows * r->ncolumns)
		r->cells[r->ncells++] = 0;
	size_t need = (size_t)r->ncolumns * LEN_COST;
	if (r->cut > 0 || r->ncells + r->ncolumns > RESULT_CELLS ||
	    r->budget < need) {
		r->cut++;
		return;
	}
	r->budget -= need;
	r->nrows++;
}

void result_text(struct result *r, const char *value)
{
	bool full = false;

	if (r->cut > 0 || r->ncells == r->nrows * r->ncolumns)
		return;
	r->cells[r->ncells++] = keep(r, value, &full);
	if (!full)
		return;
	r->nrows--;
	r->ncells = r->nrows * r->ncolumns;
	r->cut = 1;
}

void result_number(struct result *r, int64_t value)
{
	char digits[24];

	snprintf(digits, sizeof digits, "%" PRId64, value);
	result_text(r, digits);
}

void result_note(struct result *r, enum text_id id, const char *first,
		 const char *second, const char *third)
{
	if (r->nnotes == RESULT_NOTES || r->budget < SENTENCE_COST)
		return;
	r->budget -= SENTENCE_COST;
	r->notes[r->nnotes++] = sentence(r, id, first, second, third);
}

void result_error(struct result *r, uint8_t exit, enum text_id id,
		  const char *first, const char *second, const char *third)
{
	reset(r, RESULT_ONE);
	r->exit = exit;
	r->error = sentence(r, id, first, second, third);
	r->has_error = true;
}

void result_hint(struct result *r, enum text_id id, const char *first,
		 const char *second)
{
	r->hint = sentence(r, id, first, second, NULL);
	r->has_hint = true;
}

/* --- Over a wire ---------------------------------------------------------- */

static void put_sentence(struct msg *m, const struct result *r, bool has,
			 const struct result_sentence *said)
{
	msg_put_u8(m, has);
	if (!has)
		return;
	msg_put_str(m, codes[said->id]);
	for (size_t i = 0; i < ARRAY_LEN(said->arguments); i++)
		msg_put_str(m, r->chars + said->arguments[i]);
}

void result_put(struct msg *answer, const struct result *r)
{
	struct msg m;

	msg_start(&m, MSG_ANSWER, 0);
	msg_put_u8(&m, (uint8_t)r->shape);
	put_sentence(&m, r, r->has_title, &r->title);
	put_sentence(&m, r, r->has_error, &r->error);
	put_sentence(&m, r, r->has_hint, &r->hint);
	msg_put_u32(&m, r->ncolumns);
	for (unsigned int i = 0; i < r->ncolumns; i++) {
		msg_put_str(&m, r->columns[i].key);
		msg_put_u8(&m, (uint8_t)r->columns[i].kind);
	}
	msg_put_u32(&m, r->nrows);
	for (unsigned int i = 0; i < r->nrows * r->ncolumns; i++)
		msg_put_str(&m, i < r->ncells ? r->chars + r->cells[i] : "");
	msg_put_u32(&m, r->cut);
	msg_put_u32(&m, r->nnotes);
	for (unsigned int i = 0; i < r->nnotes; i++)
		put_sentence(&m, r, true, &r->notes[i]);
	if (m.bad)
		answer->bad = true;
	msg_put_u8(answer, r->exit);
	msg_put_bytes(answer, m.data, m.len);
}

int result_send(int sock, uint32_t ref, const struct result *result,
		struct err *err)
{
	struct msg answer;

	msg_start(&answer, MSG_ANSWER, ref);
	result_put(&answer, result);
	return msg_send(sock, &answer, err);
}

static void get_sentence(struct msg *m, struct result *r, bool *has,
			 struct result_sentence *said)
{
	char code[64], value[RESULT_CELL_SIZE];
	bool full = false;
	unsigned int id = 0;
	uint8_t present = msg_get_u8(m);

	*has = present == 1;
	if (present > 1)
		m->bad = true;
	if (present != 1)
		return;
	msg_get_str(m, code, sizeof code);
	while (id < TEXTS && strcmp(codes[id], code) != 0)
		id++;
	for (size_t i = 0; i < ARRAY_LEN(said->arguments); i++) {
		msg_get_str(m, value, sizeof value);
		said->arguments[i] = keep(r, value, &full);
	}
	if (id == TEXTS || full)
		m->bad = true;
	else
		said->id = (enum text_id)id;
}

static bool key_valid(const char *key)
{
	return *key &&
	       key[strspn(key, "abcdefghijklmnopqrstuvwxyz_0123456789")] ==
		       '\0';
}

static void get_columns(struct msg *m, struct result *r)
{
	uint32_t n = msg_get_u32(m);

	if (n > RESULT_COLUMNS) {
		m->bad = true;
		return;
	}
	for (uint32_t i = 0; i < n; i++) {
		struct result_column *column = &r->columns[i];

		msg_get_str(m, column->key, sizeof column->key);
		uint8_t kind = msg_get_u8(m);
		if (kind >= RESULT_KINDS || !key_valid(column->key)) {
			m->bad = true;
			return;
		}
		column->kind = (enum result_kind)kind;
	}
	r->ncolumns = n;
}

static void get_rows(struct msg *m, struct result *r)
{
	uint32_t n = msg_get_u32(m);
	bool full = false;

	if (n > 0 && (r->ncolumns == 0 || n > RESULT_CELLS / r->ncolumns)) {
		m->bad = true;
		return;
	}
	for (uint32_t i = 0; i < n * r->ncolumns && !m->bad; i++) {
		char value[RESULT_CELL_SIZE];

		msg_get_str(m, value, sizeof value);
		r->cells[r->ncells++] = keep(r, value, &full);
	}
	r->nrows = n;
	r->cut = msg_get_u32(m);
	if (full)
		m->bad = true;
}

int result_get(struct msg *answer, struct result *r)
{
	struct msg m;
	size_t len;
	uint8_t shape, exit = msg_get_u8(answer);
	const uint8_t *bytes = msg_get_bytes(answer, &len);

	reset(r, RESULT_ONE);
	if (!msg_done(answer) || msg_from_bytes(&m, bytes, len) < 0)
		return -1;
	/* What was encoded within the bounds decodes within them. */
	r->budget = RESULT_MAX;
	r->exit = exit;
	shape = msg_get_u8(&m);
	get_sentence(&m, r, &r->has_title, &r->title);
	get_sentence(&m, r, &r->has_error, &r->error);
	get_sentence(&m, r, &r->has_hint, &r->hint);
	get_columns(&m, r);
	get_rows(&m, r);
	uint32_t notes = msg_get_u32(&m);
	for (uint32_t i = 0; i < notes && !m.bad; i++) {
		bool has;

		if (i == RESULT_NOTES) {
			m.bad = true;
			break;
		}
		get_sentence(&m, r, &has, &r->notes[i]);
		if (!has)
			m.bad = true;
		r->nnotes++;
	}
	if (!msg_done(&m) || shape > RESULT_LIST ||
	    (r->has_error && exit == RESULT_DONE)) {
		reset(r, RESULT_ONE);
		return -1;
	}
	r->shape = (enum result_shape)shape;
	return 0;
}

/* --- Reading -------------------------------------------------------------- */

const char *result_cell(const struct result *r, unsigned int row,
			unsigned int column)
{
	size_t at = (size_t)row * r->ncolumns + column;

	if (row >= r->nrows || column >= r->ncolumns || at >= r->ncells)
		return "";
	return r->chars + r->cells[at];
}

const char *result_code(const struct result_sentence *said)
{
	return codes[said->id];
}

char *result_say(const struct result *r, const struct result_sentence *said,
		 const char *lang, char *out, size_t size)
{
	text_fill(out, size, lang, said->id, r->chars + said->arguments[0],
		  r->chars + said->arguments[1], r->chars + said->arguments[2]);
	return out;
}
