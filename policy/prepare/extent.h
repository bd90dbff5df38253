/*
 * extent - does a recipe ask for no other rows than a permit gives?
 */
#ifndef POLICY_PREPARE_EXTENT_H
#define POLICY_PREPARE_EXTENT_H

#include "policy/model.h"
#include "policy/prepare/fault.h"
#include "policy/prepare/recipe.h"

/*
 * For each source and column that rows of the permit name for this recipe's
 * dataset, the source must have a condition that keeps it within one of them.
 * 0, or -1 and the first that has none.
 */
int extent_check(const struct extents *rows, const struct recipe *recipe,
		 struct fault *fault);

#endif
