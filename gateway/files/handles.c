/*
 * handles - what a client has open: at most HANDLES, each with a number that
 * is not used again soon.
 *
 * Runs in sekisho-files. A handle that a client names is not trusted.
 */
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/files/server.h"

struct handle *handle_new(struct server *s, enum handle_kind kind)
{
	for (struct handle *h = s->handles; h < s->handles + HANDLES; h++) {
		if (h->kind != HANDLE_FREE)
			continue;
		uint32_t generation = h->generation + 1;

		memset(h, 0, sizeof *h);
		h->generation = generation;
		h->kind = kind;
		h->fd = h->list.folder = -1;
		return h;
	}
	return NULL;
}

/* A handle of this kind (HANDLE_FREE: any), or NULL. */
struct handle *handle_get(struct server *s, struct sftp_in *in,
			  enum handle_kind kind)
{
	size_t len;
	const uint8_t *bytes = sftp_get_string(in, &len);
	struct sftp_in inside = { bytes, len, bytes == NULL };
	uint32_t n = sftp_get_u32(&inside);
	uint32_t generation = sftp_get_u32(&inside);

	if (!sftp_done(&inside) || n >= HANDLES)
		return NULL;
	struct handle *h = &s->handles[n];
	if (h->kind == HANDLE_FREE || h->generation != generation ||
	    (kind != HANDLE_FREE && h->kind != kind))
		return NULL;
	return h;
}

void handle_answer(struct server *s, const struct handle *h)
{
	sftp_begin(&s->out, SFTP_HANDLE, s->id);
	sftp_put_u32(&s->out, 8);
	sftp_put_u32(&s->out, (uint32_t)(h - s->handles));
	sftp_put_u32(&s->out, h->generation);
	sftp_end(&s->out);
}

void handle_free(struct handle *h)
{
	own_close(&h->fd);
	listing_close(&h->list);
	transfer_clear(&h->transfer);
	h->kind = HANDLE_FREE;
}
