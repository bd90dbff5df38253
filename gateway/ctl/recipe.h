/*
 * recipe - is this file a toolset's recipe? By recipe.def, all errors at once.
 */
#ifndef GATEWAY_CTL_RECIPE_H
#define GATEWAY_CTL_RECIPE_H

#include "gateway/base/plan.h"
#include "policy/problems.h"

/* Read the file; name: ID_SIZE bytes, the toolset's. 0, or -1 and problems
 * were added. */
int recipe_check(const char *path, char *name, struct problems *problems);

#endif
