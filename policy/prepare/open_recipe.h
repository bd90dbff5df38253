/*
 * open_recipe - a recipe from its file, and the folder that its paths begin at.
 */
#ifndef POLICY_PREPARE_OPEN_RECIPE_H
#define POLICY_PREPARE_OPEN_RECIPE_H

#include "policy/prepare/disk.h"
#include "policy/prepare/recipe.h"

/* The folder's descriptor, the caller's; or -1. hash: NULL, or the file's
 * SHA-256 as HASH_HEX bytes of text. The caller calls recipe_clear in any
 * case. */
int open_recipe(struct recipe *recipe, const char *path, char *hash,
		struct problems *problems, struct fault *fault);

#endif
