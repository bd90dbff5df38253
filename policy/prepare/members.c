#include "policy/prepare/members.h"

#include <stdlib.h>
#include <sys/random.h>

#include "gateway/base/err.h"
#include "policy/prepare/list.h"
#include "policy/prepare/need.h"
#include "policy/prepare/normalize.h"

struct reading_members {
	struct members *members;
	const struct members_of *of;
	struct spill spill;
};

/* An id of a list takes the road of an id of the source. */
static int add_member(void *whose, const struct csv_field *fields,
		      struct fault *fault)
{
	struct reading_members *r = whose;
	const struct source *source = r->of->source;
	char oldest[HISTORY_NUMBER], spelled[4096];
	const char *at = fields[0].at;
	size_t len = fields[0].len;
	uint8_t digest[32];
	long n;

	if (history_oldest(r->of->history, &at, &len, oldest, fault) < 0)
		return -1;
	n = normalize(source->subject.normalize, at, len, spelled,
		      sizeof spelled);
	if (n <= 0)
		return fault_set(fault,
				 n < 0 ? FAULT_TOO_LONG : FAULT_NO_SUBJECT);
	prf_value(&r->members->digest, spelled, (size_t)n, digest);
	return spill_add(&r->spill, digest, fault);
}

int members_read(struct members *members, const struct members_of *of,
		 const char *path, const char *column, struct fault *fault)
{
	struct reading_members r = { .members = members, .of = of };
	struct list list = { .source = of->source,
			     .folder = of->folder,
			     .path = path,
			     .columns = { column },
			     .ncolumns = 1,
			     .row = add_member,
			     .whose = &r };
	uint8_t key[PRF_KEY];

	*members = (struct members){ .sorted = { .fd = -1 } };
	if (getrandom(key, sizeof key, 0) != sizeof key)
		die("no random bytes");
	prf_init(&members->digest, key, "members", "");
	spill_init(&r.spill, of->bundle, SORTED_KEY);
	int done = list_read(&list, fault);
	if (done == 0)
		done = spill_begin(&r.spill, fault);
	if (done == 0)
		done = sorted_make(&members->sorted, &r.spill, fault);
	spill_clear(&r.spill);
	members->any = done == 0;
	members->met =
		need((size_t)(members->sorted.count / 8 + 1), sizeof(uint8_t));
	return done;
}

void members_clear(struct members *members)
{
	sorted_clear(&members->sorted);
	prf_clear(&members->digest);
	free((void *)(uintptr_t)members->met);
	members->met = NULL;
	members->any = false;
}

int members_have(struct members *members, const char *at, size_t len,
		 struct fault *fault)
{
	uint8_t digest[32];
	uint64_t number;

	prf_value(&members->digest, at, len, digest);
	int found = sorted_find(&members->sorted, digest, &number, NULL, fault);
	if (found > 0)
		atomic_fetch_or(&members->met[number / 8],
				(uint8_t)(1u << number % 8));
	return found;
}

uint64_t members_met(const struct members *members)
{
	uint64_t met = 0;

	for (uint64_t i = 0; members->any && i <= members->sorted.count / 8;
	     i++)
		met += (uint64_t)__builtin_popcount(members->met[i]);
	return met;
}
