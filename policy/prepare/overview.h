/*
 * overview - a report of a preparation, for people: as text, or as one page.
 *
 * Reads the file that `run --report` wrote (quality.h). For the custodian
 * alone, as that file is.
 */
#ifndef POLICY_PREPARE_OVERVIEW_H
#define POLICY_PREPARE_OVERVIEW_H

#include <stdio.h>

#include "policy/prepare/classes.h"

enum { OVERVIEW_NAME = 256, OVERVIEW_VALUE = 64 };

struct overview_column {
	char name[OVERVIEW_NAME], type[16];
	char least[OVERVIEW_VALUE], greatest[OVERVIEW_VALUE]; /* may be cut */
	uint64_t nothing, different, bad, labelled, suspect;
	uint64_t shortest, longest; /* characters */
};

struct overview_source {
	char name[OVERVIEW_NAME];
	uint64_t rows, rows_in, opted_out, quarantined;
	bool classed;
	uint64_t subjects, alone, below, classes, least_k, least_l, required;
	uint64_t sizes[CLASS_SIZES];
	uint32_t ncolumns;
	struct overview_column *columns;
};

struct overview {
	char dataset[OVERVIEW_NAME], permit[OVERVIEW_NAME];
	uint32_t nsources;
	struct overview_source *sources;
};

/* Read one. The caller calls overview_clear in any case. */
int overview_read(struct overview *overview, const char *path,
		  struct fault *fault);
void overview_clear(struct overview *overview);

/* "3.2%", or "<0.1%" of what is not nothing, of a whole; "-": no whole. */
const char *overview_share(uint64_t part, uint64_t whole, char out[static 32]);
/* "5-9", "1000+": the group of class sizes of that number. */
const char *overview_sizes(int group, char out[static 48]);

void overview_text(FILE *out, const struct overview *overview,
		   const char *lang);
/* One HTML page that loads nothing and runs nothing. */
void overview_page(FILE *out, const struct overview *overview,
		   const char *lang);

#endif
