/*
 * install - take a verified bundle into a gateway's folder of datasets.
 */
#ifndef POLICY_PREPARE_INSTALL_H
#define POLICY_PREPARE_INSTALL_H

#include "policy/prepare/fault.h"
#include "policy/prepare/verify.h"

struct installation {
	const char *bundle, *into, *public; /* paths */
	const char *permit; /* it must be for this one; NULL: any */
	bool replace;	    /* a dataset of that name may be there */
};

/*
 * Verify the bundle, copy it to INTO/DATASET, whole or not at all, and check
 * the copy's hashes. What was there before is exchanged in one step and then
 * removed; sessions that have it mounted keep it until they end. 0 and the
 * manifest in verified; the caller calls verify_clear in any case.
 */
int install_bundle(const struct installation *installation,
		   struct verified *verified, struct fault *fault);

#endif
