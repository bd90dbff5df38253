/*
 * decide - may this person do this, under which permit, as which role?
 *
 * Pure: values in, a decision out. No clock, no files, no log.
 */
#ifndef POLICY_DECIDE_H
#define POLICY_DECIDE_H

#include "gateway/base/text.h"
#include "policy/model.h"

enum verdict { DENY = 0, ALLOW };

/* What `person`, `person+PERMIT` or `person+review` asks for. */
struct login_name {
	char person[ID_SIZE];
	char permit[ID_SIZE]; /* "" if none was named */
	enum role role;	      /* ROLE_NONE if none was named */
};

/* 0, or -1: no such name can exist. */
int login_name_read(const char *user, struct login_name *name);

/* What an operator has suspended, or closed for good, whatever the policy
 * says. */
enum suspended_kind { SUSPENDED_PERSON, SUSPENDED_PERMIT, SUSPENDED_SITE };

struct suspended {
	enum suspended_kind kind;
	char id[ID_SIZE]; /* of a site: SUSPENDED_ALL */
	bool closed;	  /* a permit, for good; it may be suspended as well */
};

struct suspensions {
	size_t count;
	struct suspended *item;
};

#define SUSPENDED_ALL "site"

bool suspensions_have(const struct suspensions *suspensions,
		      enum suspended_kind kind, const char *id);

bool suspensions_closed(const struct suspensions *suspensions,
			const char *permit);

struct decision {
	enum verdict verdict;
	enum text_id why; /* of a denial; its arguments follow */
	char first[ID_SIZE], second[400];
	enum role role;
	const struct person *person; /* NULL if not on file */
	const struct permit *permit; /* researchers only */
};

/* Decide on the day today (day.h). policy may be NULL: nothing is in force. */
struct decision decide(const struct policy *policy,
		       const struct suspensions *suspensions,
		       const struct login_name *name, int32_t today);

/* The state of a permit on a day: "active", "not_started", "ended",
 * "suspended" or "closed". */
const char *permit_state(const struct permit *permit,
			 const struct suspensions *suspensions, int32_t today);

/*
 * The plan of a session that was allowed: what the permit gives, for this
 * person. session and actor are ids. The whole value is set, so that two
 * plans can be compared as bytes.
 */
struct plan decision_plan(const struct policy *policy,
			  const struct decision *decision, const char *session,
			  const char *actor);

#endif
