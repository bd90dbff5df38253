/*
 * pages - see pages.h. Runs in sekisho-tiles, in one thread.
 */
#include "audit/view/pages.h"

#include <string.h>

#include "gateway/base/own.h"

/* A tile never changes. A checkpoint does each second, and what an auditor
 * reads is nobody else's. */
static const struct {
	const char *type, *cache;
} kinds[] = {
	[VIEW_CHECKPOINT] = { "text/plain; charset=utf-8", "no-cache" },
	[VIEW_TILE] = { "application/octet-stream",
			"public, max-age=31536000, immutable" },
	[VIEW_BUNDLE] = { "application/octet-stream", "private, no-store" },
};

static enum MHD_Result send_off(struct MHD_Connection *connection,
				unsigned int status,
				struct MHD_Response *response, const char *type,
				const char *cache)
{
	enum MHD_Result done = MHD_NO;

	if (MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
				    type) == MHD_YES &&
	    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL,
				    cache) == MHD_YES &&
	    MHD_add_response_header(response, "X-Content-Type-Options",
				    "nosniff") == MHD_YES &&
	    (status != MHD_HTTP_METHOD_NOT_ALLOWED ||
	     MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW,
				     "GET, HEAD") == MHD_YES) &&
	    (status != MHD_HTTP_UNAUTHORIZED ||
	     MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE,
				     "Bearer") == MHD_YES))
		done = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return done;
}

static enum MHD_Result refuse(struct MHD_Connection *connection,
			      enum view_answer answer)
{
	const char *body = view_body(answer);
	struct MHD_Response *response = MHD_create_response_from_buffer(
		strlen(body), (void *)(uintptr_t)body, MHD_RESPMEM_PERSISTENT);

	if (!response)
		return MHD_NO;
	return send_off(connection, view_status(answer), response,
			"text/plain; charset=utf-8", "no-store");
}

static enum MHD_Result give(struct MHD_Connection *connection,
			    struct view_part *part)
{
	AUTO_FD int fd = part->fd;
	struct MHD_Response *response = MHD_create_response_from_fd_at_offset64(
		part->size, fd, part->offset);

	if (!response)
		return MHD_NO;
	take_fd(&fd);
	return send_off(connection, MHD_HTTP_OK, response,
			kinds[part->kind].type, kinds[part->kind].cache);
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection,
			      const char *url, const char *method,
			      const char *version, const char *data,
			      size_t *len, void **state)
{
	const struct pages *pages = context;
	struct view_part part;

	(void)version;
	(void)data;
	(void)state;
	peers_answered(connection);
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return *len > 0 ? MHD_NO : refuse(connection, VIEW_NO_METHOD);
	enum view_answer answer = view_find(
		pages->view, url,
		MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
					    MHD_HTTP_HEADER_AUTHORIZATION),
		&part);
	return answer == VIEW_FILE ? give(connection, &part)
				   : refuse(connection, answer);
}

int pages_open(struct pages *pages, struct view *view, int listener,
	       struct err *err)
{
	pages->view = view;
	pages->peers = (struct peers){ .answer = handle, .context = pages };
	return peers_open(&pages->peers, listener, err);
}

void pages_close(struct pages *pages)
{
	peers_close(&pages->peers);
}

int pages_turn(struct pages *pages, struct err *err)
{
	return peers_turn(&pages->peers, err);
}
