/*
 * pager - show a long answer one screen at a time.
 */
#ifndef GATEWAY_DESK_PAGER_H
#define GATEWAY_DESK_PAGER_H

#include "gateway/desk/typing.h"

/* Write text to out; after each screen wait for a key: space shows the next,
 * Enter one more line, q or Ctrl-C stops. A window of unknown height does not
 * wait. */
void pager_show(struct typing *typing, FILE *out, const char *text);

#endif
