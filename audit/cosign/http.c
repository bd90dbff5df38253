/*
 * http - see http.h. Runs in sekisho-anchor, in one thread.
 */
#include "audit/cosign/http.h"

#include <curl/curl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "audit/cosign/names.h"
#include "gateway/base/own.h"

static const char roots_file[] = "/etc/ssl/certs/ca-certificates.crt";

enum { ROOTS = 4 * 1024 * 1024, CONNECT_SECONDS = 3, PEERS = 4 };

/* Without it only plain HTTP works, which is enough for what is signed. */
static int read_roots(struct http *http, struct err *err)
{
	FILE *file = fopen(roots_file, "re");

	if (!file)
		return 0;
	http->roots = malloc(ROOTS);
	if (http->roots)
		http->roots_len = fread(http->roots, 1, ROOTS, file);
	fclose(file);
	return http->roots ? 0 : err_set(err, "out of memory");
}

int http_open(struct http *http, struct err *err)
{
	memset(http, 0, sizeof *http);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(err, "libcurl did not start");
	http->multi = curl_multi_init();
	if (!http->multi)
		return err_set(err, "libcurl did not start");
	curl_multi_setopt(http->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
			  (long)PEERS * 16);
	curl_multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
			  (long)PEERS);
	return read_roots(http, err);
}

static size_t take(char *bytes, size_t size, size_t n, void *owner)
{
	struct http_call *call = owner;

	n *= size;
	if (n > HTTP_ANSWER - call->len)
		return CURL_WRITEFUNC_ERROR;
	memcpy(call->answer + call->len, bytes, n);
	call->len += n;
	return n;
}

/* What every request has in common. */
static void set_limits(const struct http *http, CURL *easy)
{
	struct curl_blob roots = { http->roots, http->roots_len,
				   CURL_BLOB_NOCOPY };

	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)HTTP_SECONDS);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
			 (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_MAXFILESIZE, (long)HTTP_ANSWER);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "sekisho-anchor");
	curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	if (http->roots)
		curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &roots);
}

static int set_request(struct http_call *call,
		       const struct http_request *request, const char *entry)
{
	CURL *easy = call->easy;
	char type[128];

	snprintf(type, sizeof type, "Content-Type: %s", request->type);
	call->headers = curl_slist_append(NULL, type);
	/* or curl waits for a "100 Continue" that few send */
	struct curl_slist *more = curl_slist_append(call->headers, "Expect:");
	call->body = malloc(request->len + 1);
	if (!call->headers || !more || !call->body)
		return -1;
	memcpy(call->body, request->bytes, request->len);
	if (entry[0]) {
		call->resolve = curl_slist_append(NULL, entry);
		curl_easy_setopt(easy, CURLOPT_RESOLVE, call->resolve);
	}
	curl_easy_setopt(easy, CURLOPT_URL, request->url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)request->len);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
	return 0;
}

int http_post(struct http *http, struct http_call *call,
	      const struct http_request *request, struct err *err)
{
	char entry[NAMES_ENTRY];

	call->status = 0;
	call->why = "no answer";
	call->len = 0;
	call->answer[0] = '\0';
	if (names_find(request->url, entry, err) < 0)
		return -1;
	call->easy = curl_easy_init();
	if (!call->easy || set_request(call, request, entry) < 0) {
		http_end(http, call);
		return err_set(err, "out of memory");
	}
	set_limits(http, call->easy);
	if (curl_multi_add_handle(http->multi, call->easy) != CURLM_OK) {
		http_end(http, call);
		return err_set(err, "libcurl does not take a request");
	}
	return 0;
}

int http_wait(struct http *http, struct pollfd *more, unsigned int n, int ms,
	      struct err *err)
{
	struct curl_waitfd fds[4] = { 0 };
	int running;

	if (n > ARRAY_LEN(fds))
		die("too many descriptors");
	for (unsigned int i = 0; i < n; i++)
		fds[i] =
			(struct curl_waitfd){ more[i].fd, CURL_WAIT_POLLIN, 0 };
	if (curl_multi_poll(http->multi, fds, n, ms, NULL) != CURLM_OK ||
	    curl_multi_perform(http->multi, &running) != CURLM_OK)
		return err_set(err, "libcurl failed");
	for (unsigned int i = 0; i < n; i++)
		more[i].revents = fds[i].revents ? POLLIN : 0;
	return 0;
}

struct http_call *http_over(struct http *http)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(http->multi, &left))) {
		struct http_call *call = NULL;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &call);
		call->answer[call->len] = '\0';
		call->why = curl_easy_strerror(m->data.result);
		if (m->data.result == CURLE_OK)
			curl_easy_getinfo(m->easy_handle,
					  CURLINFO_RESPONSE_CODE,
					  &call->status);
		else
			call->status = 0;
		http_end(http, call);
		return call;
	}
	return NULL;
}

void http_end(struct http *http, struct http_call *call)
{
	if (call->easy) {
		curl_multi_remove_handle(http->multi, call->easy);
		curl_easy_cleanup(call->easy);
	}
	curl_slist_free_all(call->headers);
	curl_slist_free_all(call->resolve);
	free(call->body);
	call->easy = NULL;
	call->headers = call->resolve = NULL;
	call->body = NULL;
}
