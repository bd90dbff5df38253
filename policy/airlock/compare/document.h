/*
 * document - tables that stand in JSON: objects of the same keys, arrays.
 *
 * Takes the lines of a document. An object's own values are a row, its keys
 * the headings, the key under which it stands its label; objects with the same
 * keys at the same depth, one after another, are a table. An array of values
 * is a row whose cells all have its key as heading. That the document is
 * well-formed is parse's to say; anything else only makes odd tables.
 */
#ifndef POLICY_AIRLOCK_COMPARE_DOCUMENT_H
#define POLICY_AIRLOCK_COMPARE_DOCUMENT_H

#include "policy/airlock/compare/table.h"

enum {
	DOCUMENT_LEVELS = 64,
	DOCUMENT_CELLS = 512,  /* of one object or array */
	DOCUMENT_BYTES = 16384 /* of their keys and values */
};

struct document_text {
	uint32_t at, len; /* in bytes */
};

/* An object or array that is open. */
struct document_level {
	bool object;
	uint64_t keys; /* a hash of them */
	uint32_t n;
	size_t used;
	struct document_text label, key; /* the present one */
	struct document_text keyed[DOCUMENT_CELLS], value[DOCUMENT_CELLS];
	char bytes[DOCUMENT_BYTES];
};

struct document {
	struct table table; /* of the rows so far */
	uint64_t shape;	    /* of its rows: keys and depth; 0: none */
	size_t depth;
	bool in_string, escaped, full;
	uint32_t number; /* the present line */
	size_t used;	 /* of token */
	char token[DOCUMENT_BYTES];
	struct document_level level[DOCUMENT_LEVELS];

	/* Called with each table; the document goes on after it. */
	void (*found)(void *owner, const struct table *table);
	void *owner;
};

/* Begin a document; found and owner stay. */
void document_begin(struct document *document);
void document_line(struct document *document, uint32_t number, const char *text,
		   size_t len);
void document_end(struct document *document);

#endif
