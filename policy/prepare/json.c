#include "policy/prepare/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/canonical.h"
#include "gateway/base/err.h"
#include "gateway/base/own.h"
#include "gateway/base/visible.h"

void json_string(FILE *out, const char *text, size_t len)
{
	size_t size = len * 10 + 16;
	AUTO_FREE char *escaped = malloc(size * 2);
	AUTO_FREE char *visible = malloc(size);

	if (!escaped || !visible)
		die("out of memory");
	long n = canonical_escape(escaped, size * 2, text, len);
	if (n < 0) {
		len = visible_text(visible, size, text, len);
		n = canonical_escape(escaped, size * 2, visible, len);
	}
	fprintf(out, "\"%.*s\"", (int)(n < 0 ? 0 : n), escaped);
}

void json_key(FILE *out, unsigned int *n, const char *key)
{
	if ((*n)++)
		putc(',', out);
	fprintf(out, "\"%s\":", key);
}

void json_text(FILE *out, unsigned int *n, const char *key, const char *value)
{
	json_key(out, n, key);
	json_string(out, value, strlen(value));
}

void json_number(FILE *out, unsigned int *n, const char *key, uint64_t value)
{
	json_key(out, n, key);
	fprintf(out, "%" PRIu64, value);
}
