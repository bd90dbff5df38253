/* links: gateway/base */
/*
 * msg - a plan read from any bytes is either refused or valid.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct msg m;
	static struct plan plan;

	if (size > MSG_MAX - MSG_HEADER)
		return 0;
	msg_start(&m, MSG_BUILD, 0);
	memcpy(m.data + MSG_HEADER, data, size);
	m.len = MSG_HEADER + size;
	m.pos = MSG_HEADER;
	plan_get(&m, &plan);
	if (msg_done(&m) && plan.ndatasets > PLAN_DATASETS)
		abort();
	return 0;
}
