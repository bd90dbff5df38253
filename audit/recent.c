#include "audit/recent.h"

#include <string.h>

void recent_init(struct recent *recent)
{
	recent->n = 0;
	for (size_t i = 0; i < RECENT_BUCKETS; i++)
		recent->buckets[i] = -1;
}

/* Put a word and an LF at at; what is longer than any of ours is cut. */
static char *add(char *at, const char *end, const char *word)
{
	size_t len = strlen(word), room = (size_t)(end - at);

	if (room == 0)
		return at;
	if (len > room - 1)
		len = room - 1;
	memcpy(at, word, len);
	at[len] = '\n';
	return at + len + 1;
}

struct hash recent_key(struct hasher *hasher, const char *writer,
		       const char *session, const char *idem)
{
	char text[256], *end = text;

	end = add(end, text + sizeof text, writer);
	end = add(end, text + sizeof text, session);
	end = add(end, text + sizeof text, idem);
	return hash_bytes(hasher, text, (size_t)(end - text));
}

static int32_t bucket(const struct hash *key)
{
	return (key->bytes[0] | key->bytes[1] << 8) % RECENT_BUCKETS;
}

struct recent_entry *recent_find(struct recent *recent, const struct hash *key)
{
	int32_t i = recent->buckets[bucket(key)];

	for (; i >= 0; i = recent->entries[i].next)
		if (hash_equal(&recent->entries[i].key, key))
			return &recent->entries[i];
	return NULL;
}

static void forget(struct recent *recent, int32_t slot)
{
	int32_t *at = &recent->buckets[bucket(&recent->entries[slot].key)];

	while (*at != slot)
		at = &recent->entries[*at].next;
	*at = recent->entries[slot].next;
}

void recent_add(struct recent *recent, const struct recent_entry *entry)
{
	int32_t slot = (int32_t)(recent->n % RECENT_MAX);
	int32_t *first = &recent->buckets[bucket(&entry->key)];

	if (recent->n >= RECENT_MAX)
		forget(recent, slot);
	recent->entries[slot] = *entry;
	recent->entries[slot].next = *first;
	*first = slot;
	recent->n++;
}

enum recent_verdict recent_judge(struct recent_entry *there,
				 const struct event *event,
				 const struct hash *order)
{
	if (there->event != event)
		return RECENT_OTHER;
	if (!order)
		return RECENT_KNOWN;
	if (!hash_equal(&there->order, order))
		return RECENT_OTHER;
	if (!there->earlier)
		return RECENT_KNOWN;
	there->earlier = false;
	return RECENT_AGAIN;
}
