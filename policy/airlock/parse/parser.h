/*
 * parser - one file, from its bytes to typed items.
 *
 * Memory is the parser itself, whatever comes.
 */
#ifndef POLICY_AIRLOCK_PARSE_PARSER_H
#define POLICY_AIRLOCK_PARSE_PARSER_H

#include "policy/airlock/parse/characters.h"
#include "policy/airlock/parse/json.h"
#include "policy/airlock/parse/table.h"
#include "policy/airlock/parse/type.h"

struct parser {
	struct parsed_out out;
	struct faults faults;
	enum file_type type;
	bool begun;   /* the first bytes were looked at */
	bool foreign; /* not text: its bytes are passed on and no more */
	struct characters characters;
	struct table_parser table;
	struct json json;
	uint32_t lines;
	size_t skip;		  /* bytes of a BOM still to be skipped */
	size_t used;		  /* of line */
	uint8_t line[PARSED_MAX]; /* that has begun, without its end */
};

/* Items go to the pipe; the name is as the person gave it. */
void parser_init(struct parser *p, int pipe, const char *name);

/* The next bytes of the file; the first call has as many as there are, up to
 * 4096 at least. */
void parser_feed(struct parser *p, const uint8_t *bytes, size_t len);

/* After the last bytes. 0, or -1: nobody reads. */
int parser_end(struct parser *p);

#endif
