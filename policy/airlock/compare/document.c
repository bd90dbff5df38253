#include "policy/airlock/compare/document.h"

#include <string.h>

void document_begin(struct document *d)
{
	table_clear(&d->table);
	d->shape = 0;
	d->depth = 0;
	d->in_string = d->escaped = d->full = false;
	d->used = 0;
}

static struct document_level *here(struct document *d)
{
	return d->depth > 0 ? &d->level[d->depth - 1] : NULL;
}

/* Keep bytes in the level. */
static struct document_text keep(struct document *d, struct document_level *l,
				 const char *bytes, size_t len)
{
	struct document_text text = { (uint32_t)l->used, (uint32_t)len };

	if (len > sizeof l->bytes - l->used) {
		d->full = true;
		return (struct document_text){ 0 };
	}
	if (len > 0)
		memcpy(l->bytes + l->used, bytes, len);
	l->used += len;
	return text;
}

static uint64_t mix(uint64_t hash, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (uint8_t)bytes[i]) * 0x100000001b3u;
	return (hash ^ hash >> 31) * 0x9e3779b97f4a7c15u;
}

/* The token is a value of the level that is open. */
static void add_value(struct document *d)
{
	struct document_level *l = here(d);

	if (!l || l->n == DOCUMENT_CELLS) {
		d->full |= l != NULL;
		return;
	}
	l->keyed[l->n] = l->object ? l->key : l->label;
	l->value[l->n] = keep(d, l, d->token, d->used);
	if (l->object)
		l->keys = mix(l->keys, l->bytes + l->key.at, l->key.len);
	l->n++;
}

static void flush(struct document *d)
{
	if (d->table.nrows > 0)
		d->found(d->owner, &d->table);
	table_clear(&d->table);
	d->shape = 0;
}

static void add_text(struct document *d, const struct document_level *l,
		     struct document_text text)
{
	table_add_cell(&d->table, l->bytes + text.at, text.len);
}

/* The level's own values are a row. */
static void add_row(struct document *d, const struct document_level *l)
{
	uint64_t shape = mix(l->keys + l->object, (const char *)&d->depth,
			     sizeof d->depth);

	if (!l->object || shape != d->shape) {
		flush(d);
		table_add_row(&d->table, d->number);
		table_add_cell(&d->table, "", 0);
		for (uint32_t i = 0; i < l->n; i++)
			add_text(d, l, l->keyed[i]);
	}
	d->shape = shape;
	table_add_row(&d->table, d->number);
	add_text(d, l, l->label);
	for (uint32_t i = 0; i < l->n; i++)
		add_text(d, l, l->value[i]);
}

static void open_level(struct document *d, bool object)
{
	const struct document_level *parent = here(d);

	if (d->depth == DOCUMENT_LEVELS) {
		d->full = true;
		return;
	}
	struct document_level *l = &d->level[d->depth++];
	l->object = object;
	l->keys = 1;
	l->n = 0;
	l->used = 0;
	l->key = l->label = (struct document_text){ 0 };
	if (parent)
		l->label = keep(d, l, parent->bytes + parent->key.at,
				parent->key.len);
	l->key = l->label;
}

static void close_level(struct document *d)
{
	struct document_level *l = here(d);

	if (!l)
		return;
	if (l->n > 0)
		add_row(d, l);
	d->depth--;
}

static void end_token(struct document *d)
{
	if (d->used > 0)
		add_value(d);
	d->used = 0;
}

static void add_byte(struct document *d, char c)
{
	if (d->used == sizeof d->token)
		d->full = true;
	else
		d->token[d->used++] = c;
}

static void in_string(struct document *d, char c)
{
	if (!d->escaped && c == '\\') {
		d->escaped = true;
	} else if (!d->escaped && c == '"') {
		d->in_string = false;
	} else {
		d->escaped = false;
		add_byte(d, c);
	}
}

/* What was read last was a key: what follows stands under it. */
static void end_key(struct document *d)
{
	struct document_level *l = here(d);

	if (l && l->object)
		l->key = keep(d, l, d->token, d->used);
	d->used = 0;
}

static void step(struct document *d, char c)
{
	if (d->in_string) {
		in_string(d, c);
	} else if (c == '"') {
		d->used = 0;
		d->in_string = true;
	} else if (c == ':') {
		end_key(d);
	} else if (c == '{' || c == '[') {
		d->used = 0;
		open_level(d, c == '{');
	} else if (c == ',') {
		end_token(d);
	} else if (c == '}' || c == ']') {
		end_token(d);
		close_level(d);
	} else if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
		add_byte(d, c);
	}
}

void document_line(struct document *d, uint32_t number, const char *text,
		   size_t len)
{
	d->number = number;
	for (size_t i = 0; i < len; i++)
		step(d, text[i]);
}

void document_end(struct document *d)
{
	flush(d);
}
