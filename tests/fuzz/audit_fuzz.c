/* links: audit gateway/base; -lcrypto */
/*
 * audit - what an enemy's log, checkpoint, proof or receipt may say: refused,
 * or of one spelling only.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "audit/proof_text.h"
#include "audit/receipt.h"
#include "audit/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A string that was accepted is written again just as it stood there. */
static void same_again(const struct canonical_field *field)
{
	static char text[CANONICAL_MAX + 1], again[6 * CANONICAL_MAX + 8];

	if (field->kind != CANONICAL_STRING)
		return;
	long n =
		canonical_unescape(text, sizeof text, field->value, field->len);
	if (n < 0)
		abort();
	long back = canonical_escape(again, sizeof again, text, (size_t)n);
	if (back != (long)field->len ||
	    memcmp(again, field->value, field->len) != 0)
		abort();
}

static void line(const char *bytes, size_t size)
{
	static struct record_view view;
	static struct canonical plain;
	struct err err;
	int scanned = canonical_scan(&plain, bytes, size);

	for (unsigned int i = 0; scanned == 0 && i < plain.nfields; i++)
		same_again(&plain.fields[i]);
	/* Expecting keys changes nothing but the time it takes. */
	if (record_read(&view, bytes, size, &err) == 0 && scanned < 0)
		abort();
	if ((canonical_scan_expecting(&view.line,
				      &(struct canonical_expected){ .n = 0 },
				      bytes, size) == 0) != (scanned == 0))
		abort();
}

static void texts(const char *bytes, size_t size)
{
	struct checkpoint checkpoint;
	struct proof_text proof;
	struct note note;
	struct err err;

	if (proof_text_read(&proof, bytes, size, &err) == 0) {
		bytes = proof.checkpoint;
		size = proof.checkpoint_len;
	}
	if (note_parse(&note, bytes, size, &err) == 0) {
		bytes = note.text;
		size = note.text_len;
	}
	checkpoint_parse(&checkpoint, bytes, size, &err);
}

static void receipt(const char *bytes, size_t size)
{
	static struct receipt_file file;
	struct canonical statement;
	struct receipt parts;
	struct err err;
	size_t at = 0;

	if (receipt_read(&parts, bytes, size, &err) < 0)
		return;
	if (canonical_scan_upto(&statement, parts.statement,
				parts.statement_len, RECEIPT_STATEMENT) == 0) {
		const struct canonical_field *files =
			canonical_find(&statement, "files");

		while (files && receipt_next(files, &at, &file) > 0)
			;
	}
	receipt_clear(&parts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Exactly as large as it is, so that a byte too many is noticed. */
	char *bytes = malloc(size + (size == 0));

	if (!bytes)
		return 0;
	memcpy(bytes, data, size);
	line(bytes, size);
	texts(bytes, size);
	receipt(bytes, size);
	free(bytes);
	return 0;
}
