/*
 * sorted - look records up in a sorted scratch file by their first 16 bytes.
 *
 * Memory holds the first key of each page; a look-up reads one page, or none
 * while all fits into a few pages. Any thread may look up.
 */
#ifndef POLICY_PREPARE_SORTED_H
#define POLICY_PREPARE_SORTED_H

#include "policy/prepare/spill.h"

enum { SORTED_KEY = 16 };

struct sorted {
	int fd;
	size_t size, per_page;
	uint64_t count;
	uint64_t *firsts; /* the first 8 bytes of each page's first record */
	size_t npages;
	uint8_t *all; /* while small: the records themselves */
};

/* Take all records of a spill that is ready to be read. The caller calls
 * sorted_clear in any case. */
int sorted_make(struct sorted *sorted, struct spill *spill,
		struct fault *fault);
void sorted_clear(struct sorted *sorted);

/* Find the record of that key. 1 and its number and a copy of it (record may
 * be NULL); 0: there is none; -1. */
int sorted_find(const struct sorted *sorted,
		const uint8_t key[static SORTED_KEY], uint64_t *number,
		uint8_t *record, struct fault *fault);
/* Record by number. 0 or -1. */
int sorted_get(const struct sorted *sorted, uint64_t number, uint8_t *record,
	       struct fault *fault);

#endif
