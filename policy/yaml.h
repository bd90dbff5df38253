/*
 * yaml - one policy file as a tree with line numbers.
 *
 * A small part of YAML: maps, lists and scalars, at most YAML_DEPTH deep; no
 * anchors, aliases, tags or second documents. What is not in that part, and
 * every key that stands twice in a map, is a problem with its line.
 */
#ifndef POLICY_YAML_H
#define POLICY_YAML_H

#include <stdint.h>

#include "policy/problems.h"

enum { YAML_SIZE = 256 * 1024, YAML_DEPTH = 8, YAML_NODES = 20000 };

enum node_kind { NODE_NONE = 0, NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node {
	enum node_kind kind;
	unsigned int line;
	uint32_t key;	/* in a map: node number of its key, else 0 */
	uint32_t next;	/* next in the same map or list, 0: the last */
	uint32_t first; /* map or list: the first inside, 0: none */
	uint32_t last;
	size_t text; /* scalar: where in texts, NUL at the end */
	size_t len;
};

struct yaml {
	const char *file;
	struct node *nodes; /* number 0 is not used, 1 is the root */
	uint32_t count;
	char *texts;
	size_t texts_used, texts_size;
};

/*
 * Parse len bytes. file names them in problems and stays the caller's, who
 * calls yaml_clear in any case. 0, or -1 if there was a problem.
 */
int yaml_parse(struct yaml *yaml, const char *file, const uint8_t *bytes,
	       size_t len, struct problems *problems);
void yaml_clear(struct yaml *yaml);

/* The text of a scalar; "" for anything else. */
const char *yaml_text(const struct yaml *yaml, uint32_t node);

#endif
