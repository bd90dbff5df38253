/*
 * recipe - see recipe.h. Runs in sekishoctl; what it lets pass is read again
 * by sandbox/toolset/build.sh, as two names and two flat lists.
 */
#include "gateway/ctl/recipe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "policy/yaml.h"

enum shape { ONE, SEVERAL };

static const struct key {
	const char *name;
	enum shape shape;
	size_t least, most;
	const char *characters, *meaning;
} keys[] = {
#define KEY(name, shape, least, most, characters, meaning)                     \
	{ #name, shape, least, most, characters, meaning },
#include "gateway/ctl/recipe.def"
#undef KEY
};

struct reading {
	const struct yaml *yaml;
	struct problems *problems;
};

static const struct key *find_key(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

static const struct node *node_of(const struct reading *r, uint32_t n)
{
	return &r->yaml->nodes[n];
}

/* A word of the key's characters. */
static bool word_fits(const struct key *key, const char *word)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789";
	size_t at = 0;

	while (word[at] &&
	       (strchr(plain, word[at]) || strchr(key->characters, word[at])))
		at++;
	return at > 0 && !word[at] && word[0] != '.' && word[0] != '-';
}

static void check_word(const struct reading *r, const struct key *key,
		       uint32_t n)
{
	const char *word = yaml_text(r->yaml, n);

	if (node_of(r, n)->kind != NODE_SCALAR || !word_fits(key, word))
		problems_add(r->problems, r->yaml->file, node_of(r, n)->line,
			     TEXT_FIELD_KIND, key->name, word, key->meaning);
}

static void check_size(const struct reading *r, const struct key *key,
		       uint32_t n, size_t size)
{
	char least[24], most[24];

	if (size >= key->least && size <= key->most)
		return;
	snprintf(least, sizeof least, "%zu", key->least);
	snprintf(most, sizeof most, "%zu", key->most);
	problems_add(r->problems, r->yaml->file, node_of(r, n)->line,
		     TEXT_FIELD_RANGE, key->name, least, most);
}

static void check_list(const struct reading *r, const struct key *key,
		       uint32_t list)
{
	size_t n = 0;

	if (node_of(r, list)->kind != NODE_LIST) {
		problems_add(r->problems, r->yaml->file, node_of(r, list)->line,
			     TEXT_FIELD_LIST, key->name, NULL, NULL);
		return;
	}
	for (uint32_t i = node_of(r, list)->first; i; i = node_of(r, i)->next) {
		check_word(r, key, i);
		n++;
	}
	check_size(r, key, list, n);
}

static void check_value(const struct reading *r, uint32_t n)
{
	const char *name = yaml_text(r->yaml, node_of(r, n)->key);
	const struct key *key = find_key(name);

	if (!key) {
		problems_add(r->problems, r->yaml->file,
			     node_of(r, node_of(r, n)->key)->line,
			     TEXT_FIELD_UNKNOWN, name,
			     "name, suite, packages, leave_out", NULL);
		return;
	}
	if (key->shape == SEVERAL) {
		check_list(r, key, n);
		return;
	}
	check_word(r, key, n);
	check_size(r, key, n, strlen(yaml_text(r->yaml, n)));
}

static uint32_t value_of(const struct reading *r, const char *name)
{
	for (uint32_t n = node_of(r, 1)->first; n; n = node_of(r, n)->next)
		if (strcmp(yaml_text(r->yaml, node_of(r, n)->key), name) == 0)
			return n;
	return 0;
}

static void check_root(const struct reading *r)
{
	if (node_of(r, 1)->kind != NODE_MAP) {
		problems_add(r->problems, r->yaml->file, node_of(r, 1)->line,
			     TEXT_FIELD_MAP, NULL, NULL, NULL);
		return;
	}
	for (uint32_t n = node_of(r, 1)->first; n; n = node_of(r, n)->next)
		check_value(r, n);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (keys[i].least > 0 && !value_of(r, keys[i].name))
			problems_add(r->problems, r->yaml->file, 1,
				     TEXT_FIELD_MISSING, keys[i].name,
				     keys[i].meaning, NULL);
}

static ssize_t read_all(const char *path, uint8_t *bytes, size_t size)
{
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t used = 0;
	ssize_t n = 1;

	if (fd < 0)
		return -1;
	while (used < size && (n = read(fd, bytes + used, size - used)) > 0)
		used += (size_t)n;
	return n < 0 ? -1 : (ssize_t)used;
}

int recipe_check(const char *path, char *name, struct problems *problems)
{
	AUTO_FREE uint8_t *bytes = malloc(YAML_SIZE + 1);
	struct yaml yaml;
	struct reading r = { &yaml, problems };
	ssize_t len = bytes ? read_all(path, bytes, YAML_SIZE + 1) : -1;

	if (len < 0) {
		problems_add(problems, path, 0, TEXT_FILE_OPEN, strerror(errno),
			     NULL, NULL);
		return -1;
	}
	if (yaml_parse(&yaml, path, bytes, (size_t)len, problems) == 0) {
		check_root(&r);
		snprintf(name, ID_SIZE, "%.63s",
			 yaml_text(&yaml, value_of(&r, "name")));
	}
	yaml_clear(&yaml);
	return problems->count > 0 ? -1 : 0;
}
