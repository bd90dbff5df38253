#include "policy/prepare/interned.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "gateway/base/err.h"
#include "policy/prepare/need.h"

static uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t load8(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, 8);
	return word;
}

/* Multiply and fold, sixteen bytes a step, with a seed of this process. */
uint64_t quick_hash(const void *bytes, size_t len)
{
	static uint64_t seed[2];
	const uint8_t *at = bytes;

	if (seed[1] == 0) {
		uint64_t fresh[2];

		if (getrandom(fresh, sizeof fresh, 0) != sizeof fresh)
			die("no random bytes");
		seed[0] = fresh[0];
		seed[1] = fresh[1] | 1;
	}
	uint64_t hash = seed[0] ^ len * UINT64_C(0xa0761d6478bd642f);
	if (len > 64) { /* four at once, which do not wait for each other */
		uint64_t lanes[4] = { hash, hash ^ 1, hash ^ 2, hash ^ 3 };

		for (; len > 64; at += 64, len -= 64)
			for (int i = 0; i < 4; i++)
				lanes[i] =
					mix(load8(at + 16 * i) ^ seed[1],
					    load8(at + 16 * i + 8) ^ lanes[i]);
		hash = mix(lanes[0] ^ seed[1], lanes[1]) ^
		       mix(lanes[2] ^ seed[1], lanes[3]);
	}
	for (; len > 16; at += 16, len -= 16)
		hash = mix(load8(at) ^ seed[1], load8(at + 8) ^ hash);
	uint64_t low = load_short(at, len);
	uint64_t high = len > 8 ? load_short(at + 8, len - 8) : 0;
	return mix(UINT64_C(0xe7037ed1a0b428db) ^ seed[1],
		   mix(low ^ seed[1], high ^ hash));
}

void interned_clear(struct interned *all)
{
	free(all->slots);
	free(all->hashes);
	free(all->lengths);
	free(all->offsets);
	free(all->bytes);
	*all = (struct interned){ .count = 0 };
}

int interned_order(const struct interned *a, const struct interned *b)
{
	size_t x = a->lengths[0], y = b->lengths[0];
	int order =
		memcmp(interned_text(a, 0), interned_text(b, 0), x < y ? x : y);

	return order ? order : (x > y) - (x < y);
}

const char *interned_text(const struct interned *all, uint32_t number)
{
	return all->bytes + all->offsets[number];
}

/* The slot of a text: its own, or the free one where it would go. */
static uint32_t find_slot(const struct interned *all, uint64_t hash,
			  const char *at, size_t len)
{
	uint32_t slot = (uint32_t)hash & (all->size - 1);

	for (;; slot = (slot + 1) & (all->size - 1)) {
		uint32_t number = all->slots[slot];

		if (number == 0)
			return slot;
		number--;
		if (all->hashes[number] == hash &&
		    all->lengths[number] == len &&
		    is_same(interned_text(all, number), at, len))
			return slot;
	}
}

long interned_find(const struct interned *all, const char *at, size_t len)
{
	if (all->count == 0)
		return INTERNED_NONE;
	uint32_t slot = find_slot(all, quick_hash(at, len), at, len);
	return all->slots[slot] ? (long)all->slots[slot] - 1 : INTERNED_NONE;
}

static void grow(struct interned *all)
{
	uint32_t size = all->size ? all->size * 2 : 1024;

	free(all->slots);
	all->slots = need(size, sizeof *all->slots);
	all->size = size;
	all->hashes = need_more(all->hashes, size / 2, sizeof *all->hashes);
	all->lengths = need_more(all->lengths, size / 2, sizeof *all->lengths);
	all->offsets = need_more(all->offsets, size / 2, sizeof *all->offsets);
	for (uint32_t i = 0; i < all->count; i++) {
		uint32_t slot = (uint32_t)all->hashes[i] & (size - 1);

		while (all->slots[slot])
			slot = (slot + 1) & (size - 1);
		all->slots[slot] = i + 1;
	}
}

uint32_t interned_add(struct interned *all, const char *at, size_t len)
{
	uint64_t hash = quick_hash(at, len);

	if (all->count >= all->size / 2)
		grow(all);
	uint32_t slot = find_slot(all, hash, at, len);
	if (all->slots[slot])
		return all->slots[slot] - 1;
	if (all->room - all->used < len + 1) {
		all->room = all->room * 2 + len + 4096;
		all->bytes = need_more(all->bytes, all->room, 1);
	}
	memcpy(all->bytes + all->used, at, len);
	all->bytes[all->used + len] = '\0';
	all->hashes[all->count] = hash;
	all->lengths[all->count] = (uint32_t)len;
	all->offsets[all->count] = all->used;
	all->used += len + 1;
	all->slots[slot] = ++all->count;
	return all->count - 1;
}
