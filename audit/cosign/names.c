/*
 * names - see names.h. Runs in sekisho-anchor; name servers are strangers.
 */
#include "audit/cosign/names.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netdb.h>
#include <resolv.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct addrinfo want = { .ai_family = AF_UNSPEC,
				      .ai_socktype = SOCK_STREAM };

void names_init(void)
{
	struct addrinfo *found = NULL;

	if (res_init() == 0) {
		_res.options |= RES_NORELOAD;
		_res.retrans = 2;
		_res.retry = 1;
	}
	/* so that nsswitch.conf is read */
	if (getaddrinfo("localhost", "80", &want, &found) == 0)
		freeaddrinfo(found);
}

/* host and port of a URL; "host" without the brackets of an IPv6 address. */
static int take_apart(const char *url, char host[static 256],
		      char port[static 8], struct err *err)
{
	CURLU *parsed = curl_url();
	char *part = NULL;
	int done = -1;

	if (parsed &&
	    curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(parsed, CURLUPART_HOST, &part, 0) == CURLUE_OK) {
		size_t skip = part[0] == '[' ? 1 : 0;

		snprintf(host, 256, "%.*s", (int)strcspn(part + skip, "]"),
			 part + skip);
		curl_free(part);
		if (curl_url_get(parsed, CURLUPART_PORT, &part,
				 CURLU_DEFAULT_PORT) == CURLUE_OK) {
			snprintf(port, 8, "%s", part);
			curl_free(part);
			done = 0;
		}
	}
	curl_url_cleanup(parsed);
	return done < 0 ? err_set(err, "%s is no address of a page", url) : 0;
}

static bool is_address(const char *host)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, host, bytes) == 1 ||
	       inet_pton(AF_INET6, host, bytes) == 1;
}

static void write_addresses(const struct addrinfo *found, char *out,
			    size_t size)
{
	size_t used = 0;

	for (; found; found = found->ai_next) {
		char address[64];
		bool v6 = found->ai_family == AF_INET6;

		if (getnameinfo(found->ai_addr, found->ai_addrlen, address,
				sizeof address, NULL, 0, NI_NUMERICHOST) != 0)
			continue;
		int n = snprintf(out + used, size - used, "%s%s%s%s",
				 used ? "," : "", v6 ? "[" : "", address,
				 v6 ? "]" : "");
		if (n < 0 || (size_t)n >= size - used) {
			out[used] = '\0';
			return;
		}
		used += (size_t)n;
	}
}

int names_find(const char *url, char entry[static NAMES_ENTRY], struct err *err)
{
	struct addrinfo *found = NULL;
	char host[256], port[8];

	entry[0] = '\0';
	if (take_apart(url, host, port, err) < 0)
		return -1;
	if (is_address(host))
		return 0;
	int failed = getaddrinfo(host, port, &want, &found);
	if (failed)
		return err_set(err, "%s: %s", host, gai_strerror(failed));
	int n = snprintf(entry, NAMES_ENTRY, "%.255s:%s:", host, port);
	write_addresses(found, entry + n, NAMES_ENTRY - (size_t)n);
	freeaddrinfo(found);
	return 0;
}
