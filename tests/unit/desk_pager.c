/* links: gateway/desk policy/airlock/findings audit gateway/base; -ledit -lcrypto */
/*
 * desk_pager - screens of a long answer, and the keys that turn them.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "gateway/desk/pager.h"
#include "tests/unit/tap.h"

static struct desk desk;
static struct typing typing;
static struct err err;

/* A console whose person has typed these keys and gone. */
static void console(const char *keys)
{
	int wire[2], audit[2], policy[2], super[2];

	CHECK(msg_pair(wire, &err) == 0 && msg_pair(audit, &err) == 0 &&
	      msg_pair(policy, &err) == 0 && msg_pair(super, &err) == 0);
	desk = (struct desk){ .cols = 80, .rows = 11, .lang = "en" };
	desk.serving = fcntl(wire[0], F_DUPFD, 20);
	desk.audit = fcntl(audit[0], F_DUPFD, 20);
	desk.policy = fcntl(policy[0], F_DUPFD, 20);
	int link = fcntl(super[0], F_DUPFD, 20);
	CHECK(dup2(link, PROCESS_LINK) == PROCESS_LINK);
	CHECK(channel_send(fcntl(wire[1], F_DUPFD, 20), CHANNEL_DATA, keys,
			   strlen(keys)) == 1);
	typing_begin(&typing, &desk);
}

/* What a terminal got of lines 1 to 100, the 50th coloured. */
static char *page(const char *keys)
{
	char lines[4000] = "", *bytes = NULL;
	size_t used = 0, len = 0;
	FILE *out = open_memstream(&bytes, &len);

	for (int i = 1; i <= 100; i++)
		used += (size_t)snprintf(
			lines + used, sizeof lines - used,
			i == 50 ? "\033[1mline %d\033[0m\n" : "line %d\n", i);
	console(keys);
	pager_show(&typing, out, lines);
	fclose(out);
	return bytes;
}

static bool has(const char *text, const char *line)
{
	char whole[64];

	snprintf(whole, sizeof whole, "%s\n", line);
	return strstr(text, whole) != NULL;
}

TEST(stop, "a long answer stops after one screen, and q ends it")
{
	AUTO_FREE char *text = page("q");

	CHECK(has(text, "line 10"));
	CHECK(!has(text, "line 11"));
}

TEST(screen, "space shows one screen more, Enter one line")
{
	AUTO_FREE char *text = page(" \rq");

	CHECK(has(text, "line 21"));
	CHECK(!has(text, "line 22"));
}

TEST(back, "b goes back, g and G go to the first and the last screen")
{
	AUTO_FREE char *text = page("  bq");
	AUTO_FREE char *last = page("Gq");
	const char *first = strstr(text, "line 15\n");

	CHECK(first && strstr(first + 1, "line 15\n"));
	CHECK(has(last, "line 100"));
	CHECK(!has(last, "line 90"));
	AUTO_FREE char *begin = page(" gq");
	first = strstr(begin, "line 1\n");
	CHECK(first && strstr(first + 1, "line 1\n"));
}

TEST(marked, "n goes on to the next finding")
{
	AUTO_FREE char *text = page("nq");

	CHECK(!has(text, "line 49"));
	CHECK(strstr(text, "line 50") != NULL);
	CHECK(has(text, "line 59"));
	CHECK(!has(text, "line 60"));
}

TEST(other, "other keys turn nothing")
{
	AUTO_FREE char *text = page("xyzq");

	CHECK(!has(text, "line 11"));
}

TEST(unknown, "a window of unknown height does not wait")
{
	char *bytes = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&bytes, &len);

	console("q");
	desk.rows = 0;
	pager_show(&typing, out, "a\nb\nc\n");
	fclose(out);
	CHECK_STR(bytes, "a\nb\nc\n");
	free(bytes);
}

TAP_MAIN
