/* links: gateway/base; */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/base/mailbox.h"
#include "tests/unit/tap.h"

static struct mailbox mailbox;
static struct msg m, got;
static struct err err;
static int ours, theirs;

static void begin(void)
{
	int pair[2];

	mailbox_init(&mailbox);
	CHECK(msg_pair(pair, &err) == 0);
	ours = pair[0];
	theirs = pair[1];
	CHECK(fcntl(theirs, F_SETFL, O_RDWR | O_NONBLOCK) == 0);
}

static int send_number(uint32_t number)
{
	msg_start(&m, MSG_RECORDED, number);
	msg_put_u64(&m, number);
	return mailbox_send(&mailbox, ours, &m, &err);
}

TEST(passes, "what the peer has room for goes out at once")
{
	begin();
	CHECK_INT(send_number(7), 0);
	CHECK(!mailbox_waiting(&mailbox));
	CHECK_INT(msg_receive(theirs, &got, &err), 1);
	CHECK_INT(got.ref, 7);
}

TEST(keeps, "a peer that does not read holds nobody up; order and number stay")
{
	const uint32_t all = 20000;
	uint32_t next = 0;

	begin();
	for (uint32_t i = 0; i < all; i++)
		CHECK_INT(send_number(i), 0);
	CHECK(mailbox_waiting(&mailbox));
	while (next < all) {
		while (msg_receive(theirs, &got, &err) == 1) {
			CHECK_INT(got.ref, next);
			next++;
		}
		CHECK_INT(mailbox_flush(&mailbox, ours, &err), 0);
	}
	CHECK(!mailbox_waiting(&mailbox));
	CHECK_INT(mailbox.bytes, 0);
}

TEST(descriptors, "descriptors wait with their message, as copies")
{
	int pipe_ends[2];

	begin();
	while (!mailbox_waiting(&mailbox))
		CHECK_INT(send_number(1), 0);
	CHECK(pipe(pipe_ends) == 0);
	msg_start(&m, MSG_LINK_AUDIT, 2);
	msg_put_fd(&m, pipe_ends[1]);
	CHECK_INT(mailbox_send(&mailbox, ours, &m, &err), 0);
	close(pipe_ends[1]);
	do {
		CHECK_INT(msg_receive(theirs, &got, &err), 1);
		CHECK_INT(mailbox_flush(&mailbox, ours, &err), 0);
	} while (got.type != MSG_LINK_AUDIT);
	int fd = msg_get_fd(&got);
	CHECK(msg_done(&got));
	CHECK(write(fd, "x", 1) == 1);
	close(fd);
	char c;
	CHECK_INT(read(pipe_ends[0], &c, 1), 1);
	CHECK_INT(read(pipe_ends[0], &c, 1), 0); /* no copy is left open */
}

TEST(bounded, "a peer that never reads is given up at 64 MiB")
{
	static uint8_t bytes[60000];
	size_t sent = 0;

	begin();
	msg_start(&m, MSG_RECORDED, 0);
	msg_put_bytes(&m, bytes, sizeof bytes);
	while (mailbox_send(&mailbox, ours, &m, &err) == 0)
		sent++;
	CHECK_ERR(err, "does not read");
	CHECK(mailbox.bytes <= MAILBOX_MAX);
	CHECK(sent * sizeof bytes > MAILBOX_MAX / 2);
	mailbox_clear(&mailbox);
	CHECK(!mailbox_waiting(&mailbox));
}

TEST(gone, "a peer that is gone is told of at the next message")
{
	begin();
	close(theirs);
	CHECK_INT(send_number(1), -1);
}

TEST(too_long, "a message that grew too long is not kept")
{
	static uint8_t bytes[MSG_MAX + 1];

	begin();
	msg_start(&m, MSG_RECORDED, 0);
	msg_put_bytes(&m, bytes, sizeof bytes);
	CHECK_INT(mailbox_send(&mailbox, ours, &m, &err), -1);
	CHECK(!mailbox_waiting(&mailbox));
}

TAP_MAIN
