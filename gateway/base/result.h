/*
 * result - the structured answer of a verb, before anybody renders it.
 *
 * Whoever answers a verb (policy, a desk, sekishoctl itself) fills one of
 * these; text tables, plain lines and JSON are made from it where the person
 * is. A result knows no language: columns are keys (gateway/desk/fields.def
 * has their headings), sentences are texts.def ids with arguments.
 *
 *	result_begin(&r, RESULT_LIST, TEXT_RESULT_PERMITS);
 *	result_column(&r, "permit", RESULT_ID);
 *	result_column(&r, "until", RESULT_TIME);
 *	for each permit:
 *		result_row(&r);
 *		result_text(&r, permit->id);
 *		result_number(&r, permit->until);
 *	result_send(sock, ref, &r, &err);
 */
#ifndef GATEWAY_BASE_RESULT_H
#define GATEWAY_BASE_RESULT_H

#include "gateway/base/msg.h"
#include "gateway/base/text.h"

enum {
	RESULT_MAX = 60 * 1024, /* bytes of one encoded result */
	RESULT_COLUMNS = 12,
	RESULT_CELLS = 4096,
	RESULT_NOTES = 256,
	RESULT_KEY_SIZE = 24,
	RESULT_CELL_SIZE = 1024 /* one cell or argument, NUL included */
};

/* How rows are meant: one thing with its fields, or a list of things. */
enum result_shape { RESULT_ONE = 0, RESULT_LIST };

/* TEXT is free text and never reaches a researcher's client (design 8). */
enum result_kind {
	RESULT_TEXT = 0,
	RESULT_NUMBER,
	RESULT_ID,    /* an id of ours: permit, session, person, hash, code */
	RESULT_STATE, /* a word of fields.def, such as "active" */
	RESULT_TIME,  /* seconds since 1970; 0: none */
	RESULT_DAY,   /* YYYY-MM-DD, or empty */
	RESULT_KINDS
};

/* Exit statuses of verbs. An error has one above 0; an answer with rows may
 * have one too, such as a list of what is wrong. */
enum {
	RESULT_DONE = 0,
	RESULT_FAILED = 1,
	RESULT_WRONG = 2, /* the verb or its arguments are not right */
	RESULT_DENIED = 3
};

/* A sentence: a text and its arguments, offsets into chars; 0 is "". */
struct result_sentence {
	enum text_id id;
	uint32_t arguments[3];
};

struct result_column {
	char key[RESULT_KEY_SIZE];
	enum result_kind kind;
};

/* About 80 KiB: keep it static. Readers use the functions below. */
struct result {
	uint8_t exit;
	enum result_shape shape;
	bool has_title, has_error, has_hint;
	struct result_sentence title, error, hint;
	unsigned int ncolumns, nrows, ncells, nnotes;
	uint32_t cut; /* rows that did not fit */
	struct result_column columns[RESULT_COLUMNS];
	uint32_t cells[RESULT_CELLS];
	struct result_sentence notes[RESULT_NOTES];
	size_t used, budget; /* of chars; encoded bytes that are left */
	char chars[RESULT_MAX];
};

/* --- Filling ------------------------------------------------------------- */

/* Begin an answer with exit status 0. */
void result_begin(struct result *result, enum result_shape shape,
		  enum text_id title);
/* The same, with arguments for the title (NULL: none). */
void result_begin_with(struct result *result, enum result_shape shape,
		       enum text_id title, const char *first,
		       const char *second);

/* Columns first, then rows. key: [a-z0-9_], also the name in JSON. */
void result_column(struct result *result, const char *key,
		   enum result_kind kind);

/*
 * Begin a row; then give one cell per column, in their order. A row that does
 * not fit the bounds is left out as a whole and counted. Cells not given are
 * empty. Bytes that are not text are made visible; long cells are cut.
 */
void result_row(struct result *result);
void result_text(struct result *result, const char *value);
void result_number(struct result *result, int64_t value);

/* A sentence below the rows. Too many are dropped silently. */
void result_note(struct result *result, enum text_id id, const char *first,
		 const char *second, const char *third);

/*
 * Make it an answer that says no: what was there is thrown away. exit is
 * RESULT_FAILED, RESULT_WRONG or RESULT_DENIED; hint says what to do next.
 * An err of ours can be the argument of TEXT_VERBATIM.
 */
void result_error(struct result *result, uint8_t exit, enum text_id id,
		  const char *first, const char *second, const char *third);
void result_hint(struct result *result, enum text_id id, const char *first,
		 const char *second);

/* --- Over a wire --------------------------------------------------------- */

/* Send ANSWER with this result and its exit status. 0, or -1 and err. */
int result_send(int sock, uint32_t ref, const struct result *result,
		struct err *err);

/* Put exit and result into an ANSWER, and read them; the reader distrusts
 * the bytes. result_get: 0, or -1 if anything is malformed. */
void result_put(struct msg *answer, const struct result *result);
int result_get(struct msg *answer, struct result *result);

/* --- Reading ------------------------------------------------------------- */

/* The cell as text; "" outside. Valid as long as the result. */
const char *result_cell(const struct result *result, unsigned int row,
			unsigned int column);

/* The name of a sentence's text in texts.def: a code for programs. */
const char *result_code(const struct result_sentence *sentence);

/* The sentence in lang, arguments made visible. Returns out. */
char *result_say(const struct result *result,
		 const struct result_sentence *sentence, const char *lang,
		 char *out, size_t size);

#endif
