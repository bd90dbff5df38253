/*
 * datasets - are a dataset's files those of its manifest, and is the manifest
 * the one that the policy names?
 *
 * The folder is root's. Whoever prepared it may have erred; whoever could
 * write it since may have changed it.
 */
#ifndef POLICY_AIRLOCK_STORE_DATASETS_H
#define POLICY_AIRLOCK_STORE_DATASETS_H

#include "policy/airlock/store/jobs.h"
#include "policy/airlock/store/known.h"

/* The job that answers DATASET_CHECKED. pinned: SHA-256 of manifest.json in
 * hexadecimal; an empty one is a no. Takes the folder. */
struct job *datasets_new(struct known *known, const char *pinned, int folder,
			 uint32_t ref);

#endif
