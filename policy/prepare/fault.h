/*
 * fault - why a preparation stopped, by code and place, never by value.
 *
 * The codes are errors.def. A fault carries where (source, line, column) and
 * how often, and nothing that stood in a source.
 */
#ifndef POLICY_PREPARE_FAULT_H
#define POLICY_PREPARE_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "gateway/base/text.h"

enum fault_code {
	FAULT_NONE = 0,
#define FAULT(name, exit) FAULT_##name,
#include "policy/prepare/errors.def"
#undef FAULT
	FAULTS
};

struct fault {
	enum fault_code code;
	char source[64];  /* its name in the recipe; "" is none */
	uint64_t line;	  /* of the source, from 1; 0 is none */
	uint32_t column;  /* number from 1; 0 is none */
	char name[64];	  /* the column's, if it may be printed */
	uint64_t count;	  /* what is counted depends on the code; 0: none */
	char detail[256]; /* a path, a system's reason: never a value */
};

/* Begin a fault of this code. Always -1. */
int fault_set(struct fault *fault, enum fault_code code);
/* The same with a detail: what, which is a path or a word of ours. */
int fault_say(struct fault *fault, enum fault_code code, const char *what);
/* What errno means for this path: DISK_FULL where it does, else IO. */
int fault_sys(struct fault *fault, const char *what);

/* Note column number (from 1) and its name, which is kept only if it is
 * [A-Za-z_][A-Za-z0-9_]*. Always -1. */
int fault_column(struct fault *fault, uint32_t number, const char *name,
		 size_t len);

/* "E_RAGGED". */
const char *fault_word(enum fault_code code);
/* The exit status that belongs to a code: 2 to 6. */
int fault_exit(enum fault_code code);

/* The code that has this sentence; otherwise `else_code`. */
enum fault_code fault_of_text(enum text_id id, enum fault_code else_code);

/* One line of JSON with the sentence in lang. */
void fault_print(FILE *out, const struct fault *fault, const char *lang);

#endif
