/*
 * verify - is a bundle what its custodian signed, to the last byte and row?
 */
#ifndef POLICY_PREPARE_VERIFY_H
#define POLICY_PREPARE_VERIFY_H

#include "policy/prepare/manifest.h"

/* A bundle that is being read. Its files are opened beneath its folder; no
 * link is followed. */
struct verified {
	int folder;
	struct manifest manifest;
	char *text, *signature; /* of manifest.json and manifest.sig */
	size_t text_len, signature_len;
};

/*
 * Check all of it: signature by the public key in the file, length and SHA-256
 * of each file, that there is no other file, rows of each table in both forms,
 * order of the index. The caller calls verify_clear in any case.
 */
int verify_bundle(struct verified *verified, const char *path,
		  const char *public, struct fault *fault);
void verify_clear(struct verified *verified);

/* Open a regular file below folder for reading, or -1. */
int verify_open(int folder, const char *path, struct fault *fault);

#endif
