#include "audit/keyring.h"

#include <stdio.h>
#include <string.h>

bool keyring_named(const struct record_view *view, char vkey[static NOTE_VKEY])
{
	if (!record_field_is(view->event, "log.key") &&
	    !record_field_is(view->event, "log.genesis"))
		return false;
	const struct canonical_field *key = canonical_find(&view->line, "key");
	return record_field_is(view->writer, "audit") && key &&
	       key->kind == CANONICAL_STRING &&
	       record_text(key, vkey, NOTE_VKEY) >= 0;
}

int keyring_add(struct keyring *ring, uint64_t index, const char *vkey)
{
	if (ring->n == KEYRING_MAX)
		return -1;
	struct keyring_key *key = &ring->keys[ring->n++];
	key->index = index;
	snprintf(key->vkey, sizeof key->vkey, "%s", vkey);
	return 0;
}

unsigned int keyring_active(const struct keyring *ring, uint64_t size)
{
	unsigned int active = 0;

	for (unsigned int i = 0; i < ring->n && ring->keys[i].index < size; i++)
		active = i;
	return active;
}

void keyring_text(char out[static KEYRING_TEXT], const struct keyring *ring)
{
	size_t used = 0;

	out[0] = '\0';
	for (unsigned int i = 0; i < ring->n; i++)
		used += (size_t)snprintf(out + used, KEYRING_TEXT - used,
					 "%s\n", ring->keys[i].vkey);
}
