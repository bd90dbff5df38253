#include "policy/airlock/parse/table.h"

void table_parser_init(struct table_parser *t, struct faults *faults,
		       char separator)
{
	t->out = faults->out;
	t->faults = faults;
	t->separator = separator;
	t->state = CELL_START;
	t->in_row = t->carriage = false;
	t->line = 1;
	t->column = t->columns = 0;
	t->rows = 0;
	t->used = 0;
}

static void malformed(struct table_parser *t)
{
	fault_put(t->faults, FAULT_F15_TABLE, t->line, t->column + 1);
}

static void begin_row(struct table_parser *t)
{
	if (!t->in_row)
		parsed_put_row(t->out, t->line);
	t->in_row = true;
}

static void add(struct table_parser *t, uint8_t byte)
{
	if (t->used < sizeof t->cell)
		t->cell[t->used++] = byte;
	else if (t->used++ == sizeof t->cell)
		fault_put(t->faults, FAULT_F16_LONG, t->line, t->column + 1);
}

static void end_cell(struct table_parser *t)
{
	begin_row(t);
	parsed_put(t->out, PARSED_CELL, t->cell, t->used);
	t->column++;
	t->used = 0;
	t->state = CELL_START;
}

static void end_row(struct table_parser *t)
{
	end_cell(t);
	if (t->rows++ == 0)
		t->columns = t->column;
	else if (t->column != t->columns)
		malformed(t);
	t->column = 0;
	t->in_row = false;
}

static void step_quoted(struct table_parser *t, uint8_t byte)
{
	if (byte == '"') {
		t->state = CELL_QUOTE;
		return;
	}
	add(t, byte);
	if (byte == '\n')
		t->line++;
}

static void step_plain(struct table_parser *t, uint8_t byte)
{
	if (byte == '"' && t->state == CELL_QUOTE) {
		add(t, byte);
		t->state = CELL_QUOTED;
		return;
	}
	if (t->carriage && byte != '\n')
		add(t, '\r');
	t->carriage = byte == '\r';
	if (byte == (uint8_t)t->separator) {
		end_cell(t);
	} else if (byte == '\n') {
		end_row(t);
		t->line++;
	} else if (byte == '"' && t->state == CELL_START) {
		begin_row(t);
		t->state = CELL_QUOTED;
	} else if (byte != '\r') {
		begin_row(t);
		if (byte == '"' || t->state == CELL_QUOTE)
			malformed(t);
		t->state = CELL_PLAIN;
		add(t, byte);
	}
}

void table_parser_feed(struct table_parser *t, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (t->state == CELL_QUOTED)
			step_quoted(t, bytes[i]);
		else
			step_plain(t, bytes[i]);
	}
}

void table_parser_end(struct table_parser *t)
{
	if (t->state == CELL_QUOTED)
		malformed(t);
	if (t->in_row || t->used > 0 || t->carriage)
		end_row(t);
}
