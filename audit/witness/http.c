/*
 * http - see http.h. Runs in sekisho-witness, in one thread: one request is
 * judged at a time, so that comparing and persisting are one step.
 */
#include "audit/witness/http.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

struct upload {
	size_t len;
	char bytes[SUBMISSION_MAX];
};

static enum MHD_Result say(struct MHD_Connection *connection,
			   const struct judge_said *said)
{
	const char *body = answer_body(said);
	unsigned int status = answer_status(said->answer);
	struct MHD_Response *response = MHD_create_response_from_buffer(
		strlen(body), (void *)(uintptr_t)body, MHD_RESPMEM_MUST_COPY);

	if (!response)
		return MHD_NO;
	enum MHD_Result done = MHD_add_response_header(
		response, MHD_HTTP_HEADER_CONTENT_TYPE,
		status == MHD_HTTP_CONFLICT ? "text/x.tlog.size"
					    : "text/plain; charset=utf-8");
	if (done == MHD_YES)
		done = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return done;
}

static enum MHD_Result refuse(struct MHD_Connection *connection,
			      enum answer answer)
{
	struct judge_said said = { .answer = answer };

	return say(connection, &said);
}

/* What its first line and header say. */
static enum MHD_Result begin(struct MHD_Connection *connection, const char *url,
			     const char *method, void **state)
{
	const char *length = MHD_lookup_connection_value(
		connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);

	if (strcmp(url, "/add-checkpoint") != 0)
		return refuse(connection, ANSWER_NO_PAGE);
	if (strcmp(method, MHD_HTTP_METHOD_POST) != 0)
		return refuse(connection, ANSWER_NO_METHOD);
	if (length && strtoull(length, NULL, 10) > SUBMISSION_MAX)
		return refuse(connection, ANSWER_TOO_LARGE);
	struct upload *upload = malloc(sizeof *upload);
	if (!upload)
		return MHD_NO;
	upload->len = 0;
	*state = upload;
	return MHD_YES;
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection,
			      const char *url, const char *method,
			      const char *version, const char *data,
			      size_t *len, void **state)
{
	struct http *http = context;
	struct upload *upload = *state;
	struct judge_said said;

	(void)version;
	if (!upload)
		return begin(connection, url, method, state);
	if (*len > sizeof upload->bytes - upload->len)
		return MHD_NO; /* in pieces, without a length */
	if (*len > 0) {
		memcpy(upload->bytes + upload->len, data, *len);
		upload->len += *len;
		*len = 0;
		return MHD_YES;
	}
	if (http->broken)
		return MHD_NO;
	judge_request(http->judge, upload->bytes, upload->len, &said,
		      &http->err);
	http->broken = said.answer == ANSWER_BROKEN;
	peers_answered(connection);
	return say(connection, &said);
}

static void done(void *context, struct MHD_Connection *connection, void **state,
		 enum MHD_RequestTerminationCode why)
{
	(void)context;
	(void)connection;
	(void)why;
	free(*state);
	*state = NULL;
}

int http_open(struct http *http, struct judge *judge, int listener,
	      struct err *err)
{
	http->judge = judge;
	http->peers = (struct peers){ .answer = handle,
				      .completed = done,
				      .context = http };
	return peers_open(&http->peers, listener, err);
}

void http_close(struct http *http)
{
	peers_close(&http->peers);
}

int http_turn(struct http *http, struct err *err)
{
	if (peers_turn(&http->peers, err) < 0)
		return -1;
	if (!http->broken)
		return 0;
	*err = http->err;
	return -1;
}
