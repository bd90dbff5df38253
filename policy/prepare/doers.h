/*
 * doers - one function for each action: what it makes of a value.
 *
 * 0, or -1 and the code of what is wrong with the value.
 */
#ifndef POLICY_PREPARE_DOERS_H
#define POLICY_PREPARE_DOERS_H

#include "policy/prepare/transform.h"

#define ACTION(name, meaning)                                                  \
	int do_##name(struct transform *t, const struct step *step,            \
		      struct view *value, struct fault *fault);
#include "policy/prepare/actions.def"
#undef ACTION

/* len bytes of a record's scratch memory, or NULL: the values are too long. */
char *scratch_take(struct transform *t, size_t len);
/* A copy of text, which needs no quotes, becomes the value. 0 or -1. */
int scratch_put(struct transform *t, const char *text, size_t len,
		struct view *value, struct fault *fault);
/* The action's label becomes the value. */
void put_label(const struct step *step, struct view *value);
/* The value in one spelling. 0 or -1. */
int scratch_spell(struct transform *t, unsigned int how, struct view *value,
		  struct fault *fault);
/* A bad value: a fault, or nothing if the recipe says so. */
int bad_value(struct transform *t, const struct step *step,
	      enum fault_code code, struct view *value, struct fault *fault);

#endif
