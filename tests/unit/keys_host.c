/* links: gateway/keys gateway/base; -lcrypto */
/*
 * keys_host - the host key's files, and what its links may ask.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/keys/host.h"
#include "gateway/keys/links.h"
#include "tests/unit/tap.h"

static char folder[] = "/tmp/keys_host.XXXXXX";
static struct links links;
static struct msg m;
static struct err err;

static int make_folder(void)
{
	CHECK(mkdtemp(folder) != NULL);
	return open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void remove_folder(int dir)
{
	unlinkat(dir, "host_ed25519", 0);
	unlinkat(dir, "host_ed25519.pub", 0);
	rmdir(folder);
	close(dir);
}

TEST(again, "a key that was made is the same at the next start")
{
	struct host first = { .key = NULL }, second = { .key = NULL };
	int dir = make_folder();
	struct stat st;

	CHECK_INT(host_load(&first, dir, &err), 0);
	CHECK_INT(host_load(&second, dir, &err), 0);
	CHECK(memcmp(first.public, second.public, sizeof first.public) == 0);
	CHECK_INT(fstatat(dir, "host_ed25519", &st, 0), 0);
	CHECK_INT(st.st_mode & 07777, 0600);
	host_clear(&first);
	host_clear(&second);
	remove_folder(dir);
}

TEST(cut, "a cut key file is an error and is never replaced")
{
	struct host host = { .key = NULL };
	int dir = make_folder();
	struct stat st;

	int fd = openat(dir, "host_ed25519", O_WRONLY | O_CREAT, 0600);
	CHECK_INT(write(fd, "short", 5), 5);
	close(fd);
	CHECK_INT(host_load(&host, dir, &err), -1);
	CHECK_ERR(err, "32 bytes");
	CHECK_INT(fstatat(dir, "host_ed25519", &st, 0), 0);
	CHECK_INT(st.st_size, 5);
	remove_folder(dir);
}

TEST(readable, "a key file that others may read is refused")
{
	struct host host = { .key = NULL };
	int dir = make_folder();

	CHECK_INT(host_load(&host, dir, &err), 0);
	CHECK_INT(fchmodat(dir, "host_ed25519", 0640, 0), 0);
	CHECK_INT(host_load(&host, dir, &err), -1);
	CHECK_ERR(err, "0600");
	host_clear(&host);
	remove_folder(dir);
}

/* A host and one link; the connection's end is returned. */
static int one_link(struct host *host)
{
	int pair[2], dir = make_folder();

	CHECK_INT(host_load(host, dir, &err), 0);
	remove_folder(dir);
	CHECK_INT(msg_pair(pair, &err), 0);
	CHECK_INT(links_add(&links, 1, pair[0], 100), 0);
	return pair[1];
}

static int ask_sign(int end, const struct host *host, size_t len, time_t now)
{
	static const uint8_t hash[64];

	msg_start(&m, MSG_SIGN, 0);
	msg_put_bytes(&m, hash, len);
	CHECK_INT(msg_send(end, &m, &err), 0);
	links_serve(&links, 0, host, now);
	return msg_receive(end, &m, &err) == 1 && m.type == MSG_SIGNATURE;
}

TEST(length, "only 32 bytes are signed; anything else closes the link")
{
	struct host host = { .key = NULL };
	int end = one_link(&host);

	CHECK(ask_sign(end, &host, 32, 100));
	CHECK(!ask_sign(end, &host, 33, 100));
	CHECK_INT(links.n, 0);
	host_clear(&host);
}

TEST(burst, "signatures have a rate, which fills up again")
{
	struct host host = { .key = NULL };
	int end = one_link(&host);

	for (int i = 0; i < LINKS_BURST; i++)
		CHECK(ask_sign(end, &host, 32, 100));
	CHECK(ask_sign(end, &host, 32, 101));
	CHECK(!ask_sign(end, &host, 32, 101));
	CHECK_INT(links.n, 0);
	host_clear(&host);
}

TEST(other, "a message that is not in the table closes the link")
{
	struct host host = { .key = NULL };
	int end = one_link(&host);

	msg_start(&m, MSG_CODE, 0);
	msg_put_str(&m, "123456");
	CHECK_INT(msg_send(end, &m, &err), 0);
	links_serve(&links, 0, &host, 100);
	CHECK_INT(links.n, 0);
	CHECK_INT(msg_receive(end, &m, &err), 0);
	host_clear(&host);
}

TAP_MAIN
