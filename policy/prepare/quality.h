/*
 * quality - what the columns of a preparation hold, for the custodian alone:
 * least and greatest values and small counts may tell who is in it.
 */
#ifndef POLICY_PREPARE_QUALITY_H
#define POLICY_PREPARE_QUALITY_H

#include <stdio.h>

#include "policy/prepare/extract.h"

struct quality {
	const struct recipe *recipe;
	const struct bundle *bundle;
	int database; /* descriptor of the finished database */
	const struct extract *extracts;
};

/* Write one JSON object and LF: for each column its type, how many values are
 * nothing, bad, labelled or suspect, how many differ, the least and the
 * greatest, the shortest and the longest; for each source what its classes
 * came to. overview.h reads it. 0 or -1. */
int quality_print(FILE *out, const struct quality *quality,
		  struct fault *fault);

#endif
