/*
 * fields - fill a struct of model.h from a tree, by fields.def.
 */
#ifndef POLICY_FIELDS_H
#define POLICY_FIELDS_H

#include "policy/model.h"
#include "policy/yaml.h"

/*
 * Each fills *out (zeroed first) from the root of a parsed file: unknown,
 * missing, wrong and out of range are problems with their lines. A struct
 * that was filled with problems must not be used for decisions.
 */
void fields_site(const struct yaml *yaml, struct site *out,
		 struct problems *problems);
void fields_person(const struct yaml *yaml, struct person *out,
		   struct problems *problems);
void fields_permit(const struct yaml *yaml, struct permit *out,
		   struct problems *problems);
void fields_dataset(const struct yaml *yaml, struct dataset *out,
		    struct problems *problems);

/* The line of a key of the root map, or 1: for problems found later. */
unsigned int fields_line(const struct yaml *yaml, const char *key);
/* The line of member text in the list under key, or that of the key. */
unsigned int fields_member_line(const struct yaml *yaml, const char *key,
				const char *member);

#endif
