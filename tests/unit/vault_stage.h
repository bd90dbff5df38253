/*
 * vault_stage - the built sekisho-vault, with the test as its supervisor, as
 * sekisho-keys, as audit, and as whoever has a link to it.
 */
#ifndef TESTS_UNIT_VAULT_STAGE_H
#define TESTS_UNIT_VAULT_STAGE_H

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "audit/vault/vault.h"
#include "gateway/base/own.h"
#include "tests/unit/stage.h"

static struct stage stage;
static struct msg m;
static struct err err;
static int root = -1;

/* sekisho-keys: fails so often yet; the permit whose key has ended */
static int keys_fail;
static const char *keys_ended = "";

/* The supervisor hears from the vault: it wants a key, or is gone. */
static inline bool answer_key(void)
{
	static struct msg asked;
	uint8_t key[SEAL_KEY], outcome = 1;
	char permit[ID_SIZE];

	if (msg_receive(stage.link, &asked, &err) != 1)
		return false;
	if (asked.type == MSG_FAILED)
		return true;
	CHECK_INT(asked.type, MSG_VAULT_ASKS_KEY);
	msg_get_str(&asked, permit, sizeof permit);
	msg_get_u8(&asked);
	CHECK(msg_done(&asked) && id_valid(permit));
	memset(key, permit[strlen(permit) - 1], sizeof key);
	if (strcmp(permit, keys_ended) == 0)
		outcome = 3;
	if (keys_fail > 0)
		outcome = 0;
	keys_fail -= keys_fail > 0;
	msg_start(&asked, MSG_VAULT_KEY, 0);
	msg_put_u8(&asked, outcome);
	msg_put_bytes(&asked, key, outcome == 1 ? sizeof key : 0);
	msg_send(stage.link, &asked, &err);
	return true;
}

/* Wait until fd can be read, and give keys meanwhile. */
static inline bool ready(int fd, int ms)
{
	bool there = true;

	for (;;) {
		struct pollfd p[] = { { fd, POLLIN, 0 },
				      { there ? stage.link : -1, POLLIN, 0 } };

		if (poll(p, 2, ms) <= 0)
			return false;
		if (p[1].revents)
			there = answer_key();
		if (p[0].revents)
			return true;
	}
}

/* The next record. False: none comes. */
static inline bool hear_record(void)
{
	return ready(stage.audit, 8000) && stage_record(&stage, 0);
}

static inline void begin(void)
{
	stage_start(&stage, "build/bin/sekisho-vault", root);
	stage_send(&stage);
	CHECK_INT(stage_hear(&stage), MSG_READY);
}

static inline void start(void)
{
	if (geteuid() != 0)
		SKIP("needs root");
	signal(SIGPIPE, SIG_IGN);
	root = stage_folder("vault");
	begin();
}

static inline void stop(void)
{
	msg_start(&m, MSG_STOP, 0);
	CHECK(msg_send(stage.link, &m, &err) == 0);
	CHECK_INT(stage_end(&stage), 0);
	close(stage.link);
	close(stage.audit);
}

/* A link that the vault knows under that name. */
static inline int link_as(const char *writer, const char *actor,
			  const char *permit)
{
	static struct msg peer;
	int pair[2];

	CHECK(msg_pair(pair, &err) == 0);
	msg_start(&peer, MSG_VAULT_PEER, 0);
	msg_put_str(&peer, writer);
	msg_put_str(&peer, actor);
	msg_put_str(&peer, "-");
	msg_put_str(&peer, permit);
	msg_put_fd(&peer, pair[1]);
	msg_send(stage.link, &peer, &err);
	close(pair[1]);
	return pair[0];
}

/* The next message on a link; MSG_NONE: it is closed, or silent. */
static inline unsigned int hear(int link)
{
	if (!ready(link, 8000) || msg_receive(link, &m, &err) != 1)
		return MSG_NONE;
	return m.type;
}

/* Salts are the value's first byte, so that they can be told again. */
static inline struct commit_opening opening_of(const char *value)
{
	struct commit_opening o = { .field = "name",
				    .value = value,
				    .len = strlen(value) };

	memset(o.salt, value[0], COMMIT_SALT);
	return o;
}

static inline void hash_of(const char *value, uint8_t hash[COMMIT_SIZE])
{
	struct commit_opening o = opening_of(value);

	CHECK(commit_hash(&o, hash, &err) == 0);
}

static inline void send_opening(int link, uint32_t ref, const char *permit,
				const char *value)
{
	struct commit_opening o = opening_of(value);
	uint8_t hash[COMMIT_SIZE];

	hash_of(value, hash);
	msg_start(&m, MSG_OPENING, ref);
	msg_put_str(&m, permit);
	msg_put_str(&m, o.field);
	msg_put_bytes(&m, hash, COMMIT_SIZE);
	msg_put_bytes(&m, o.salt, COMMIT_SALT);
	msg_put_bytes(&m, o.value, o.len);
	msg_send(link, &m, &err);
}

/* 1: kept; 0: there was no room; -1: the link ended. */
static inline int hear_kept(int link, uint32_t ref)
{
	if (hear(link) != MSG_OPENING_KEPT)
		return -1;
	CHECK_INT(m.ref, ref);
	int kept = msg_get_u8(&m);
	CHECK(msg_done(&m));
	return kept;
}

static inline void keep(int link, const char *permit, const char *value)
{
	send_opening(link, 5, permit, value);
	CHECK_INT(hear_kept(link, 5), 1);
}

static inline void ask_open(int desk, const char *const *values)
{
	uint8_t hash[COMMIT_SIZE];
	uint32_t n = 0;

	while (values[n])
		n++;
	msg_start(&m, MSG_VAULT_OPEN, 9);
	msg_put_u64(&m, 42 + 1);
	msg_put_u32(&m, n);
	for (uint32_t i = 0; i < n; i++) {
		hash_of(values[i], hash);
		msg_put_bytes(&m, hash, COMMIT_SIZE);
	}
	msg_send(desk, &m, &err);
}

/* One of VAULT_OPENED; the rest of m is behind it. */
static struct shown {
	unsigned int state;
	char permit[ID_SIZE], field[COMMIT_FIELD], value[COMMIT_VALUE + 1];
} shown;

static inline void get_shown(void)
{
	size_t len;

	shown.state = msg_get_u8(&m);
	msg_get_str(&m, shown.permit, sizeof shown.permit);
	msg_get_str(&m, shown.field, sizeof shown.field);
	msg_get_u64(&m);
	msg_get_bytes(&m, &len);
	CHECK_INT(len, shown.state == OPENING_KEPT ? COMMIT_SALT : 0);
	const uint8_t *value = msg_get_bytes(&m, &len);
	CHECK(len <= COMMIT_VALUE);
	memcpy(shown.value, value, len);
	shown.value[len] = '\0';
}

/* Read one as an auditor would; audit says that it is durable. The state, or
 * -1: no answer. */
static inline int open_one(const char *value)
{
	const char *const values[] = { value, NULL };
	int desk = link_as("desk", "a-9", "-"), state = -1;

	ask_open(desk, values);
	if (hear_record()) {
		stage_durable(&stage);
		if (hear(desk) == MSG_VAULT_OPENED) {
			CHECK_INT(msg_get_u32(&m), 1);
			get_shown();
			CHECK(msg_done(&m));
			state = (int)shown.state;
		}
	}
	close(desk);
	return state;
}

static inline bool file_has(int folder, const char *name, const void *bytes,
			    size_t len)
{
	static char all[1 << 22];
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, all, sizeof all);

	CHECK(n >= 0 && n < (ssize_t)sizeof all);
	close(fd);
	return memmem(all, (size_t)n, bytes, len);
}

/* Does a file of the folder hold the bytes? */
static inline bool folder_has(int folder, const void *bytes, size_t len)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fdopendir(fd);
	bool found = false;

	CHECK(dir);
	for (struct dirent *e; (e = readdir(dir));)
		found = found || (e->d_name[0] != '.' &&
				  file_has(folder, e->d_name, bytes, len));
	closedir(dir);
	return found;
}

static inline bool disk_has(const void *bytes, size_t len)
{
	return folder_has(root, bytes, len);
}

static inline size_t read_file(int folder, const char *name, void *out,
			       size_t size)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, out, size);

	CHECK(n >= 0);
	own_close(&fd);
	return (size_t)n;
}

#endif
