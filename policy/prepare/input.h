/*
 * input - a source as blocks of whole records in UTF-8.
 */
#ifndef POLICY_PREPARE_INPUT_H
#define POLICY_PREPARE_INPUT_H

#include <iconv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "policy/prepare/csv.h"
#include "policy/prepare/recipe.h"

/* A block and its place in the order. bytes belong to the caller: CSV_BLOCK +
 * CSV_SLACK of them. Lines are counted from the block's first, which is 1:
 * whoever takes blocks in order adds up (csv.h counts on the way). */
struct block {
	char *bytes;
	size_t len;
	uint64_t number;
};

struct input {
	const char *name; /* of the source, for faults */
	int fd;
	struct stat before;
	enum encoding encoding;
	iconv_t convert; /* of cp932, else (iconv_t)-1 */
	char separator;
	bool crlf, bom; /* as the header showed */
	bool over;	/* all is read */
	char *rest;	/* a record that is not whole yet */
	size_t rest_len;
	char *raw; /* not converted yet */
	size_t raw_len;
	uint64_t number;
	struct evp_md_ctx_st *hash; /* of the file's bytes; NULL: not wanted */
	uint64_t bytes;
};

/* Open path in folder for the source. hashed: keep its SHA-256. The caller
 * calls input_close, also on -1. */
int input_open(struct input *input, int folder, const struct source *source,
	       bool hashed, struct fault *fault);
/* Read a file that this program wrote, UTF-8 with commas, from its begin; fd
 * stays the caller's. */
int input_again(struct input *input, int fd, const char *name,
		struct fault *fault);
/* The next block. 1; 0: the source is over; -1. */
int input_block(struct input *input, struct block *block, struct fault *fault);
/* Has the file stayed what it was when it was opened? 0 or -1. */
int input_settled(const struct input *input, struct fault *fault);
/* After the last block: the SHA-256 of the file, 64 hex digits and a NUL. */
void input_hash(struct input *input, char out[static 65]);
void input_close(struct input *input);

/* Check a block's text; a fault has the line in the block. 0 or -1. */
int block_check(const struct block *block, const struct input *input,
		struct fault *fault);

#endif
