#include "policy/airlock/parse/parser.h"

#include <string.h>

void parser_init(struct parser *p, int pipe, const char *name)
{
	p->out.pipe = pipe;
	p->out.used = 0;
	p->out.failed = false;
	p->faults = (struct faults){ .out = &p->out };
	p->type = type_of_name(name);
	p->begun = p->foreign = false;
	p->lines = 0;
	p->skip = p->used = 0;
	characters_init(&p->characters, &p->faults);
	json_init(&p->json, &p->faults);
}

static void put_type(struct parser *p)
{
	const char *word = type_word(p->foreign ? FILE_UNKNOWN : p->type);

	parsed_put(&p->out, PARSED_TYPE, word, strlen(word));
	if (p->foreign || p->type == FILE_UNKNOWN)
		fault_put(&p->faults, FAULT_F01_TYPE, 0, 0);
}

static bool begins(const uint8_t *bytes, size_t len, const char *mark, size_t n)
{
	return len >= n && memcmp(bytes, mark, n) == 0;
}

/* What the first bytes say about all the others. */
static void begin(struct parser *p, const uint8_t *bytes, size_t len)
{
	bool wide = begins(bytes, len, "\xff\xfe", 2) ||
		    begins(bytes, len, "\xfe\xff", 2);
	bool other = type_is_foreign(bytes, len);

	p->begun = true;
	p->foreign = wide || other;
	p->skip = begins(bytes, len, "\xef\xbb\xbf", 3) ? 3 : 0;
	table_parser_init(&p->table, &p->faults,
			  type_separator(p->type, bytes, len));
	put_type(p);
	if (wide)
		fault_put(&p->faults, FAULT_F07_ENCODING, 1, 1);
	if (other && p->type != FILE_UNKNOWN)
		fault_put(&p->faults, FAULT_F02_TYPE_MISMATCH, 1, 1);
}

static void end_line(struct parser *p)
{
	size_t len = p->used < PARSED_MAX ? p->used : PARSED_MAX;

	if (len > 0 && p->line[len - 1] == '\r')
		len--;
	parsed_put(&p->out, PARSED_LINE, p->line, len);
	p->lines++;
	p->used = 0;
}

static void feed_lines(struct parser *p, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '\n')
			end_line(p);
		else if (p->used < PARSED_MAX)
			p->line[p->used++] = bytes[i];
		else if (p->used++ == PARSED_MAX)
			fault_put(&p->faults, FAULT_F16_LONG, p->lines + 1, 0);
	}
}

static void put_bytes(struct parser *p, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		size_t n = len < PARSED_MAX ? len : PARSED_MAX;

		parsed_put(&p->out, PARSED_BYTES, bytes, n);
		bytes += n;
		len -= n;
	}
}

void parser_feed(struct parser *p, const uint8_t *bytes, size_t len)
{
	if (len == 0)
		return;
	if (!p->begun)
		begin(p, bytes, len);
	put_bytes(p, bytes, len);
	if (p->foreign)
		return;
	characters_feed(&p->characters, bytes, len);
	size_t skip = p->skip < len ? p->skip : len;
	p->skip -= skip;
	if (p->type == FILE_CSV || p->type == FILE_TSV)
		table_parser_feed(&p->table, bytes + skip, len - skip);
	else
		feed_lines(p, bytes + skip, len - skip);
	if (p->type == FILE_JSON)
		json_feed(&p->json, bytes + skip, len - skip);
}

int parser_end(struct parser *p)
{
	if (!p->begun) {
		put_type(p);
		fault_put(&p->faults, FAULT_F12_EMPTY, 0, 0);
		return parsed_put_end(&p->out, 0);
	}
	if (!p->foreign) {
		characters_end(&p->characters);
		if (p->type == FILE_CSV || p->type == FILE_TSV)
			table_parser_end(&p->table);
		if (p->type == FILE_JSON)
			json_end(&p->json);
		if (p->used > 0)
			end_line(p);
	}
	return parsed_put_end(&p->out, p->table.rows + p->lines);
}
