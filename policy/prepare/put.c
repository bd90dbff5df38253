#include "policy/prepare/put.h"

#include <inttypes.h>
#include <string.h>

#include "audit/canonical.h"
#include "gateway/base/own.h"
#include "gateway/base/visible.h"
#include "policy/prepare/need.h"

void put_string(FILE *out, const char *text, size_t len)
{
	size_t size = len * 10 + 16;
	AUTO_FREE char *escaped = need(size, 2);
	AUTO_FREE char *visible = need(size, 1);
	long n = canonical_escape(escaped, size * 2, text, len);

	if (n < 0) {
		len = visible_text(visible, size, text, len);
		n = canonical_escape(escaped, size * 2, visible, len);
	}
	fprintf(out, "\"%.*s\"", (int)(n < 0 ? 0 : n), escaped);
}

void put_key(FILE *out, unsigned int *n, const char *key)
{
	if ((*n)++)
		putc(',', out);
	fprintf(out, "\"%s\":", key);
}

void put_text(FILE *out, unsigned int *n, const char *key, const char *value)
{
	put_key(out, n, key);
	put_string(out, value, strlen(value));
}

void put_number(FILE *out, unsigned int *n, const char *key, uint64_t value)
{
	put_key(out, n, key);
	fprintf(out, "%" PRIu64, value);
}
