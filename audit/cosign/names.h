/*
 * names - find the addresses of witnesses' hosts, without files and threads.
 *
 * The C library reads what it needs to know of name servers before the
 * process is confined, and is told not to look again.
 */
#ifndef AUDIT_COSIGN_NAMES_H
#define AUDIT_COSIGN_NAMES_H

#include <stddef.h>

#include "gateway/base/err.h"

enum { NAMES_ENTRY = 512 };

/* Before the process is confined. */
void names_init(void);

/* "host:port:address,..." of a URL, as CURLOPT_RESOLVE wants it; "" where the
 * host is an address. Waits a few seconds at most. 0 or -1. */
int names_find(const char *url, char entry[static NAMES_ENTRY],
	       struct err *err);

#endif
