#include "audit/chain.h"

#include <inttypes.h>
#include <string.h>

void chain_init(struct chain *chain)
{
	memset(chain, 0, sizeof *chain);
}

struct hash chain_append(struct chain *chain, struct hasher *hasher,
			 const void *line, size_t len)
{
	chain->head = hash_leaf(hasher, line, len);
	chain->next++;
	return chain->head;
}

int chain_follow(struct chain *chain, struct hasher *hasher, const char *line,
		 size_t len, struct record_view *view, struct err *err)
{
	if (record_read(view, line, len, err) < 0)
		return -1;
	if (view->index != chain->next)
		return err_set(err, "the entry calls itself %" PRIu64,
			       view->index);
	if (!hash_equal(&view->previous, &chain->head))
		return err_set(err, "does not follow the entry before it");
	chain_append(chain, hasher, line, len);
	return 0;
}
