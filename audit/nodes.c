#include "audit/nodes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "audit/segment.h"
#include "gateway/base/own.h"

enum { TILE = 1 << MERKLE_TILE };

int nodes_open(struct nodes *nodes, int hash, struct hasher *hasher,
	       struct err *err)
{
	char name[16];

	nodes->hasher = hasher;
	for (int i = 0; i < MERKLE_DENSE; i++)
		nodes->levels[i] = -1;
	for (int i = 0; i < MERKLE_DENSE; i++) {
		snprintf(name, sizeof name, "%d", i);
		nodes->levels[i] = segment_open(hash, name, O_RDONLY, err);
		if (nodes->levels[i] >= 0)
			continue;
		if (errno == ENOENT)
			return 0;
		nodes_close(nodes);
		return err_within(err, "hash");
	}
	return 0;
}

void nodes_close(struct nodes *nodes)
{
	for (int i = 0; i < MERKLE_DENSE; i++)
		own_close(&nodes->levels[i]);
}

/* Levels between two stored ones are put together from the one below. */
static int node(void *context, unsigned int level, uint64_t index,
		struct hash *out)
{
	struct nodes *nodes = context;
	unsigned int dense = level / MERKLE_TILE, up = level % MERKLE_TILE;
	size_t n = (size_t)1 << up;
	struct hash hashes[TILE];

	if (dense >= MERKLE_DENSE || nodes->levels[dense] < 0 ||
	    index > (uint64_t)INT64_MAX / HASH_SIZE / n)
		return -1;
	if (pread(nodes->levels[dense], hashes, n * HASH_SIZE,
		  (off_t)(index * n * HASH_SIZE)) != (ssize_t)(n * HASH_SIZE))
		return -1;
	for (; n > 1; n /= 2)
		for (size_t i = 0; i < n / 2; i++)
			hashes[i] = hash_node(nodes->hasher, &hashes[2 * i],
					      &hashes[2 * i + 1]);
	*out = hashes[0];
	return 0;
}

struct proof_source nodes_source(struct nodes *nodes)
{
	return (struct proof_source){ nodes, node };
}
