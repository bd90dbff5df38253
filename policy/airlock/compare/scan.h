/*
 * scan - look for pseudonyms in a stream of bytes.
 *
 * Either case; separators (- : . _, blanks, line ends, NUL) are passed over,
 * so that groups, broken lines and UTF-16 hide nothing; backwards too.
 */
#ifndef POLICY_AIRLOCK_COMPARE_SCAN_H
#define POLICY_AIRLOCK_COMPARE_SCAN_H

#include "policy/airlock/compare/pseudonyms.h"

enum { SCAN_PREFIXES = 256, SCAN_PENDING = 8 };

/* What a scan has found; scans of parts of one file share it. */
struct scan_hits {
	uint32_t whole, reversed; /* pseudonyms, each time they occur */
	uint32_t whole_line, reversed_line, prefix_line; /* of the first */
	uint32_t prefixes; /* different beginnings without the rest */
	uint64_t prefix[SCAN_PREFIXES];
};

struct scan {
	struct pseudonyms *pseudonyms;
	struct scan_hits *hits;
	uint32_t line;
	uint32_t run;		    /* characters of the alphabet so far */
	uint64_t forward, backward; /* the last twelve, both ways */
	uint8_t last[32];	    /* digits, by their number in the run */
	struct {
		uint32_t at; /* the run's length where the rest must end */
		uint32_t line;
		uint64_t prefix;
	} pending[SCAN_PENDING];
	size_t npending;
};

void scan_init(struct scan *scan, struct pseudonyms *pseudonyms,
	       struct scan_hits *hits);
void scan_feed(struct scan *scan, const uint8_t *bytes, size_t len);
void scan_end(struct scan *scan);

#endif
