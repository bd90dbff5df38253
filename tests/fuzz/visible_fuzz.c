/* links: gateway/base */
/*
 * visible - whatever comes in, what goes out is printable UTF-8 that fits.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "gateway/base/visible.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char out[64];
	size_t room = size ? 8 + data[0] % (sizeof out - 8) : sizeof out;
	size_t used = visible_text(out, room, data, size);
	unsigned int code;

	if (used >= room || out[used] != 0)
		abort();
	for (size_t at = 0; at < used;) {
		size_t len = utf8_decode((unsigned char *)out + at, used - at,
					 &code);
		if (len == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0))
			abort();
		at += len;
	}
	return 0;
}
