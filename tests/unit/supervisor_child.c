/* links: gateway/supervisor sandbox audit gateway/base; */
/*
 * Processes as the supervisor starts, hears and ends them: small programs of
 * this test's own stand in for ours.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/supervisor/child.h"
#include "tests/unit/tap.h"

static struct child child;
static unsigned int heard_ready, heard_other, gone;
static int loop;

static void on_heard(struct child *who, struct msg *m)
{
	CHECK(who == &child);
	if (m->type == MSG_READY)
		heard_ready++;
	else
		heard_other++;
}

static void on_gone(struct child *who)
{
	CHECK(who == &child && !who->program);
	gone++;
}

/* A program that says messages of these types, then does the rest. */
static void write_program(const char *types, const char *rest)
{
	char path[300];

	snprintf(path, sizeof path, "%s/program", tap_folder());
	FILE *file = fopen(path, "we");
	CHECK(file);
	fprintf(file,
		"#!/usr/bin/perl\nopen(my $link, '+<&=', 3) or exit 9;\n"
		"syswrite($link, pack('vvV', $_, 0, 0)) for (%s);\n%s\n",
		types, rest);
	CHECK(fchmod(fileno(file), 0755) == 0 && fclose(file) == 0);
}

static void set_up(void)
{
	struct err err;

	signal(SIGPIPE, SIG_IGN);
	loop = loop_open(&err);
	CHECK(loop >= 0);
	child.heard = on_heard;
	child.gone = on_gone;
}

static void start(const char *types, const char *rest)
{
	struct err err;

	set_up();
	write_program(types, rest);
	CHECK(child_start(&child, loop, tap_folder(), "program", &err) == 0);
}

static void turn_until_gone(void)
{
	struct err err;

	for (int i = 0; i < 200 && !gone; i++)
		CHECK(loop_turn(loop, 50, &err) == 0);
	CHECK_INT(gone, 1);
}

TEST(ends, "a process that ends is reaped, and said to have ended how")
{
	char ready[8];

	snprintf(ready, sizeof ready, "%d", MSG_READY);
	start(ready, "exit 7;");
	turn_until_gone();
	CHECK_INT(heard_ready, 1);
	CHECK(strcmp(child.why, "exit status 7") == 0 ||
	      strcmp(child.why, "signal 9") == 0); /* of ours, if it is slow */
	CHECK(waitpid(-1, NULL, WNOHANG) < 0);
}

TEST(twice, "READY twice costs a process its life")
{
	char ready[24];

	snprintf(ready, sizeof ready, "%d, %d", MSG_READY, MSG_READY);
	start(ready, "sleep 60;");
	turn_until_gone();
	CHECK_INT(heard_ready, 1);
	CHECK(waitpid(-1, NULL, WNOHANG) < 0);
}

TEST(nonsense, "so does a message that is none")
{
	start("", "syswrite($link, 'x'); sleep 60;");
	turn_until_gone();
	CHECK_INT(heard_ready + heard_other, 0);
}

TEST(adopted, "a process that somebody else waits for is heard until its link "
	      "closes, also after we hung up")
{
	struct err err;
	struct msg m;
	int pair[2];

	set_up();
	CHECK(msg_pair(pair, &err) == 0);
	CHECK(child_adopt(&child, loop, "sekisho-box", pair[0], &err) == 0);
	child_hang_up(&child);
	CHECK(msg_receive(pair[1], &m, &err) == 0);
	msg_start(&m, MSG_BUILT, 0);
	CHECK(msg_send(pair[1], &m, &err) == 0);
	CHECK(loop_turn(loop, 1000, &err) == 0);
	CHECK_INT(heard_other, 1);
	CHECK_INT(gone, 0);
	close(pair[1]);
	turn_until_gone();
	CHECK_STR(child.why, "it ended");
}

TEST(why, "what it said before it failed is what is known of its end")
{
	struct err err;
	struct msg m;
	int pair[2];

	set_up();
	CHECK(msg_pair(pair, &err) == 0);
	CHECK(child_adopt(&child, loop, "sekisho-box", pair[0], &err) == 0);
	msg_start(&m, MSG_FAILED, 0);
	msg_put_str(&m, "no such toolset");
	CHECK(msg_send(pair[1], &m, &err) == 0);
	close(pair[1]);
	turn_until_gone();
	CHECK_STR(child.why, "no such toolset");
}

TAP_MAIN
