/*
 * firstborn - what the sandbox's first process does until it is sekisho-init.
 *
 * It starts as a copy of sekisho-box in namespaces of its own, holding every
 * capability over them and none over the host.
 */
#ifndef SANDBOX_FIRSTBORN_H
#define SANDBOX_FIRSTBORN_H

#include "sandbox/trees.h"

struct firstborn {
	int release; /* a byte arrives when the ids are mapped */
	int report;  /* takes the sentence if a step fails */
	int control; /* becomes init's only descriptor */
};

/* Ends in the exec of build->init, or in exit with a sentence reported. */
_Noreturn void firstborn_live(const struct firstborn *self,
			      const struct build *build,
			      const struct trees *trees);

#endif
