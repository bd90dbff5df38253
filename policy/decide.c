/*
 * decide - the rules of who may do what, as one pure function.
 *
 * Runs in sekisho-policy. The only input from outside is the login name.
 */
#include "policy/decide.h"

#include <stdio.h>
#include <string.h>

#include "policy/day.h"

int login_name_read(const char *user, struct login_name *name)
{
	const char *plus = strchr(user, '+');
	size_t len = plus ? (size_t)(plus - user) : strlen(user);

	memset(name, 0, sizeof *name);
	if (len >= sizeof name->person)
		return -1;
	memcpy(name->person, user, len);
	if (!id_valid(name->person))
		return -1;
	if (!plus)
		return 0;
	name->role = role_of_suffix(plus + 1);
	if (name->role != ROLE_NONE)
		return 0;
	if (!id_valid(plus + 1))
		return -1;
	snprintf(name->permit, sizeof name->permit, "%s", plus + 1);
	name->role = ROLE_RESEARCHER;
	return 0;
}

bool suspensions_have(const struct suspensions *suspensions,
		      enum suspended_kind kind, const char *id)
{
	for (size_t i = 0; i < suspensions->count; i++)
		if (suspensions->item[i].kind == kind &&
		    !suspensions->item[i].closed &&
		    strcmp(suspensions->item[i].id, id) == 0)
			return true;
	return false;
}

bool suspensions_closed(const struct suspensions *suspensions,
			const char *permit)
{
	for (size_t i = 0; i < suspensions->count; i++)
		if (suspensions->item[i].closed &&
		    strcmp(suspensions->item[i].id, permit) == 0)
			return true;
	return false;
}

/* A plain name means the research role, or the only other one held. */
static enum role plain_role(const struct person *person)
{
	enum role only = ROLE_NONE;

	if (person->roles.has[ROLE_RESEARCHER])
		return ROLE_RESEARCHER;
	for (enum role role = ROLE_NONE + 1; role < ROLES; role++) {
		if (!person->roles.has[role])
			continue;
		if (only != ROLE_NONE)
			return ROLE_RESEARCHER;
		only = role;
	}
	return only;
}

static void deny(struct decision *d, enum text_id why, const char *first,
		 const char *second)
{
	d->verdict = DENY;
	d->why = why;
	snprintf(d->first, sizeof d->first, "%s", first);
	snprintf(d->second, sizeof d->second, "%s", second);
}

const char *permit_state(const struct permit *permit,
			 const struct suspensions *suspensions, int32_t today)
{
	if (suspensions_closed(suspensions, permit->permit))
		return "closed";
	if (suspensions_have(suspensions, SUSPENDED_PERMIT, permit->permit))
		return "suspended";
	if (today < permit->starts)
		return "not_started";
	return today > permit->ends ? "ended" : "active";
}

static bool active(const struct permit *permit,
		   const struct suspensions *suspensions, int32_t today)
{
	return strcmp(permit_state(permit, suspensions, today), "active") == 0;
}

/* Allow one permit, or say what keeps it shut. */
static void take_permit(struct decision *d, const struct permit *permit,
			const struct suspensions *suspensions, int32_t today)
{
	char day[DAY_TEXT_SIZE];

	if (suspensions_closed(suspensions, permit->permit)) {
		deny(d, TEXT_WHY_PERMIT_CLOSED, permit->permit, "");
	} else if (suspensions_have(suspensions, SUSPENDED_PERMIT,
				    permit->permit)) {
		deny(d, TEXT_WHY_PERMIT_SUSPENDED, permit->permit, "");
	} else if (today < permit->starts) {
		deny(d, TEXT_WHY_PERMIT_EARLY, permit->permit,
		     day_text(permit->starts, day));
	} else if (today > permit->ends) {
		deny(d, TEXT_WHY_PERMIT_ENDED, permit->permit,
		     day_text(permit->ends, day));
	} else {
		d->permit = permit;
		d->verdict = ALLOW;
	}
}

/* No permit was named: the only active one, or a refusal that helps. */
static void find_permit(struct decision *d, const struct policy *policy,
			const struct suspensions *suspensions, int32_t today)
{
	const struct permit *found = NULL, *last = NULL;
	size_t count = 0, used = 0;
	char names[sizeof d->second] = "";

	for (size_t i = 0; i < policy->npermits; i++) {
		const struct permit *permit = &policy->permits[i];

		if (!ids_have(&permit->persons, d->person->person))
			continue;
		last = permit;
		if (!active(permit, suspensions, today))
			continue;
		found = permit;
		count++;
		int n = snprintf(names + used, sizeof names - used, "%s%s",
				 used ? ", " : "", permit->permit);
		used += n > 0 && (size_t)n < sizeof names - used ? (size_t)n
								 : 0;
	}
	if (count > 1)
		deny(d, TEXT_WHY_PERMIT_SEVERAL, d->person->person, names);
	else if (!last)
		deny(d, TEXT_WHY_PERMIT_NONE, "", "");
	else
		take_permit(d, found ? found : last, suspensions, today);
}

static void decide_research(struct decision *d, const struct policy *policy,
			    const struct suspensions *suspensions,
			    const struct login_name *name, int32_t today)
{
	if (!*name->permit) {
		find_permit(d, policy, suspensions, today);
		return;
	}
	const struct permit *permit = policy_permit(policy, name->permit);
	if (!permit || !ids_have(&permit->persons, d->person->person))
		deny(d, TEXT_WHY_PERMIT_UNKNOWN, name->permit, "");
	else
		take_permit(d, permit, suspensions, today);
}

struct decision decide(const struct policy *policy,
		       const struct suspensions *suspensions,
		       const struct login_name *name, int32_t today)
{
	struct decision d = { .verdict = DENY };
	char day[DAY_TEXT_SIZE];

	deny(&d, TEXT_WHY_NOT_IN_FORCE, "", "");
	d.role = name->role;
	if (!policy)
		return d;
	deny(&d, TEXT_WHY_PERSON_GONE, "", "");
	d.person = policy_person(policy, name->person);
	if (!d.person)
		return d;
	if (d.role == ROLE_NONE)
		d.role = plain_role(d.person);
	if (d.role != ROLE_AUDITOR &&
	    suspensions_have(suspensions, SUSPENDED_SITE, SUSPENDED_ALL))
		deny(&d, TEXT_WHY_SITE_STOPPED, "", "");
	else if (suspensions_have(suspensions, SUSPENDED_PERSON, name->person))
		deny(&d, TEXT_WHY_PERSON_SUSPENDED, "", "");
	else if (today > d.person->valid_until)
		deny(&d, TEXT_WHY_PERSON_EXPIRED,
		     day_text(d.person->valid_until, day), "");
	else if (!d.person->roles.has[d.role])
		deny(&d, TEXT_WHY_ROLE, role_word(d.role), "");
	else if (d.role == ROLE_RESEARCHER)
		decide_research(&d, policy, suspensions, name, today);
	else
		d.verdict = ALLOW;
	return d;
}

struct plan decision_plan(const struct policy *policy,
			  const struct decision *decision, const char *session,
			  const char *actor)
{
	const struct permit *permit = decision->permit;
	const char *toolset =
		*permit->toolset ? permit->toolset : policy->site.toolset;
	struct plan plan;

	memset(&plan, 0, sizeof plan);
	snprintf(plan.session, sizeof plan.session, "%s", session);
	snprintf(plan.permit, sizeof plan.permit, "%s", permit->permit);
	snprintf(plan.person, sizeof plan.person, "%s",
		 decision->person->person);
	snprintf(plan.actor, sizeof plan.actor, "%s", actor);
	memcpy(plan.lang, decision->person->language, sizeof plan.lang);
	snprintf(plan.toolset, sizeof plan.toolset, "%s", toolset);
	plan.workspace_bytes = permit->limits.workspace;
	plan.workspace_inodes = permit->limits.inodes;
	plan.encryption = policy->site.workspace_encryption;
	plan.memory_bytes = permit->limits.memory;
	plan.processes = permit->limits.processes;
	plan.cpu_percent = permit->limits.cpu_percent;
	for (uint32_t i = 0; i < permit->datasets.count; i++) {
		const char *id = permit->datasets.id[i];
		const struct dataset *dataset = policy_dataset(policy, id);
		struct plan_dataset *to = &plan.datasets[plan.ndatasets];

		if (!dataset || plan.ndatasets == PLAN_DATASETS)
			continue;
		snprintf(to->name, sizeof to->name, "%s", id);
		memcpy(to->manifest, dataset->manifest, sizeof to->manifest);
		plan.ndatasets++;
	}
	return plan;
}
