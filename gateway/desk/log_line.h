/*
 * log_line - one record of the log's folder, by its index.
 */
#ifndef GATEWAY_DESK_LOG_LINE_H
#define GATEWAY_DESK_LOG_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/err.h"

enum { LOG_LINE = 65536 + 2 /* bytes of the longest, with LF and NUL */ };

/* Its line, without the LF. 1; 0: there is none; -1. */
int log_line(int folder, uint64_t index, char out[static LOG_LINE],
	     struct err *err);

#endif
