#include "policy/prepare/rare_table.h"

#include <stdlib.h>
#include <string.h>

#include "policy/prepare/need.h"

/* What a value costs beside its text: slots, hash, length, place, sharers. */
enum { EACH = 64, LEAST_ROOM = 256 };

void rare_pairs_init(struct rare_pairs *pairs, const struct bundle *bundle,
		     uint32_t n)
{
	pthread_mutex_init(&pairs->lock, NULL);
	spill_init_share(&pairs->spill, bundle, RARE_PAIR, n);
}

void rare_pairs_clear(struct rare_pairs *pairs)
{
	spill_clear(&pairs->spill);
	pthread_mutex_destroy(&pairs->lock);
}

void rare_table_init(struct rare_table *table, const struct rare *rare,
		     struct rare_pairs *pairs, size_t most)
{
	*table = (struct rare_table){ .rare = rare,
				      .pairs = pairs,
				      .most = most };
}

void rare_table_clear(struct rare_table *table)
{
	for (uint32_t i = 0; i < table->values.count; i++)
		sharers_clear(&table->sharers[i]);
	free(table->sharers);
	table->sharers = NULL;
	table->room = 0;
	table->used = 0;
	interned_clear(&table->values);
}

static int put_value(struct rare_table *table, uint32_t number,
		     struct fault *fault)
{
	const struct sharers *sharers = &table->sharers[number];
	const struct interned *values = &table->values;
	uint64_t many = RARE_MANY;
	uint8_t pair[RARE_PAIR];
	bool all = sharers->n >= table->rare->action->k;

	rare_digest(table->rare, interned_text(values, number),
		    values->lengths[number], pair);
	for (uint32_t i = 0; i < (all ? 1 : sharers->n); i++) {
		memcpy(pair + RARE_DIGEST, all ? &many : &sharers->hashes[i],
		       sizeof many);
		if (spill_add(&table->pairs->spill, pair, fault) < 0)
			return -1;
	}
	return 0;
}

int rare_table_flush(struct rare_table *table, struct fault *fault)
{
	int done = 0;

	pthread_mutex_lock(&table->pairs->lock);
	for (uint32_t i = 0; done == 0 && i < table->values.count; i++)
		done = put_value(table, i, fault);
	pthread_mutex_unlock(&table->pairs->lock);
	rare_table_clear(table);
	return done;
}

int rare_table_number(struct rare_table *table, const char *at, size_t len,
		      uint32_t *number, bool *anew, struct fault *fault)
{
	long known = interned_find(&table->values, at, len);

	*anew = false;
	if (known >= 0) {
		*number = (uint32_t)known;
		return 0;
	}
	if (table->used > table->most) {
		*anew = true;
		if (rare_table_flush(table, fault) < 0)
			return -1;
	}
	*number = interned_add(&table->values, at, len);
	table->used += EACH + len;
	if (*number >= table->room) {
		uint32_t room = table->room ? table->room * 2 : LEAST_ROOM;

		table->sharers =
			need_more(table->sharers, room, sizeof *table->sharers);
		table->room = room;
	}
	table->sharers[*number] = (struct sharers){ .n = 0 };
	return 0;
}

void rare_table_count(struct rare_table *table, uint32_t number,
		      uint64_t subject)
{
	struct sharers *sharers = &table->sharers[number];
	uint32_t before = sharers->room;

	sharers_add(sharers, table->rare->action->k, subject);
	table->used += ((size_t)sharers->room - before) * sizeof subject;
}
