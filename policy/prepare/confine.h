/*
 * confine - sekisho-prepare gives up what it does not need.
 */
#ifndef POLICY_PREPARE_CONFINE_H
#define POLICY_PREPARE_CONFINE_H

#include "gateway/base/err.h"

/*
 * No privilege by exec, no core dump with keys in it, no other process that
 * looks in, and the calls of prepare.filter alone. Loads beforehand what could
 * not be loaded afterwards (cp932). 0, or -1: the program must not go on.
 */
int confine(struct err *err);

#endif
