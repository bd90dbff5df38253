/*
 * stale - is somebody in a bundle who has opted out since?
 *
 * For the custodian alone: who it is is never said, how many are.
 */
#ifndef POLICY_PREPARE_STALE_H
#define POLICY_PREPARE_STALE_H

#include "policy/problems.h"
#include "policy/prepare/verify.h"

struct stale_order {
	const char *bundle, *public, *recipe, *keys, *out; /* paths */
	uint64_t now; /* seconds since 1970 */
};

struct stale_result {
	char dataset[64], permit[64];
	uint64_t persons; /* of the bundle who stand on a list of the recipe */
};

/*
 * Compare the recipe's lists of opt-outs, as they are now, with the bundle. If
 * somebody of the bundle is on one, a mark is written to out, where nothing may
 * be yet: one line of canonical JSON that names the manifest, and the signature
 * as one line of base64, for the gateway's operator. 0 or -1.
 */
int stale_check(const struct stale_order *order, struct stale_result *result,
		struct problems *problems, struct fault *fault);

#endif
