#include "policy/airlock/parse/characters.h"

#include "gateway/base/own.h"
#include "gateway/base/visible.h"

void characters_init(struct characters *c, struct faults *faults)
{
	*c = (struct characters){ .faults = faults, .line = 1 };
}

static void control(struct characters *c)
{
	fault_put(c->faults, FAULT_F08_CONTROL, c->line, c->column);
}

static void not_utf8(struct characters *c)
{
	if (!c->not_utf8)
		fault_put(c->faults, FAULT_F07_ENCODING, c->line, c->column);
	c->not_utf8 = true;
	c->have = 0;
}

/* The bytes of a character that has begun, one by one. */
static void step_utf8(struct characters *c, uint8_t byte)
{
	unsigned int code;

	c->partial[c->have++] = byte;
	size_t want = (c->partial[0] & 0xe0) == 0xc0   ? 2
		      : (c->partial[0] & 0xf0) == 0xe0 ? 3
		      : (c->partial[0] & 0xf8) == 0xf0 ? 4
						       : 0;
	if (want == 0) {
		not_utf8(c);
		return;
	}
	if (c->have < want)
		return;
	if (utf8_decode(c->partial, want, &code) != want) {
		not_utf8(c);
		return;
	}
	c->have = 0;
	if (code == 0xfeff && c->line == 1 && c->column == 3)
		fault_put(c->faults, FAULT_F07_BOM, 1, 1);
	else if (visible_hides(code))
		control(c);
}

static void step_cp932(struct characters *c, uint8_t byte)
{
	if (c->cp932_lead) {
		c->cp932_lead = false;
		if (byte < 0x40 || byte == 0x7f || byte > 0xfc)
			c->not_cp932 = true;
	} else if ((byte >= 0x81 && byte <= 0x9f) ||
		   (byte >= 0xe0 && byte <= 0xfc)) {
		c->cp932_lead = true;
	} else if (byte >= 0x80 && (byte < 0xa1 || byte > 0xdf)) {
		c->not_cp932 = true;
	}
}

/* Archives and the like begin so, also in the middle of a text. */
static bool foreign(uint32_t last)
{
	static const struct {
		uint32_t bytes, mask;
	} marks[] = {
		{ 0x504b0304, 0xffffffff }, /* zip */
		{ 0x504b0506, 0xffffffff },
		{ 0x377abcaf, 0xffffffff }, /* 7z */
		{ 0x001f8b08, 0x00ffffff }, /* gzip */
	};

	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if ((last & marks[i].mask) == marks[i].bytes)
			return true;
	return false;
}

static void step_ascii(struct characters *c, uint8_t byte)
{
	bool after_carriage = c->carriage;

	if (c->have > 0)
		not_utf8(c);
	c->carriage = byte == '\r';
	if (after_carriage && byte != '\n')
		control(c);
	if (byte == '\n') {
		c->line++;
		c->column = 0;
	} else if (byte == 0x7f ||
		   (byte < 0x20 && byte != '\t' && byte != '\r')) {
		control(c);
	}
}

void characters_feed(struct characters *c, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t byte = bytes[i];

		c->column++;
		c->last = c->last << 8 | byte;
		if (byte >= 0x20 && byte < 0x7f && c->have == 0 &&
		    !c->carriage && !c->cp932_lead)
			continue;
		if (!c->not_cp932)
			step_cp932(c, byte);
		if (byte < 0x80)
			step_ascii(c, byte);
		else if (!c->not_utf8)
			step_utf8(c, byte);
		if (foreign(c->last))
			fault_put(c->faults, FAULT_F02_TYPE_MISMATCH, c->line,
				  c->column);
	}
}

void characters_end(struct characters *c)
{
	if (c->have > 0)
		not_utf8(c);
	if (c->carriage)
		control(c);
	if (c->not_utf8 && !c->not_cp932 && !c->cp932_lead)
		fault_put(c->faults, FAULT_F07_CP932, 0, 0);
}
