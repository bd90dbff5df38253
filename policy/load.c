/*
 * load - read the files of a policy and check them against each other.
 *
 * Runs in sekisho-policy and sekishoctl. Pure: a closure in, a policy or
 * problems out. A file that is broken in itself still counts as there, so
 * that one mistake is not reported as ten.
 */
#include "policy/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/quorum.h"
#include "gateway/base/err.h"
#include "gateway/base/own.h"
#include "policy/fields.h"

enum sort {
	SORT_NONE,
	SORT_SITE,
	SORT_WITNESSES,
	SORT_PERSON,
	SORT_PERMIT,
	SORT_DATASET
};

/* What is loaded so far; files stay parsed until all checks are done. */
struct loading {
	const struct closure *closure;
	struct yaml *yaml; /* one per file */
	struct policy *policy;
	struct problems *problems;
};

static enum sort sort_of(const char *name)
{
	static const struct {
		const char *folder;
		enum sort sort;
	} folders[] = { { "people/", SORT_PERSON },
			{ "permits/", SORT_PERMIT },
			{ "datasets/", SORT_DATASET } };

	if (strcmp(name, "site.yaml") == 0)
		return SORT_SITE;
	if (strcmp(name, CLOSURE_WITNESSES) == 0)
		return SORT_WITNESSES;
	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		if (strncmp(name, folders[i].folder,
			    strlen(folders[i].folder)) == 0)
			return folders[i].sort;
	return SORT_NONE;
}

/* The id that a file's name claims: "people/taro.yaml" is "taro". */
static void id_of_file(const char *name, char *out, size_t size)
{
	const char *slash = strrchr(name, '/');
	const char *base = slash ? slash + 1 : name;
	size_t len = strlen(base) > 5 ? strlen(base) - 5 : 0;

	snprintf(out, size, "%.*s", (int)len, base);
}

/* Is there a file for this id, even a broken one? */
static bool file_exists(const struct loading *l, const char *folder,
			const char *id)
{
	char name[200];

	snprintf(name, sizeof name, "%s/%s.yaml", folder, id);
	for (size_t i = 0; i < l->closure->count; i++)
		if (strcmp(l->closure->files[i].name, name) == 0)
			return true;
	return false;
}

static void wrong(const struct loading *l, const char *file, unsigned int line,
		  enum text_id id, const char *first, const char *second)
{
	problems_add(l->problems, file, line, id, first, second, NULL);
}

/* The id inside must be that of the file; so no two files can share one. */
static void check_id(const struct loading *l, const struct yaml *yaml,
		     const char *key, char *id, char *file)
{
	char claimed[ID_SIZE + 80];

	snprintf(file, ID_SIZE + 16, "%s", yaml->file);
	id_of_file(yaml->file, claimed, sizeof claimed);
	if (*id && strcmp(id, claimed) != 0)
		wrong(l, yaml->file, fields_line(yaml, key), TEXT_FILE_ID, id,
		      claimed);
	snprintf(id, ID_SIZE, "%.63s", claimed);
}

static void *add(void *array, size_t *count, size_t size)
{
	uint8_t *grown = reallocarray(array, *count + 1, size);

	if (!grown)
		die("out of memory");
	(*count)++;
	return grown;
}

static void fill(struct loading *l, const struct yaml *yaml)
{
	struct policy *p = l->policy;

	switch (sort_of(yaml->file)) {
	case SORT_SITE:
		fields_site(yaml, &p->site, l->problems);
		break;
	case SORT_PERSON:
		p->persons = add(p->persons, &p->npersons, sizeof *p->persons);
		struct person *person = &p->persons[p->npersons - 1];
		fields_person(yaml, person, l->problems);
		check_id(l, yaml, "person", person->person, person->file);
		break;
	case SORT_PERMIT:
		p->permits = add(p->permits, &p->npermits, sizeof *p->permits);
		struct permit *permit = &p->permits[p->npermits - 1];
		fields_permit(yaml, permit, l->problems);
		check_id(l, yaml, "permit", permit->permit, permit->file);
		break;
	case SORT_DATASET:
		p->datasets =
			add(p->datasets, &p->ndatasets, sizeof *p->datasets);
		struct dataset *dataset = &p->datasets[p->ndatasets - 1];
		fields_dataset(yaml, dataset, l->problems);
		check_id(l, yaml, "dataset", dataset->dataset, dataset->file);
		break;
	case SORT_WITNESSES:
	case SORT_NONE:
		wrong(l, yaml->file, 0, TEXT_FILE_UNEXPECTED, NULL, NULL);
		break;
	}
}

static const struct yaml *yaml_of(const struct loading *l, const char *file)
{
	for (size_t i = 0; i < l->closure->count; i++)
		if (strcmp(l->closure->files[i].name, file) == 0)
			return &l->yaml[i];
	die("no file %s", file);
}

static void check_person(const struct loading *l, const struct person *person)
{
	const struct yaml *yaml = yaml_of(l, person->file);
	const struct operators *operators = &l->policy->site.operators;
	unsigned int line = fields_line(yaml, "roles");
	bool is_operator = false;

	for (uint32_t i = 0; i < operators->count; i++)
		is_operator |=
			strcmp(operators->item[i].name, person->person) == 0;
#define TWO_HATS(a, b)                                                         \
	if (person->roles.has[ROLE_##a] && person->roles.has[ROLE_##b])        \
		wrong(l, person->file, line, TEXT_ROLE_CLASH,                  \
		      role_word(ROLE_##a), role_word(ROLE_##b));
#define NOT_OPERATOR(a)                                                        \
	if (is_operator && person->roles.has[ROLE_##a])                        \
		wrong(l, person->file, line, TEXT_ROLE_CLASH,                  \
		      role_word(ROLE_##a), "operator");
#include "policy/roles.def"
#undef TWO_HATS
#undef NOT_OPERATOR
}

/* A key is one person's: whoever holds it is that person. */
static void check_keys(const struct loading *l, size_t number)
{
	const struct person *person = &l->policy->persons[number];

	for (size_t other = 0; other < number; other++) {
		const struct public_keys *theirs =
			&l->policy->persons[other].keys;

		for (uint32_t i = 0; i < person->keys.count; i++) {
			const struct public_key *key = &person->keys.key[i];

			for (uint32_t k = 0; k < theirs->count; k++)
				if (memcmp(&key->hash, &theirs->key[k].hash,
					   HASH_SIZE) == 0)
					wrong(l, person->file, key->line,
					      TEXT_KEY_TWICE,
					      l->policy->persons[other].file,
					      NULL);
		}
	}
}

static void check_members(const struct loading *l, const struct permit *permit)
{
	const struct yaml *yaml = yaml_of(l, permit->file);

	for (uint32_t i = 0; i < permit->persons.count; i++) {
		const char *id = permit->persons.id[i];
		const struct person *person = policy_person(l->policy, id);
		unsigned int line = fields_member_line(yaml, "persons", id);

		if (!person && !file_exists(l, "people", id))
			wrong(l, permit->file, line, TEXT_PERSON_UNKNOWN, id,
			      NULL);
		else if (person && person->keys.count > 0 &&
			 !person->roles.has[ROLE_RESEARCHER])
			wrong(l, permit->file, line, TEXT_PERSON_ROLE, id,
			      NULL);
	}
	for (uint32_t i = 0; i < permit->datasets.count; i++) {
		const char *id = permit->datasets.id[i];
		const struct dataset *dataset = policy_dataset(l->policy, id);
		unsigned int line = fields_member_line(yaml, "datasets", id);

		if (!dataset && !file_exists(l, "datasets", id))
			wrong(l, permit->file, line, TEXT_DATASET_UNKNOWN, id,
			      NULL);
		else if (dataset && *dataset->permit &&
			 strcmp(dataset->permit, permit->permit) != 0)
			wrong(l, permit->file, line, TEXT_DATASET_OTHER, id,
			      dataset->permit);
	}
}

/* Days or codes, of a dataset that the permit has. */
static void check_rows(const struct loading *l, const struct permit *permit)
{
	for (uint32_t i = 0; i < permit->rows.count; i++) {
		const struct extent *extent = &permit->rows.item[i];

		if (*extent->dataset &&
		    !ids_have(&permit->datasets, extent->dataset))
			wrong(l, permit->file, extent->line, TEXT_ROWS_DATASET,
			      extent->dataset, NULL);
		if (!extent_valid(extent))
			wrong(l, permit->file, extent->line, TEXT_ROWS_FORM,
			      NULL, NULL);
	}
}

static void check_permit(const struct loading *l, const struct permit *permit)
{
	const struct yaml *yaml = yaml_of(l, permit->file);

	if (role_of_suffix(permit->permit) != ROLE_NONE)
		wrong(l, permit->file, fields_line(yaml, "permit"),
		      TEXT_PERMIT_RESERVED, permit->permit, NULL);
	if (permit->starts && permit->ends && permit->ends < permit->starts)
		wrong(l, permit->file, fields_line(yaml, "ends"),
		      TEXT_PERMIT_DAYS, NULL, NULL);
	check_members(l, permit);
	check_rows(l, permit);
}

static void check_operators(const struct loading *l)
{
	const struct operators *all = &l->policy->site.operators;

	for (uint32_t i = 0; i < all->count; i++)
		for (uint32_t k = 0; k < i; k++)
			if (all->item[i].uid == all->item[k].uid ||
			    strcmp(all->item[i].name, all->item[k].name) == 0)
				wrong(l, "site.yaml", all->item[i].line,
				      TEXT_OPERATOR_TWICE, all->item[i].name,
				      NULL);
}

static bool is_page(const char *url)
{
	return strncmp(url, "http://", 7) == 0 ||
	       strncmp(url, "https://", 8) == 0;
}

static void check_pages(const struct loading *l, const struct quorum *quorum)
{
	l->policy->quorum = quorum->target != 0;
	for (unsigned int i = 0; i < quorum->nwitnesses; i++) {
		const struct quorum_witness *witness = &quorum->witnesses[i];

		if (!witness->url[0])
			continue;
		l->policy->nwitnesses++;
		if (!is_page(witness->url))
			wrong(l, CLOSURE_WITNESSES, 0, TEXT_WITNESS_PAGE,
			      witness->name, NULL);
	}
}

/* The one file that is no YAML. */
static void load_witnesses(const struct loading *l,
			   const struct closure_file *file)
{
	AUTO_FREE struct quorum *quorum = calloc(1, sizeof *quorum);
	const char *text = (const char *)file->bytes;
	struct err err;

	if (!quorum)
		die("out of memory");
	if (file->len >= WITNESSES_SIZE)
		wrong(l, file->name, 0, TEXT_WITNESSES_LARGE, NULL, NULL);
	else if (quorum_read(quorum, text, file->len, &err) < 0)
		wrong(l, file->name, quorum->line, TEXT_WITNESSES_WRONG,
		      err.text, NULL);
	else
		check_pages(l, quorum);
	if (file->len < WITNESSES_SIZE)
		memcpy(l->policy->witnesses, text, file->len);
	quorum_clear(quorum);
}

static void check_site(const struct loading *l)
{
	const char *url = l->policy->site.timestamps;

	if (url[0] && !is_page(url))
		wrong(l, "site.yaml",
		      fields_line(yaml_of(l, "site.yaml"), "timestamps"),
		      TEXT_STAMPS_PAGE, url, NULL);
	if (l->policy->site.release_needs == RELEASE_COSIGNED &&
	    !l->policy->quorum)
		wrong(l, "site.yaml",
		      fields_line(yaml_of(l, "site.yaml"), "release_needs"),
		      TEXT_NEEDS_QUORUM, NULL, NULL);
	check_operators(l);
}

static void check_all(const struct loading *l)
{
	const struct policy *p = l->policy;

	for (size_t i = 0; i < p->npersons; i++) {
		check_person(l, &p->persons[i]);
		check_keys(l, i);
	}
	for (size_t i = 0; i < p->npermits; i++)
		check_permit(l, &p->permits[i]);
	for (size_t i = 0; i < p->ndatasets; i++) {
		const struct dataset *d = &p->datasets[i];

		if (*d->permit && !file_exists(l, "permits", d->permit))
			wrong(l, d->file,
			      fields_line(yaml_of(l, d->file), "permit"),
			      TEXT_PERMIT_UNKNOWN, d->permit, NULL);
	}
}

int policy_load(const struct closure *closure, struct policy *policy,
		struct problems *problems)
{
	AUTO_FREE struct yaml *yaml = calloc(closure->count + 1, sizeof *yaml);
	struct loading l = { .closure = closure,
			     .policy = policy,
			     .problems = problems };
	bool site = false;

	if (!yaml)
		die("out of memory");
	l.yaml = yaml;
	memset(policy, 0, sizeof *policy);
	for (size_t i = 0; i < closure->count; i++) {
		const struct closure_file *file = &closure->files[i];

		site |= sort_of(file->name) == SORT_SITE;
		if (sort_of(file->name) == SORT_WITNESSES)
			load_witnesses(&l, file);
		else if (yaml_parse(&yaml[i], file->name, file->bytes,
				    file->len, problems) == 0)
			fill(&l, &yaml[i]);
	}
	if (!site && problems->count == 0)
		wrong(&l, "site.yaml", 0, TEXT_FILE_MISSING, NULL, NULL);
	if (site)
		check_site(&l);
	check_all(&l);
	for (size_t i = 0; i < closure->count; i++)
		yaml_clear(&yaml[i]);
	if (problems->count > 0) {
		policy_clear(policy);
		return -1;
	}
	policy->hash = closure_hash(closure);
	return 0;
}

int policy_check_folder(int folder, struct policy *policy,
			struct problems *problems)
{
	struct closure closure;
	struct policy own;
	int result;

	closure_read(&closure, folder, problems);
	result = policy_load(&closure, policy ? policy : &own, problems);
	closure_clear(&closure);
	if (!policy)
		policy_clear(&own);
	return result;
}
