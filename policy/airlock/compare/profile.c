#include "policy/airlock/compare/profile.h"

struct profile profile_default(void)
{
	return (struct profile){
#define PROFILE(key, value, meaning) .key = (value),
#include "policy/airlock/profile.def"
#undef PROFILE
	};
}

uint64_t profile_suppressed_max(const struct profile *profile)
{
	if (profile->suppressed_max > 0)
		return profile->suppressed_max;
	return profile->k > 0 ? profile->k - 1 : 0;
}
