/*
 * model - look things up in a policy.
 *
 * Runs in sekisho-policy and sekishoctl. Pure.
 */
#include "policy/model.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/err.h"

static const struct {
	const char *word, *suffix;
} roles[ROLES] = {
	[ROLE_NONE] = { "none", "" },
#define ROLE(name, word, suffix) [ROLE_##name] = { word, suffix },
#include "policy/roles.def"
#undef ROLE
};

const char *role_word(enum role role)
{
	return role < ROLES ? roles[role].word : "none";
}

enum role role_of_word(const char *word)
{
	for (enum role role = ROLE_NONE + 1; role < ROLES; role++)
		if (strcmp(roles[role].word, word) == 0)
			return role;
	return ROLE_NONE;
}

enum role role_of_suffix(const char *suffix)
{
	for (enum role role = ROLE_NONE + 1; role < ROLES; role++)
		if (*suffix && strcmp(roles[role].suffix, suffix) == 0)
			return role;
	return ROLE_NONE;
}

const char *hash_text(const struct hash *hash, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < HASH_SIZE; i++) {
		out[2 * i] = digits[hash->bytes[i] >> 4];
		out[2 * i + 1] = digits[hash->bytes[i] & 15];
	}
	out[2 * HASH_SIZE] = '\0';
	return out;
}

const struct person *policy_person(const struct policy *policy,
				   const char *name)
{
	for (size_t i = 0; i < policy->npersons; i++)
		if (strcmp(policy->persons[i].person, name) == 0)
			return &policy->persons[i];
	return NULL;
}

const struct permit *policy_permit(const struct policy *policy, const char *id)
{
	for (size_t i = 0; i < policy->npermits; i++)
		if (strcmp(policy->permits[i].permit, id) == 0)
			return &policy->permits[i];
	return NULL;
}

const struct dataset *policy_dataset(const struct policy *policy,
				     const char *id)
{
	for (size_t i = 0; i < policy->ndatasets; i++)
		if (strcmp(policy->datasets[i].dataset, id) == 0)
			return &policy->datasets[i];
	return NULL;
}

const struct operator*
	policy_operator(const struct policy *policy, uint32_t uid)
{
	const struct operators *all = &policy->site.operators;

	for (uint32_t i = 0; i < all->count; i++)
		if (all->item[i].uid == uid)
			return &all->item[i];
	return NULL;
}

bool extent_valid(const struct extent *extent)
{
	bool days = extent->from != 0 && extent->until != 0;

	if (*extent->prefix)
		return extent->from == 0 && extent->until == 0;
	return days && extent->from <= extent->until;
}

bool ids_have(const struct ids *ids, const char *id)
{
	for (uint32_t i = 0; i < ids->count; i++)
		if (strcmp(ids->id[i], id) == 0)
			return true;
	return false;
}

bool names_have(const struct names *names, const char *name)
{
	const char *at = names->text;

	for (uint32_t i = 0; i < names->count; i++, at += strlen(at) + 1)
		if (strcmp(at, name) == 0)
			return true;
	return false;
}

void names_add(struct names *names, const char *name)
{
	size_t len = strlen(name) + 1;
	char *text;

	if (names->count == NAMES_MOST)
		return;
	text = realloc(names->text, names->used + len);
	if (!text)
		die("out of memory");
	memcpy(text + names->used, name, len);
	names->text = text;
	names->used += len;
	names->count++;
}

void names_clear(struct names *names)
{
	free(names->text);
	*names = (struct names){ .count = 0 };
}

void policy_clear(struct policy *policy)
{
	for (size_t i = 0; i < policy->npermits; i++)
		names_clear(&policy->permits[i].columns);
	free(policy->persons);
	free(policy->permits);
	free(policy->datasets);
	memset(policy, 0, sizeof *policy);
}
