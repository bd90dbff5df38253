#include "gateway/base/parsed.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { HEAD = 5, FAULT_HEAD = 8 };

static void put_le(uint8_t *out, uint64_t value, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_le(const uint8_t *in, size_t n)
{
	uint64_t value = 0;

	for (size_t i = 0; i < n; i++)
		value |= (uint64_t)in[i] << (8 * i);
	return value;
}

/* --- Writing -------------------------------------------------------------- */

static void flush(struct parsed_out *out)
{
	size_t done = 0;

	while (!out->failed && done < out->used) {
		ssize_t n =
			write(out->pipe, out->buffer + done, out->used - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			out->failed = true;
	}
	out->used = 0;
}

/* An item of len bytes begins; they must follow. */
static uint8_t *item(struct parsed_out *out, enum parsed_kind kind, size_t len)
{
	if (sizeof out->buffer - out->used < HEAD + len)
		flush(out);
	uint8_t *at = out->buffer + out->used;
	at[0] = (uint8_t)kind;
	put_le(at + 1, len, 4);
	out->used += HEAD + len;
	return at + HEAD;
}

void parsed_put(struct parsed_out *out, enum parsed_kind kind,
		const void *bytes, size_t len)
{
	len = len > PARSED_MAX ? PARSED_MAX : len;
	uint8_t *at = item(out, kind, len);
	if (len > 0)
		memcpy(at, bytes, len);
}

void parsed_put_row(struct parsed_out *out, uint32_t line)
{
	put_le(item(out, PARSED_ROW, 4), line, 4);
}

void parsed_put_fault(struct parsed_out *out, const char *code, uint32_t row,
		      uint32_t column)
{
	size_t len = strlen(code);
	uint8_t *at = item(out, PARSED_FAULT, FAULT_HEAD + len);

	put_le(at, row, 4);
	put_le(at + 4, column, 4);
	memcpy(at + FAULT_HEAD, code, len);
}

int parsed_put_end(struct parsed_out *out, uint64_t total)
{
	put_le(item(out, PARSED_END, 8), total, 8);
	flush(out);
	return out->failed ? -1 : 0;
}

/* --- Reading -------------------------------------------------------------- */

/* Wait for more bytes. 1: some came; 0: the writer is gone; -1: err. */
static int fill(struct parsed_in *in, int milliseconds, struct err *err)
{
	struct pollfd wait = { .fd = in->pipe, .events = POLLIN };
	int ready = poll(&wait, 1, milliseconds);

	if (ready == 0)
		return err_set(err, "the parse is silent");
	if (ready < 0 && errno != EINTR)
		return err_sys(err, "wait for the parse");
	if (ready < 0)
		return 1;
	if (in->start > 0) {
		memmove(in->buffer, in->buffer + in->start,
			in->end - in->start);
		in->end -= in->start;
		in->start = 0;
	}
	ssize_t n = read(in->pipe, in->buffer + in->end,
			 sizeof in->buffer - in->end);
	if (n < 0 && errno != EINTR && errno != EAGAIN)
		return err_sys(err, "read the parse");
	if (n > 0)
		in->end += (size_t)n;
	return n != 0;
}

/* So many bytes, or 0 for any number. */
static size_t wanted(enum parsed_kind kind)
{
	return kind == PARSED_ROW ? 4 : kind == PARSED_END ? 8 : 0;
}

/* Codes are words of our own: capitals, digits, underscores. */
static int read_fault(struct parsed_item *item)
{
	if (item->len <= FAULT_HEAD || item->len > FAULT_HEAD + 40)
		return -1;
	item->row = (uint32_t)get_le(item->bytes, 4);
	item->column = (uint32_t)get_le(item->bytes + 4, 4);
	item->bytes += FAULT_HEAD;
	item->len -= FAULT_HEAD;
	for (size_t i = 0; i < item->len; i++) {
		uint8_t c = item->bytes[i];

		if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '_'))
			return -1;
	}
	return 0;
}

static int read_fields(struct parsed_item *item)
{
	size_t want = wanted(item->kind);

	if (want > 0 && item->len != want)
		return -1;
	if (item->kind == PARSED_FAULT)
		return read_fault(item);
	if (item->kind == PARSED_ROW)
		item->row = (uint32_t)get_le(item->bytes, 4);
	if (item->kind == PARSED_END)
		item->total = get_le(item->bytes, 8);
	return 0;
}

/* After END nothing may follow, and the writer must close its end. */
static int at_end(struct parsed_in *in, int milliseconds, struct err *err)
{
	while (in->start == in->end) {
		int more = fill(in, milliseconds, err);

		if (more <= 0)
			return more;
	}
	return err_set(err, "the parse goes on after its end");
}

int parsed_next(struct parsed_in *in, struct parsed_item *item,
		int milliseconds, struct err *err)
{
	if (in->over)
		return at_end(in, milliseconds, err);
	for (;;) {
		const uint8_t *at = in->buffer + in->start;
		size_t have = in->end - in->start;
		size_t len = have < HEAD ? 0 : get_le(at + 1, 4);

		if (have >= HEAD && (at[0] == PARSED_NONE ||
				     at[0] >= PARSED_KINDS || len > PARSED_MAX))
			return err_set(err, "the parse is malformed");
		if (have >= HEAD && have - HEAD >= len) {
			*item = (struct parsed_item){
				.kind = (enum parsed_kind)at[0],
				.len = len,
				.bytes = at + HEAD,
			};
			in->start += HEAD + len;
			break;
		}
		int more = fill(in, milliseconds, err);
		if (more < 0)
			return -1;
		if (more == 0)
			return err_set(err, "the parse broke off");
	}
	if (read_fields(item) < 0)
		return err_set(err, "the parse is malformed");
	in->over = item->kind == PARSED_END;
	return 1;
}
