/* links: gateway/files audit gateway/base; -lcrypto */
/*
 * sftp - any sequence of packets from a client is answered or drops it; the
 * answers are whole, and a path that was made plain cannot leave the view.
 *
 * The view has no folders, so that nothing of this machine is touched.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/files/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_path(const uint8_t *data, size_t size)
{
	static struct view view;
	struct view_path path;

	if (!view_path(&view, data, size, &path))
		return;
	if (path.text[0] == '/' || strlen(path.text) >= VIEW_PATH ||
	    strstr(path.text, "//") || strstr(path.text, "/../") ||
	    strncmp(path.text, "..", 3) == 0 ||
	    strncmp(path.text, "../", 3) == 0 ||
	    strstr(path.text, "/" VIEW_HIDDEN))
		abort();
}

/* Answers are packets one after the other. */
static void check_answers(struct sftp_out *out)
{
	while (out->start < out->end) {
		struct sftp_in in = { out->bytes + out->start,
				      out->end - out->start, false };
		size_t len;

		if (!sftp_get_string(&in, &len) || len < 5)
			abort();
		out->start += 4 + len;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct server server;

	if (!server.sha256 && server_init(&server, &server.err) < 0)
		abort();
	check_path(data, size);
	server.begun = false;
	memcpy(server.lang, "ja", 3);
	while (size >= 2) {
		size_t len = (size_t)data[0] << 8 | data[1];

		len = len > size - 2 ? size - 2 : len;
		if (!sftp_room(&server.out))
			abort();
		if (server_packet(&server, data + 2, len) <= OUTCOME_MALFORMED)
			break;
		check_answers(&server.out);
		data += 2 + len;
		size -= 2 + len;
	}
	for (int i = 0; i < HANDLES; i++)
		if (server.handles[i].kind != HANDLE_FREE)
			handle_free(&server.handles[i]);
	server.out.start = server.out.end = 0;
	return 0;
}
