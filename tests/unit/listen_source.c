/* links: gateway/listen gateway/base; */
/*
 * listen_source - how connections are counted by where they come from.
 */
#include <arpa/inet.h>
#include <string.h>

#include "gateway/listen/source.h"
#include "tests/unit/tap.h"

static struct sources sources;

static struct source from(const char *text)
{
	struct source source;

	CHECK(source_from_text(text, &source));
	return source;
}

static bool admit(const char *text, uint32_t strangers, uint32_t each)
{
	struct source source = from(text);

	return sources_admit(&sources, &source, strangers, each);
}

static void gone(uint32_t conn, const char *text)
{
	struct source source = from(text);

	sources_gone(&sources, conn, &source);
}

TEST(household, "addresses of one IPv6 /64 are one source, of another are not")
{
	struct source a = from("2001:db8:1:2::1"),
		      b = from("2001:db8:1:2:f::9");
	struct source c = from("2001:db8:1:3::1");

	CHECK(memcmp(&a, &b, sizeof a) == 0);
	CHECK(memcmp(&a, &c, sizeof a) != 0);
}

TEST(mapped, "an IPv4 address inside IPv6 is that IPv4 address")
{
	struct sockaddr_storage address = { .ss_family = AF_INET6 };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6,
				    .sin6_port = htons(4242) };
	struct source source, plain = from("192.0.2.7");
	char text[SOURCE_TEXT];
	uint32_t port;

	inet_pton(AF_INET6, "::ffff:192.0.2.7", &six.sin6_addr);
	memcpy(&address, &six, sizeof six);
	CHECK(source_from_address(&address, &source, text, &port));
	CHECK_STR(text, "192.0.2.7");
	CHECK_INT(port, 4242);
	CHECK(memcmp(&source, &plain, sizeof source) == 0);
}

TEST(neighbours, "IPv4 neighbours are two sources")
{
	struct source a = from("192.0.2.7"), b = from("192.0.2.8");

	CHECK(memcmp(&a, &b, sizeof a) != 0);
}

TEST(nonsense, "text that is no address is no source")
{
	struct source source;

	CHECK(!source_from_text("gate.example", &source));
	CHECK(!source_from_text("", &source));
}

TEST(strangers, "strangers are limited, those who logged in do not count")
{
	CHECK(admit("192.0.2.1", 2, 9));
	CHECK(admit("192.0.2.2", 2, 9));
	CHECK(!admit("192.0.2.3", 2, 9));
	sources_logged_in(&sources, 1);
	sources_logged_in(&sources, 1);
	CHECK(admit("192.0.2.3", 2, 9));
	CHECK(!admit("192.0.2.4", 2, 9));
}

TEST(each, "one source is limited, another is not its victim")
{
	CHECK(admit("192.0.2.1", 9, 2));
	CHECK(admit("192.0.2.1", 9, 2));
	CHECK(!admit("192.0.2.1", 9, 2));
	CHECK(admit("192.0.2.2", 9, 2));
}

TEST(leaving, "who goes makes room, logged in or not")
{
	CHECK(admit("192.0.2.1", 1, 1));
	sources_logged_in(&sources, 7);
	gone(7, "192.0.2.1");
	CHECK_INT(sources.open, 0);
	CHECK_INT(sources.logged_in, 0);
	CHECK_INT(sources.n, 0);
	CHECK(admit("192.0.2.1", 1, 1));
	gone(8, "192.0.2.1");
	CHECK_INT(sources.open, 0);
}

TEST(unknown, "somebody who never came cannot leave")
{
	CHECK(admit("192.0.2.1", 9, 9));
	gone(5, "192.0.2.9");
	CHECK_INT(sources.open, 1);
}

TEST(none, "limits of zero admit nobody")
{
	CHECK(!admit("192.0.2.1", 0, 9));
	CHECK(!admit("192.0.2.1", 9, 0));
	CHECK_INT(sources.n, 0);
}

TAP_MAIN
