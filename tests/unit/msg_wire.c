/* links: gateway/base; */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/base/msg.h"
#include "tests/unit/tap.h"

static struct msg m, got;
static struct err err;

static int open_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void pass(void)
{
	int pair[2];

	CHECK(msg_pair(pair, &err) == 0);
	CHECK(msg_send(pair[0], &m, &err) == 0);
	CHECK_INT(msg_receive(pair[1], &got, &err), 1);
	close(pair[0]);
	close(pair[1]);
}

static int receive_raw(const void *bytes, size_t len)
{
	int pair[2];

	CHECK(msg_pair(pair, &err) == 0);
	CHECK(send(pair[0], bytes, len, 0) == (ssize_t)len);
	int result = msg_receive(pair[1], &got, &err);
	close(pair[0]);
	close(pair[1]);
	return result;
}

TEST(fields, "every kind of field arrives as it was put")
{
	char text[32];
	size_t len;

	msg_start(&m, MSG_KEY, 77);
	msg_put_u8(&m, 255);
	msg_put_u32(&m, 0xfedcba98);
	msg_put_u64(&m, 0x0123456789abcdef);
	msg_put_str(&m, "関所");
	msg_put_bytes(&m, "\0\1", 2);
	msg_put_fd(&m, 2);
	pass();
	CHECK_INT(got.type, MSG_KEY);
	CHECK_INT(got.ref, 77);
	CHECK_INT(msg_get_u8(&got), 255);
	CHECK_INT(msg_get_u32(&got), 0xfedcba98);
	CHECK_INT(msg_get_u64(&got), 0x0123456789abcdef);
	msg_get_str(&got, text, sizeof text);
	CHECK_STR(text, "関所");
	CHECK(memcmp(msg_get_bytes(&got, &len), "\0\1", 2) == 0);
	CHECK_INT(len, 2);
	CHECK(!msg_done(&got)); /* the descriptor is still inside */
	int fd = msg_get_fd(&got);
	CHECK(msg_done(&got));
	CHECK_INT(fcntl(fd, F_GETFD), FD_CLOEXEC);
}

TEST(order, "an integer is little-endian, whatever the machine")
{
	msg_start(&m, MSG_KEY, 1);
	msg_put_u32(&m, 0x01020304);
	CHECK(memcmp(m.data + MSG_HEADER, "\4\3\2\1", 4) == 0);
}

TEST(missing, "a field that is not there is zero, and the message bad")
{
	char text[8] = "old";
	size_t len = 9;

	msg_start(&m, MSG_KEY, 1);
	msg_put_u8(&m, 1);
	pass();
	CHECK_INT(msg_get_u32(&got), 0);
	CHECK(got.bad);
	CHECK_INT(msg_get_u8(&got), 0); /* bad stays bad */
	msg_get_str(&got, text, sizeof text);
	CHECK_STR(text, "");
	CHECK(!msg_get_bytes(&got, &len));
	CHECK_INT(len, 0);
	CHECK_INT(msg_get_fd(&got), -1);
	CHECK(!msg_done(&got));
}

TEST(left_over, "a message with more than was read is not done")
{
	msg_start(&m, MSG_KEY, 1);
	msg_put_u32(&m, 1);
	msg_put_u8(&m, 1);
	pass();
	msg_get_u32(&got);
	CHECK(!msg_done(&got));
	msg_get_u8(&got);
	CHECK(msg_done(&got));
}

static bool text_is_bad(const char *bytes, size_t len, size_t size)
{
	char text[64] = "old";

	msg_start(&m, MSG_KEY, 1);
	msg_put_bytes(&m, bytes, len);
	pass();
	msg_get_str(&got, text, size);
	CHECK(!got.bad || text[0] == '\0');
	return got.bad;
}

TEST(strings, "a string with a NUL, bad UTF-8 or too many bytes is refused")
{
	CHECK(text_is_bad("a\0b", 3, 64));
	CHECK(text_is_bad("a\xff", 2, 64));
	CHECK(text_is_bad("\xc0\xaf", 2, 64));
	CHECK(text_is_bad("\xed\xa0\x80", 3, 64));
	CHECK(text_is_bad("\xe9\x96", 2, 64));
	CHECK(text_is_bad("12345678", 8, 8));
	CHECK(!text_is_bad("1234567", 7, 8));
	CHECK(!text_is_bad("", 0, 1));
}

TEST(length_lies, "a length that reaches past the message is refused")
{
	size_t len;

	CHECK_INT(receive_raw("\1\0\0\0\0\0\0\0\377\377\377\377abc", 15), 1);
	CHECK(!msg_get_bytes(&got, &len));
	CHECK(got.bad);
}

TEST(headers, "a header that is short or has a flag set is malformed")
{
	CHECK_INT(receive_raw("\1\0\0\0\0\0\0", 7), -1);
	CHECK_ERR(err, "malformed");
	CHECK_INT(receive_raw("\1\0\1\0\0\0\0\0", 8), -1);
	CHECK_INT(receive_raw("\1\0\0\0\0\0\0\0", 8), 1);
}

TEST(too_long, "a message past the limit is not sent, and none is received")
{
	static uint8_t lots[MSG_MAX + 1];
	int pair[2];

	CHECK(msg_pair(pair, &err) == 0);
	msg_start(&m, MSG_KEY, 1);
	msg_put_bytes(&m, lots, 65536 - 4);
	CHECK(!m.bad);
	CHECK_INT(msg_send(pair[0], &m, &err), 0);
	msg_put_u8(&m, 1);
	CHECK_INT(msg_send(pair[0], &m, &err), -1);
	CHECK_ERR(err, "too long");
	lots[0] = 1;
	CHECK_INT(receive_raw(lots, sizeof lots), -1);
}

TEST(descriptors, "sixteen descriptors pass, a seventeenth is refused, and "
		  "nobody's stay open")
{
	int before = open_fds();

	msg_start(&m, MSG_KEY, 1);
	for (int i = 0; i < MSG_FDS; i++)
		msg_put_fd(&m, 2);
	CHECK(!m.bad);
	pass();
	CHECK_INT(got.nfds, MSG_FDS);
	msg_clear(&got);
	CHECK_INT(open_fds(), before);
	msg_put_fd(&m, 2);
	CHECK(m.bad);
	msg_start(&m, MSG_KEY, 1);
	msg_put_fd(&m, -1);
	CHECK(m.bad);
}

TEST(too_many, "a peer that attaches seventeen descriptors gets nothing and "
	       "leaves nothing")
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int) * 17)];
	} control = { 0 };
	uint8_t body[8] = { 1 };
	struct iovec part = { body, sizeof body };
	struct msghdr packet = { .msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof control };
	int pair[2];

	CHECK(msg_pair(pair, &err) == 0);
	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(sizeof(int) * 17);
	for (size_t i = 0; i < 17; i++)
		memcpy(CMSG_DATA(&control.head) + i * sizeof(int), &(int){ 2 },
		       sizeof(int));
	CHECK(sendmsg(pair[0], &packet, 0) == 8);
	int before = open_fds();
	CHECK_INT(msg_receive(pair[1], &got, &err), -1);
	CHECK_INT(open_fds(), before);
}

TEST(gone, "a peer that is gone is told from one that is silent")
{
	int pair[2];

	CHECK(msg_pair(pair, &err) == 0);
	CHECK(fcntl(pair[1], F_SETFL, O_NONBLOCK) == 0);
	CHECK_INT(msg_receive(pair[1], &got, &err), 0);
	CHECK_INT(errno, EAGAIN);
	close(pair[0]);
	CHECK_INT(msg_receive(pair[1], &got, &err), 0);
	CHECK_INT(errno, 0);
	msg_start(&m, MSG_KEY, 1);
	CHECK_INT(msg_send(pair[1], &m, &err), -1);
}

TEST(deaf, "a peer that does not read is given up after a second")
{
	int pair[2];

	CHECK(msg_pair(pair, &err) == 0);
	msg_start(&m, MSG_KEY, 1);
	while (msg_send(pair[0], &m, &err) == 0)
		;
	CHECK_ERR(err, "does not read");
}

TEST(bytes, "bytes that are no message are no order")
{
	msg_start(&m, MSG_ORDER_END, 0);
	msg_put_u64(&m, 5);
	CHECK_INT(msg_from_bytes(&got, m.data, m.len), 0);
	CHECK_INT(msg_get_u64(&got), 5);
	CHECK(msg_done(&got));
	CHECK_INT(msg_from_bytes(&got, m.data, 7), -1);
	CHECK_INT(msg_from_bytes(&got, m.data, MSG_MAX + 1), -1);
	m.data[2] = 1;
	CHECK_INT(msg_from_bytes(&got, m.data, m.len), -1);
}

TAP_MAIN
