#include "policy/airlock/compare/review.h"

#include <string.h>

#include "policy/airlock/compare/names.h"
#include "policy/airlock/compare/text.h"

enum {
	PREFIXES_BLOCK = 3, /* different beginnings of pseudonyms */
	TRAILING_LINES = 10,
	TRAILING_PERCENT = 5,
};

/* Not memset: most of it is memory that a small check never touches. */
void review_init(struct review *review)
{
	review->profile = profile_default();
	review->card = (struct card){ 0 };
	review->nfiles = 0;
	pseudonyms_init(&review->pseudonyms);
	findings_init(&review->findings);
}

void review_clear(struct review *review)
{
	table_clear(&review->table);
	table_clear(&review->textual.table);
	table_clear(&review->document.table);
	differences_clear(&review->differences);
}

static void raise_file(struct review *review, enum finding_code code,
		       uint32_t row, uint64_t first, uint64_t second)
{
	findings_raise(&review->findings,
		       (struct finding){
			       .code = code,
			       .file = review->earlier ? 0 : review->file,
			       .row = row,
			       .first = first,
			       .second = second,
		       });
}

static void scan_name(struct review *review, const char *name)
{
	struct scan_hits hits = { 0 };
	struct scan scan = { 0 };

	scan_init(&scan, &review->pseudonyms, &hits);
	scan_feed(&scan, (const uint8_t *)name, strlen(name));
	scan_end(&scan);
	if (hits.whole + hits.reversed + hits.prefixes > 0)
		raise_file(review, FINDING_I01_PSEUDONYM, 0, 0, 0);
}

static void look_for_twin(struct review *review, const uint8_t *sha256)
{
	for (size_t i = 0; i < review->nfiles; i++) {
		uint64_t number = review->files[i].number;

		if (memcmp(review->files[i].sha256, sha256, REVIEW_HASH) != 0)
			continue;
		if (review->files[i].earlier)
			raise_file(review, FINDING_F14_DUPLICATE, 0, 0, number);
		else
			raise_file(review, FINDING_F14_DUPLICATE, 0, number, 0);
		return;
	}
}

static void remember(struct review *review, const uint8_t *sha256)
{
	size_t at = review->nfiles;

	if (at == REVIEW_FILES)
		return;
	review->files[at].number = review->file;
	review->files[at].earlier = review->earlier;
	memcpy(review->files[at].sha256, sha256, REVIEW_HASH);
	review->nfiles++;
}

static void begin_checks(struct review *review, const struct review_file *file)
{
	if (!name_is_plain(file->name))
		raise_file(review, FINDING_F13_NAME, 0, 0, 0);
	scan_name(review, file->name);
	look_for_twin(review, file->sha256);
	if (file->size > review->profile.max_bytes)
		raise_file(review, FINDING_F03_SIZE, 0, file->size,
			   review->profile.max_bytes);
}

void review_begin(struct review *review, const struct review_file *file)
{
	review->file = file->number;
	review->earlier = file->earlier;
	review->size = file->size;
	review->bytes = 0;
	review->typed = review->ended = false;
	review->not_utf8 = review->maybe_cp932 = false;
	review->line = review->trailing = 0;
	review->used = 0;
	review->marks = 0;
	review->is_text = review->is_json = false;
	document_begin(&review->document);
	review->text_line = 0;
	textual_taken(&review->textual);
	table_clear(&review->table);
	memset(&review->hits, 0, sizeof review->hits);
	scan_init(&review->scan, &review->pseudonyms, &review->hits);
	encoded_init(&review->encoded, &review->pseudonyms, file->size);
	if (!file->earlier)
		begin_checks(review, file);
	remember(review, file->sha256);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void end_line(struct review *review)
{
	const struct text_check check = {
		.profile = &review->profile,
		.findings = &review->findings,
		.file = review->file,
	};
	size_t len = review->used;

	if (len > 0 && review->text[len - 1] == '\r')
		len--;
	review->line++;
	review->trailing += len > 0 && is_blank(review->text[len - 1]);
	text_check_line(&check, review->line, review->text, len);
	review->marks += text_marks(review->text, len);
	review->used = 0;
}

/* Lines as they stand in the file. One that is too long is cut in parts. */
static void take_bytes(struct review *review, const uint8_t *bytes, size_t len)
{
	review->bytes += len;
	if (review->earlier)
		return;
	scan_feed(&review->scan, bytes, len);
	encoded_feed(&review->encoded, bytes, len);
	while (len > 0) {
		const uint8_t *end = memchr(bytes, '\n', len);
		size_t n = end ? (size_t)(end - bytes) : len;
		size_t room = sizeof review->text - review->used;
		size_t part = n < room ? n : room;

		memcpy(review->text + review->used, bytes, part);
		review->used += part;
		if (end && part == n)
			part++;
		if ((end && part > n) || part == room)
			end_line(review);
		bytes += part;
		len -= part;
	}
}

/* What the file's form lacks; a fault that parse cannot know is none. */
static int take_fault(struct review *review, const struct parsed_item *item,
		      struct err *err)
{
	char word[64];

	if (item->len >= sizeof word)
		return err_set(err, "a fault's code is too long");
	memcpy(word, item->bytes, item->len);
	word[item->len] = '\0';
	enum finding_code code = finding_code_of(word);
	if (review->earlier)
		return 0;
	if (code == FINDING_CODES || word[0] != 'F')
		return err_set(err, "no fault is called %s", word);
	if (code == FINDING_F07_CP932)
		review->maybe_cp932 = true;
	if (code == FINDING_F07_ENCODING && item->row > 0 &&
	    review->profile.accept_cp932) {
		review->not_utf8 = true;
		return 0;
	}
	findings_raise(&review->findings, (struct finding){
						  .code = code,
						  .file = review->file,
						  .row = item->row,
						  .column = item->column,
					  });
	return 0;
}

/* Run all checks of a table. */
static void check_one(struct review *review, const struct table *table,
		      struct findings *findings)
{
	const struct check check = {
		.profile = &review->profile,
		.card = &review->card,
		.table = table,
		.columns = &review->columns,
		.findings = findings,
		.file = review->file,
	};
	bool kept;

	if (table->nrows == 0)
		return;
	if (table->full ||
	    !columns_read(&review->columns, table, &review->card)) {
		raise_file(review, FINDING_E01_ENGINE, 0, 0, 0);
		return;
	}
	if (review->earlier) {
		kept = differences_keep(&review->differences, &check);
	} else {
		check_table(&check);
		kept = differences_check(&review->differences, &check);
	}
	if (!kept)
		raise_file(review, FINDING_E01_ENGINE, 0, 0, 0);
}

/*
 * A table inside a text. Numbers at the ends of lines may be anything, so a
 * list of them asks where a table would block.
 */
static void check_textual(struct review *review)
{
	bool list = textual_is_list(&review->textual);

	findings_init(&review->maybe);
	check_one(review, &review->textual.table, &review->maybe);
	for (size_t i = 0; i < review->maybe.n; i++) {
		struct finding f = review->maybe.list[i];

		if (list && f.severity == SEVERITY_BLOCK)
			f.severity = SEVERITY_FLAG;
		findings_add(&review->findings, &f);
	}
	textual_taken(&review->textual);
}

static void check_document(void *owner, const struct table *table)
{
	struct review *review = owner;

	check_one(review, table, &review->findings);
}

static void take_line(struct review *review, const char *text, size_t len)
{
	review->text_line++;
	if (review->is_json)
		document_line(&review->document, review->text_line, text, len);
	if (review->is_text &&
	    textual_line(&review->textual, review->text_line, text, len)) {
		check_textual(review);
		textual_line(&review->textual, review->text_line, text, len);
	}
}

static bool is_word(const struct parsed_item *item, const char *word)
{
	return item->len == strlen(word) &&
	       memcmp(item->bytes, word, item->len) == 0;
}

static void take_type(struct review *review, const struct parsed_item *item)
{
	review->typed = true;
	review->is_text = is_word(item, "text");
	review->is_json = is_word(item, "json");
	review->document.found = check_document;
	review->document.owner = review;
}

int review_item(struct review *review, const struct parsed_item *item,
		struct err *err)
{
	if (review->typed == (item->kind == PARSED_TYPE))
		return err_set(err, "the parse begins with no type, or twice");
	switch (item->kind) {
	case PARSED_TYPE:
		take_type(review, item);
		return 0;
	case PARSED_BYTES:
		take_bytes(review, item->bytes, item->len);
		return 0;
	case PARSED_ROW:
		table_add_row(&review->table, item->row);
		return 0;
	case PARSED_CELL:
		table_add_cell(&review->table, item->bytes, item->len);
		return 0;
	case PARSED_FAULT:
		return take_fault(review, item, err);
	case PARSED_END:
		review->ended = true;
		return 0;
	case PARSED_LINE:
		take_line(review, (const char *)item->bytes, item->len);
		return 0;
	case PARSED_NONE:
	case PARSED_KINDS:
	default:
		return err_set(err, "an item of no kind");
	}
}

static void end_identifiers(struct review *review)
{
	const struct scan_hits *hits = &review->hits;
	const struct scan_hits *inside = &review->encoded.hits;

	scan_end(&review->scan);
	if (hits->whole > 0)
		raise_file(review, FINDING_I01_PSEUDONYM, hits->whole_line, 0,
			   0);
	if (hits->reversed > 0)
		raise_file(review, FINDING_I02_ENCODED, hits->reversed_line, 0,
			   0);
	if (inside->whole + inside->reversed > 0 ||
	    inside->prefixes >= PREFIXES_BLOCK)
		raise_file(review, FINDING_I02_ENCODED, review->encoded.found,
			   0, 0);
	if (review->encoded.bomb)
		raise_file(review, FINDING_F05_BOMB, 0, 0, 0);
	if (review->encoded.hidden)
		raise_file(review, FINDING_F10_HIDDEN, 0, 0, 0);
	if (review->encoded.exhausted)
		raise_file(review, FINDING_E01_ENGINE, 0, 0, 0);
	const struct finding beginnings = {
		.code = FINDING_I01_PSEUDONYM_PREFIX,
		.severity = hits->prefixes >= PREFIXES_BLOCK ? SEVERITY_BLOCK
							     : SEVERITY_FLAG,
		.file = review->file,
		.row = hits->prefix_line,
		.first = hits->prefixes,
	};
	if (hits->prefixes > 0)
		findings_add(&review->findings, &beginnings);
}

static void end_form(struct review *review)
{
	struct finding encoding = {
		.code = FINDING_F07_ENCODING,
		.severity =
			review->maybe_cp932 ? SEVERITY_FLAG : SEVERITY_BLOCK,
		.file = review->file,
		.row = 1,
	};
	uint64_t rows = review->table.total;

	if (review->not_utf8)
		findings_add(&review->findings, &encoding);
	if (review->line >= TRAILING_LINES &&
	    (uint64_t)review->trailing * 100 >
		    (uint64_t)review->line * TRAILING_PERCENT)
		raise_file(review, FINDING_F08_TRAILING_SPACE, 0,
			   review->trailing, review->line);
	if (review->marks >= review->profile.k)
		raise_file(review, FINDING_P01_POINT_MARKS, 0, review->marks,
			   0);
	if (table_has_heading(&review->table))
		rows--;
	if (rows > review->profile.max_rows)
		raise_file(review, FINDING_F04_ROWS, 0, rows,
			   review->profile.max_rows);
}

void review_end(struct review *review)
{
	if (!review->ended || review->bytes != review->size)
		raise_file(review, FINDING_E01_ENGINE, 0, 0, 0);
	if (!review->earlier) {
		if (review->used > 0)
			end_line(review);
		end_identifiers(review);
		end_form(review);
	}
	check_one(review, &review->table, &review->findings);
	table_clear(&review->table);
	if (textual_end(&review->textual))
		check_textual(review);
	if (review->is_json)
		document_end(&review->document);
	if (review->document.full)
		raise_file(review, FINDING_E01_ENGINE, 0, 0, 0);
}

void review_failed(struct review *review)
{
	review->ended = false;
	review_end(review);
}
