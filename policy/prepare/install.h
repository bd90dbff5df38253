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
	bool replace;	    /* this delivery may be there: a broken one */
};

/*
 * Verify the bundle, copy it to INTO/DATASET/MANIFEST (the manifest's SHA-256),
 * whole or not at all, and check the copy's hashes. Earlier deliveries of the
 * dataset stay beside it: which one is mounted, the policy says. 0 and the
 * manifest in verified; the caller calls verify_clear in any case.
 */
int install_bundle(const struct installation *installation,
		   struct verified *verified, struct fault *fault);

#endif
