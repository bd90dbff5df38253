#include "audit/submission.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The next line without its LF; NULL if there is none. */
static const char *next_line(const char **bytes, size_t *left, size_t *len)
{
	const char *line = *bytes;
	const char *end = *left ? memchr(line, '\n', *left) : NULL;

	if (!end)
		return NULL;
	*len = (size_t)(end - line);
	*bytes = end + 1;
	*left -= *len + 1;
	return line;
}

static int read_old(const char *line, size_t len, uint64_t *old)
{
	static const char word[] = "old ";
	size_t skip = sizeof word - 1;

	*old = 0;
	if (!line || len <= skip || memcmp(line, word, skip) != 0 ||
	    (line[skip] == '0' && len > skip + 1))
		return -1;
	for (size_t i = skip; i < len; i++)
		if (line[i] < '0' || line[i] > '9' ||
		    __builtin_mul_overflow(*old, 10, old) ||
		    __builtin_add_overflow(*old, (uint64_t)(line[i] - '0'),
					   old))
			return -1;
	return 0;
}

/* A signature line that cannot be read is one that does not verify; the rest
 * of the note says whose it should be. */
static void drop_signatures(struct note *note, const char *bytes, size_t len)
{
	const char *end = memmem(bytes, len, "\n\n", 2);

	note->text = bytes;
	note->text_len = end ? (size_t)(end - bytes) + 1 : 0;
	note->nsignatures = 0;
}

int submission_read(struct submission *submission, const char *bytes,
		    size_t len, struct err *err)
{
	struct proof *proof = &submission->proof;
	size_t n = 0;
	const char *line = next_line(&bytes, &len, &n);

	proof->n = 0;
	if (read_old(line, n, &submission->old) < 0)
		return err_set(err, "no proper old size");
	while ((line = next_line(&bytes, &len, &n)) && n > 0)
		if (proof->n == SUBMISSION_PROOF ||
		    !hash_from_base64(&proof->hashes[proof->n++], line, n))
			return err_set(err, "not a proof");
	if (!line)
		return err_set(err, "no checkpoint");
	submission->bytes = bytes;
	submission->len = len;
	if (note_parse(&submission->note, bytes, len, err) < 0)
		drop_signatures(&submission->note, bytes, len);
	return checkpoint_parse(&submission->checkpoint, submission->note.text,
				submission->note.text_len, err);
}

long submission_write(char *out, size_t size,
		      const struct submission *submission)
{
	char hash[HASH_BASE64_SIZE];
	int n = snprintf(out, size, "old %" PRIu64 "\n", submission->old);
	size_t used = (size_t)n;

	for (unsigned int i = 0; n >= 0 && i < submission->proof.n; i++) {
		if (used >= size)
			return -1;
		hash_base64(hash, &submission->proof.hashes[i]);
		n = snprintf(out + used, size - used, "%s\n", hash);
		used += (size_t)n;
	}
	if (n < 0 || used >= size || submission->len >= size - used - 1)
		return -1;
	out[used++] = '\n';
	memcpy(out + used, submission->bytes, submission->len);
	out[used + submission->len] = '\0';
	return (long)(used + submission->len);
}
