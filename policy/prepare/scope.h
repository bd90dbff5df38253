/*
 * scope - does a recipe show only what a permit names?
 */
#ifndef POLICY_PREPARE_SCOPE_H
#define POLICY_PREPARE_SCOPE_H

#include "policy/model.h"
#include "policy/prepare/fault.h"
#include "policy/prepare/recipe.h"

/* columns: the permit's, TABLE.COLUMN; none: it does not say. 0, or -1 and the
 * first column that it does not name. */
int scope_check(const struct names *columns, const struct recipe *recipe,
		struct fault *fault);

#endif
