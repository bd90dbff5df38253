#include "policy/airlock/compare/inflate.h"

#define ZLIB_CONST
#include <zlib.h>

enum { EITHER_HEADER = 32 /* zlib: gzip or zlib, by its header */ };

bool inflate_begins(const uint8_t *in, size_t len)
{
	if (len < 8)
		return false;
	if (in[0] == 0x1f && in[1] == 0x8b && in[2] == 8)
		return true;
	/* deflate in 32 KiB windows, and a header that checks */
	return in[0] == 0x78 && (in[0] << 8 | in[1]) % 31 == 0;
}

size_t inflate_block(uint8_t *out, size_t size, const uint8_t *in, size_t len)
{
	z_stream z = {
		.next_in = in,
		.avail_in = (uInt)len,
		.next_out = out,
		.avail_out = (uInt)size,
	};

	if (inflateInit2(&z, EITHER_HEADER + MAX_WBITS) != Z_OK)
		return 0;
	inflate(&z, Z_SYNC_FLUSH);
	inflateEnd(&z);
	return size - z.avail_out;
}
