/*
 * findings - what a check has found, a bounded list that loses no block.
 */
#ifndef POLICY_AIRLOCK_COMPARE_FINDINGS_H
#define POLICY_AIRLOCK_COMPARE_FINDINGS_H

#include <stddef.h>
#include <stdint.h>

#include "policy/client.h"

enum {
	FINDINGS_MOST = 200, /* of a check */
	FINDINGS_EACH = 20,  /* of one code, severity and file */
};

/* Codes whose check runs; a planned one cannot be raised. */
enum finding_code {
#define FINDING(code, family, severity, parameter, english, japanese, remedy,  \
		remedy_japanese)                                               \
	FINDING_##code,
#include "policy/airlock/findings.def"
#undef FINDING
	FINDING_CODES
};

struct finding {
	enum finding_code code;
	enum severity severity;
	uint32_t file, row, column; /* line and cell, from 1; 0: the file */
	uint64_t first, second;	    /* as the sentence says */
};

struct findings {
	size_t n;
	uint32_t lost; /* did not fit */
	enum checked verdict;
	struct finding list[FINDINGS_MOST];
};

void findings_init(struct findings *findings);

/*
 * Add one. If there are too many of its kind, or no room, it is counted as
 * lost; but a block takes the place of what is less grave, and of a block
 * that is not the only one of its kind. The verdict counts those lost too.
 */
void findings_add(struct findings *findings, const struct finding *finding);

/* The same, with the usual severity of its code. */
void findings_raise(struct findings *findings, struct finding finding);

/* The code of this word. FINDING_CODES: no check of that name runs. */
enum finding_code finding_code_of(const char *word);

/* In the order of files, severities, rows and columns. */
void findings_sort(struct findings *findings);

#endif
