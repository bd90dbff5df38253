/*
 * store_stage - the built sekisho-store, with the test as its supervisor, as
 * policy, as audit, and as the researcher who writes to /out.
 */
#ifndef TESTS_UNIT_STORE_STAGE_H
#define TESTS_UNIT_STORE_STAGE_H

#include <dirent.h>
#include <errno.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <time.h>

#include "policy/airlock/frozen.h"
#include "policy/airlock/store/names.h"
#include "gateway/base/own.h"
#include "tests/unit/stage.h"

static const char session[] = "s0123456789abcdef";

static struct stage stage;
static struct msg m;
static struct err err;
static int root, out, policy = -1;

static inline void begin(int folder)
{
	root = folder;
	stage_start(&stage, "build/bin/sekisho-store", root);
	stage_send(&stage);
	CHECK_INT(stage_hear(&stage), MSG_READY);
}

/* Give the store a new link of policy's. */
static inline void link_policy(void)
{
	int pair[2];

	CHECK(msg_pair(pair, &err) == 0);
	msg_start(&m, MSG_PEER_POLICY, 0);
	msg_put_fd(&m, pair[1]);
	CHECK(msg_send(stage.link, &m, &err) == 0);
	close(pair[1]);
	policy = pair[0];
}

static inline void give_out(const char *name)
{
	msg_start(&m, MSG_OUT, 0);
	msg_put_str(&m, name);
	msg_put_str(&m, "P-1");
	msg_put_str(&m, "a-7");
	msg_put_fd(&m, out);
	CHECK(msg_send(stage.link, &m, &err) == 0);
}

/* Running, with policy and one session whose /out is out. */
static inline void start(void)
{
	if (geteuid() != 0)
		SKIP("needs root");
	out = stage_folder("out");
	begin(stage_folder("requests"));
	link_policy();
	give_out(session);
}

/* The next message on a link; MSG_NONE: it is closed or silent. */
static inline unsigned int hear(int link)
{
	if (!stage_readable(link, 8000) || msg_receive(link, &m, &err) != 1)
		return MSG_NONE;
	return m.type;
}

static inline void write_in(int folder, const char *name, const void *bytes,
			    size_t len)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			0644);

	CHECK(fd >= 0);
	CHECK(write(fd, bytes, len) == (ssize_t)len);
	CHECK(fchown(fd, STAGE_UID, STAGE_UID) == 0);
	close(fd);
}

static inline void ask_freeze(const char *path, uint64_t most, uint32_t ref)
{
	msg_start(&m, MSG_FREEZE, ref);
	msg_put_str(&m, session);
	msg_put_str(&m, path);
	msg_put_u64(&m, most);
	CHECK(msg_send(policy, &m, &err) == 0);
}

static uint8_t frozen_hash[NAMES_HASH];
static uint64_t frozen_size;

static inline enum frozen hear_frozen(void)
{
	size_t len;

	CHECK_INT(hear(policy), MSG_FROZEN);
	enum frozen outcome = (enum frozen)msg_get_u8(&m);
	const uint8_t *hash = msg_get_bytes(&m, &len);
	frozen_size = msg_get_u64(&m);
	CHECK(msg_done(&m) && len == NAMES_HASH);
	memcpy(frozen_hash, hash, NAMES_HASH);
	return outcome;
}

static inline enum frozen freeze(const char *path)
{
	ask_freeze(path, 1 << 24, 9);
	return hear_frozen();
}

/* Copies beneath frozen/; -1: something else than copies. */
static inline int copies(void)
{
	char name[16];
	int n = 0;

	for (int i = 0; i < 256; i++) {
		snprintf(name, sizeof name, "frozen/%02x", i);
		int fd = openat(root, name, O_RDONLY | O_CLOEXEC);
		DIR *dir = fd < 0 ? NULL : fdopendir(fd);

		for (struct dirent *e; dir && (e = readdir(dir));)
			if (e->d_name[0] != '.')
				n = n < 0 || strlen(e->d_name) != 64 ? -1
								     : n + 1;
		if (dir)
			closedir(dir);
	}
	return n;
}

/* Entries of a folder below root; -1: there is none. */
static inline int entries(const char *path)
{
	int fd = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), n = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir)
		return -1;
	for (struct dirent *e; (e = readdir(dir));)
		n += strcmp(e->d_name, ".") != 0 &&
		     strcmp(e->d_name, "..") != 0;
	closedir(dir);
	return n;
}

static inline void hash_of(uint8_t hash[static NAMES_HASH], const void *bytes,
			   size_t len)
{
	CHECK(EVP_Digest(bytes, len, hash, NULL, EVP_sha256(), NULL) == 1);
}

static inline size_t read_in(int folder, const char *path, char *to,
			     size_t size)
{
	int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	ssize_t n = read(fd, to, size - 1);
	CHECK(n >= 0);
	to[n] = '\0';
	close(fd);
	return (size_t)n;
}

/* HAND; the descriptor, or -1: no. */
static inline int hand(const uint8_t hash[static NAMES_HASH])
{
	msg_start(&m, MSG_HAND, 5);
	msg_put_bytes(&m, hash, NAMES_HASH);
	CHECK(msg_send(stage.link, &m, &err) == 0);
	CHECK_INT(hear(stage.link), MSG_HANDED);
	CHECK_INT(m.ref, 5);
	if (msg_get_u8(&m) == 0) {
		CHECK(msg_done(&m));
		return -1;
	}
	int fd = msg_get_fd(&m);
	CHECK(msg_done(&m));
	return fd;
}

static inline void stop(void)
{
	msg_start(&m, MSG_STOP, 0);
	CHECK(msg_send(stage.link, &m, &err) == 0);
	CHECK_INT(stage_end(&stage), 0);
}

#endif
