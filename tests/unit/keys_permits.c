/* links: gateway/keys audit gateway/base; -lcrypto */
/*
 * keys_permits - keys of permits: made, derived, ended, and found again after
 * sekisho-keys was killed at each of its system calls. The test is the
 * supervisor.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>

#include "gateway/base/own.h"
#include "gateway/keys/ring.h"
#include "tests/unit/stage.h"

enum { FILES = 3 }; /* CACHEDIR.TAG, site.N, ring.N */

static struct stage stage;
static struct msg m;
static struct err err;
static int root, permits, folders;

static void new_folders(void)
{
	char name[32], path[64];

	snprintf(name, sizeof name, "keys%d", folders++);
	root = stage_folder(name);
	snprintf(path, sizeof path, "%s/permits", name);
	permits = stage_folder(path);
}

static unsigned int start(void)
{
	if (geteuid() != 0)
		SKIP("needs root");
	stage_start(&stage, "build/bin/sekisho-keys", root);
	CHECK(msg_send(stage.link, &stage.m, &err) == 0);
	close(stage.program_audit);
	return stage_hear(&stage);
}

static int stop(void)
{
	msg_start(&m, MSG_STOP, 0);
	msg_send(stage.link, &m, &err);
	int status = stage_end(&stage);
	close(stage.link);
	close(stage.audit);
	return status;
}

static void begin(void)
{
	new_folders();
	CHECK_INT(start(), MSG_READY);
}

/* The outcome (ring_outcome), or -1: it is gone. */
static int ask(const char *permit, const char *purpose, bool make,
	       uint8_t key[static WRAP_KEY])
{
	size_t len;

	msg_start(&m, MSG_PERMIT_KEY, 7);
	msg_put_str(&m, permit);
	msg_put_str(&m, purpose);
	msg_put_u8(&m, make);
	if (msg_send(stage.link, &m, &err) < 0 ||
	    stage_hear(&stage) != MSG_PERMIT_KEY_IS)
		return -1;
	int outcome = msg_get_u8(&stage.m);
	const uint8_t *bytes = msg_get_bytes(&stage.m, &len);
	CHECK_INT(len, outcome == RING_FOUND ? WRAP_KEY : 0);
	memcpy(key, bytes, len);
	CHECK_INT(stage.m.ref, 7);
	return outcome;
}

/* 1: its key is gone; 0: it says that it is not; -1: no answer. */
static int end(const char *permit)
{
	msg_start(&m, MSG_PERMIT_KEY_END, 8);
	msg_put_str(&m, permit);
	if (msg_send(stage.link, &m, &err) < 0 ||
	    stage_hear(&stage) != MSG_PERMIT_KEY_ENDED)
		return -1;
	return msg_get_u8(&stage.m);
}

static int count_files(void)
{
	int n = 0;
	DIR *dir = fdopendir(dup(permits));
	const struct dirent *entry;

	CHECK(dir != NULL);
	rewinddir(dir);
	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

/* The one file whose name begins so, for reading. */
static int open_file(const char *prefix)
{
	DIR *dir = fdopendir(dup(permits));
	const struct dirent *entry;
	int fd = -1;

	CHECK(dir != NULL);
	rewinddir(dir);
	while ((entry = readdir(dir)))
		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
			fd = openat(permits, entry->d_name, O_RDWR | O_CLOEXEC);
	closedir(dir);
	CHECK(fd >= 0);
	return fd;
}

TEST(derived, "a key is made once, and is another for each purpose and permit")
{
	uint8_t first[WRAP_KEY], again[WRAP_KEY], other[WRAP_KEY];

	begin();
	CHECK_INT(ask("P-1", "workspace", true, first), RING_FOUND);
	CHECK_INT(ask("P-1", "workspace", true, again), RING_FOUND);
	CHECK(memcmp(first, again, WRAP_KEY) == 0);
	CHECK_INT(ask("P-1", "vault", false, other), RING_FOUND);
	CHECK(memcmp(first, other, WRAP_KEY) != 0);
	CHECK_INT(ask("P-2", "workspace", true, other), RING_FOUND);
	CHECK(memcmp(first, other, WRAP_KEY) != 0);
	CHECK_INT(stop(), 0);
	CHECK_INT(start(), MSG_READY);
	CHECK_INT(ask("P-1", "workspace", false, again), RING_FOUND);
	CHECK(memcmp(first, again, WRAP_KEY) == 0);
	CHECK_INT(stop(), 0);
	CHECK_INT(count_files(), FILES);
}

TEST(unasked, "a key that nobody asks to be made is not made")
{
	uint8_t key[WRAP_KEY];

	begin();
	CHECK_INT(ask("P-1", "workspace", false, key), RING_NONE);
	CHECK_INT(ask("P-1", "workspace", false, key), RING_NONE);
	CHECK_INT(stop(), 0);
}

TEST(ended, "an ended permit has no key and never gets one, others keep theirs")
{
	uint8_t first[WRAP_KEY], again[WRAP_KEY];

	begin();
	CHECK_INT(ask("P-1", "workspace", true, first), RING_FOUND);
	CHECK_INT(ask("P-2", "vault", true, first), RING_FOUND);
	CHECK_INT(end("P-1"), 1);
	CHECK_INT(end("P-1"), 1);
	CHECK_INT(end("P-3"), 1);
	CHECK_INT(stop(), 0);
	CHECK_INT(start(), MSG_READY);
	CHECK_INT(ask("P-1", "workspace", true, again), RING_ENDED);
	CHECK_INT(ask("P-1", "vault", false, again), RING_ENDED);
	CHECK_INT(ask("P-3", "vault", true, again), RING_ENDED);
	CHECK_INT(ask("P-2", "vault", false, again), RING_FOUND);
	CHECK(memcmp(first, again, WRAP_KEY) == 0);
	CHECK_INT(stop(), 0);
	CHECK_INT(count_files(), FILES);
}

TEST(overwritten,
     "what unwrapped an ended permit's key is overwritten in place")
{
	uint8_t key[WRAP_KEY], site[WRAP_KEY], ring[4096], now[4096];

	begin();
	CHECK_INT(ask("P-1", "workspace", true, key), RING_FOUND);
	AUTO_FD int old_site = open_file("site.");
	AUTO_FD int old_ring = open_file("ring.");
	CHECK_INT(pread(old_site, site, sizeof site, 0), sizeof site);
	ssize_t len = pread(old_ring, ring, sizeof ring, 0);
	CHECK(len > WRAPPED);
	CHECK_INT(end("P-1"), 1);
	CHECK_INT(stop(), 0);
	CHECK_INT(pread(old_site, now, sizeof site, 0), sizeof site);
	CHECK(memcmp(site, now, sizeof site) != 0);
	CHECK_INT(pread(old_ring, now, sizeof now, 0), len);
	CHECK(memmem(now, (size_t)len, "P-1", 3) == NULL);
	const uint8_t *wrapped = ring + 16 + ID_SIZE + 1;
	CHECK(memmem(now, (size_t)len, wrapped, 16) == NULL);
	AUTO_FD int new_ring = open_file("ring.");
	len = pread(new_ring, now, sizeof now, 0);
	CHECK(memmem(now, (size_t)len, wrapped, 16) == NULL);
}

TEST(copies, "a copy of the ring alone opens with no later site key")
{
	uint8_t key[WRAP_KEY], ring[4096];

	begin();
	CHECK_INT(ask("P-1", "workspace", true, key), RING_FOUND);
	AUTO_FD int before = open_file("ring.");
	ssize_t len = pread(before, ring, sizeof ring, 0);
	CHECK_INT(end("P-1"), 1);
	CHECK_INT(stop(), 0);
	/* Somebody puts the old one in the place of the new one. */
	AUTO_FD int now = open_file("ring.");
	CHECK(ftruncate(now, 0) == 0);
	CHECK_INT(pwrite(now, ring, (size_t)len, 0), len);
	CHECK_INT(start(), MSG_FAILED);
	msg_get_str(&stage.m, err.text, sizeof err.text);
	CHECK_ERR(err, "left alone");
	stop();
	CHECK_INT(pread(now, ring, sizeof ring, 0), len);
}

TEST(readable, "a site key that others may read is refused")
{
	begin();
	CHECK_INT(stop(), 0);
	AUTO_FD int site = open_file("site.");
	CHECK(fchmod(site, 0640) == 0);
	CHECK_INT(start(), MSG_FAILED);
	msg_get_str(&stage.m, err.text, sizeof err.text);
	CHECK_ERR(err, "0600");
	stop();
}

TEST(tagged, "programs that make backups are told to leave the folder out")
{
	char text[64] = "";

	begin();
	CHECK_INT(stop(), 0);
	AUTO_FD int tag = open_file("CACHEDIR.TAG");
	CHECK(read(tag, text, sizeof text - 1) > 43);
	CHECK(strncmp(text, "Signature: 8a477f597d28d172789f06886806bc55\n",
		      44) == 0);
}

static void send_odd(const char *permit, const char *purpose, uint8_t make)
{
	begin();
	msg_start(&m, MSG_PERMIT_KEY, 1);
	msg_put_str(&m, permit);
	msg_put_str(&m, purpose);
	msg_put_u8(&m, make);
	CHECK(msg_send(stage.link, &m, &err) == 0);
	CHECK_INT(stage_hear(&stage), MSG_FAILED);
	CHECK(stop() != 0);
}

TEST(malformed, "what is not a permit, a purpose or a choice ends the process")
{
	send_odd("../P-1", "vault", 1);
	send_odd("P-1", "host", 1);
	send_odd("P-1", "vault", 2);
}

/* A ring that is full but for one, all of ended permits. */
static void fill(void)
{
	static struct ring ring;

	new_folders();
	CHECK(ring_load(&ring, permits, &err) == 0);
	for (ring.n = 0; ring.n < RING_PERMITS - 2; ring.n++) {
		struct ring_entry *one = &ring.entries[ring.n];

		snprintf(one->permit, sizeof one->permit, "E-%zu", ring.n);
		one->ended = true;
	}
	CHECK(ring_end(&ring, "E-last", &err) == 0);
	DIR *dir = fdopendir(dup(permits));
	const struct dirent *entry;

	CHECK(dir != NULL);
	rewinddir(dir);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			CHECK(fchownat(permits, entry->d_name, STAGE_UID,
				       STAGE_UID, 0) == 0);
	closedir(dir);
}

TEST(full, "where no more keys fit, it says so and serves those that it has")
{
	uint8_t key[WRAP_KEY], again[WRAP_KEY];

	fill();
	CHECK_INT(start(), MSG_READY);
	CHECK_INT(ask("P-1", "vault", true, key), RING_FOUND);
	CHECK_INT(ask("P-2", "vault", true, again), RING_FAILED);
	CHECK_INT(end("P-2"), 0);
	CHECK_INT(ask("P-1", "vault", true, again), RING_FOUND);
	CHECK(memcmp(key, again, WRAP_KEY) == 0);
	CHECK_INT(end("P-1"), 1);
	CHECK_INT(stop(), 0);
}

/* --- Killed -------------------------------------------------------------------- */

static bool traced(pid_t pid)
{
	char path[64], text[256];
	bool yes = false;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	FILE *file = fopen(path, "r");
	while (file && fgets(text, sizeof text, file))
		yes |= strncmp(text, "State:\tZ", 8) == 0 ||
		       (strncmp(text, "TracerPid:", 10) == 0 &&
			atoi(text + 10) > 0);
	if (file)
		fclose(file);
	return yes;
}

/* Have the running process killed at its n-th system call from now. */
static pid_t kill_at(int n)
{
	char pid[16], at[16];

	snprintf(pid, sizeof pid, "%d", (int)stage.pid);
	snprintf(at, sizeof at, "%d", n);
	pid_t tracer = fork();
	if (tracer == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl("build/tool/stopper", "stopper", "--only", "--pid", pid,
		      "--kill-at", at, (char *)NULL);
		_exit(127);
	}
	for (int i = 0; i < 4000 && !traced(stage.pid); i++)
		usleep(500);
	CHECK(traced(stage.pid));
	usleep(3000);
	return tracer;
}

/* After a life that ended somewhere: the ring is whole, P-2's key is the same,
 * nothing of another number lies about. */
static void check_after(const uint8_t kept[static WRAP_KEY])
{
	uint8_t key[WRAP_KEY];

	CHECK_INT(start(), MSG_READY);
	CHECK_INT(count_files(), FILES);
	CHECK_INT(ask("P-2", "vault", false, key), RING_FOUND);
	CHECK(memcmp(key, kept, WRAP_KEY) == 0);
}

/* At every fourth call from the first one on. */
static void kill_while_ending(int first_call)
{
	uint8_t kept[WRAP_KEY], first[WRAP_KEY], key[WRAP_KEY];
	int answered = 0, gone = 0, kept_on = 0, n = first_call;

	begin();
	CHECK_INT(ask("P-2", "vault", true, kept), RING_FOUND);
	CHECK_INT(stop(), 0);
	while (!answered) {
		char permit[ID_SIZE];

		snprintf(permit, sizeof permit, "P-1-%d", n);
		CHECK_INT(start(), MSG_READY);
		CHECK_INT(ask(permit, "vault", true, first), RING_FOUND);
		pid_t tracer = kill_at(n);
		answered = end(permit) == 1;
		stop();
		waitpid(tracer, NULL, 0);
		check_after(kept);
		int outcome = ask(permit, "vault", false, key);
		if (outcome == RING_FOUND)
			CHECK(memcmp(key, first, WRAP_KEY) == 0);
		else
			CHECK_INT(outcome, RING_ENDED);
		if (answered)
			CHECK_INT(outcome, RING_ENDED);
		gone += outcome == RING_ENDED && !answered;
		kept_on += outcome == RING_FOUND;
		CHECK_INT(end(permit), 1);
		CHECK_INT(ask(permit, "vault", true, key), RING_ENDED);
		CHECK_INT(count_files(), FILES);
		CHECK_INT(stop(), 0);
		n += 4;
	}
	/* The kills fell on both sides of the one rename that counts. */
	CHECK(gone > 2);
	CHECK(kept_on > 2);
}

#define KILLED(n)                                                              \
	TEST(killed_end##n, "killed at any call while a key ends, it is "      \
			    "there or gone, and goes (" #n ")")                \
	{                                                                      \
		kill_while_ending(n);                                          \
	}
KILLED(1)
KILLED(2)
KILLED(3)
KILLED(4)

TEST(killed_start, "killed in its first start, it starts all the same")
{
	uint8_t key[WRAP_KEY];
	int status = 128 + SIGKILL, n = 100;

	for (; status == 128 + SIGKILL; n += 7) {
		char at[16], tool[] = "build/tool/stopper",
			     program[] = "build/bin/sekisho-keys";
		char *command[] = { tool,
				    (char[]){ "--only" },
				    (char[]){ "--kill-at" },
				    at,
				    program,
				    NULL };

		snprintf(at, sizeof at, "%d", n);
		new_folders();
		if (geteuid() != 0)
			SKIP("needs root");
		stage_command(&stage, command, root);
		msg_send(stage.link, &stage.m, &err);
		close(stage.program_audit);
		stage_hear(&stage);
		status = stop();
		CHECK_INT(start(), MSG_READY);
		CHECK_INT(ask("P-1", "vault", true, key), RING_FOUND);
		CHECK_INT(count_files(), FILES);
		CHECK_INT(stop(), 0);
		close(root);
		close(permits);
	}
	CHECK_INT(status, 0);
}

TAP_MAIN
