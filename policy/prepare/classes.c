#include "policy/prepare/classes.h"

#include <string.h>

#include "gateway/base/own.h"

enum { HALF = 8, PAIR = 16 };

void classes_init(struct classes *classes, const struct bundle *bundle,
		  uint32_t nsensitive)
{
	memset(classes, 0, sizeof *classes);
	pthread_mutex_init(&classes->lock, NULL);
	spill_init_share(&classes->subjects, bundle, PAIR, nsensitive + 1);
	classes->nsensitive = nsensitive;
	for (uint32_t i = 0; i < nsensitive; i++)
		spill_init_share(&classes->sensitive[i], bundle, PAIR,
				 nsensitive + 1);
}

void classes_clear(struct classes *classes)
{
	spill_clear(&classes->subjects);
	for (uint32_t i = 0; i < classes->nsensitive; i++)
		spill_clear(&classes->sensitive[i]);
	pthread_mutex_destroy(&classes->lock);
}

/* Was this pair seen lately? From now on it was. */
static bool seen(struct classes_cache *cache, uint64_t a, uint64_t b)
{
	uint64_t both = (a ^ (b << 1 | b >> 63)) * UINT64_C(0x9e3779b97f4a7c15);
	uint64_t *slot = &cache->seen[both >> 49];
	bool before = *slot == both;

	*slot = both;
	return before;
}

static int add(struct spill *spill, uint64_t a, uint64_t b, struct fault *fault)
{
	uint64_t pair[2] = { a, b };

	return spill_add(spill, pair, fault);
}

int classes_add(struct classes *classes, struct classes_cache *cache,
		uint64_t class, uint64_t subject, const uint64_t *values,
		struct fault *fault)
{
	bool subject_seen = seen(cache, class, subject);
	bool values_seen[CLASS_COLUMNS];
	bool all = subject_seen;
	int done = 0;

	for (uint32_t i = 0; i < classes->nsensitive; i++) {
		values_seen[i] = seen(cache, class + i + 1, values[i]);
		all &= values_seen[i];
	}
	if (all)
		return 0;
	pthread_mutex_lock(&classes->lock);
	if (!subject_seen)
		done = add(&classes->subjects, class, subject, fault);
	for (uint32_t i = 0; done == 0 && i < classes->nsensitive; i++)
		if (!values_seen[i])
			done = add(&classes->sensitive[i], class, values[i],
				   fault);
	pthread_mutex_unlock(&classes->lock);
	return done;
}

uint64_t class_size(int group)
{
	static const uint64_t sizes[CLASS_SIZES] = { 1,	 2,  5,	  10,
						     20, 50, 100, 1000 };

	return sizes[group];
}

/* A class of n different things ends: what it says. */
static void end_class(struct classes_result *result, uint64_t n, uint32_t k)
{
	if (n == 0)
		return;
	result->classes++;
	result->subjects += n;
	result->alone += n == 1;
	result->below += n < k ? n : 0;
	if (result->least_k == 0 || n < result->least_k)
		result->least_k = n;
	int group = CLASS_SIZES - 1;
	while (class_size(group) > n)
		group--;
	result->sizes[group] += n;
}

/* Different second halves for each first half of a sorted spill. */
static int count(struct spill *spill, uint32_t k, struct classes_result *result,
		 struct fault *fault)
{
	uint8_t pair[PAIR], class[HALF] = { 0 };
	uint64_t n = 0;
	int more = spill_begin(spill, fault) < 0 ? -1 : 1;

	while (more > 0) {
		more = spill_next(spill, pair, fault);
		if (more <= 0)
			break;
		if (n > 0 && memcmp(pair, class, HALF) != 0) {
			end_class(result, n, k);
			n = 0;
		}
		memcpy(class, pair, HALF);
		n++;
	}
	end_class(result, n, k);
	return more;
}

int classes_count(struct classes *classes, uint32_t k,
		  struct classes_result *result, struct fault *fault)
{
	memset(result, 0, sizeof *result);
	if (count(&classes->subjects, k, result, fault) < 0)
		return -1;
	for (uint32_t i = 0; i < classes->nsensitive; i++) {
		struct classes_result one = { 0 };

		if (count(&classes->sensitive[i], 1, &one, fault) < 0)
			return -1;
		if (result->least_l == 0 || one.least_k < result->least_l)
			result->least_l = one.least_k;
	}
	return 0;
}
