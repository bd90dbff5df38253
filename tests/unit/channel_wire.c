/* links: gateway/base; */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/base/channel.h"
#include "gateway/base/msg.h"
#include "tests/unit/tap.h"

static struct channel_packet packet;
static int pair[2];

static void begin(void)
{
	struct err err;

	CHECK(msg_pair(pair, &err) == 0);
}

static int raw(const void *bytes, size_t len)
{
	begin();
	CHECK(send(pair[0], bytes, len, 0) == (ssize_t)len);
	return channel_receive(pair[1], &packet);
}

TEST(data, "a packet of the greatest length arrives whole, a longer is not "
	   "sent")
{
	static uint8_t lots[CHANNEL_MAX + 2];

	begin();
	memset(lots, 7, sizeof lots);
	CHECK_INT(channel_send(pair[0], CHANNEL_DATA, lots, CHANNEL_MAX), 1);
	CHECK_INT(channel_receive(pair[1], &packet), 1);
	CHECK_INT(packet.kind, CHANNEL_DATA);
	CHECK_INT(packet.len, CHANNEL_MAX);
	CHECK(memcmp(packet.body, lots, CHANNEL_MAX) == 0);
	CHECK_INT(channel_send(pair[0], CHANNEL_DATA, lots, CHANNEL_MAX + 1),
		  -1);
	lots[0] = CHANNEL_DATA;
	CHECK_INT(raw(lots, CHANNEL_MAX + 2), -1);
}

TEST(silence, "silence, an end and a full wire are told apart")
{
	static uint8_t lots[CHANNEL_MAX];

	begin();
	CHECK_INT(channel_receive(pair[1], &packet), 0);
	while (channel_send(pair[0], CHANNEL_DATA, lots, sizeof lots) == 1)
		;
	CHECK_INT(channel_send(pair[0], CHANNEL_DATA, lots, sizeof lots), 0);
	close(pair[1]);
	CHECK_INT(channel_send(pair[0], CHANNEL_DATA, lots, 1), -1);
	begin();
	close(pair[0]);
	CHECK_INT(channel_receive(pair[1], &packet), -1);
}

TEST(empty, "an end of data has no body and is not an end of the wire")
{
	begin();
	CHECK_INT(channel_send(pair[0], CHANNEL_EOF, NULL, 0), 1);
	CHECK_INT(channel_receive(pair[1], &packet), 1);
	CHECK_INT(packet.kind, CHANNEL_EOF);
	CHECK_INT(packet.len, 0);
}

TEST(kinds, "an unknown kind drops the peer")
{
	CHECK_INT(raw("\0", 1), -1);
	CHECK_INT(raw((uint8_t[]){ CHANNEL_KINDS }, 1), -1);
	CHECK_INT(raw("\377abc", 4), -1);
	CHECK_INT(raw((uint8_t[]){ CHANNEL_KINDS - 1 }, 1), 1);
}

TEST(descriptors, "a packet with a descriptor drops the peer, and the "
		  "descriptor is closed")
{
	struct err err;
	struct msg m;

	begin();
	int next = dup(2);
	close(next);
	msg_start(&m, MSG_KEY, 0);
	m.data[0] = CHANNEL_DATA;
	msg_put_fd(&m, 2);
	CHECK(msg_send(pair[0], &m, &err) == 0);
	CHECK_INT(channel_receive(pair[1], &packet), -1);
	CHECK_INT(dup(2), next);
}

TEST(fixed, "a body of fixed form is exactly so long")
{
	uint32_t a, b;

	begin();
	CHECK_INT(channel_send_u32(pair[0], CHANNEL_EXIT, 0xfffefdfc), 1);
	CHECK_INT(channel_receive(pair[1], &packet), 1);
	CHECK_INT(channel_read_u32(&packet, &a), 0);
	CHECK_INT(a, 0xfffefdfc);
	CHECK_INT(channel_read_resize(&packet, &a, &b), -1);
	CHECK_INT(channel_send_resize(pair[0], 80, 24), 1);
	CHECK_INT(channel_receive(pair[1], &packet), 1);
	CHECK_INT(channel_read_resize(&packet, &a, &b), 0);
	CHECK(a == 80 && b == 24);
	CHECK_INT(channel_read_u32(&packet, &a), -1);
	packet.len = 9;
	CHECK_INT(channel_read_resize(&packet, &a, &b), -1);
	packet.len = 0;
	CHECK_INT(channel_read_u32(&packet, &a), -1);
}

TEST(last_words, "what a peer said counts even if it left without listening")
{
	begin();
	CHECK(channel_send(pair[0], CHANNEL_EOF, "", 0) == 1);
	CHECK(channel_send(pair[1], CHANNEL_DATA, "bye", 3) == 1);
	CHECK(channel_send_u32(pair[1], CHANNEL_EXIT, 0) == 1);
	close(pair[1]);
	CHECK_INT(channel_receive(pair[0], &packet), 1);
	CHECK_INT(packet.kind, CHANNEL_DATA);
	CHECK_INT(channel_receive(pair[0], &packet), 1);
	CHECK_INT(packet.kind, CHANNEL_EXIT);
	CHECK_INT(channel_receive(pair[0], &packet), -1);
}

TAP_MAIN
