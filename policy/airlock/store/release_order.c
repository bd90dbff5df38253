#include <stdlib.h>
#include <string.h>

#include "policy/airlock/store/release.h"

/* A field of bytes as text, which must have no NUL; or NULL. */
static char *get_text(struct msg *m)
{
	size_t len;
	const uint8_t *bytes = msg_get_bytes(m, &len);

	if (m->bad || len == 0 || memchr(bytes, '\0', len))
		return NULL;
	char *text = strndup((const char *)bytes, len);
	if (!text)
		die("out of memory");
	return text;
}

static bool get_file(struct msg *m, struct release_file *file)
{
	char name[NAMES_PATH];
	size_t len;

	msg_get_str(m, name, sizeof name);
	const uint8_t *hash = msg_get_bytes(m, &len);
	if (m->bad || len != NAMES_HASH)
		return false;
	memcpy(file->hash, hash, NAMES_HASH);
	file->name = strdup(name);
	if (!file->name)
		die("out of memory");
	return true;
}

static bool get_all(struct release_order *order, struct msg *m)
{
	order->index = msg_get_u64(m);
	msg_get_str(m, order->permit, sizeof order->permit);
	msg_get_str(m, order->actor, sizeof order->actor);
	order->request = msg_get_u32(m);
	order->statement = get_text(m);
	uint32_t n = msg_get_u32(m);
	if (!order->statement || m->bad || n > RELEASE_FILES)
		return false;
	order->files = calloc(n + 1, sizeof *order->files);
	if (!order->files)
		die("out of memory");
	for (; order->nfiles < n; order->nfiles++)
		if (!get_file(m, &order->files[order->nfiles]))
			return false;
	return msg_done(m);
}

int release_read(struct release_order *order, struct msg *m)
{
	*order = (struct release_order){ 0 };
	if (get_all(order, m))
		return 0;
	release_clear(order);
	return -1;
}

void release_clear(struct release_order *order)
{
	for (size_t i = 0; i < order->nfiles; i++)
		free(order->files[i].name);
	free(order->files);
	free(order->statement);
	*order = (struct release_order){ 0 };
}
