/*
 * source - count connections by where they come from.
 *
 * Runs in sekisho-listen; pure. Trusts the supervisor to report each admitted
 * connection as gone exactly once.
 */
#include "gateway/listen/source.h"

#include <arpa/inet.h>
#include <string.h>

static void key_from_ipv6(struct source *source, const struct in6_addr *ip)
{
	memcpy(source->key, ip, sizeof source->key);
	if (!IN6_IS_ADDR_V4MAPPED(ip))
		memset(source->key + 8, 0, 8);
}

static void key_from_ipv4(struct source *source, const struct in_addr *ip)
{
	memset(source->key, 0, 10);
	memset(source->key + 10, 0xff, 2);
	memcpy(source->key + 12, ip, 4);
}

bool source_from_address(const struct sockaddr_storage *address,
			 struct source *source, char text[SOURCE_TEXT],
			 uint32_t *port)
{
	struct sockaddr_in6 six;
	struct sockaddr_in four;

	if (address->ss_family == AF_INET) {
		memcpy(&four, address, sizeof four);
		key_from_ipv4(source, &four.sin_addr);
		*port = ntohs(four.sin_port);
		return inet_ntop(AF_INET, &four.sin_addr, text, SOURCE_TEXT);
	}
	if (address->ss_family != AF_INET6)
		return false;
	memcpy(&six, address, sizeof six);
	key_from_ipv6(source, &six.sin6_addr);
	*port = ntohs(six.sin6_port);
	if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr))
		return inet_ntop(AF_INET, source->key + 12, text, SOURCE_TEXT);
	return inet_ntop(AF_INET6, &six.sin6_addr, text, SOURCE_TEXT);
}

bool source_from_text(const char *text, struct source *source)
{
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET, text, &four) == 1) {
		key_from_ipv4(source, &four);
		return true;
	}
	if (inet_pton(AF_INET6, text, &six) != 1)
		return false;
	key_from_ipv6(source, &six);
	return true;
}

/* The row of a source, or n if there is none. */
static size_t find(const struct sources *sources, const struct source *source)
{
	size_t i = 0;

	while (i < sources->n &&
	       memcmp(&sources->row[i].source, source, sizeof *source) != 0)
		i++;
	return i;
}

bool sources_admit(struct sources *sources, const struct source *source,
		   uint32_t unauthenticated, uint32_t per_source)
{
	size_t i = find(sources, source);

	if (sources->open - sources->logged_in >= unauthenticated ||
	    sources->open == SOURCES_MAX)
		return false;
	if (i < sources->n && sources->row[i].open >= per_source)
		return false;
	if (i == sources->n) {
		if (per_source == 0)
			return false;
		sources->row[i].source = *source;
		sources->row[i].open = 0;
		sources->n++;
	}
	sources->row[i].open++;
	sources->open++;
	return true;
}

static size_t find_conn(const struct sources *sources, uint32_t conn)
{
	size_t i = 0;

	while (i < sources->logged_in && sources->who[i] != conn)
		i++;
	return i;
}

void sources_logged_in(struct sources *sources, uint32_t conn)
{
	if (find_conn(sources, conn) < sources->logged_in ||
	    sources->logged_in == sources->open)
		return;
	sources->who[sources->logged_in++] = conn;
}

void sources_gone(struct sources *sources, uint32_t conn,
		  const struct source *source)
{
	size_t i = find(sources, source), c = find_conn(sources, conn);

	if (i == sources->n)
		return;
	if (c < sources->logged_in)
		sources->who[c] = sources->who[--sources->logged_in];
	sources->open--;
	if (--sources->row[i].open == 0)
		sources->row[i] = sources->row[--sources->n];
}
