/*
 * scheme - a recipe's source beside the header of its file: what becomes of
 * each field, with the keys that are needed.
 */
#ifndef POLICY_PREPARE_SCHEME_H
#define POLICY_PREPARE_SCHEME_H

#include "policy/prepare/csv.h"
#include "policy/prepare/prf.h"
#include "policy/prepare/recipe.h"

struct step {
	const struct action *action;
	struct prf prf;	 /* of a pseudonym */
	bool of_subject; /* its value is the subject, normalised */
	unsigned int normalize;
	uint32_t nlinks, *links; /* fields of a link key */
};

/* One column of the result. */
struct scheme_column {
	const struct column *column;
	uint32_t from; /* field of the source */
	uint32_t nsteps;
	struct step *steps;
};

struct scheme {
	const struct source *source;
	uint32_t nfields;
	uint32_t subject; /* field, if the source has one */
	uint32_t ncolumns;
	struct scheme_column *columns;
};

/* key: that of the permit, or of its linkage. The caller calls scheme_clear in
 * any case. */
int scheme_make(struct scheme *scheme, const struct source *source,
		const struct csv_field *header, uint32_t nfields,
		const uint8_t key[static PRF_KEY], struct fault *fault);
void scheme_clear(struct scheme *scheme);

/* The column of the result that stands for the subject, or -1. */
long scheme_subject_column(const struct scheme *scheme);

#endif
