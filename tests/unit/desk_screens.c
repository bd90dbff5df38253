/* links: gateway/desk policy/airlock/findings audit gateway/base; -ledit -lcrypto */
/*
 * desk_screens - what people see, compared with tests/golden/screens.*.
 *
 * GOLDEN_WRITE=1 writes the screens anew; look at the difference before it is
 * committed.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "gateway/desk/desk.h"
#include "tests/unit/answers.h"
#include "tests/unit/tap.h"

static struct desk desk;

static void be_audit(int link)
{
	static struct msg m;
	struct err err;

	while (msg_receive(link, &m, &err) > 0) {
		uint32_t ref = m.ref;

		msg_clear(&m);
		msg_start(&m, MSG_RECORDED, ref);
		msg_put_u64(&m, 1);
		msg_send(link, &m, &err);
	}
	_exit(0);
}

static void send_view(int super, const char *file)
{
	static struct parsed_out out;
	static struct msg m;
	struct err err;
	int ends[2];

	CHECK(pipe(ends) == 0);
	msg_start(&m, MSG_VIEW, 0);
	msg_put_u64(&m, 41);
	msg_put_fd(&m, ends[0]);
	CHECK(msg_send(super, &m, &err) == 0);
	close(ends[0]);
	out.pipe = ends[1];
	if (strcmp(file, "2") == 0)
		answers_text(&out);
	else
		answers_table(&out);
	close(ends[1]);
}

/* Policy, and the supervisor where a file is opened. */
static void be_policy(int link, int super)
{
	char verb[64], second[64];

	while (answers_serve(link, verb, second))
		if (strcmp(verb, "file") == 0)
			send_view(super, second);
	_exit(0);
}

static void start(const char *role, const char *lang, uint32_t cols)
{
	int audit[2], policy[2], super[2];
	struct err err;

	/* "ssh ROLE": a command of ssh, without a terminal */
	bool far = strncmp(role, "ssh ", 4) == 0;
	role += far ? 4 : 0;
	desk = (struct desk){ .for_session =
				      !far && strcmp(role, "researcher") == 0,
			      .tty = !far,
			      .role = desk_role(role),
			      .cols = cols,
			      .actor = "a",
			      .session = "-",
			      .permit = "P-2026-001",
			      .cwd = "/out",
			      .log = -1,
			      .vault = -1 };
	snprintf(desk.lang, sizeof desk.lang, "%s", lang);
	CHECK(msg_pair(audit, &err) == 0 && msg_pair(policy, &err) == 0 &&
	      msg_pair(super, &err) == 0);
	if (fork() == 0) {
		close(audit[0]);
		be_audit(audit[1]);
	}
	if (fork() == 0) {
		close(policy[0]);
		be_policy(policy[1], super[1]);
	}
	close(audit[1]);
	close(policy[1]);
	desk.audit = fcntl(audit[0], F_DUPFD, 20);
	desk.policy = fcntl(policy[0], F_DUPFD, 20);
	int link = fcntl(super[0], F_DUPFD, 20);
	dup2(link, PROCESS_LINK);
}

/* One command and what its person sees. */
static void show(FILE *out, const char *line)
{
	static struct command command;
	static struct result result;
	struct err err;
	struct render render = { .out = out,
				 .lang = desk.lang,
				 .columns = desk.cols };

	fprintf(out, "%s%s\n", desk.tty ? "$ " : "ssh: ", line);
	CHECK(command_split(&command, line) == 0);
	CHECK(desk_answer(&desk, &command, &result, &err) == 0);
	render.format = command.format;
	render.form = desk_form(&desk, &command);
	if (desk.page)
		fputs(desk.page, out);
	else
		render_result(&render, &result);
	fputc('\n', out);
}

static const struct {
	const char *role, *line;
} screens[] = {
	{ "researcher", "welcome" },
	{ "researcher", "help" },
	{ "researcher", "help submit" },
	{ "researcher", "check table1.csv メモ.txt" },
	{ "researcher", "check /workspace/table1.csv" },
	{ "researcher", "submit table1.csv" },
	{ "researcher", "status" },
	{ "researcher", "status --json" },
	{ "reviewer", "help" },
	{ "reviewer", "queue" },
	{ "reviewer", "show 3" },
	{ "reviewer", "file 3 1" },
	{ "reviewer", "file 3 1 --findings" },
	{ "reviewer", "file 3 1 --plain" },
	{ "reviewer", "file 3 1 --json" },
	{ "reviewer", "file 3 2" },
	{ "reviewer", "vote 3 approve 1" },
	{ "reviewer", "vote 3 maybe" },
	{ "reviewer", "history 3" },
	{ "auditor", "help" },
	{ "auditor", "help vault" },
	{ "auditor", "vault open" },
	{ "auditor", "vault open P-1" },
	{ "auditor", "vault open 0000000000000000000000000000000000000000"
		     "000000000000000000000000" },
	{ "ssh auditor", "vault open 7" },
	{ "ssh researcher", "status" },
	{ "ssh researcher", "check table1.csv" },
	{ "ssh researcher", "submit table1.csv" },
	{ "ssh reviewer", "queue" },
	{ "ssh reviewer", "show 3" },
	{ "ssh reviewer", "show 3 --json" },
	{ "ssh reviewer", "history 3" },
	{ "ssh reviewer", "file 3 1" },
};

static char *all_screens(const char *lang, uint32_t cols)
{
	const char *role = "";
	char *bytes = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&bytes, &len);

	for (size_t i = 0; i < ARRAY_LEN(screens); i++) {
		if (strcmp(role, screens[i].role) != 0)
			start(screens[i].role, lang, cols);
		role = screens[i].role;
		show(out, screens[i].line);
	}
	fclose(out);
	return bytes;
}

/* Colours say nothing that words do not: without them it is the same. */
static void drop_colours(char *text)
{
	char *to = text;

	for (const char *c = text; *c; c++) {
		if (*c == '\033') {
			c += strcspn(c, "m");
			continue;
		}
		*to++ = *c;
	}
	*to = '\0';
}

static char *read_file(const char *path)
{
	static char text[256 * 1024];
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void compare(const char *lang, uint32_t cols)
{
	char path[256];

	setenv("TZ", "Asia/Tokyo", 1);
	tzset();
	snprintf(path, sizeof path, "tests/golden/screens.%s.%u.txt", lang,
		 cols);
	AUTO_FREE char *now = all_screens(lang, cols);
	drop_colours(now);
	if (getenv("GOLDEN_WRITE")) {
		FILE *file = fopen(path, "we");

		CHECK(file != NULL);
		fputs(now, file);
		fclose(file);
	}
	CHECK_STR(now, read_file(path));
}

TEST(nothing_leaves, "no text of a person leaves without a terminal")
{
	static const char *const words[] = { "table1", "メモ.txt", "年齢",
					     "paper",  "区分",	   "agreed" };
	char *bytes = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&bytes, &len);

	start("ssh researcher", "ja", 80);
	show(out, "status");
	show(out, "status 3 --json");
	start("ssh reviewer", "ja", 80);
	show(out, "queue");
	show(out, "show 3");
	show(out, "show 3 --json");
	show(out, "vote 3 approve 1 --plain");
	show(out, "history 3");
	fclose(out);
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		CHECK(strstr(bytes, words[i]) == NULL);
	free(bytes);
}

TEST(english_80, "screens in English, 80 columns")
{
	compare("en", 80);
}

TEST(english_200, "screens in English, 200 columns")
{
	compare("en", 200);
}

TEST(japanese_80, "screens in Japanese, 80 columns")
{
	compare("ja", 80);
}

TEST(japanese_200, "screens in Japanese, 200 columns")
{
	compare("ja", 200);
}

TAP_MAIN
