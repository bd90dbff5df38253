/*
 * yaml - turn libyaml's events into a tree, and refuse early.
 *
 * Runs in sekisho-policy and sekishoctl. The bytes are not trusted: they are
 * judged by size and as text before libyaml sees them, and depth is counted
 * event by event, since libyaml is quadratic in it.
 */
#include "policy/yaml.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "gateway/base/err.h"
#include "gateway/base/visible.h"

struct reading {
	struct yaml *yaml;
	struct problems *problems;
	uint32_t open[YAML_DEPTH]; /* maps and lists we are inside of */
	uint32_t keys[YAML_DEPTH]; /* in a map: the key that waits, or 0 */
	int depth;
	bool failed;
};

static void wrong(struct reading *r, unsigned int line, enum text_id id,
		  const char *first, const char *second)
{
	problems_add(r->problems, r->yaml->file, line, id, first, second, NULL);
	r->failed = true;
}

const char *yaml_text(const struct yaml *yaml, uint32_t node)
{
	return yaml->nodes[node].kind == NODE_SCALAR
		       ? yaml->texts + yaml->nodes[node].text
		       : "";
}

static void keep_text(struct yaml *yaml, struct node *node,
		      const yaml_event_t *event)
{
	size_t len = event->data.scalar.length;

	if (yaml->texts_size - yaml->texts_used < len + 1) {
		size_t size = yaml->texts_size * 2 + len + 1;
		char *grown = realloc(yaml->texts, size);

		if (!grown)
			die("out of memory");
		yaml->texts = grown;
		yaml->texts_size = size;
	}
	memcpy(yaml->texts + yaml->texts_used, event->data.scalar.value, len);
	yaml->texts[yaml->texts_used + len] = '\0';
	node->text = yaml->texts_used;
	node->len = len;
	yaml->texts_used += len + 1;
}

static uint32_t find_key(const struct yaml *yaml, uint32_t map, const char *key)
{
	for (uint32_t n = yaml->nodes[map].first; n; n = yaml->nodes[n].next)
		if (strcmp(yaml_text(yaml, yaml->nodes[n].key), key) == 0)
			return n;
	return 0;
}

/* Put a finished node where the reading stands: key, value or item. */
static void place(struct reading *r, uint32_t number)
{
	struct yaml *yaml = r->yaml;
	struct node *node = &yaml->nodes[number];

	if (r->depth == 0)
		return;
	uint32_t parent = r->open[r->depth - 1];
	struct node *in = &yaml->nodes[parent];
	uint32_t *key = &r->keys[r->depth - 1];
	if (in->kind == NODE_MAP && *key == 0) {
		char before[24];
		uint32_t same;

		*key = number;
		if (node->kind != NODE_SCALAR) {
			wrong(r, node->line, TEXT_YAML_KEY, NULL, NULL);
			return;
		}
		same = find_key(yaml, parent, yaml_text(yaml, number));
		if (same) {
			snprintf(before, sizeof before, "%u",
				 yaml->nodes[yaml->nodes[same].key].line);
			wrong(r, node->line, TEXT_YAML_TWICE,
			      yaml_text(yaml, number), before);
		}
		return;
	}
	node->key = *key;
	*key = 0;
	if (in->last)
		yaml->nodes[in->last].next = number;
	else
		in->first = number;
	in->last = number;
}

static bool plain(const yaml_event_t *event, const yaml_char_t **anchor,
		  const yaml_char_t **tag)
{
	if (event->type == YAML_SCALAR_EVENT) {
		*anchor = event->data.scalar.anchor;
		*tag = event->data.scalar.tag;
	} else if (event->type == YAML_SEQUENCE_START_EVENT) {
		*anchor = event->data.sequence_start.anchor;
		*tag = event->data.sequence_start.tag;
	} else {
		*anchor = event->data.mapping_start.anchor;
		*tag = event->data.mapping_start.tag;
	}
	return !*anchor && !*tag;
}

/* A scalar, or the begin of a list or map. False: stop reading. */
static bool add_node(struct reading *r, const yaml_event_t *event,
		     enum node_kind kind)
{
	struct yaml *yaml = r->yaml;
	unsigned int line = (unsigned int)event->start_mark.line + 1;
	const yaml_char_t *anchor, *tag;

	if (!plain(event, &anchor, &tag)) {
		wrong(r, line, anchor ? TEXT_YAML_ANCHOR : TEXT_YAML_TAG, NULL,
		      NULL);
		return false;
	}
	if (yaml->count == YAML_NODES) {
		wrong(r, line, TEXT_YAML_LONG, NULL, NULL);
		return false;
	}
	if (kind != NODE_SCALAR && r->depth == YAML_DEPTH) {
		wrong(r, line, TEXT_YAML_DEEP, NULL, NULL);
		return false;
	}
	uint32_t number = yaml->count++;
	struct node *node = &yaml->nodes[number];
	*node = (struct node){ .kind = kind, .line = line };
	if (kind == NODE_SCALAR)
		keep_text(yaml, node, event);
	if (kind == NODE_SCALAR &&
	    memchr(event->data.scalar.value, 0, event->data.scalar.length)) {
		wrong(r, line, TEXT_YAML_BINARY, NULL, NULL);
		return false;
	}
	place(r, number);
	if (kind != NODE_SCALAR) {
		r->open[r->depth] = number;
		r->keys[r->depth++] = 0;
	}
	return true;
}

/* One event. False: the reading is over, well or not. */
static bool take_event(struct reading *r, const yaml_event_t *event)
{
	unsigned int line = (unsigned int)event->start_mark.line + 1;

	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return add_node(r, event, NODE_SCALAR);
	case YAML_SEQUENCE_START_EVENT:
		return add_node(r, event, NODE_LIST);
	case YAML_MAPPING_START_EVENT:
		return add_node(r, event, NODE_MAP);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		r->depth--;
		return true;
	case YAML_ALIAS_EVENT:
		wrong(r, line, TEXT_YAML_ANCHOR, NULL, NULL);
		return false;
	case YAML_DOCUMENT_START_EVENT:
		if (r->yaml->count > 1) {
			wrong(r, line, TEXT_YAML_SECOND, NULL, NULL);
			return false;
		}
		return true;
	case YAML_STREAM_END_EVENT:
		return false;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		return true;
	}
	return true;
}

static void read_events(struct reading *r, yaml_parser_t *parser)
{
	bool more = true;

	while (more) {
		yaml_event_t event;

		if (!yaml_parser_parse(parser, &event)) {
			wrong(r, (unsigned int)parser->problem_mark.line + 1,
			      TEXT_YAML_SYNTAX,
			      parser->problem ? parser->problem : "", NULL);
			return;
		}
		more = take_event(r, &event);
		yaml_event_delete(&event);
	}
}

/* Text is UTF-8 without control characters but tab, LF and CR. Returns the
 * line of the first byte that is none, or 0. */
static unsigned int not_text(const uint8_t *bytes, size_t len)
{
	unsigned int line = 1;

	for (size_t i = 0; i < len;) {
		unsigned int code;
		size_t n = utf8_decode(bytes + i, len - i, &code);

		if (n == 0 ||
		    (code < 32 && code != '\t' && code != '\n' &&
		     code != '\r') ||
		    code == 127)
			return line;
		line += code == '\n';
		i += n;
	}
	return 0;
}

static bool blank(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] == 0 || !strchr(" \t\r\n", bytes[i]))
			return false;
	return true;
}

int yaml_parse(struct yaml *yaml, const char *file, const uint8_t *bytes,
	       size_t len, struct problems *problems)
{
	struct reading r = { .yaml = yaml, .problems = problems };
	yaml_parser_t parser;
	unsigned int line;

	*yaml = (struct yaml){ .file = file, .count = 1 };
	if (len > YAML_SIZE) {
		wrong(&r, 0, TEXT_FILE_LARGE, NULL, NULL);
		return -1;
	}
	if (blank(bytes, len)) {
		wrong(&r, 0, TEXT_FILE_EMPTY, NULL, NULL);
		return -1;
	}
	line = not_text(bytes, len);
	if (line) {
		wrong(&r, line, TEXT_YAML_BINARY, NULL, NULL);
		return -1;
	}
	yaml->nodes = calloc(YAML_NODES, sizeof *yaml->nodes);
	if (!yaml->nodes || !yaml_parser_initialize(&parser))
		die("out of memory");
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, bytes, len);
	read_events(&r, &parser);
	yaml_parser_delete(&parser);
	struct node *shrunk =
		realloc(yaml->nodes, yaml->count * sizeof *yaml->nodes);
	yaml->nodes = shrunk ? shrunk : yaml->nodes;
	if (!r.failed && yaml->count == 1)
		wrong(&r, 0, TEXT_FILE_EMPTY, NULL, NULL);
	return r.failed ? -1 : 0;
}

void yaml_clear(struct yaml *yaml)
{
	free(yaml->nodes);
	free(yaml->texts);
	*yaml = (struct yaml){ .count = 0 };
}
