/* links: sandbox audit gateway/base; -lcrypto -lutil */
/*
 * The real sekisho-record between a test that plays the client, the supervisor
 * and audit, and a real shell on a real pty.
 */
#include <dirent.h>
#include <openssl/evp.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "audit/client.h"
#include "gateway/base/channel.h"
#include "sandbox/recording.h"
#include "tests/unit/stage.h"

static struct stage stage;
static struct channel_packet packet;
static int wire, folder;
static pid_t shell;
static uint64_t moved_out, recorded_out, pieces;

static void start(const char *command, bool tty)
{
	int root, pair[2], in[2] = { -1, -1 }, out[2], err[2], master = -1;
	struct err e;

	if (geteuid() != 0)
		SKIP("needs root");
	root = stage_folder("root");
	folder = stage_folder("recordings");
	CHECK(msg_pair(pair, &e) == 0);
	wire = pair[0];
	if (tty) {
		struct winsize size = { .ws_col = 90, .ws_row = 30 };

		shell = forkpty(&master, NULL, NULL, &size);
	} else {
		CHECK(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 &&
		      pipe2(err, O_CLOEXEC) == 0);
		shell = fork();
		if (shell == 0) {
			dup2(in[0], 0);
			dup2(out[1], 1);
			dup2(err[1], 2);
		}
	}
	if (shell == 0) {
		signal(SIGPIPE, SIG_DFL);
		signal(SIGHUP, SIG_DFL); /* nohup may run us */
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	stage_start(&stage, "build/bin/sekisho-record", root);
	msg_put_str(&stage.m, "s0123456789abcdef");
	msg_put_str(&stage.m, "P-1");
	msg_put_str(&stage.m, "a-7");
	msg_put_u32(&stage.m, 1);
	msg_put_u8(&stage.m, tty);
	msg_put_fd(&stage.m, pair[1]);
	msg_put_fd(&stage.m, folder);
	msg_put_fd(&stage.m, tty ? master : in[1]);
	if (!tty) {
		msg_put_fd(&stage.m, out[0]);
		msg_put_fd(&stage.m, err[0]);
	}
	stage_send(&stage);
	close(pair[1]);
	if (tty) {
		close(master);
	} else {
		close(in[0]), close(in[1]);
		close(out[0]), close(out[1]);
		close(err[0]), close(err[1]);
	}
	CHECK_INT(stage_hear(&stage), MSG_READY);
}

static void take_record(void)
{
	if (!stage_record(&stage, 5000)) {
		close(stage.audit);
		stage.audit = -1;
		return;
	}
	CHECK(strncmp(stage.line,
		      "session.recording ok a-7 "
		      "s0123456789abcdef P-1 shell=1 ",
		      50) == 0);
	recorded_out += strtoull(stage_field(&stage, "out"), NULL, 10);
	pieces++;
	stage_durable(&stage);
}

/* The next packet; records are acknowledged meanwhile. False: 5 s passed or
 * the wire ended. */
static bool next(void)
{
	for (;;) {
		struct pollfd p[] = { { .fd = wire, .events = POLLIN },
				      { .fd = stage.audit, .events = POLLIN } };

		if (poll(p, 2, 5000) <= 0)
			return false;
		if (p[1].revents & POLLIN)
			take_record();
		if (!p[0].revents)
			continue;
		if (channel_receive(wire, &packet) != 1)
			return false;
		if (packet.kind == CHANNEL_DATA ||
		    packet.kind == CHANNEL_STDERR)
			moved_out += packet.len;
		return true;
	}
}

/* Read data until it contains text. */
static bool until(const char *text)
{
	static char all[65536];
	size_t used = 0;

	while (next()) {
		if (packet.kind != CHANNEL_DATA ||
		    used + packet.len >= sizeof all)
			return false;
		memcpy(all + used, packet.body, packet.len);
		used += packet.len;
		all[used] = '\0';
		if (strstr(all, text))
			return true;
	}
	return false;
}

static void type(const char *text)
{
	CHECK_INT(channel_send(wire, CHANNEL_DATA, text, strlen(text)), 1);
}

static void shell_ended(void)
{
	struct err err;
	int status;

	CHECK(waitpid(shell, &status, 0) == shell);
	msg_start(&stage.m, MSG_RECORDER_EXIT, 0);
	msg_put_u32(&stage.m, (uint32_t)status);
	CHECK(msg_send(stage.link, &stage.m, &err) == 0);
}

/* After the wire has ended: the last records, RECORDER_DONE, exit 0. */
static void done(void)
{
	while (stage_record(&stage, 300)) {
		recorded_out += strtoull(stage_field(&stage, "out"), NULL, 10);
		pieces++;
		stage_durable(&stage);
	}
	CHECK_INT(stage_hear(&stage), MSG_RECORDER_DONE);
	msg_get_u64(&stage.m);
	CHECK_INT(msg_get_u64(&stage.m), moved_out);
	CHECK_INT(stage_end(&stage), 0);
	CHECK_INT(recorded_out, moved_out);
}

static uint32_t exit_status(void)
{
	uint32_t status = 1000;

	while (next())
		if (packet.kind == CHANNEL_EXIT) {
			CHECK(channel_read_u32(&packet, &status) == 0);
			break;
		}
	return status;
}

static size_t read_piece(int number, char *out, size_t size)
{
	char name[128];

	snprintf(name, sizeof name, "s0123456789abcdef-1-%04d.cast", number);
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0);
	ssize_t n = read(fd, out, size - 1);
	CHECK(n >= 0);
	out[n] = '\0';
	close(fd);
	return (size_t)n;
}

TEST(terminal, "typing reaches the shell, its screen the client, both the "
	       "recording")
{
	static char cast[65536], sha[80];
	uint8_t hash[32];

	start("stty -echo; echo ready; read a; echo got=$a; exit 7", true);
	CHECK(until("ready"));
	type("hello \"quoted\" \\n \xe9\x96\xa2\n");
	CHECK(until("got="));
	shell_ended();
	CHECK_INT(exit_status(), 7);
	CHECK(stage_record(&stage, 3000));
	snprintf(sha, sizeof sha, "%s", stage_field(&stage, "sha256"));
	recorded_out = strtoull(stage_field(&stage, "out"), NULL, 10);
	stage_durable(&stage);
	done();
	size_t n = read_piece(1, cast, sizeof cast);
	CHECK(strncmp(cast, "{\"version\": 2, \"width\": 90, \"height\": 30,",
		      40) == 0);
	CHECK(strstr(
		cast,
		"\"i\", \"hello \\\"quoted\\\" \\\\n \xe9\x96\xa2\\u000a"));
	CHECK(strstr(cast, "\"o\", \"ready\\u000d\\u000a"));
	CHECK(EVP_Digest(cast, n, hash, NULL, EVP_sha256(), NULL) == 1);
	char hex[65];
	for (int i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", hash[i]);
	CHECK_STR(sha, hex);
}

TEST(resize, "the window's new size reaches the shell and the recording")
{
	static char cast[65536];

	start("stty size; read a; stty size", true);
	CHECK(until("30 90"));
	CHECK_INT(channel_send_resize(wire, 0, 5), 1);
	CHECK_INT(channel_send_resize(wire, 132, 43), 1);
	type("\n");
	CHECK(until("43 132"));
	shell_ended();
	CHECK_INT(exit_status(), 0);
	done();
	read_piece(1, cast, sizeof cast);
	CHECK(strstr(cast, "\"r\", \"132x43\"]"));
}

TEST(pipes, "without a terminal errors come apart and input has an end")
{
	bool errors = false, data = false;
	uint32_t status = 99;

	start("cat; echo bad >&2; kill -9 $$", false);
	type("abc");
	CHECK_INT(channel_send(wire, CHANNEL_EOF, NULL, 0), 1);
	shell_ended();
	while (next()) {
		if (packet.kind == CHANNEL_STDERR)
			errors = packet.len == 4 &&
				 memcmp(packet.body, "bad\n", 4) == 0;
		if (packet.kind == CHANNEL_DATA)
			data = packet.len == 3;
		if (packet.kind == CHANNEL_EXIT)
			CHECK(channel_read_u32(&packet, &status) == 0);
	}
	CHECK(errors && data);
	CHECK_INT(status, 128 + 9);
	done();
}

TEST(enough, "who writes on when the client reads no more gets SIGPIPE; errors "
	     "still arrive")
{
	bool said = false;

	start("yes; echo $? >&2", false);
	CHECK(until("y\ny\n"));
	CHECK_INT(channel_send(wire, CHANNEL_DEAF, NULL, 0), 1);
	while (!said && next())
		said = packet.kind == CHANNEL_STDERR &&
		       memcmp(packet.body, "141\n", 4) == 0;
	CHECK(said);
	shell_ended();
	CHECK_INT(exit_status(), 0);
	done();
}

TEST(enough_terminal, "a terminal hangs up when the client reads no more")
{
	start("stty -echo; echo ready; cat", true);
	CHECK(until("ready"));
	CHECK_INT(channel_send(wire, CHANNEL_DEAF, NULL, 0), 1);
	shell_ended();
	CHECK_INT(exit_status(), 128 + SIGHUP);
	done();
}

TEST(much, "ten megabytes arrive whole though the client is slow, in pieces "
	   "that add up")
{
	start("head -c 10000000 /dev/urandom", false);
	nanosleep(&(struct timespec){ .tv_nsec = 300000000 }, NULL);
	while (moved_out < 10000000 && next())
		;
	CHECK_INT(moved_out, 10000000);
	shell_ended();
	CHECK_INT(exit_status(), 0);
	done();
	CHECK(pieces > 100);
}

TEST(exact, "bytes that are no text stand in the recording exactly")
{
	static char cast[65536];

	start("printf 'a\\377b\\346\\227'; sleep 0.1; printf '\\245\\346'",
	      false);
	shell_ended();
	CHECK_INT(exit_status(), 0);
	done();
	read_piece(1, cast, sizeof cast);
	CHECK(strstr(cast, "\"x\", \"61ff62\"]\n"));
	CHECK(strstr(cast, "\"o\", \"a\\ufffdb\"]\n"));
	CHECK(strstr(cast, "\"o\", \"\xe6\x97\xa5\"]\n"));
	CHECK(strstr(cast, "\"x\", \"e6\"]\n"));
}

TEST(holder, "a background process that holds the terminal does not hold the "
	     "exit")
{
	struct timespec t0, t1;

	start("trap '' HUP; sleep 7 & echo ready; exit 3", true);
	CHECK(until("ready"));
	shell_ended();
	clock_gettime(CLOCK_MONOTONIC, &t0);
	CHECK_INT(exit_status(), 3);
	clock_gettime(CLOCK_MONOTONIC, &t1);
	CHECK(t1.tv_sec - t0.tv_sec <= 2);
	done();
}

TEST(talker, "a background process that talks on is cut after two seconds")
{
	start("(trap '' HUP; while echo x; do sleep 0.05; done) & exit 4",
	      true);
	shell_ended();
	CHECK_INT(exit_status(), 4);
	done();
}

TEST(leaves, "when the client leaves, the shell is hung up")
{
	int status;

	start("echo ready; sleep 100", true);
	CHECK(until("ready"));
	close(wire);
	CHECK(waitpid(shell, &status, 0) == shell);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP);
	done();
}

TEST(nonsense, "a client that sends nonsense loses its shell, in order")
{
	int status;

	start("echo ready; sleep 100", true);
	CHECK(until("ready"));
	CHECK_INT(channel_send(wire, CHANNEL_EXIT, "abcd", 4), 1);
	CHECK(waitpid(shell, &status, 0) == shell);
	done();
}

TEST(deaf, "a program that does not read stops the client, nothing else")
{
	static char lots[CHANNEL_MAX];
	int sent = 0;

	start("echo ready; sleep 1; echo still here; exec cat >/dev/null",
	      false);
	memset(lots, 'x', sizeof lots);
	while (channel_send(wire, CHANNEL_DATA, lots, sizeof lots) == 1)
		CHECK(++sent < 20);
	CHECK(until("still here"));
	CHECK_INT(kill(shell, SIGTERM), 0);
	shell_ended();
	CHECK_INT(exit_status(), 128 + SIGTERM);
	done();
}

TEST(full, "when a piece cannot be written, nothing passes any more")
{
	int status;

	start("echo ready; read a; echo secret; sleep 100", true);
	CHECK(until("ready"));
	/* The next piece cannot be made: its name is taken by a folder. */
	CHECK(mkdirat(folder, "s0123456789abcdef-1-0001.cast", 0700) == 0);
	CHECK(!stage_record(&stage, 100));
	for (int i = 0; i < 40; i++) {
		static char lots[4000];

		memset(lots, 'x', sizeof lots);
		if (channel_send(wire, CHANNEL_DATA, lots, sizeof lots) < 0)
			break;
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	bool told = false;
	while (next())
		if (packet.kind == CHANNEL_STDERR)
			told = memmem(packet.body, packet.len, "recorded", 8);
	CHECK(told);
	CHECK(waitpid(shell, &status, 0) == shell);
	CHECK_INT(stage_hear(&stage), MSG_FAILED);
	CHECK_INT(stage_end(&stage), 1);
}

TEST(no_audit, "when audit is gone, the shell is hung up")
{
	int status;

	start("echo ready; sleep 100", true);
	CHECK(until("ready"));
	shutdown(stage.audit, SHUT_RDWR);
	CHECK(waitpid(shell, &status, 0) == shell);
	CHECK_INT(stage_hear(&stage), MSG_FAILED);
	CHECK_INT(stage_end(&stage), 1);
}

TEST(slow_audit, "no more than sixteen pieces wait for audit")
{
	uint64_t got = 0;

	start("head -c 10000000 /dev/zero", false);
	while (stage_readable(wire, 700)) {
		CHECK(channel_receive(wire, &packet) == 1);
		got += packet.len;
	}
	/* Zeros are six characters each in a recording. */
	CHECK(got > 16 * (PIECE_BYTES / 8) && got < 20 * 2 * PIECE_BYTES);
	while (stage_record(&stage, 100)) {
		pieces++;
	}
	CHECK_INT(pieces, 16);
	kill(stage.pid, SIGKILL);
	kill(shell, SIGKILL);
}

TAP_MAIN
