#include "gateway/files/sftp.h"

#include <string.h>

#include "gateway/base/err.h"

static uint64_t take_int(struct sftp_in *in, size_t n)
{
	uint64_t value = 0;

	if (in->bad || in->left < n) {
		in->bad = true;
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		value = value << 8 | in->at[i];
	in->at += n;
	in->left -= n;
	return value;
}

uint8_t sftp_get_u8(struct sftp_in *in)
{
	return (uint8_t)take_int(in, 1);
}

uint32_t sftp_get_u32(struct sftp_in *in)
{
	return (uint32_t)take_int(in, 4);
}

uint64_t sftp_get_u64(struct sftp_in *in)
{
	return take_int(in, 8);
}

const uint8_t *sftp_get_string(struct sftp_in *in, size_t *len)
{
	size_t n = sftp_get_u32(in);
	const uint8_t *at = in->at;

	*len = 0;
	if (in->bad || in->left < n) {
		in->bad = true;
		return NULL;
	}
	in->at += n;
	in->left -= n;
	*len = n;
	return at;
}

void sftp_get_attrs(struct sftp_in *in, struct sftp_attrs *attrs)
{
	size_t len;

	memset(attrs, 0, sizeof *attrs);
	attrs->flags = sftp_get_u32(in);
	if (attrs->flags & ATTR_SIZE)
		attrs->size = sftp_get_u64(in);
	if (attrs->flags & ATTR_OWNER)
		sftp_get_u64(in);
	if (attrs->flags & ATTR_MODE)
		attrs->mode = sftp_get_u32(in);
	if (attrs->flags & ATTR_TIMES) {
		attrs->atime = sftp_get_u32(in);
		attrs->mtime = sftp_get_u32(in);
	}
	if (!(attrs->flags & 0x80000000u))
		return;
	for (uint32_t n = sftp_get_u32(in); n > 0 && !in->bad; n--) {
		sftp_get_string(in, &len);
		sftp_get_string(in, &len);
	}
}

bool sftp_done(const struct sftp_in *in)
{
	return !in->bad && in->left == 0;
}

bool sftp_room(struct sftp_out *out)
{
	if (out->start > 0) {
		memmove(out->bytes, out->bytes + out->start,
			out->end - out->start);
		out->end -= out->start;
		out->start = 0;
	}
	return sizeof out->bytes - out->end >= SFTP_ROOM;
}

static void put_int(struct sftp_out *out, uint64_t value, size_t n)
{
	if (n > sizeof out->bytes - out->end)
		die("an answer grew past its room");
	for (size_t i = n; i-- > 0; value >>= 8)
		out->bytes[out->end + i] = (uint8_t)value;
	out->end += n;
}

void sftp_begin(struct sftp_out *out, uint8_t type, uint32_t id)
{
	out->packet = out->end;
	put_int(out, 0, 4);
	put_int(out, type, 1);
	put_int(out, id, 4);
}

void sftp_put_u32(struct sftp_out *out, uint32_t value)
{
	put_int(out, value, 4);
}

void sftp_put_u64(struct sftp_out *out, uint64_t value)
{
	put_int(out, value, 8);
}

void sftp_put_string(struct sftp_out *out, const void *bytes, size_t len)
{
	put_int(out, len, 4);
	if (len > sizeof out->bytes - out->end)
		die("an answer grew past its room");
	memcpy(out->bytes + out->end, bytes, len);
	out->end += len;
}

void sftp_put_attrs(struct sftp_out *out, const struct sftp_attrs *attrs)
{
	put_int(out, attrs->flags, 4);
	if (attrs->flags & ATTR_SIZE)
		put_int(out, attrs->size, 8);
	if (attrs->flags & ATTR_MODE)
		put_int(out, attrs->mode, 4);
	if (attrs->flags & ATTR_TIMES) {
		put_int(out, attrs->atime, 4);
		put_int(out, attrs->mtime, 4);
	}
}

void sftp_end(struct sftp_out *out)
{
	size_t end = out->end;

	out->end = out->packet;
	put_int(out, end - out->packet - 4, 4);
	out->end = end;
}
