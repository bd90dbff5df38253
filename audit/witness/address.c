#include "audit/witness/address.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "gateway/base/own.h"

static int split(const char *text, char host[static ADDRESS_TEXT],
		 const char **port, struct err *err)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;

	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	} else if (memchr(text, ':', len)) {
		len = 0;
	}
	if (len == 0 || len >= ADDRESS_TEXT || !colon[1])
		return err_set(err,
			       "%s: give an address and a port, such as "
			       "127.0.0.1:8080 or [::1]:8080",
			       text);
	memcpy(host, text, len);
	host[len] = '\0';
	*port = colon + 1;
	return 0;
}

int address_listen(const char *text, struct err *err)
{
	struct addrinfo want = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV |
					     AI_PASSIVE,
				 .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	char host[ADDRESS_TEXT];
	const char *port = NULL;
	int on = 1;

	if (split(text, host, &port, err) < 0)
		return -1;
	int failed = getaddrinfo(host, port, &want, &found);
	if (failed)
		return err_set(err, "%s: %s", text, gai_strerror(failed));
	AUTO_FD int fd = socket(found->ai_family,
				SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int done = fd < 0 ||
				   setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on,
					      sizeof on) < 0 ||
				   bind(fd, found->ai_addr, found->ai_addrlen) <
					   0 ||
				   listen(fd, 64) < 0
			   ? err_sys(err, "listen at %s", text)
			   : 0;
	freeaddrinfo(found);
	return done < 0 ? -1 : take_fd(&fd);
}

void address_text(char out[static ADDRESS_TEXT], int listener)
{
	struct sockaddr_storage at;
	socklen_t len = sizeof at;
	char host[48], port[8];

	if (getsockname(listener, (struct sockaddr *)&at, &len) < 0 ||
	    getnameinfo((struct sockaddr *)&at, len, host, sizeof host, port,
			sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
		snprintf(out, ADDRESS_TEXT, "?");
		return;
	}
	snprintf(out, ADDRESS_TEXT,
		 at.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}
