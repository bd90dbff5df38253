/* links: gateway/files audit gateway/base; -lcrypto */
/*
 * The real sekisho-files behind the real sftp client, and behind a test that
 * speaks the protocol badly on purpose. For sftp -D this program is its own
 * bridge: with FILES_FOLDER set it starts sekisho-files over its standard
 * input and output, answers for audit and keeps the records in a file.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/socket.h>

#include "audit/client.h"
#include "gateway/base/channel.h"
#include "gateway/files/sftp.h"
#include "tests/unit/stage.h"

static struct stage stage;
static struct channel_packet packet;
static char base[256];
static int wire;

static const char *in_base(const char *name)
{
	static char path[4][600];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof path[turn], "%s/%s", base, name);
	return path[turn];
}

static int open_folder(const char *name)
{
	return open(in_base(name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void put_top(const char *name, bool writable, const char *folder)
{
	msg_put_str(&stage.m, name);
	msg_put_u8(&stage.m, writable);
	msg_put_fd(&stage.m, open_folder(folder));
}

/* The view of most tests, or what a researcher's is. */
static void put_view(bool whole)
{
	msg_put_u32(&stage.m, whole ? 3 : 2);
	if (whole) {
		put_top("released", false, "released");
		put_top("requests", false, "requests");
		put_top("import/new", true, "import");
		return;
	}
	put_top("import", true, "import");
	put_top("audit", false, "audit");
}

static void start(const char *role)
{
	struct err err;
	int pair[2];

	CHECK(msg_pair(pair, &err) == 0);
	wire = pair[0];
	stage_start(&stage, "build/bin/sekisho-files", open_folder("root"));
	msg_put_str(&stage.m, "hanako");
	msg_put_str(&stage.m, "a-7");
	msg_put_str(&stage.m, role);
	msg_put_str(&stage.m, "P-1");
	msg_put_str(&stage.m, "en");
	msg_put_fd(&stage.m, pair[1]);
	put_view(getenv("FILES_WHOLE") != NULL);
	stage_send(&stage);
	stage_vault(&stage);
	close(pair[1]);
	CHECK_INT(stage_hear(&stage), MSG_READY);
}

/* --- The bridge for sftp -D --- */

static void keep_record(void)
{
	int fd = open(in_base("records"), O_WRONLY | O_CREAT | O_APPEND, 0600);

	if (!stage_record(&stage, 1000))
		_exit(3);
	dprintf(fd, "%s\n", stage.line);
	close(fd);
	stage_durable(&stage);
}

static void write_all(const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(1, bytes, len);

		if (n <= 0)
			_exit(4);
		bytes += n;
		len -= (size_t)n;
	}
}

static void bridge(void)
{
	static uint8_t bytes[32768];
	bool eof = false;

	for (;;) {
		struct pollfd p[] = {
			{ .fd = wire, .events = POLLIN },
			{ .fd = stage.audit, .events = POLLIN },
			{ .fd = eof ? -1 : 0, .events = POLLIN },
		};

		poll(p, 3, -1);
		if (p[1].revents & POLLIN)
			keep_record();
		if (p[0].revents) {
			if (channel_receive(wire, &packet) != 1)
				_exit(5);
			if (packet.kind == CHANNEL_EXIT)
				_exit(packet.body[0]);
			write_all(packet.body, packet.len);
		}
		if (p[2].revents) {
			ssize_t n = read(0, bytes, sizeof bytes);
			struct pollfd room = { wire, POLLOUT, 0 };

			eof = n <= 0;
			while (channel_send(wire,
					    eof ? CHANNEL_EOF : CHANNEL_DATA,
					    bytes, eof ? 0 : (size_t)n) == 0)
				poll(&room, 1, 20);
		}
	}
}

__attribute__((constructor)) static void maybe_bridge(void)
{
	const char *folder = getenv("FILES_FOLDER");

	if (!folder)
		return;
	snprintf(base, sizeof base, "%s", folder);
	unsetenv("FILES_FOLDER");
	start(getenv("FILES_ROLE"));
	bridge();
}

/* --- The real client --- */

static void put_file(const char *name, const void *bytes, size_t len)
{
	int fd = open(in_base(name), O_WRONLY | O_CREAT | O_TRUNC, 0644);

	CHECK(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
	close(fd);
}

static const char *text_of(const char *name)
{
	static char text[1 << 20];
	int fd = open(in_base(name), O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

	close(fd);
	text[n < 0 ? 0 : n] = '\0';
	return n < 0 ? "(no file)" : text;
}

static void prepare(void)
{
	if (geteuid() != 0)
		SKIP("needs root");
	snprintf(base, sizeof base, "%s", tap_folder());
	CHECK(chmod(base, 0755) == 0);
	stage_folder("root");
	stage_folder("import");
	stage_folder("audit");
	CHECK(mkdir(in_base("local"), 0755) == 0);
}

/* Run sftp with commands (one a line). Its exit status; output in "out". */
static int sftp(const char *commands)
{
	int status;

	put_file("batch", commands, strlen(commands));
	pid_t pid = fork();
	if (pid == 0) {
		char here[512];
		ssize_t n = readlink("/proc/self/exe", here, sizeof here - 1);
		int out = open(in_base("out"), O_WRONLY | O_CREAT | O_TRUNC,
			       0644);

		here[n > 0 ? n : 0] = '\0';
		setenv("FILES_FOLDER", base, 1);
		setenv("FILES_ROLE", "researcher", 0);
		setenv("LC_ALL", "C.UTF-8", 1);
		dup2(out, 1);
		dup2(out, 2);
		execlp("sftp", "sftp", "-b", in_base("batch"), "-D", here,
		       (char *)NULL);
		_exit(127);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void make_random(const char *name, size_t len)
{
	static uint8_t bytes[3000000];
	int fd = open("/dev/urandom", O_RDONLY);

	CHECK(len <= sizeof bytes && read(fd, bytes, len) == (ssize_t)len);
	close(fd);
	put_file(name, bytes, len);
}

static bool same(const char *a, const char *b)
{
	static uint8_t one[3000001], two[3000001];
	int fa = open(in_base(a), O_RDONLY), fb = open(in_base(b), O_RDONLY);

	CHECK(fa >= 0 && fb >= 0);
	ssize_t na = read(fa, one, sizeof one), nb = read(fb, two, sizeof two);
	close(fa);
	close(fb);
	return na == nb && memcmp(one, two, (size_t)na) == 0;
}

static const char *command(const char *form, const char *a, const char *b)
{
	static char text[2048];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(text, sizeof text, form, a, b);
#pragma GCC diagnostic pop
	return text;
}

TEST(put_get, "a file goes in and comes out as it was, each step on record")
{
	prepare();
	make_random("local/a", 2500000);
	CHECK_INT(sftp(command("put %s /import/a.bin\nget /import/a.bin %s\n",
			       in_base("local/a"), in_base("local/b"))),
		  0);
	CHECK(same("local/a", "import/a.bin"));
	CHECK(same("local/a", "local/b"));
	const char *log = text_of("records");
	CHECK(strncmp(log, "files.open ok a-7 - P-1 view=import,audit\n", 40) ==
	      0);
	CHECK(strstr(log, "files.write ok a-7 - P-1 view=import name_commit="));
	CHECK(strstr(log, "phase=done bytes=2500000 sha256="));
	CHECK(strstr(log, "files.read ok a-7 - P-1 view=import name_commit="));
	CHECK(strstr(log, "phase=begin\n"));
	CHECK(strstr(log, "whole=1"));
	CHECK(strstr(log, "files.close ok a-7 - P-1 "));
	CHECK(strstr(log, "reads=1 writes=1 changes=0"));
	CHECK(!strstr(log, "a.bin"));
}

TEST(resume, "an interrupted get goes on where it stopped, and so does a put")
{
	prepare();
	make_random("local/a", 1000000);
	make_random("import/x", 700000);
	CHECK(chown(in_base("import/x"), STAGE_UID, STAGE_UID) == 0);
	CHECK_INT(sftp(command("get /import/x %s\n", in_base("local/x"), "")),
		  0);
	CHECK(truncate(in_base("local/x"), 300000) == 0);
	CHECK_INT(sftp(command("reget /import/x %s\n", in_base("local/x"), "")),
		  0);
	CHECK(same("import/x", "local/x"));
	CHECK(strstr(text_of("records"), "bytes=400000 sha256="));
	CHECK_INT(sftp(command("put %s /import/y\n", in_base("local/a"), "")),
		  0);
	CHECK(truncate(in_base("import/y"), 123456) == 0);
	CHECK_INT(sftp(command("reput %s /import/y\n", in_base("local/a"), "")),
		  0);
	CHECK(same("import/y", "local/a"));
}

TEST(ten_thousand, "a folder of ten thousand files is listed whole")
{
	prepare();
	for (int i = 0; i < 10000; i++) {
		char name[32];

		snprintf(name, sizeof name, "audit/f%05d", i);
		close(open(in_base(name), O_WRONLY | O_CREAT, 0644));
	}
	CHECK_INT(sftp("ls -1 /audit\n"), 0);
	const char *out = text_of("out");
	int lines = 0;
	for (const char *at = out; (at = strstr(at, "/audit/f")); at++)
		lines++;
	CHECK_INT(lines, 10000);
	CHECK(strstr(out, "/audit/f09999"));
}

TEST(root, "the root shows the top folders and nothing can be done to it")
{
	prepare();
	CHECK_INT(sftp("pwd\ncd ../../..\npwd\nls -la\n"), 0);
	const char *out = text_of("out");
	CHECK(strstr(out, "Remote working directory: /\n"));
	CHECK(strstr(out, "import") && strstr(out, "audit"));
	CHECK(!strstr(out, "etc") && !strstr(out, "root"));
	CHECK(sftp("mkdir /new\n") != 0);
	CHECK(sftp("rmdir /import\n") != 0);
	CHECK(sftp("rename /import /other\n") != 0);
	CHECK(sftp("cd /etc\n") != 0);
	CHECK(sftp("cd /import/../../etc\n") != 0);
}

TEST(read_only, "a folder that is read-only stays as it is")
{
	prepare();
	put_file("local/a", "x", 1);
	put_file("audit/log", "line\n", 5);
	CHECK(sftp(command("put %s /audit/a\n", in_base("local/a"), "")) != 0);
	CHECK(sftp(command("put %s /audit/log\n", in_base("local/a"), "")) !=
	      0);
	CHECK(sftp("rm /audit/log\n") != 0);
	CHECK(sftp("mkdir /audit/d\n") != 0);
	CHECK(sftp("rename /audit/log /audit/l\n") != 0);
	CHECK(sftp("rename /audit/log /import/l\n") != 0);
	CHECK(sftp("chmod 777 /audit/log\n") != 0);
	CHECK_STR(text_of("audit/log"), "line\n");
}

TEST(links, "a link that lies in a folder leads nowhere and is not shown")
{
	prepare();
	put_file("secret", "secret", 6);
	CHECK(symlink(in_base("secret"), in_base("import/link")) == 0);
	CHECK(symlink("/", in_base("import/slash")) == 0);
	CHECK(mkfifo(in_base("import/fifo"), 0666) == 0);
	CHECK_INT(sftp("ls -la /import\n"), 0);
	CHECK(!strstr(text_of("out"), "link"));
	CHECK(!strstr(text_of("out"), "fifo"));
	CHECK(sftp(command("get /import/link %s\n", in_base("local/s"), "")) !=
	      0);
	CHECK(sftp(command("get /import/fifo %s\n", in_base("local/s"), "")) !=
	      0);
	CHECK(sftp("ls /import/slash/etc\n") != 0);
	CHECK(sftp(command("put %s /import/link\n", in_base("batch"), "")) !=
	      0);
	CHECK_STR(text_of("secret"), "secret");
	CHECK(sftp("ln -s /etc/passwd /import/l\n") != 0);
	CHECK(sftp("ln /import/link /import/l\n") != 0);
}

/* "one" is sent in as d/a, "two" as b. */
static void send_two(void)
{
	char put[1300];

	put_file("local/a", "one", 3);
	put_file("local/b", "two", 3);
	snprintf(put, sizeof put,
		 "mkdir /import/d\nput %s /import/d/a\nput %s /import/b\n",
		 in_base("local/a"), in_base("local/b"));
	CHECK_INT(sftp(put), 0);
}

TEST(names, "folders are made, renamed and removed")
{
	prepare();
	send_two();
	CHECK(sftp("rename -l /import/b /import/d/a\n") != 0);
	CHECK_STR(text_of("import/d/a"), "one");
	CHECK(sftp("rmdir /import/d\n") != 0);
	CHECK_INT(sftp("rename /import/b /import/d/c\n"
		       "rm /import/d/a\nrm /import/d/c\nrmdir /import/d\n"),
		  0);
	const char *log = text_of("records");
	CHECK(strstr(log, "files.change ok a-7 - P-1 view=import act=mkdir"));
	CHECK(strstr(log, "act=rename name_commit="));
	CHECK(strstr(log,
		     "files.change error a-7 - P-1 view=import act=rmdir"));
	CHECK(!strstr(log, "/d"));
}

TEST(replaces, "a file may take the place of a file, and of nothing else")
{
	prepare();
	send_two();
	CHECK(sftp("rename /import/b /import/d\n") != 0);
	CHECK(sftp("rename /import/b /audit/log\n") != 0);
	CHECK(sftp("rename /audit/log /import/b\n") != 0);
	CHECK(sftp("rename /import/b /import/.sekisho-x\n") != 0);
	CHECK_STR(text_of("import/b"), "two");
	CHECK_INT(sftp("rename /import/b /import/d/a\n"), 0);
	CHECK_STR(text_of("import/d/a"), "two");
	CHECK(sftp("ls /import/b\n") != 0);
}

TEST(odd, "odd names are refused where they are new and readable where not")
{
	prepare();
	put_file("local/a", "one", 3);
	CHECK_INT(sftp(command(
			  "put %s \"/import/\xe9\x96\xa2\xe6\x89\x80 1.txt\"\n",
			  in_base("local/a"), "")),
		  0);
	CHECK_STR(text_of("import/\xe9\x96\xa2\xe6\x89\x80 1.txt"), "one");
	CHECK(sftp(command("put %s \"/import/a\x1b[31mb\"\n",
			   in_base("local/a"), "")) != 0);
	CHECK(sftp(command("put %s \"/import/a\xff\"\n", in_base("local/a"),
			   "")) != 0);
	CHECK(sftp(command("put %s /import/.sekisho-x\n", in_base("local/a"),
			   "")) != 0);
	put_file("audit/a\xff"
		 "b",
		 "odd", 3);
	CHECK_INT(sftp(command("get /audit/a* %s\n", in_base("local/odd"), "")),
		  0);
	CHECK_STR(text_of("local/odd"), "odd");
}

TEST(recursive, "a folder goes in and out with all that is in it")
{
	prepare();
	CHECK(mkdir(in_base("local/d"), 0755) == 0);
	CHECK(mkdir(in_base("local/d/e"), 0755) == 0);
	put_file("local/d/e/f", "deep", 4);
	CHECK_INT(sftp(command("put -rp %s /import/\nget -rp /import/d %s\n",
			       in_base("local/d"), in_base("local/back"))),
		  0);
	CHECK_STR(text_of("local/back/e/f"), "deep");
}

/* A researcher's view, with one release in it. */
static void prepare_whole(void)
{
	prepare();
	setenv("FILES_WHOLE", "1", 1);
	stage_folder("released");
	stage_folder("requests");
	CHECK(mkdir(in_base("released/1"), 0755) == 0);
	put_file("released/1/table.csv", "a,b\n", 4);
}

static int count_of(const char *text, const char *part)
{
	int n = 0;

	for (; (text = strstr(text, part)); text++)
		n++;
	return n;
}

TEST(no_data, "data, workspace and out are not there, and asking is on record")
{
	prepare_whole();
	CHECK(sftp("get /data/D-1/people.csv\n") != 0);
	CHECK_INT(count_of(text_of("records"),
			   "files.refused deny a-7 - P-1 place=data "),
		  1);
	CHECK(sftp("ls /out\n") != 0);
	CHECK(strstr(text_of("records"), " place=out name_commit="));
	CHECK(sftp("cd /workspace\n") != 0);
	CHECK(strstr(text_of("records"), " place=workspace "));
	put_file("local/a", "x", 1);
	CHECK(sftp(command("put %s /home/researcher/a\n", in_base("local/a"),
			   "")) != 0);
	CHECK(strstr(text_of("records"), " place=home "));
	CHECK(sftp("mkdir /import/old\n") != 0);
	CHECK(strstr(text_of("records"), " place=import "));
	CHECK(!strstr(text_of("records"), "files.read"));
	CHECK(!strstr(text_of("records"), "people.csv"));
}

TEST(no_flood, "a place that is asked for again and again is one record")
{
	prepare_whole();
	CHECK_INT(sftp("-ls /data\n-ls /data/x\n-mkdir /data/y\n"
		       "-ls /somewhere\n-ls /elsewhere\n"),
		  0);
	CHECK_INT(count_of(text_of("records"), " place=data "), 1);
	CHECK_INT(count_of(text_of("records"), " place=other "), 1);
	CHECK(!strstr(text_of("records"), " refused=0"));
}

TEST(above, "what is above a folder of the view is shown and fixed")
{
	prepare_whole();
	put_file("local/a", "x", 1);
	CHECK(sftp(command("put %s /import/a\n", in_base("local/a"), "")) != 0);
	CHECK(sftp(command("put %s /import\n", in_base("local/a"), "")) != 0);
	CHECK(sftp("rmdir /import/new\n") != 0);
	CHECK(sftp("rename /import/new /import/old\n") != 0);
	CHECK(sftp("rename /import /old\n") != 0);
	int refused = count_of(text_of("records"), "files.refused");
	CHECK_INT(sftp("ls -1 /\ncd import\nls -1\ncd new\npwd\n"
		       "cd ..\npwd\n"),
		  0);
	const char *out = text_of("out");
	/* listed, said in a command, and where it is then */
	CHECK_INT(count_of(out, "import\n"), 3);
	CHECK(strstr(out, "\nnew\n"));
	CHECK(strstr(out, "directory: /import/new\n"));
	CHECK(strstr(out, "directory: /import\n"));
	CHECK_INT(count_of(text_of("records"), "files.refused"), refused);
}

TEST(whole, "a researcher fetches a release and sends into import/new")
{
	prepare_whole();
	put_file("local/a", "code", 4);
	CHECK_INT(sftp(command("get /released/1/table.csv %s\n"
			       "put %s /import/new/a\nmkdir /import/new/d\n",
			       in_base("local/t"), in_base("local/a"))),
		  0);
	CHECK_STR(text_of("local/t"), "a,b\n");
	CHECK_STR(text_of("import/a"), "code");
	CHECK(strstr(text_of("records"),
		     "files.write ok a-7 - P-1 view=import/new"));
	CHECK(sftp(command("put %s /released/1/b\n", in_base("local/a"), "")) !=
	      0);
	CHECK(sftp("rm /released/1/table.csv\n") != 0);
	CHECK(sftp("rename /import/new/a /released/1/a\n") != 0);
	CHECK_STR(text_of("released/1/table.csv"), "a,b\n");
}

TEST(too_many, "files beyond the quota are refused until others are removed")
{
	prepare_whole();
	put_file("local/a", "x", 1);
	for (int i = 0; i < 20000; i++) {
		char name[32];

		snprintf(name, sizeof name, "import/f%05d", i);
		close(open(in_base(name), O_WRONLY | O_CREAT, 0666));
	}
	CHECK(sftp(command("put %s /import/new/a\n", in_base("local/a"), "")) !=
	      0);
	CHECK(sftp("mkdir /import/new/d\n") != 0);
	CHECK_INT(sftp(command("rm /import/new/f00000\nput %s /import/new/a\n",
			       in_base("local/a"), "")),
		  0);
}

TEST(too_much, "bytes beyond the quota are refused, in all folders together")
{
	prepare_whole();
	put_file("local/a", "xyz", 3);
	CHECK(mkdir(in_base("import/d"), 0755) == 0);
	put_file("import/d/big", "", 0);
	CHECK(chown(in_base("import/d"), STAGE_UID, STAGE_UID) == 0);
	CHECK(truncate(in_base("import/d/big"), (4ll << 30) - 2) == 0);
	CHECK(sftp(command("put %s /import/new/a\n", in_base("local/a"), "")) !=
	      0);
	CHECK_STR(text_of("import/a"), "(no file)");
	CHECK_INT(sftp(command("rm /import/new/d/big\nput %s /import/new/a\n",
			       in_base("local/a"), "")),
		  0);
}

TEST(auditor, "for an auditor the log's own names stand in clear")
{
	prepare();
	put_file("audit/tile", "x", 1);
	setenv("FILES_ROLE", "auditor", 1);
	CHECK_INT(sftp(command("get /audit/tile %s\n", in_base("local/t"), "")),
		  0);
	CHECK(strstr(text_of("records"),
		     "view=audit path=audit/tile phase=done bytes=1 sha256="));
}

/* --- A bad client --- */

static void say(const void *bytes, size_t len)
{
	CHECK_INT(channel_send(wire, CHANNEL_DATA, bytes, len), 1);
}

static void init(void)
{
	start("researcher");
	CHECK(stage_record(&stage, 2000));
	stage_durable(&stage);
	say("\0\0\0\5\1\0\0\0\3", 9);
	CHECK(stage_readable(wire, 2000));
	CHECK_INT(channel_receive(wire, &packet), 1);
	CHECK_INT(packet.body[4], SFTP_VERSION_IS);
}

/* The first byte of the answer; 0: the channel ended with status 1. */
static int answer(void)
{
	for (;;) {
		if (stage_readable(stage.audit, 0) && stage_record(&stage, 0))
			stage_durable(&stage);
		if (!stage_readable(wire, 50)) {
			static int tries;

			CHECK(tries++ < 100);
			continue;
		}
		if (channel_receive(wire, &packet) != 1)
			return -1;
		if (packet.kind == CHANNEL_EXIT)
			return packet.body[0] == 1 ? 0 : -2;
		return packet.body[4];
	}
}

TEST(first, "nothing is answered before the opening is durable")
{
	prepare();
	start("researcher");
	say("\0\0\0\5\1\0\0\0\3", 9);
	CHECK(!stage_readable(wire, 300));
	CHECK(stage_record(&stage, 1000));
	CHECK(strncmp(stage.line, "files.open ok", 13) == 0);
	stage_durable(&stage);
	CHECK_INT(answer(), SFTP_VERSION_IS);
}

TEST(before, "a file's handle comes only after its record is durable")
{
	static const char open_it[] = "\0\0\0\30\3\0\0\0\1\0\0\0\7/audit/"
				      "\0\0\0\1\0\0\0\0";
	static const char open_f[] = "\0\0\0\31\3\0\0\0\1\0\0\0\10/audit/f"
				     "\0\0\0\1\0\0\0\0";

	prepare();
	put_file("audit/f", "x", 1);
	init();
	say(open_it, sizeof open_it - 1);
	CHECK_INT(answer(), SFTP_STATUS);
	say(open_f, sizeof open_f - 1);
	CHECK(!stage_readable(wire, 300));
	CHECK(stage_record(&stage, 1000));
	CHECK(strstr(stage.line, "phase=begin"));
	stage_durable(&stage);
	CHECK_INT(answer(), SFTP_HANDLE);
}

TEST(no_init, "a client that does not begin with INIT is dropped")
{
	prepare();
	start("researcher");
	say("\0\0\0\11\21\0\0\0\1\0\0\0\0", 13);
	CHECK_INT(answer(), 0);
	CHECK_INT(stage_end(&stage), 0);
}

TEST(huge, "a packet longer than 256 KiB ends the channel")
{
	prepare();
	init();
	say("\0\4\0\1\6", 5);
	CHECK_INT(answer(), 0);
}

TEST(empty, "a packet of no bytes ends the channel")
{
	prepare();
	init();
	say("\0\0\0\0", 4);
	CHECK_INT(answer(), 0);
}

TEST(torn, "a string longer than its packet ends the channel")
{
	prepare();
	init();
	say("\0\0\0\12\21\0\0\0\1\377\377\377\377x", 14);
	CHECK_INT(answer(), 0);
}

TEST(split, "a request may come in single bytes")
{
	static const char stat_it[] = "\0\0\0\12\21\0\0\0\1\0\0\0\1/";

	prepare();
	init();
	for (size_t i = 0; i < sizeof stat_it - 1; i++)
		say(stat_it + i, 1);
	CHECK_INT(answer(), SFTP_ATTRS);
}

TEST(unknown, "an unknown request is answered, a false handle too")
{
	prepare();
	init();
	say("\0\0\0\5\143\0\0\0\1", 9);
	CHECK_INT(answer(), SFTP_STATUS);
	CHECK_INT(packet.body[12], SFTP_OP_UNSUPPORTED);
	say("\0\0\0\21\4\0\0\0\1\0\0\0\10\0\0\0\77\0\0\0\1", 21);
	CHECK_INT(answer(), SFTP_STATUS);
	CHECK_INT(packet.body[12], SFTP_FAILURE);
}

TEST(handles, "more than 64 handles are refused, not fatal")
{
	static const char opendir_it[] = "\0\0\0\12\13\0\0\0\1\0\0\0\1/";

	prepare();
	init();
	for (int i = 0; i < 64; i++) {
		say(opendir_it, sizeof opendir_it - 1);
		CHECK_INT(answer(), SFTP_HANDLE);
	}
	say(opendir_it, sizeof opendir_it - 1);
	CHECK_INT(answer(), SFTP_STATUS);
}

TEST(broken, "an upload that breaks off leaves nothing, but a record")
{
	static const char open_w[] = "\0\0\0\32\3\0\0\0\1\0\0\0\11/import/f"
				     "\0\0\0\32\0\0\0\0";
	struct stat st;

	prepare();
	init();
	say(open_w, sizeof open_w - 1);
	CHECK_INT(answer(), SFTP_HANDLE);
	static const char write_it[] = "\0\0\0\37\6\0\0\0\2\0\0\0\10"
				       "\0\0\0\0\0\0\0\1"
				       "\0\0\0\0\0\0\0\0\0\0\0\2ab";
	say(write_it, sizeof write_it - 1);
	CHECK_INT(answer(), SFTP_STATUS);
	CHECK_INT(packet.body[12], SFTP_OK);
	CHECK(stat(in_base("import/f"), &st) < 0);
	shutdown(wire, SHUT_RDWR);
	CHECK(stage_record(&stage, 2000));
	CHECK(strncmp(stage.line, "files.write error", 17) == 0);
	CHECK(strstr(stage.line, "phase=broken bytes=2 sha256=- "));
	stage_durable(&stage);
	CHECK(stage_record(&stage, 2000));
	stage_durable(&stage);
	CHECK_INT(stage_end(&stage), 0);
	CHECK(rmdir(in_base("import")) == 0);
}

TEST(sweep, "what a killed process left is removed, what is locked is not")
{
	prepare();
	put_file("import/.sekisho-old", "x", 1);
	put_file("import/.sekisho-new", "x", 1);
	CHECK(chown(in_base("import/.sekisho-old"), STAGE_UID, STAGE_UID) == 0);
	CHECK(chown(in_base("import/.sekisho-new"), STAGE_UID, STAGE_UID) == 0);
	int fd = open(in_base("import/.sekisho-new"), O_RDONLY);
	CHECK(flock(fd, LOCK_EX) == 0);
	init();
	CHECK_STR(text_of("import/.sekisho-old"), "(no file)");
	CHECK_STR(text_of("import/.sekisho-new"), "x");
}

TEST(no_audit, "without audit the channel ends")
{
	prepare();
	init();
	shutdown(stage.audit, SHUT_RDWR);
	CHECK_INT(stage_hear(&stage), MSG_FAILED);
	CHECK_INT(stage_end(&stage), 1);
}

TAP_MAIN
