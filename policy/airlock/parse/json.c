#include "policy/airlock/parse/json.h"

#include <string.h>

/* Where in a number; those that may end it are even. */
enum {
	NUMBER_ZERO = 0,
	NUMBER_SIGN = 1,
	NUMBER_WHOLE = 2,
	NUMBER_POINT = 3,
	NUMBER_FRACTION = 4,
	NUMBER_E = 5,
	NUMBER_POWER = 6,
	NUMBER_E_SIGN = 7,
	NUMBER_NO = 9,
};

void json_init(struct json *j, struct faults *faults)
{
	*j = (struct json){ .faults = faults, .line = 1 };
}

static void broken(struct json *j)
{
	fault_put(j->faults, FAULT_F17_JSON, j->line, 0);
	j->state = JSON_IN_BROKEN;
}

static void after_value(struct json *j)
{
	j->state = j->depth > 0 ? JSON_IN_AFTER : JSON_IN_DONE;
}

static bool in_object(const struct json *j)
{
	return j->depth > 0 && (j->objects >> (j->depth - 1) & 1) != 0;
}

static void open_level(struct json *j, bool object)
{
	if (j->depth == JSON_DEPTH) {
		broken(j);
		return;
	}
	j->objects &= ~(1ull << j->depth);
	j->objects |= (uint64_t)object << j->depth;
	j->depth++;
	j->state = object ? JSON_IN_FIRST_KEY : JSON_IN_FIRST;
}

static void close_level(struct json *j, bool object)
{
	if (j->depth == 0 || in_object(j) != object) {
		broken(j);
		return;
	}
	j->depth--;
	after_value(j);
}

static void begin_word(struct json *j, const char *rest)
{
	j->word = rest;
	j->state = JSON_IN_WORD;
}

static void step_value(struct json *j, uint8_t byte)
{
	if (byte == '{' || byte == '[') {
		open_level(j, byte == '{');
	} else if (byte == '"') {
		j->is_key = false;
		j->state = JSON_IN_STRING;
	} else if (byte == '-' || (byte >= '0' && byte <= '9')) {
		j->number = byte == '-'	  ? NUMBER_SIGN
			    : byte == '0' ? NUMBER_ZERO
					  : NUMBER_WHOLE;
		j->state = JSON_IN_NUMBER;
	} else if (byte == 't') {
		begin_word(j, "rue");
	} else if (byte == 'f') {
		begin_word(j, "alse");
	} else if (byte == 'n') {
		begin_word(j, "ull");
	} else {
		broken(j);
	}
}

static void step_key(struct json *j, uint8_t byte)
{
	if (byte == '"') {
		j->is_key = true;
		j->state = JSON_IN_STRING;
	} else if (byte == '}' && j->state == JSON_IN_FIRST_KEY) {
		close_level(j, true);
	} else {
		broken(j);
	}
}

static void step_after(struct json *j, uint8_t byte)
{
	if (byte == ',')
		j->state = in_object(j) ? JSON_IN_KEY : JSON_IN_VALUE;
	else if (byte == ']' || byte == '}')
		close_level(j, byte == '}');
	else
		broken(j);
}

static void step_string(struct json *j, uint8_t byte)
{
	if (j->state == JSON_IN_ESCAPE) {
		j->hex = 4;
		j->state = byte == 'u' ? JSON_IN_HEX : JSON_IN_STRING;
		if (byte != 'u' && (!byte || !strchr("\"\\/bfnrt", byte)))
			broken(j);
	} else if (j->state == JSON_IN_HEX) {
		if (!byte || !strchr("0123456789abcdefABCDEF", byte))
			broken(j);
		else if (--j->hex == 0)
			j->state = JSON_IN_STRING;
	} else if (byte == '\\') {
		j->state = JSON_IN_ESCAPE;
	} else if (byte < 0x20) {
		broken(j);
	} else if (byte == '"' && j->is_key) {
		j->state = JSON_IN_COLON;
	} else if (byte == '"') {
		after_value(j);
	}
}

static uint8_t number_next(uint8_t at, uint8_t byte)
{
	bool digit = byte >= '0' && byte <= '9';
	bool e = byte == 'e' || byte == 'E';

	switch (at) {
	case NUMBER_SIGN:
		return !digit	     ? NUMBER_NO
		       : byte == '0' ? NUMBER_ZERO
				     : NUMBER_WHOLE;
	case NUMBER_ZERO:
	case NUMBER_WHOLE:
		return digit && at == NUMBER_WHOLE ? NUMBER_WHOLE
		       : byte == '.'		   ? NUMBER_POINT
		       : e			   ? NUMBER_E
						   : NUMBER_NO;
	case NUMBER_POINT:
	case NUMBER_FRACTION:
		return digit			    ? NUMBER_FRACTION
		       : e && at == NUMBER_FRACTION ? NUMBER_E
						    : NUMBER_NO;
	case NUMBER_E:
		if (byte == '+' || byte == '-')
			return NUMBER_E_SIGN;
		return digit ? NUMBER_POWER : NUMBER_NO;
	default:
		return digit ? NUMBER_POWER : NUMBER_NO;
	}
}

static void step_plain(struct json *j, uint8_t byte);

/* A number ends where something else begins, which is then looked at. */
static void step_number(struct json *j, uint8_t byte)
{
	uint8_t next = number_next(j->number, byte);

	if (next != NUMBER_NO) {
		j->number = next;
	} else if (j->number % 2 != 0) {
		broken(j);
	} else {
		after_value(j);
		step_plain(j, byte);
	}
}

static void step_word(struct json *j, uint8_t byte)
{
	if (byte != (uint8_t)*j->word)
		broken(j);
	else if (*++j->word == '\0')
		after_value(j);
}

static void step_plain(struct json *j, uint8_t byte)
{
	if (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r')
		return;
	if (j->state == JSON_IN_VALUE) {
		step_value(j, byte);
	} else if (j->state == JSON_IN_FIRST) {
		if (byte == ']')
			close_level(j, false);
		else
			step_value(j, byte);
	} else if (j->state == JSON_IN_FIRST_KEY || j->state == JSON_IN_KEY) {
		step_key(j, byte);
	} else if (j->state == JSON_IN_COLON) {
		if (byte != ':')
			broken(j);
		else
			j->state = JSON_IN_VALUE;
	} else if (j->state == JSON_IN_AFTER) {
		step_after(j, byte);
	} else {
		fault_put(j->faults, FAULT_F06_TRAILING, j->line, 0);
		j->state = JSON_IN_BROKEN;
	}
}

void json_feed(struct json *j, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len && j->state != JSON_IN_BROKEN; i++) {
		uint8_t byte = bytes[i];

		if (j->state == JSON_IN_STRING || j->state == JSON_IN_ESCAPE ||
		    j->state == JSON_IN_HEX)
			step_string(j, byte);
		else if (j->state == JSON_IN_NUMBER)
			step_number(j, byte);
		else if (j->state == JSON_IN_WORD)
			step_word(j, byte);
		else
			step_plain(j, byte);
		j->line += byte == '\n';
	}
}

void json_end(struct json *j)
{
	if (j->state == JSON_IN_NUMBER && j->number % 2 == 0)
		after_value(j);
	if (j->state != JSON_IN_DONE && j->state != JSON_IN_BROKEN)
		broken(j);
}
