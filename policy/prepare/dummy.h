/*
 * dummy - an invented dataset of the shape that a recipe gives.
 *
 * Made from the recipe alone: no source, list or key is read. For writing code
 * before there is access to the data.
 */
#ifndef POLICY_PREPARE_DUMMY_H
#define POLICY_PREPARE_DUMMY_H

#include "policy/prepare/bundle.h"
#include "policy/prepare/recipe.h"

enum { DUMMY_ROWS = 200 };

/* Write data/ of the bundle: a table for each source, in both forms, the
 * catalogue, and note as data/README. 0 or -1. */
int dummy_make(struct bundle *bundle, const struct recipe *recipe,
	       const char *note, struct fault *fault);

#endif
