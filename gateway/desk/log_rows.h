/*
 * log_rows - records of the log as rows of a result.
 */
#ifndef GATEWAY_DESK_LOG_ROWS_H
#define GATEWAY_DESK_LOG_ROWS_H

#include "audit/found.h"
#include "gateway/base/result.h"
#include "gateway/desk/log_search.h"

/* The columns; behind result_begin(). */
void log_rows_begin(struct result *result);

void log_rows_put(struct result *result, const struct log_entry *entry);

/* What was found, read again in the segments of seg and put as rows under a
 * title, with what there is to say about it. */
void log_rows_found(struct result *result, const struct found *found,
		    const struct query *query, int seg);

/* An option of a query that cannot be taken, for the verb of that name. */
void log_rows_refuse(struct result *result, enum query_word got,
		     const char *verb, const char *option, const char *value);

#endif
