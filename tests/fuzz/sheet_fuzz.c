/* links: gateway/desk policy/airlock/findings audit gateway/base; -ledit -lcrypto */
/*
 * sheet - whatever a parse says, a reviewer's screen gets printable text.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/visible.h"
#include "gateway/desk/findings.h"
#include "gateway/desk/sheet_show.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct result findings;

/* Findings on places that the input chooses. */
static void make_findings(const uint8_t *data, size_t size)
{
	result_begin(&findings, RESULT_LIST, TEXT_ASK_DONE);
	result_column(&findings, "code", RESULT_ID);
	result_column(&findings, "severity", RESULT_STATE);
	result_column(&findings, "row", RESULT_NUMBER);
	result_column(&findings, "column", RESULT_NUMBER);
	for (size_t i = 0; i + 1 < size && i < 16; i += 2) {
		result_row(&findings);
		result_text(&findings, "T01_MIN_CELL");
		result_text(&findings, data[i] & 1 ? "block" : "flag");
		result_number(&findings, data[i] % 8);
		result_number(&findings, data[i + 1] % 8);
	}
	findings_explain(&findings, "en");
}

static void check(const char *text)
{
	size_t len = strlen(text);

	for (size_t at = 0; at < len;) {
		unsigned int code = 0;
		size_t n = utf8_decode((const unsigned char *)text + at,
				       len - at, &code);

		if (n == 0 || (code != '\n' && visible_hides(code)))
			abort();
		at += n;
	}
}

static void show(const struct sheet *sheet, enum render_format format,
		 size_t columns)
{
	static struct sheet_show shown;
	char *bytes = NULL;
	size_t len = 0;
	struct render render = { .format = format,
				 .lang = "ja",
				 .columns = columns,
				 .out = open_memstream(&bytes, &len) };

	if (!render.out)
		abort();
	shown = (struct sheet_show){ .sheet = sheet, .findings = &findings };
	sheet_show(&render, &shown);
	fclose(render.out);
	check(bytes);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sheet sheet;
	struct err err;
	int ends[2];

	if (size > 60000 || pipe(ends) < 0)
		return 0;
	if (write(ends[1], data, size) != (ssize_t)size)
		abort();
	close(ends[1]);
	make_findings(data, size);
	if (sheet_read(&sheet, ends[0], 1, &err) == 0) {
		show(&sheet, RENDER_TEXT, size > 0 ? data[size - 1] : 80);
		show(&sheet, RENDER_PLAIN, 0);
	}
	sheet_clear(&sheet);
	close(ends[0]);
	return 0;
}
