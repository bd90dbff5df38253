/*
 * fixed - what may reach a researcher's client without a screen: numbers,
 * states, ids and codes (design 8).
 */
#ifndef GATEWAY_DESK_FIXED_H
#define GATEWAY_DESK_FIXED_H

#include "gateway/base/result.h"

/* Make out what result is without free text: no text columns, no arguments
 * in sentences but those of the error's code. Both are the caller's. */
void fixed_only(struct result *out, const struct result *result);

#endif
