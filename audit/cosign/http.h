/*
 * http - requests of sekisho-anchor, over libcurl.
 *
 * Servers are strangers: an answer is bounded in bytes and in time, nobody is
 * followed elsewhere, and only HTTP is spoken. Owner of a call is who made it.
 */
#ifndef AUDIT_COSIGN_HTTP_H
#define AUDIT_COSIGN_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/base/err.h"

struct pollfd;

enum { HTTP_ANSWER = 32768, HTTP_SECONDS = 5 };

struct http {
	void *multi;
	char *roots; /* certificates of authorities, PEM */
	size_t roots_len;
};

struct http_call {
	void *easy; /* NULL: nothing under way */
	struct curl_slist *headers, *resolve;
	char *body;
	long status; /* 0: no answer came, why says why */
	const char *why;
	size_t len;
	char answer[HTTP_ANSWER + 1]; /* with a NUL */
};

/* Before the process is confined. 0 or -1. */
int http_open(struct http *http, struct err *err);

/* Send len bytes (copied) of a content type to a page. 0 or -1. */
struct http_request {
	const char *url, *type;
	const void *bytes;
	size_t len;
};
int http_post(struct http *http, struct http_call *call,
	      const struct http_request *request, struct err *err);

/* Wait at most ms for the calls and for n more descriptors. 0 or -1. */
int http_wait(struct http *http, struct pollfd *more, unsigned int n, int ms,
	      struct err *err);

/* The next call that is over, its answer in it; NULL: none. */
struct http_call *http_over(struct http *http);

/* Let go of a call, whatever it does. */
void http_end(struct http *http, struct http_call *call);

#endif
