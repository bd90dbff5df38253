/* links: gateway/base */
/*
 * The real sekisho-parse, confined as always, between a file and a pipe.
 */
#include <signal.h>

#include "gateway/base/own.h"
#include "gateway/base/parsed.h"
#include "tests/unit/stage.h"

static struct stage stage;
static struct parsed_in in;
static struct parsed_item item;
static struct err err;

/* Start it over a file of these bytes, said to be of this size. */
static void start(const char *name, const char *text, uint64_t size)
{
	char path[512];
	int pipe_ends[2];

	if (geteuid() != 0)
		SKIP("needs root");
	snprintf(path, sizeof path, "%s/file", tap_folder());
	int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0400);
	CHECK(file >= 0);
	CHECK(write(file, text, strlen(text)) == (ssize_t)strlen(text));
	close(file);
	file = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(pipe2(pipe_ends, O_CLOEXEC) == 0);
	stage_start(&stage, "build/bin/sekisho-parse", stage_folder("root"));
	msg_put_str(&stage.m, name);
	msg_put_u64(&stage.m, size);
	msg_put_fd(&stage.m, file);
	msg_put_fd(&stage.m, pipe_ends[1]);
	CHECK(msg_send(stage.link, &stage.m, &err) == 0);
	close(pipe_ends[1]);
	close(file);
	in = (struct parsed_in){ .pipe = pipe_ends[0] };
}

static int last_kind(void)
{
	int got, kind = PARSED_NONE;

	while ((got = parsed_next(&in, &item, 5000, &err)) == 1)
		kind = (int)item.kind;
	return got < 0 ? -1 : kind;
}

TEST(table, "a table comes out as cells, and the program ends well")
{
	start("t.csv", "g,n\na,20\n", 9);
	CHECK_INT(stage_hear(&stage), MSG_READY);
	CHECK_INT(last_kind(), PARSED_END);
	CHECK_INT(item.total, 2);
	CHECK_INT(stage_end(&stage), 0);
}

TEST(size, "a file of another size than the store's is a parse that failed")
{
	start("t.csv", "g,n\na,20\n", 8);
	CHECK_INT(stage_hear(&stage), MSG_READY);
	CHECK_INT(last_kind(), -1);
	CHECK_INT(stage_hear(&stage), MSG_FAILED);
	CHECK_INT(stage_end(&stage), 1);
}

TEST(gone, "a reader that goes away ends the parse, not the gateway's pipe")
{
	static char text[300000];

	memset(text, 'x', sizeof text - 1);
	start("t.txt", text, sizeof text - 1);
	close(in.pipe);
	CHECK_INT(stage_hear(&stage), MSG_READY);
	CHECK_INT(stage_hear(&stage), MSG_FAILED);
	CHECK_INT(stage_end(&stage), 1);
}

TEST(malformed, "a START without its pipe is refused")
{
	if (geteuid() != 0)
		SKIP("needs root");
	stage_start(&stage, "build/bin/sekisho-parse", stage_folder("root"));
	msg_put_str(&stage.m, "t.csv");
	CHECK(msg_send(stage.link, &stage.m, &err) == 0);
	CHECK_INT(stage_hear(&stage), MSG_FAILED);
	CHECK_INT(stage_end(&stage), 1);
}

TAP_MAIN
