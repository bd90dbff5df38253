#include "gateway/base/msg.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "gateway/base/own.h"
#include "gateway/base/visible.h"

static const char *const names[MSG_TYPES] = {
	[MSG_NONE] = "NONE",
#define MESSAGE(name, fields) [MSG_##name] = #name,
#include "gateway/base/messages.def"
#undef MESSAGE
};

const char *msg_name(unsigned int type)
{
	return type < MSG_TYPES ? names[type] : "unknown";
}

static void put_le(uint8_t *out, uint64_t value, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_le(const uint8_t *in, size_t n)
{
	uint64_t value = 0;

	for (size_t i = 0; i < n; i++)
		value |= (uint64_t)in[i] << (8 * i);
	return value;
}

void msg_start(struct msg *m, enum msg_type type, uint32_t ref)
{
	m->type = (uint16_t)type;
	m->ref = ref;
	m->bad = false;
	m->len = MSG_HEADER;
	m->pos = MSG_HEADER;
	m->nfds = m->next_fd = 0;
	put_le(m->data, (uint64_t)type, 2);
	put_le(m->data + 2, 0, 2);
	put_le(m->data + 4, ref, 4);
}

static uint8_t *room(struct msg *m, size_t n)
{
	if (m->bad || n > MSG_MAX - m->len) {
		m->bad = true;
		return NULL;
	}
	uint8_t *at = m->data + m->len;
	m->len += n;
	return at;
}

static void put_int(struct msg *m, uint64_t value, size_t n)
{
	uint8_t *at = room(m, n);

	if (at)
		put_le(at, value, n);
}

void msg_put_u8(struct msg *m, uint8_t value)
{
	put_int(m, value, 1);
}

void msg_put_u32(struct msg *m, uint32_t value)
{
	put_int(m, value, 4);
}

void msg_put_u64(struct msg *m, uint64_t value)
{
	put_int(m, value, 8);
}

void msg_put_bytes(struct msg *m, const void *bytes, size_t len)
{
	if (len > MSG_MAX) {
		m->bad = true;
		return;
	}
	put_int(m, len, 4);
	uint8_t *at = room(m, len);
	if (at && len > 0)
		memcpy(at, bytes, len);
}

void msg_put_str(struct msg *m, const char *text)
{
	msg_put_bytes(m, text, strlen(text));
}

void msg_put_fd(struct msg *m, int fd)
{
	if (fd < 0 || m->nfds == MSG_FDS)
		m->bad = true;
	else
		m->fds[m->nfds++] = fd;
}

static int send_once(int sock, const struct msg *m)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int) * MSG_FDS)];
	} control = { 0 };
	struct iovec body = { (void *)(uintptr_t)m->data, m->len };
	struct msghdr packet = { .msg_iov = &body, .msg_iovlen = 1 };

	if (m->nfds > 0) {
		size_t size = sizeof(int) * m->nfds;

		packet.msg_control = &control;
		packet.msg_controllen = CMSG_SPACE(size);
		struct cmsghdr *c = &control.head;
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(size);
		memcpy(CMSG_DATA(c), m->fds, size);
	}
	return (int)sendmsg(sock, &packet, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int msg_try(int sock, const struct msg *m, struct err *err)
{
	if (m->bad)
		return err_set(err, "%s: message too long", msg_name(m->type));
	while (send_once(sock, m) < 0) {
		if (errno == EAGAIN)
			return 0;
		if (errno != EINTR)
			return err_sys(err, "send %s", msg_name(m->type));
	}
	return 1;
}

int msg_send(int sock, const struct msg *m, struct err *err)
{
	for (;;) {
		struct pollfd wait = { .fd = sock, .events = POLLOUT };
		int sent = msg_try(sock, m, err);

		if (sent != 0)
			return sent < 0 ? -1 : 0;
		int n = poll(&wait, 1, 1000);
		if (n == 0)
			return err_set(err, "send %s: the peer does not read",
				       msg_name(m->type));
		if (n < 0 && errno != EINTR)
			return err_sys(err, "poll");
	}
}

/* Take what arrived beside the bytes; anything but descriptors is refused. */
static void keep_fds(struct msg *m, struct msghdr *packet)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(packet); c;
	     c = CMSG_NXTHDR(packet, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
			if (m->nfds < MSG_FDS)
				m->fds[m->nfds++] = fd;
			else
				close(fd);
		}
	}
}

int msg_receive(int sock, struct msg *m, struct err *err)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int) * MSG_FDS)];
	} control;
	struct iovec body = { m->data, sizeof m->data };
	struct msghdr packet = { .msg_iov = &body,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof control };
	ssize_t n;

	m->nfds = m->next_fd = 0;
	m->type = MSG_NONE;
	/* A peer that closed with messages unread makes one ECONNRESET come
	 * before what it sent; what it sent still counts. */
	do
		n = recvmsg(sock, &packet, MSG_CMSG_CLOEXEC);
	while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n < 0)
		return err_sys(err, "receive");
	keep_fds(m, &packet);
	if (n == 0) {
		msg_clear(m);
		errno = 0;
		return 0;
	}
	m->len = (size_t)n;
	m->pos = MSG_HEADER;
	m->bad = false;
	if (packet.msg_flags & (MSG_TRUNC | MSG_CTRUNC) || n < MSG_HEADER ||
	    get_le(m->data + 2, 2) != 0) {
		msg_clear(m);
		return err_set(err, "malformed message of %zd bytes", n);
	}
	m->type = (uint16_t)get_le(m->data, 2);
	m->ref = (uint32_t)get_le(m->data + 4, 4);
	return 1;
}

int msg_from_bytes(struct msg *m, const uint8_t *bytes, size_t len)
{
	m->nfds = m->next_fd = 0;
	m->bad = false;
	if (len < MSG_HEADER || len > MSG_MAX || get_le(bytes + 2, 2) != 0)
		return -1;
	memcpy(m->data, bytes, len);
	m->len = len;
	m->pos = MSG_HEADER;
	m->type = (uint16_t)get_le(m->data, 2);
	m->ref = (uint32_t)get_le(m->data + 4, 4);
	return 0;
}

void msg_clear(struct msg *m)
{
	for (unsigned int i = m->next_fd; i < m->nfds; i++)
		if (m->fds[i] >= 0)
			close(m->fds[i]);
	m->nfds = m->next_fd = 0;
}

static const uint8_t *take(struct msg *m, size_t n)
{
	if (m->bad || n > m->len - m->pos) {
		m->bad = true;
		return NULL;
	}
	const uint8_t *at = m->data + m->pos;
	m->pos += n;
	return at;
}

static uint64_t get_int(struct msg *m, size_t n)
{
	const uint8_t *at = take(m, n);

	return at ? get_le(at, n) : 0;
}

uint8_t msg_get_u8(struct msg *m)
{
	return (uint8_t)get_int(m, 1);
}

uint32_t msg_get_u32(struct msg *m)
{
	return (uint32_t)get_int(m, 4);
}

uint64_t msg_get_u64(struct msg *m)
{
	return get_int(m, 8);
}

const uint8_t *msg_get_bytes(struct msg *m, size_t *len)
{
	size_t n = get_int(m, 4);
	const uint8_t *at = take(m, n);

	*len = at ? n : 0;
	return at;
}

void msg_get_str(struct msg *m, char *out, size_t size)
{
	size_t len;
	const uint8_t *at = msg_get_bytes(m, &len);

	out[0] = '\0';
	if (!at || len >= size || memchr(at, 0, len)) {
		m->bad = true;
		return;
	}
	for (size_t i = 0; i < len;) {
		unsigned int code;
		size_t n =
			at[i] < 0x80 ? 1 : utf8_decode(at + i, len - i, &code);

		if (n == 0) {
			m->bad = true;
			return;
		}
		i += n;
	}
	memcpy(out, at, len);
	out[len] = '\0';
}

int msg_get_fd(struct msg *m)
{
	if (m->next_fd == m->nfds) {
		m->bad = true;
		return -1;
	}
	return m->fds[m->next_fd++];
}

bool msg_done(const struct msg *m)
{
	return !m->bad && m->pos == m->len && m->next_fd == m->nfds;
}

int msg_pair(int pair[2], struct err *err)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(err, "socketpair");
	return 0;
}
