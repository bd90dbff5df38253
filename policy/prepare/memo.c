#include "policy/prepare/memo.h"

#include <string.h>

bool memo_keep(struct memo *slot, const struct memo_key *key,
	       const char *result, size_t len)
{
	slot->len = 0;
	if (len > MEMO_RESULT)
		return false;
	memcpy(slot->result, result, len);
	slot->low = key->low;
	slot->high = key->high;
	slot->len = (uint8_t)(key->len + 1);
	slot->result_len = (uint8_t)len;
	slot->number = 0;
	slot->labelled = 0;
	slot->clean = false;
	return true;
}
