/* links: gateway/base */
/*
 * parsed - whatever stands in the pipe, an item is whole and inside.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "gateway/base/parsed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct parsed_in in;
	struct parsed_item item;
	struct err err;
	int ends[2], got;
	volatile uint8_t sum = 0;

	if (size > 60000 || pipe(ends) < 0)
		return 0;
	if (write(ends[1], data, size) != (ssize_t)size)
		abort();
	close(ends[1]);
	in.pipe = ends[0];
	in.start = in.end = 0;
	in.over = false;
	while ((got = parsed_next(&in, &item, 0, &err)) == 1) {
		if (item.kind == PARSED_NONE || item.kind >= PARSED_KINDS ||
		    item.len > PARSED_MAX)
			abort();
		for (size_t i = 0; i < item.len; i++)
			sum = (uint8_t)(sum + item.bytes[i]);
	}
	if (got == 0 && !in.over)
		abort();
	close(ends[0]);
	return 0;
}
