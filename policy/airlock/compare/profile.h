/*
 * profile - the rules of a site, as values (policy/airlock/profile.def).
 */
#ifndef POLICY_AIRLOCK_COMPARE_PROFILE_H
#define POLICY_AIRLOCK_COMPARE_PROFILE_H

#include <stdint.h>

enum zero_policy { ZERO_BLOCK = 0, ZERO_FLAG, ZERO_ALLOW };
enum rule_policy { POLICY_NDB = 0, POLICY_UK_10, POLICY_OPENSAFELY };

struct profile {
#define PROFILE(key, value, meaning) uint64_t key;
#include "policy/airlock/profile.def"
#undef PROFILE
};

/* The values of profile.def. */
struct profile profile_default(void);

/* The largest count that may stand behind a suppressed cell. */
uint64_t profile_suppressed_max(const struct profile *profile);

#endif
