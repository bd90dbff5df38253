/*
 * standalone - what a server that no gateway supervises does for itself.
 *
 * For sekisho-witness and sekisho-tiles: people or systemd start them under an
 * account of their own, and end them with a signal.
 */
#ifndef AUDIT_WITNESS_STANDALONE_H
#define AUDIT_WITNESS_STANDALONE_H

#include <stdbool.h>

#include "gateway/base/filter.h"

/* "ja" or "en", as the locale says. */
const char *standalone_language(void);

/* Refuse to serve as root; from now on SIGTERM and SIGINT are asked of
 * standalone_ends(). 0 or -1. */
int standalone_begin(struct err *err);
bool standalone_ends(void);

/* Nobody may look into this process, and it obeys its filter. 0 or -1. */
int standalone_confine(const struct filter *filter, struct err *err);

#endif
