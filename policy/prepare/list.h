/*
 * list - read a small table beside a source: opt-outs, cohorts, histories,
 * maps.
 */
#ifndef POLICY_PREPARE_LIST_H
#define POLICY_PREPARE_LIST_H

#include "policy/prepare/input.h"

enum { LIST_COLUMNS = 2 };

struct list {
	const struct source *source; /* its encoding and separator hold here */
	int folder;
	const char *path;
	const char *columns[LIST_COLUMNS]; /* wanted, in this order */
	uint32_t ncolumns;
	bool exactly; /* no other column may be there */
	/* hears of each row; 0 or -1 */
	int (*row)(void *whose, const struct csv_field *fields,
		   struct fault *fault);
	void *whose;
};

int list_read(const struct list *list, struct fault *fault);

#endif
