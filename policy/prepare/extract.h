/*
 * extract - one source through its scheme into one file of the bundle.
 *
 * Order: history, opt-outs, cohort, conditions; a pass that counts, if values
 * may be rare; a pass that writes; what was written is counted once more.
 */
#ifndef POLICY_PREPARE_EXTRACT_H
#define POLICY_PREPARE_EXTRACT_H

#include "policy/prepare/bundle.h"
#include "policy/prepare/disk.h"
#include "policy/prepare/worker.h"

/* A column of the result, as the database and the catalogue see it. */
struct result_column {
	const struct column *column;
	struct column_tally tally;
	bool indexed;
};

/* What came of a source. */
struct extract {
	const struct source *source;
	uint64_t bytes;
	struct tally rows;
	uint64_t optouts_listed, optouts_met;
	bool bom;     /* a byte order mark stood at the begin */
	bool classed; /* it has quasi-identifiers */
	struct classes_result classes;
	char hash[HASH_HEX];
	uint32_t fields, ncolumns;
	struct result_column *columns;
	char path[BUNDLE_PATH]; /* of the file in the bundle */
	int fd;			/* the bundle's */
};

/* The caller calls extract_clear in any case. */
int extract_source(struct extract *extract, const struct source *source,
		   const struct preparation *preparation, struct fault *fault);
void extract_clear(struct extract *extract);

#endif
