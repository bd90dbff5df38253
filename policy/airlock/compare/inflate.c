#include "policy/airlock/compare/inflate.h"

#define ZLIB_CONST
#include <zlib.h>

enum {
	EITHER_HEADER = 32, /* zlib: gzip or zlib, by its header */
	ZIP_HEADER = 30,    /* of a file inside, without name and extra field */
	ZIP_DEFLATED = 8,
};

static size_t get_le16(const uint8_t *in)
{
	return (size_t)(in[0] | in[1] << 8);
}

/* Where the data of a file inside a zip begins; 0: it is none. */
static size_t zip_data(const uint8_t *in, size_t len)
{
	if (len < ZIP_HEADER || in[0] != 'P' || in[1] != 'K' || in[2] != 3 ||
	    in[3] != 4 || get_le16(in + 8) != ZIP_DEFLATED)
		return 0;
	size_t at = ZIP_HEADER + get_le16(in + 26) + get_le16(in + 28);
	return at < len ? at : 0;
}

bool inflate_begins(const uint8_t *in, size_t len)
{
	if (len < 8)
		return false;
	if (in[0] == 0x1f && in[1] == 0x8b && in[2] == 8)
		return true;
	if (zip_data(in, len) > 0)
		return true;
	/* deflate in 32 KiB windows, and a header that checks */
	return in[0] == 0x78 && (in[0] << 8 | in[1]) % 31 == 0;
}

size_t inflate_block(uint8_t *out, size_t size, const uint8_t *in, size_t len,
		     size_t *used)
{
	size_t skip = zip_data(in, len);
	z_stream z = {
		.next_in = in + skip,
		.avail_in = (uInt)(len - skip),
		.next_out = out,
		.avail_out = (uInt)size,
	};

	if (inflateInit2(&z, skip > 0 ? -MAX_WBITS
				      : EITHER_HEADER + MAX_WBITS) != Z_OK)
		return 0;
	inflate(&z, Z_SYNC_FLUSH);
	inflateEnd(&z);
	*used = len - skip - z.avail_in;
	return size - z.avail_out;
}
