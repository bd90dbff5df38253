/*
 * manifest - what a bundle says of itself, in canonical JSON.
 */
#ifndef POLICY_PREPARE_MANIFEST_H
#define POLICY_PREPARE_MANIFEST_H

#include "policy/prepare/bundle.h"
#include "policy/prepare/extract.h"
#include "policy/prepare/keys.h"

enum { MANIFEST_FORM = 1, MANIFEST_MOST = 65535, SIGNATURE_LINE = 89 };

/* What it is made from. */
struct manifest_of {
	const struct recipe *recipe;
	const char *recipe_hash, *key_id, *permit_key_id;
	const struct extract *extracts; /* one for each source */
	const struct bundle *bundle;	/* hashed */
};

/* One line with its LF as fresh memory, the caller's. */
char *manifest_text(const struct manifest_of *of, size_t *len);
/* catalogue.json likewise: what people read about the tables. */
char *catalogue_text(const struct recipe *recipe,
		     const struct extract *extracts, size_t *len);

/* The code system of a column, or NULL. */
const char *catalogue_system(const struct catalogue *catalogue,
			     const struct column *column);

/* A manifest that was read: views into its bytes. */
struct manifest_file {
	char path[BUNDLE_PATH];
	char hash[HASH_HEX];
	uint64_t bytes;
};

struct manifest_source {
	char name[ID_SIZE];
	uint64_t rows;
	uint64_t optouts_met, outside_cohort; /* 0 where it has no list */
};

struct manifest {
	char dataset[ID_SIZE], permit[ID_SIZE], key_id[KEY_ID];
	char hash[HASH_HEX]; /* of the manifest itself */
	uint32_t nfiles, nsources;
	struct manifest_file files[BUNDLE_FILES];
	struct manifest_source sources[64];
};

/* Read one strictly. 0, or -1: not a manifest. */
int manifest_read(struct manifest *manifest, const char *bytes, size_t len,
		  struct fault *fault);

#endif
