/*
 * filter - what a process of ours may ask of the kernel, from now on.
 *
 * Made from a .filter file at build time (sandbox/mkfilter.c). All that the
 * process starts inherits it, and the strictest answer of all filters counts;
 * docs/architecture.md says which lists lie over which.
 */
#ifndef GATEWAY_BASE_FILTER_H
#define GATEWAY_BASE_FILTER_H

#include <linux/filter.h>

#include "gateway/base/err.h"

struct filter {
	const struct sock_filter *code;
	unsigned short len;
};

/* The filter of this program; each program links exactly one. */
extern const struct filter program_filter;

/* Obey the filter for good, in every thread, and gain nothing by exec: this
 * sets no_new_privs. 0 or -1. */
int filter_obey(const struct filter *filter, struct err *err);

#endif
