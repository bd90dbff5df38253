/*
 * commands - what the commands of sekisho-prepare are given, and what comes of
 * them.
 */
#ifndef POLICY_PREPARE_COMMANDS_H
#define POLICY_PREPARE_COMMANDS_H

#include "gateway/base/text.h"
#include "policy/prepare/fault.h"
#include "policy/problems.h"

/* The options of all commands; each names those that it knows. */
struct options {
#define OPTION(letter, member, name) const char *member;
#include "policy/prepare/options.def"
#undef OPTION
	bool replace;
	const char *path; /* the one argument that is no option */
};

struct outcome {
	const char *lang;
	struct options options;
	struct problems problems;
	struct fault fault;
};

/* Print a text as a line. */
void outcome_say(const struct outcome *o, enum text_id id, const char *first,
		 const char *second, const char *third);

/* Commands of keys and custodians: 0, or -1 and o->fault. */
int key_make(struct outcome *o);
int key_permit(struct outcome *o);
int key_linkage(struct outcome *o);
int key_rotate(struct outcome *o);
int key_destroy(struct outcome *o);
int journal(struct outcome *o);
int custodian_new(struct outcome *o);
int reidentify_ask(struct outcome *o);
int reidentify_approve(struct outcome *o);
int reidentify_run(struct outcome *o);
int optout_check(struct outcome *o);
int report(struct outcome *o);

#endif
