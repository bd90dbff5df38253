#include "audit/proof_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/base64.h"
#include "gateway/base/own.h"

static const char first_line[] = "c2sp.org/tlog-proof@v1";

long proof_text_write(char *out, size_t size, const struct proof_text *text)
{
	char base64[HASH_BASE64_SIZE];
	int n = snprintf(out, size, "%s\nindex %" PRIu64 "\n", first_line,
			 text->index);
	size_t used = (size_t)n;

	if (n < 0 || used >= size)
		return -1;
	for (unsigned int i = 0; i < text->proof.n; i++) {
		hash_base64(base64, &text->proof.hashes[i]);
		n = snprintf(out + used, size - used, "%s\n", base64);
		used += (size_t)n;
		if (n < 0 || used >= size)
			return -1;
	}
	n = snprintf(out + used, size - used, "\n%.*s",
		     (int)text->checkpoint_len, text->checkpoint);
	used += (size_t)n;
	return n < 0 || used >= size ? -1 : (long)used;
}

struct rest {
	const char *at;
	size_t left;
};

/* The next line without its LF; NULL: none. */
static const char *next_line(struct rest *rest, size_t *len)
{
	const char *line = rest->at;
	const char *end = rest->left ? memchr(line, '\n', rest->left) : NULL;

	if (!end)
		return NULL;
	*len = (size_t)(end - line);
	rest->at = end + 1;
	rest->left -= *len + 1;
	return line;
}

static bool begins(const char *line, size_t len, const char *with)
{
	return len >= strlen(with) && memcmp(line, with, strlen(with)) == 0;
}

static bool is_base64(const char *text, size_t len)
{
	AUTO_FREE uint8_t *bytes = malloc(len + 1);

	return bytes && len > 0 && base64_decode(bytes, len, text, len) >= 0;
}

/* "index N" without a leading zero. */
static int read_index(const char *line, size_t len, uint64_t *index)
{
	if (!begins(line, len, "index ") || len == 6 ||
	    (line[6] == '0' && len > 7))
		return -1;
	*index = 0;
	for (size_t i = 6; i < len; i++) {
		if (line[i] < '0' || line[i] > '9' ||
		    __builtin_mul_overflow(*index, 10, index) ||
		    __builtin_add_overflow(*index, (uint64_t)(line[i] - '0'),
					   index))
			return -1;
	}
	return 0;
}

static int read_hashes(struct rest *rest, struct proof *proof, struct err *err)
{
	const char *line;
	size_t len;

	for (proof->n = 0; (line = next_line(rest, &len)) && len > 0;) {
		if (proof->n == PROOF_MAX ||
		    !hash_from_base64(&proof->hashes[proof->n++], line, len))
			return err_set(err, "a proof with a line that is no "
					    "hash");
	}
	return line ? 0 : err_set(err, "a proof without a checkpoint");
}

int proof_text_read(struct proof_text *text, const char *bytes, size_t len,
		    struct err *err)
{
	struct rest rest = { bytes, len };
	size_t n;
	const char *line = next_line(&rest, &n);

	if (!line || n != strlen(first_line) ||
	    memcmp(line, first_line, n) != 0)
		return err_set(err, "not a tlog-proof");
	line = next_line(&rest, &n);
	if (line && begins(line, n, "extra ")) {
		if (!is_base64(line + 6, n - 6))
			return err_set(err, "a proof with a malformed extra "
					    "line");
		line = next_line(&rest, &n);
	}
	if (!line || read_index(line, n, &text->index) < 0)
		return err_set(err, "a proof without a proper index");
	if (read_hashes(&rest, &text->proof, err) < 0)
		return -1;
	text->checkpoint = rest.at;
	text->checkpoint_len = rest.left;
	return 0;
}
