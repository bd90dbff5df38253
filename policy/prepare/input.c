/*
 * input - read, hash, convert, and cut where a record ends.
 *
 * Runs in sekisho-prepare. CP932 has backslashes and other bytes of ASCII as
 * second bytes, so it is converted before anything looks for separators.
 */
#include "policy/prepare/input.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/err.h"
#include "gateway/base/own.h"
#include "policy/prepare/csv_text.h"
#include "policy/prepare/disk.h"
#include "policy/prepare/need.h"

enum { RAW = 64 * 1024, PIECE = CSV_BLOCK / 4 };

static int place(const struct input *input, struct fault *fault)
{
	snprintf(fault->source, sizeof fault->source, "%s", input->name);
	return -1;
}

/* What both ways of opening have in common. */
static int begin(struct input *input, struct fault *fault)
{
	if (fstat(input->fd, &input->before) < 0) {
		fault_sys(fault, input->name);
		return place(input, fault);
	}
	if (!S_ISREG(input->before.st_mode)) {
		fault_say(fault, FAULT_IO, "not a regular file");
		return place(input, fault);
	}
	posix_fadvise(input->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	input->rest = need(CSV_BLOCK, 1);
	input->raw = need(RAW, 1);
	return 0;
}

int input_open(struct input *input, int folder, const struct source *source,
	       bool hashed, struct fault *fault)
{
	*input = (struct input){ .name = source->name,
				 .fd = -1,
				 .encoding = (enum encoding)source->encoding,
				 .convert = (iconv_t)-1,
				 .separator = source->separator };
	input->fd = openat(folder, source->path, O_RDONLY | O_CLOEXEC);
	if (input->fd < 0) {
		fault_sys(fault, source->path);
		return place(input, fault);
	}
	if (begin(input, fault) < 0)
		return -1;
	if (input->encoding == ENCODING_CP932) {
		input->convert = iconv_open("UTF-8", "CP932");
		if (input->convert == (iconv_t)-1) {
			fault_say(fault, FAULT_ENCODING,
				  "this system cannot convert cp932");
			return place(input, fault);
		}
	}
	input->hash = hashed ? EVP_MD_CTX_new() : NULL;
	if (hashed && (!input->hash ||
		       EVP_DigestInit_ex(input->hash, EVP_sha256(), NULL) != 1))
		die("SHA-256 is not available");
	return 0;
}

int input_again(struct input *input, int fd, const char *name,
		struct fault *fault)
{
	char self[64];

	/* a place of its own in the file: two threads may read it */
	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	*input = (struct input){ .name = name,
				 .fd = open(self, O_RDONLY | O_CLOEXEC),
				 .encoding = ENCODING_UTF8,
				 .convert = (iconv_t)-1,
				 .separator = ',' };
	if (input->fd < 0)
		return fault_sys(fault, name);
	return begin(input, fault);
}

void input_close(struct input *input)
{
	if (input->fd >= 0)
		close(input->fd);
	input->fd = -1;
	if (input->convert != (iconv_t)-1)
		iconv_close(input->convert);
	input->convert = (iconv_t)-1;
	EVP_MD_CTX_free(input->hash);
	input->hash = NULL;
	free(input->rest);
	free(input->raw);
	input->rest = input->raw = NULL;
}

void input_hash(struct input *input, char out[static 65])
{
	uint8_t hash[32];

	if (EVP_DigestFinal_ex(input->hash, hash, NULL) != 1)
		die("SHA-256 failed");
	hex_text(hash, sizeof hash, out);
}

int input_settled(const struct input *input, struct fault *fault)
{
	const struct stat *before = &input->before;
	struct stat after;

	if (fstat(input->fd, &after) < 0) {
		fault_sys(fault, input->name);
		return place(input, fault);
	}
	if (after.st_size == before->st_size &&
	    input->bytes == (uint64_t)before->st_size &&
	    after.st_mtim.tv_sec == before->st_mtim.tv_sec &&
	    after.st_mtim.tv_nsec == before->st_mtim.tv_nsec)
		return 0;
	fault_set(fault, FAULT_SOURCE_CHANGED);
	return place(input, fault);
}

/* Read up to size bytes as they are. The number, 0 at the end, or -1. */
static ssize_t read_raw(struct input *input, char *out, size_t size,
			struct fault *fault)
{
	ssize_t n;

	do
		n = read(input->fd, out, size);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		fault_sys(fault, input->name);
		return place(input, fault);
	}
	if (n > 0 && input->hash &&
	    EVP_DigestUpdate(input->hash, out, (size_t)n) != 1)
		die("SHA-256 failed");
	input->bytes += (uint64_t)n;
	return n;
}

/* Convert what can be converted of raw. A character that is cut at the end
 * waits for the rest of it. */
static ssize_t convert(struct input *input, char *out, size_t size,
		       struct fault *fault)
{
	for (;;) {
		ssize_t n = read_raw(input, input->raw + input->raw_len,
				     RAW - input->raw_len, fault);
		char *in = input->raw, *to = out;
		size_t left = input->raw_len + (size_t)(n > 0 ? n : 0);
		size_t room = size;

		if (n < 0)
			return -1;
		if (left == 0)
			return 0;
		size_t done = iconv(input->convert, &in, &left, &to, &room);
		memmove(input->raw, in, left);
		input->raw_len = left;
		if (done == (size_t)-1 && errno != E2BIG &&
		    !(errno == EINVAL && n > 0)) {
			fault_set(fault, FAULT_ENCODING);
			return place(input, fault);
		}
		if (to > out)
			return to - out;
	}
}

/* The marks that other systems put in front of a file. */
static int look_at_begin(struct input *input, struct block *block,
			 struct fault *fault)
{
	const char *b = block->bytes;
	enum fault_code code = FAULT_NONE;
	const char *why = "";

	if (block->len >= 2 &&
	    (memcmp(b, "\xff\xfe", 2) == 0 || memcmp(b, "\xfe\xff", 2) == 0)) {
		code = FAULT_ENCODING;
		why = "UTF-16 byte order mark";
	} else if (block->len >= 3 && memcmp(b, "\xef\xbb\xbf", 3) == 0) {
		input->bom = true;
		memmove(block->bytes, b + 3, block->len -= 3);
	}
	if (code == FAULT_NONE)
		return 0;
	fault_say(fault, code, why);
	fault->line = 1;
	return place(input, fault);
}

/* A cp932 file that begins with a mark of UTF-8 or UTF-16 is none. */
static int look_at_raw(const struct input *input, struct fault *fault)
{
	unsigned char b[3] = { 0 };

	if (input->encoding != ENCODING_CP932 ||
	    pread(input->fd, b, sizeof b, 0) < 2)
		return 0;
	if (memcmp(b, "\xef\xbb\xbf", 3) == 0)
		fault_set(fault, FAULT_BOM);
	else if (memcmp(b, "\xff\xfe", 2) == 0 || memcmp(b, "\xfe\xff", 2) == 0)
		fault_say(fault, FAULT_ENCODING, "UTF-16 byte order mark");
	else
		return 0;
	fault->line = 1;
	return place(input, fault);
}

/* Read on until the block has `most` bytes. */
static int fill(struct input *input, struct block *block, size_t most,
		struct fault *fault)
{
	while (!input->over && block->len < most) {
		char *to = block->bytes + block->len;
		size_t room = most - block->len;
		ssize_t n = 0;

		/* converted text may be longer than what it is made of */
		if (input->convert != (iconv_t)-1 && room < 16)
			break;
		n = input->convert != (iconv_t)-1
			    ? convert(input, to, room, fault)
			    : read_raw(input, to, room, fault);
		if (n < 0)
			return -1;
		input->over = n == 0;
		block->len += (size_t)n;
	}
	return 0;
}

static bool is_odd(const char *bytes, size_t len)
{
	bool odd = false;

	for (const char *q = bytes;
	     (q = memchr(q, '"', len - (size_t)(q - bytes))); q++)
		odd = !odd;
	return odd;
}

/* Where the last record of the block ends that ends in it; 0: nowhere. A line
 * end belongs to a field while the number of quotes before it is odd. */
static size_t last_end(const struct block *block)
{
	bool inside = is_odd(block->bytes, block->len);
	size_t at = block->len;

	for (;;) {
		const char *lf = memrchr(block->bytes, '\n', at);

		if (!lf)
			return 0;
		size_t end = (size_t)(lf - block->bytes) + 1;
		inside ^= is_odd(block->bytes + end, at - end);
		if (!inside)
			return end;
		at = end - 1;
	}
}

static uint64_t count_lines(const char *bytes, size_t len)
{
	uint64_t lines = 0;

	for (size_t i = 0; i < len; i++)
		lines += bytes[i] == '\n';
	return lines;
}

static void learn_line_end(struct input *input, const struct block *block)
{
	const char *lf = memchr(block->bytes, '\n', block->len);

	input->crlf = lf && lf > block->bytes && lf[-1] == '\r';
}

/* Fill the block up to the end of a record: a piece is read, and more only if
 * no record ends in it. *end: where the last one does. */
static int fill_records(struct input *input, struct block *block, size_t *end,
			struct fault *fault)
{
	memcpy(block->bytes, input->rest, input->rest_len);
	block->len = input->rest_len;
	input->rest_len = 0;
	for (size_t most = PIECE; most <= CSV_BLOCK; most *= 4) {
		if (fill(input, block, most, fault) < 0)
			return -1;
		*end = input->over ? block->len : last_end(block);
		if (*end > 0 || input->over)
			return 0;
	}
	fault_set(fault, FAULT_TOO_LONG);
	fault->line = 1;
	return place(input, fault);
}

int input_block(struct input *input, struct block *block, struct fault *fault)
{
	bool first = input->number == 0;
	size_t end, before;

	if ((first && look_at_raw(input, fault) < 0) ||
	    fill_records(input, block, &end, fault) < 0)
		return -1;
	before = block->len;
	if (first && look_at_begin(input, block, fault) < 0)
		return -1;
	end -= before - block->len; /* the mark that was dropped */
	if (block->len == 0)
		return 0;
	input->rest_len = block->len - end;
	memcpy(input->rest, block->bytes + end, input->rest_len);
	if (first)
		learn_line_end(input, block);
	block->len = end;
	memset(block->bytes + end, 0, CSV_SLACK);
	block->number = input->number++;
	return 1;
}

/* Would these bytes be text in CP932? */
static bool is_cp932(const char *bytes, size_t len)
{
	char out[4096];
	iconv_t convert = iconv_open("UTF-8", "CP932");
	char *in = (char *)(uintptr_t)bytes;
	bool text = true;

	if (convert == (iconv_t)-1)
		return false;
	while (text && len > 0) {
		char *to = out;
		size_t room = sizeof out;

		text = iconv(convert, &in, &len, &to, &room) != (size_t)-1 ||
		       errno == E2BIG;
	}
	iconv_close(convert);
	return text;
}

int block_check(const struct block *block, const struct input *input,
		struct fault *fault)
{
	size_t where = 0;

	if (csv_text_is_plain(block->bytes, block->len))
		return 0;
	enum fault_code code = csv_check_text(block->bytes, block->len, &where);
	if (code == FAULT_NONE)
		return 0;
	fault_set(fault, code);
	if (code == FAULT_ENCODING && input->encoding == ENCODING_UTF8 &&
	    is_cp932(block->bytes, block->len))
		snprintf(fault->detail, sizeof fault->detail,
			 "the bytes decode as cp932");
	fault->line = 1 + count_lines(block->bytes, where);
	return place(input, fault);
}
