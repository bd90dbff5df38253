#include "audit/receipt.h"

#include <stdlib.h>
#include <string.h>

#include "audit/client.h"

/* Write "key":"value" to out with room for 6 bytes each and the rest. */
static long put_member(char *out, size_t size, const char *key,
		       const char *value)
{
	size_t head = strlen(key);

	memcpy(out, key, head);
	long n =
		canonical_escape(out + head, size - head, value, strlen(value));
	return n < 0 ? -1 : n + (long)head;
}

char *audit_receipt(const struct audit_proof *proof, const char *statement,
		    size_t *len, struct err *err)
{
	size_t size = 6 * (proof->entry_len + strlen(statement)) + 64;
	char *out = malloc(size);

	if (!out) {
		err_set(err, "out of memory");
		return NULL;
	}
	long a = put_member(out, size - 8, "{\"entry\":\"", proof->entry);
	long b = a < 0 ? -1
		       : put_member(out + a, size - 8 - (size_t)a,
				    "\",\"statement\":\"", statement);
	if (b < 0 || strlen(statement) > RECEIPT_STATEMENT ||
	    proof->entry_len > CANONICAL_MAX) {
		err_set(err, "the receipt is too long or not UTF-8");
		free(out);
		return NULL;
	}
	*len = (size_t)(a + b);
	memcpy(out + *len, "\"}", 3);
	*len += 2;
	return out;
}

/* A string of the object without its escapes, or NULL. */
static char *take(const struct canonical *object, const char *key, size_t max,
		  size_t *len)
{
	const struct canonical_field *field = canonical_find(object, key);

	if (!field || field->kind != CANONICAL_STRING)
		return NULL;
	char *text = malloc(field->len + 1);
	long n = text ? canonical_unescape(text, field->len + 1, field->value,
					   field->len)
		      : -1;
	if (n < 0 || (size_t)n > max) {
		free(text);
		return NULL;
	}
	*len = (size_t)n;
	return text;
}

int receipt_read(struct receipt *receipt, const char *bytes, size_t len,
		 struct err *err)
{
	struct canonical object;

	memset(receipt, 0, sizeof *receipt);
	if (canonical_scan_upto(&object, bytes, len, RECEIPT_MAX) < 0)
		return err_set(err, "the receipt, byte %zu: %s", object.at,
			       object.why);
	receipt->entry =
		take(&object, "entry", CANONICAL_MAX, &receipt->entry_len);
	receipt->statement = take(&object, "statement", RECEIPT_STATEMENT,
				  &receipt->statement_len);
	if (receipt->entry && receipt->statement && object.nfields == 2)
		return 0;
	receipt_clear(receipt);
	return err_set(err, "a receipt is an entry and a statement");
}

void receipt_clear(struct receipt *receipt)
{
	free(receipt->entry);
	free(receipt->statement);
	memset(receipt, 0, sizeof *receipt);
}

int receipt_next(const struct canonical_field *files, size_t *at,
		 struct receipt_file *file)
{
	struct canonical_field item;

	if (files->kind != CANONICAL_ARRAY)
		return -1;
	if (!canonical_next(files, at, &item))
		return 0;
	if (item.kind != CANONICAL_OBJECT ||
	    canonical_scan(&file->object, item.value, item.len) < 0)
		return -1;
	const struct canonical_field *bytes =
		canonical_find(&file->object, "bytes");
	file->name = canonical_find(&file->object, "name");
	file->sha256 = canonical_find(&file->object, "sha256");
	if (!bytes || bytes->kind != CANONICAL_INTEGER || bytes->number < 0 ||
	    !file->name || file->name->kind != CANONICAL_STRING ||
	    !file->sha256 || file->sha256->kind != CANONICAL_STRING)
		return -1;
	file->bytes = bytes->number;
	return 1;
}
