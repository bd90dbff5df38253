/*
 * kinds - how each kind of value in fields.def is read.
 */
#ifndef POLICY_KINDS_H
#define POLICY_KINDS_H

#include "policy/yaml.h"

enum kind {
	KIND_NONE = 0,
#define KIND(name, meaning) KIND_##name,
#include "policy/kinds.def"
#undef KIND
	KINDS
};

/* Where a value goes, and what bounds it. */
struct slot {
	const char *key; /* dotted, for sentences */
	const char *file;
	uint64_t least, most;
	void *out; /* a member of model.h, of the kind's type */
	struct problems *problems;
};

/* Read one value into slot->out; what is wrong with it is a problem. */
void kind_read(enum kind kind, const struct yaml *yaml, uint32_t node,
	       const struct slot *slot);

/* The same from a table's fallback; a wrong fallback is a bug and dies. */
void kind_fallback(enum kind kind, const char *fallback,
		   const struct slot *slot);

/* "number", "date, YYYY-MM-DD": as in kinds.def. */
const char *kind_meaning(enum kind kind);

#endif
