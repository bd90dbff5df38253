/* links: policy audit gateway/base; -lyaml -lcrypto */
/*
 * policy_yaml - a policy of any bytes is refused with problems that can be
 * said, or is whole.
 *
 * The first byte says which file the rest stands in for; the others are good.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/load.h"
#include "policy/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
	const char *name, *text;
} files[] = {
	{ "site.yaml", "version: 1\nname: x\ntoolset: t\n" },
	{ "people/taro.yaml",
	  "version: 1\nperson: taro\nname: T\norganisation: O\n"
	  "roles: [researcher]\nkeys:\n  - ssh-ed25519 "
	  "AAAAC3NzaC1lZDI1NTE5AAAAI"
	  "MTv/DMYttNxpBx1m6Fw+/MNgImGOyw27WGlKpI5Aw70\n"
	  "valid_until: 2030-01-01\n" },
	{ "permits/P-1.yaml",
	  "version: 1\npermit: P-1\ntitle: t\npurpose: p\npersons: [taro]\n"
	  "starts: 2026-01-01\nends: 2026-12-31\ndatasets: [D-1]\n" },
	{ "datasets/D-1.yaml",
	  "version: 1\ndataset: D-1\ntitle: t\npermit: P-1\n" },
};

enum { FILES = sizeof files / sizeof *files };

static void say_all(const struct problems *problems)
{
	static const char *const languages[] = { "en", "ja" };
	char sentence[PROBLEM_SIZE];

	for (size_t i = 0; i < problems_texts(problems); i++)
		for (size_t k = 0; k < 2; k++)
			if (!*problems_text(problems, i, languages[k], sentence,
					    sizeof sentence))
				abort();
}

/* What decisions rely on without looking again. */
static void check_whole(const struct policy *policy)
{
	for (size_t i = 0; i < policy->npersons; i++)
		if (policy->persons[i].keys.count == 0 ||
		    policy->persons[i].keys.count > LIST_KEYS)
			abort();
	for (size_t i = 0; i < policy->npermits; i++) {
		const struct permit *permit = &policy->permits[i];

		if (permit->ends < permit->starts ||
		    permit->limits.memory == 0 ||
		    permit->datasets.count > PLAN_DATASETS)
			abort();
		for (uint32_t k = 0; k < permit->persons.count; k++)
			if (!policy_person(policy, permit->persons.id[k]))
				abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct problems problems;
	struct closure closure = { 0 };
	struct policy policy;

	if (size < 1 || size > YAML_SIZE)
		return 0;
	for (size_t i = 0; i < FILES; i++) {
		bool mine = data[0] % FILES == i;
		const uint8_t *text = (const uint8_t *)files[i].text;

		if (closure_add(&closure, files[i].name, mine ? data + 1 : text,
				mine ? size - 1 : strlen(files[i].text)) < 0)
			abort();
	}
	problems.count = 0;
	if (policy_load(&closure, &policy, &problems) == 0)
		check_whole(&policy);
	else if (problems.count == 0)
		abort();
	say_all(&problems);
	policy_clear(&policy);
	closure_clear(&closure);
	return 0;
}
