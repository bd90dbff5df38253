#include "audit/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void checkpoint_text(char out[static CHECKPOINT_TEXT],
		     const struct checkpoint *checkpoint)
{
	char root[HASH_BASE64_SIZE];

	hash_base64(root, &checkpoint->head.root);
	snprintf(out, CHECKPOINT_TEXT, "%s\n%" PRIu64 "\n%s\n",
		 checkpoint->origin, checkpoint->head.size, root);
}

/* The next line of *text, without its LF; NULL if there is none. */
static const char *next_line(const char **text, size_t *left, size_t *len)
{
	const char *line = *text;
	const char *end = *left ? memchr(line, '\n', *left) : NULL;

	if (!end)
		return NULL;
	*len = (size_t)(end - line);
	*text = end + 1;
	*left -= *len + 1;
	return line;
}

static int parse_size(const char *line, size_t len, uint64_t *size)
{
	*size = 0;
	if (len == 0 || (line[0] == '0' && len > 1))
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (line[i] < '0' || line[i] > '9' ||
		    __builtin_mul_overflow(*size, 10, size) ||
		    __builtin_add_overflow(*size, (uint64_t)(line[i] - '0'),
					   size))
			return -1;
	}
	return 0;
}

/* SHA-256 of nothing: the root of the empty tree. */
static const struct hash empty = { {
	0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
	0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
	0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
} };

int checkpoint_parse(struct checkpoint *checkpoint, const char *text,
		     size_t len, struct err *err)
{
	struct proof_head *head = &checkpoint->head;
	size_t n;
	const char *line = next_line(&text, &len, &n);

	if (!line || n == 0 || n >= sizeof checkpoint->origin ||
	    memchr(line, '\r', n) || memchr(line, '\0', n))
		return err_set(err, "a checkpoint without a proper origin");
	memcpy(checkpoint->origin, line, n);
	checkpoint->origin[n] = '\0';
	line = next_line(&text, &len, &n);
	if (!line || parse_size(line, n, &head->size) < 0)
		return err_set(err, "a checkpoint without a proper size");
	line = next_line(&text, &len, &n);
	if (!line || !hash_from_base64(&head->root, line, n))
		return err_set(err, "a checkpoint without a proper root");
	if (head->size == 0 && !hash_equal(&head->root, &empty))
		return err_set(err,
			       "a checkpoint of an empty tree that is not");
	while (len > 0) {
		line = next_line(&text, &len, &n);
		if (!line || n == 0)
			return err_set(err, "a malformed extension line");
	}
	return 0;
}

bool checkpoint_same(const struct checkpoint *a, const struct checkpoint *b)
{
	return strcmp(a->origin, b->origin) == 0 &&
	       a->head.size == b->head.size &&
	       hash_equal(&a->head.root, &b->head.root);
}
