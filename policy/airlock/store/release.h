/*
 * release - approved copies become files in released/PERMIT/ACTOR/N, with a
 * receipt, whole or not at all.
 *
 * Asked on audit's word, over the supervisor; perhaps twice, since whoever
 * asked may have died before it heard. So a release that stands with the same
 * receipt is a release, and only one that says something else is a no.
 */
#ifndef POLICY_AIRLOCK_STORE_RELEASE_H
#define POLICY_AIRLOCK_STORE_RELEASE_H

#include "gateway/base/plan.h"
#include "policy/airlock/store/jobs.h"
#include "policy/airlock/store/place.h"

enum { RELEASE_FILES = 512 };

struct release_file {
	char *name; /* beneath the release's folder */
	uint8_t hash[NAMES_HASH];
};

struct release_order {
	uint64_t index; /* of the record that ordered it */
	char permit[ID_SIZE], actor[ID_SIZE];
	uint32_t request;
	char *statement;
	size_t nfiles;
	struct release_file *files;
};

/* Read RELEASE; 0 and to be cleared, or -1: malformed. */
int release_read(struct release_order *order, struct msg *m);
void release_clear(struct release_order *order);

/* Who of the releases may talk with audit: one at a time, and it says one thing
 * before it is answered, so that there is always room on the link. */
struct release_turn {
	int audit; /* the link, the caller's */
	const struct job *holder;
};

/* The job that answers RELEASED. Takes what the order holds. */
struct job *release_new(struct place *place, struct release_turn *turn,
			struct release_order *order, uint32_t ref);

#endif
