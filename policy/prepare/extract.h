/*
 * extract - one source through its scheme into one file of the bundle.
 */
#ifndef POLICY_PREPARE_EXTRACT_H
#define POLICY_PREPARE_EXTRACT_H

#include "policy/prepare/bundle.h"
#include "policy/prepare/disk.h"
#include "policy/prepare/input.h"
#include "policy/prepare/scheme.h"
#include "policy/prepare/spill.h"

/* A column of the result, as the database and the catalogue see it. */
struct result_column {
	const struct column *column;
	unsigned int seen; /* types.h */
	bool indexed;
};

/* What came of a source. */
struct extract {
	const struct source *source;
	uint64_t bytes, rows_in, rows_out;
	char hash[HASH_HEX];
	uint32_t fields, ncolumns;
	struct result_column *columns;
	char path[BUNDLE_PATH]; /* of the file in the bundle */
	int fd;			/* the bundle's */
};

/* What all sources of a preparation share. */
struct preparation {
	const struct recipe *recipe;
	int sources; /* the folder that paths begin at */
	const uint8_t *key;
	struct bundle *bundle;
	struct spill *pseudonyms;
};

/* The caller calls extract_clear in any case. */
int extract_source(struct extract *extract, const struct source *source,
		   const struct preparation *preparation, struct fault *fault);
void extract_clear(struct extract *extract);

#endif
