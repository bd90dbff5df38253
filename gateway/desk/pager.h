/*
 * pager - show a long answer one screen at a time.
 */
#ifndef GATEWAY_DESK_PAGER_H
#define GATEWAY_DESK_PAGER_H

#include "gateway/desk/typing.h"

/*
 * Write bytes (lines of text) to out; after each screen wait for a key: space
 * shows the next, Enter one more line, b the one before, g and G the first and
 * the last, n the next line with a finding; q or Ctrl-C stops. A window of
 * unknown height does not wait.
 */
void pager_show(struct typing *typing, FILE *out, const char *bytes);

#endif
