/*
 * audit_log - a small real log for a test to damage, and the verdict on it.
 */
#ifndef TESTS_UNIT_AUDIT_LOG_H
#define TESTS_UNIT_AUDIT_LOG_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/ledger.h"
#include "audit/verify.h"
#include "tests/unit/tap.h"

static const char segment[] = "seg/00000000000000000000.jsonl";

static struct ledger ledger;
static struct note_key key;
static char good[1 << 20], bad[1 << 20];
static size_t length;
static int dir;

static inline int folder(const char *name)
{
	char path[600];

	snprintf(path, sizeof path, "%s/%s", tap_folder(), name);
	mkdir(path, 0700);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Move a folder out of the way. */
static inline void put_away(const char *name)
{
	char from[600], to[600];

	snprintf(from, sizeof from, "%s/%s", tap_folder(), name);
	snprintf(to, sizeof to, "%s/%s.away", tap_folder(), name);
	CHECK(rename(from, to) == 0);
}

static inline size_t load(int at, const char *name, char *out)
{
	int fd = openat(at, name, O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	ssize_t n = read(fd, out, (1 << 20) - 1);
	close(fd);
	CHECK(n >= 0);
	out[n] = '\0';
	return (size_t)n;
}

static inline void store(int at, const char *name, const char *bytes,
			 size_t len)
{
	/* Not emptied first: some file systems then write at once. */
	int fd = openat(at, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	CHECK(fd >= 0);
	CHECK(write(fd, bytes, len) == (ssize_t)len);
	CHECK(ftruncate(fd, (off_t)len) == 0);
	close(fd);
}

static inline void open_ledger(void)
{
	struct err err;

	memset(&ledger, 0, sizeof ledger);
	ledger.dir = folder("log");
	ledger.key_dir = folder("key");
	ledger.anchor_dir = folder("anchor");
	if (ledger_open(&ledger, "test.example/log", &err) < 0)
		CHECK_STR(err.text, "");
}

static inline void close_ledger(void)
{
	ledger_close(&ledger);
	close(ledger.dir);
	close(ledger.key_dir);
	close(ledger.anchor_dir);
}

static inline void heartbeats(int n)
{
	struct err err;

	for (int i = 0; i < n; i++)
		CHECK(ledger_own(&ledger, "log.heartbeat", NULL, 0, &err) == 0);
	CHECK(ledger_commit(&ledger, &err) == 0);
}

/* A signed log of n entries; its segment is in good[0..length). */
static inline void make(int n)
{
	char vkey[NOTE_VKEY];
	struct err err;

	open_ledger();
	heartbeats(n - 1);
	CHECK(ledger_sign(&ledger, &err) == 0);
	note_key_text(vkey, &ledger.key);
	CHECK(note_key_parse(&key, vkey, &err) == 0);
	close_ledger();
	dir = folder("log");
	length = load(dir, segment, good);
}

static struct verify_report report;

static inline int verdict(void)
{
	verify_log(dir, &key, NULL, &report);
	return (int)report.code;
}

static inline int verdict_on(const char *bytes, size_t len)
{
	store(dir, segment, bytes, len);
	return verdict();
}

/* Where line i begins; line n is the end. */
static inline size_t line_at(const char *text, size_t len, int i)
{
	size_t at = 0;

	while (i-- > 0 && at < len)
		at += strcspn(text + at, "\n") + 1;
	return at;
}

#endif
