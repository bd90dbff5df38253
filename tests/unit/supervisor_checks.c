/* links: gateway/supervisor sandbox audit gateway/base */
/*
 * Checks, views and releases as the supervisor carries them out, with real
 * processes in the place of compare, parse and desk.
 */
#include "gateway/supervisor/aides.h"
#include "gateway/supervisor/checks.h"
#include "gateway/supervisor/conns.h"
#include "gateway/supervisor/parses.h"
#include "gateway/supervisor/releases.h"
#include "gateway/supervisor/views.h"
#include "tests/unit/supervisor_stage.h"

/* --- The children ------------------------------------------------------------ */

static struct msg m;

static void say(int link, enum msg_type type, uint32_t number, const char *text)
{
	struct err err;

	msg_start(&m, type, 0);
	if (text) {
		msg_put_u32(&m, number);
		msg_put_str(&m, text);
	}
	if (msg_send(link, &m, &err) < 0)
		_exit(9);
}

static void hear(int link)
{
	struct err err;

	if (msg_receive(link, &m, &err) != 1)
		_exit(8);
}

static void read_all(int fd, char *text, size_t size)
{
	size_t used = 0;
	ssize_t n;

	while ((n = read(fd, text + used, size - 1 - used)) > 0)
		used += (size_t)n;
	text[used] = '\0';
	close(fd);
}

enum { RELEASES = 1000 /* what our compare adds to a release's number */ };

/* Says of each stream what stood in it, to policy. */
static void fake_compare(void)
{
	char permit[ID_SIZE], name[ID_SIZE], text[200];

	msg_get_u64(&m);
	msg_get_str(&m, permit, sizeof permit);
	msg_get_u32(&m);
	for (uint32_t n = msg_get_u32(&m); n > 0; n--) {
		msg_get_str(&m, name, sizeof name);
		msg_get_fd(&m);
	}
	int findings = msg_get_fd(&m);
	if (!msg_done(&m) || strcmp(permit, "P-dies") == 0)
		_exit(3);
	say(PROCESS_LINK, MSG_READY, 0, NULL);
	if (strcmp(permit, "P-breaks") == 0)
		say(PROCESS_LINK, MSG_OUT_ENDED, 0, "s");
	for (;;) {
		hear(PROCESS_LINK);
		if (m.type == MSG_COMPARE_ALL) {
			say(findings, MSG_CHECKED, 2, "whole");
			return;
		}
		bool earlier = m.type == MSG_COMPARE_EARLIER;
		uint32_t file = msg_get_u32(&m) + (earlier ? RELEASES : 0);
		read_all(m.fds[0], text, sizeof text);
		m.nfds = 0;
		say(findings, MSG_FINDING, file, text);
		if (strcmp(permit, "P-hasty") == 0)
			return;
	}
}

static void fake_parse(void)
{
	char name[1100], text[200];

	msg_get_str(&m, name, sizeof name);
	msg_get_u64(&m);
	int file = msg_get_fd(&m);
	int out = msg_get_fd(&m);
	if (!msg_done(&m))
		_exit(3);
	say(PROCESS_LINK, MSG_READY, 0, NULL);
	read_all(file, text, sizeof text);
	dprintf(out, "%s:%s", name, text);
	if (strcmp(text, "die") == 0)
		raise(SIGKILL);
	while (strcmp(text, "hang") == 0)
		pause();
}

/* Says to policy what it sees. */
static void fake_desk(void)
{
	char text[200];

	msg_clear(&m);
	hear(PROCESS_LINK); /* LINK_AUDIT */
	hear(PROCESS_LINK); /* LINK_POLICY */
	int policy = msg_get_fd(&m);
	say(PROCESS_LINK, MSG_READY, 0, NULL);
	for (;;) {
		hear(PROCESS_LINK);
		if (m.type != MSG_VIEW)
			_exit(3);
		uint64_t number = msg_get_u64(&m);
		read_all(msg_get_fd(&m), text, sizeof text);
		say(policy, MSG_ASK, (uint32_t)number, text);
	}
}

void fake_main(const char *program)
{
	hear(PROCESS_LINK);
	msg_get_u32(&m);
	msg_get_u32(&m);
	close(msg_get_fd(&m));
	if (strcmp(program, "sekisho-compare") == 0)
		fake_compare();
	else if (strcmp(program, "sekisho-parse") == 0)
		fake_parse();
	else
		fake_desk();
}

/* --- Orders ------------------------------------------------------------------- */

static const uint8_t hash[SHA256_SIZE] = "of a file";

static void order_check(uint64_t order, const char *permit, uint32_t files)
{
	struct err err;
	char name[20];

	msg_start(&m, MSG_ORDER_CHECK, 0);
	msg_put_u64(&m, order + 100);
	msg_put_str(&m, permit);
	msg_put_u32(&m, 10);
	msg_put_u32(&m, 0);
	msg_put_u32(&m, files);
	for (uint32_t i = 0; i < files; i++) {
		snprintf(name, sizeof name, "f%u", i);
		msg_put_str(&m, name);
		msg_put_bytes(&m, hash, sizeof hash);
		msg_put_u64(&m, 5);
	}
	msg_put_u32(&m, 0);
	CHECK_INT(checks_order(&gateway, order, &m, &err), 1);
}

/* Policy hears of a check that begins: its findings' link. */
static int findings_of(uint64_t check)
{
	CHECK_INT(stage_hear(policy_end, 5000), MSG_PEER_COMPARE);
	CHECK_INT(msg_get_u64(&in), check);
	int fd = msg_get_fd(&in);
	CHECK(msg_done(&in));
	return fd;
}

static void expect_stream(int findings, uint32_t file, const char *want)
{
	char text[200];

	CHECK_INT(stage_hear(findings, 5000), MSG_FINDING);
	CHECK_INT(msg_get_u32(&in), file + 1); /* counted from 1 */
	msg_get_str(&in, text, sizeof text);
	CHECK_STR(text, want);
}

static void expect_hand(const char *text)
{
	CHECK_INT(stage_hear(store_end, 5000), MSG_HAND);
	stage_hand(text);
}

TEST(malformed, "a check whose order is malformed is refused, nothing begins")
{
	struct err err;

	stage_begin();
	msg_start(&m, MSG_ORDER_CHECK, 0);
	msg_put_u64(&m, 1);
	msg_put_str(&m, "P-1");
	msg_put_u32(&m, 10);
	msg_put_u32(&m, 0);
	msg_put_u32(&m, 1);
	msg_put_str(&m, "f0");
	msg_put_bytes(&m, hash, 31);
	msg_put_u64(&m, 5);
	msg_put_u32(&m, 0);
	CHECK_INT(checks_order(&gateway, 7, &m, &err), -1);
	CHECK(gateway.checks == NULL);
	CHECK_INT(stage_hear(policy_end, 50), MSG_NONE);
	stage_end();
}

TEST(outside, "a dataset of a check cannot be named by a path")
{
	struct err err;

	stage_begin();
	msg_start(&m, MSG_ORDER_CHECK, 0);
	msg_put_u64(&m, 1);
	msg_put_str(&m, "P-1");
	msg_put_u32(&m, 10);
	msg_put_u32(&m, 1);
	msg_put_str(&m, "../site");
	msg_put_str(&m, "");
	msg_put_u32(&m, 0);
	msg_put_u32(&m, 0);
	CHECK_INT(checks_order(&gateway, 7, &m, &err), -1);
	stage_end();
}

TEST(no_index, "a check over a dataset without an index fails")
{
	struct err err;
	char why[200];

	stage_begin();
	msg_start(&m, MSG_ORDER_CHECK, 0);
	msg_put_u64(&m, 1);
	msg_put_str(&m, "P-1");
	msg_put_u32(&m, 10);
	msg_put_u32(&m, 1);
	msg_put_str(&m, "D-1");
	msg_put_str(&m, "");
	msg_put_u32(&m, 0);
	msg_put_u32(&m, 0);
	CHECK_INT(checks_order(&gateway, 7, &m, &err), 1);
	CHECK(!stage_done(7, why));
	CHECK(strstr(why, "D-1"));
	CHECK(gateway.checks == NULL);
	stage_end();
}

TEST(in_turn, "each file of a check is parsed in turn, and compare gets all")
{
	char why[200];

	stage_begin();
	order_check(7, "P-1", 3);
	int findings = findings_of(107);
	expect_hand("one");
	expect_stream(findings, 0, "f0:one");
	expect_hand("two");
	expect_stream(findings, 1, "f1:two");
	expect_hand("three");
	expect_stream(findings, 2, "f2:three");
	CHECK_INT(stage_hear(findings, 5000), MSG_CHECKED);
	CHECK(stage_done(7, why));
	CHECK(gateway.checks == NULL);
	stage_end();
}

TEST(released, "files of earlier releases come first, with their releases")
{
	struct err err;
	char why[200];

	stage_begin();
	msg_start(&m, MSG_ORDER_CHECK, 0);
	msg_put_u64(&m, 107);
	msg_put_str(&m, "P-1");
	msg_put_u32(&m, 10);
	msg_put_u32(&m, 0);
	msg_put_u32(&m, 1);
	msg_put_str(&m, "new");
	msg_put_bytes(&m, hash, sizeof hash);
	msg_put_u64(&m, 5);
	msg_put_u32(&m, 2);
	for (uint32_t i = 0; i < 2; i++) {
		msg_put_u32(&m, 9 - i);
		msg_put_str(&m, i ? "older" : "old");
		msg_put_bytes(&m, hash, sizeof hash);
		msg_put_u64(&m, 5);
	}
	CHECK_INT(checks_order(&gateway, 7, &m, &err), 1);
	int findings = findings_of(107);
	expect_hand("one");
	expect_stream(findings, RELEASES + 9 - 1, "old:one");
	expect_hand("two");
	expect_stream(findings, RELEASES + 8 - 1, "older:two");
	expect_hand("three");
	expect_stream(findings, 0, "new:three");
	CHECK_INT(stage_hear(findings, 5000), MSG_CHECKED);
	CHECK(stage_done(7, why));
	stage_end();
}

TEST(many, "a hundred files are checked")
{
	char why[200];

	stage_begin();
	order_check(7, "P-1", 100);
	int findings = findings_of(107);
	for (uint32_t i = 0; i < 100; i++)
		expect_hand("x");
	for (uint32_t i = 0; i < 100; i++)
		CHECK_INT(stage_hear(findings, 5000), MSG_FINDING);
	CHECK(stage_done(7, why));
	stage_end();
}

TEST(missing, "a file that the store does not have is a stream that ends")
{
	char why[200];

	stage_begin();
	order_check(7, "P-1", 2);
	int findings = findings_of(107);
	expect_hand(NULL);
	expect_stream(findings, 0, "");
	expect_hand("two");
	expect_stream(findings, 1, "f1:two");
	CHECK(stage_done(7, why));
	stage_end();
}

TEST(parse_dies, "a parse that dies costs its own file only")
{
	char why[200];

	stage_begin();
	order_check(7, "P-1", 2);
	int findings = findings_of(107);
	expect_hand("die");
	expect_stream(findings, 0, "f0:die");
	expect_hand("two");
	expect_stream(findings, 1, "f1:two");
	CHECK(stage_done(7, why));
	stage_end();
}

TEST(parse_hangs,
     "a parse that hangs is killed, and the next file's turn comes")
{
	char why[200];

	stage_begin();
	order_check(7, "P-1", 2);
	int findings = findings_of(107);
	expect_hand("hang");
	CHECK_INT(stage_hear(findings, 200), MSG_NONE);
	checks_tend(&gateway, gateway_now() + 61);
	expect_stream(findings, 0, "f0:hang");
	expect_hand("two");
	CHECK(stage_done(7, why));
	stage_end();
}

TEST(compare_dies, "a compare that dies ends its check, and policy hears why")
{
	char why[200];

	stage_begin();
	order_check(7, "P-dies", 2);
	CHECK(!stage_done(7, why));
	CHECK_STR(why, "exit status 3");
	CHECK(gateway.checks == NULL);
	stage_end();
}

TEST(compare_hasty,
     "a compare that did not see all files is a check that failed")
{
	char why[200];

	stage_begin();
	order_check(7, "P-hasty", 2);
	findings_of(107);
	expect_hand("one");
	CHECK(!stage_done(7, why));
	stage_end();
}

TEST(compare_breaks, "a compare that says anything but READY ends its check")
{
	char why[200];

	stage_begin();
	order_check(7, "P-breaks", 2);
	CHECK(!stage_done(7, why));
	CHECK(strstr(why, "rules"));
	stage_end();
}

TEST(too_long, "a check that takes too long is ended with all its processes")
{
	char why[200];

	stage_begin();
	order_check(7, "P-1", 1);
	int findings = findings_of(107);
	expect_hand("hang");
	CHECK_INT(stage_hear(findings, 200), MSG_NONE);
	checks_tend(&gateway, gateway_now() + 301);
	CHECK(!stage_done(7, why));
	CHECK(strstr(why, "too long"));
	CHECK(gateway.checks == NULL);
	stage_end();
}

TEST(turns, "four checks run at a time, the fifth when one of them has ended")
{
	int findings[4];
	char why[200];

	stage_begin();
	for (uint64_t i = 0; i < 5; i++)
		order_check(i, "P-1", 1);
	for (uint64_t i = 0; i < 4; i++)
		findings[i] = findings_of(100 + i);
	CHECK_INT(stage_hear(policy_end, 100), MSG_NONE);
	for (int i = 0; i < 4; i++)
		expect_hand("x");
	for (int i = 0; i < 4; i++)
		CHECK_INT(stage_hear(findings[i], 5000), MSG_FINDING);
	bool begun = false;
	for (int i = 0; i < 5; i++) {
		unsigned int type = stage_hear(policy_end, 5000);

		CHECK(type == MSG_ORDER_DONE || type == MSG_PEER_COMPARE);
		begun = begun || type == MSG_PEER_COMPARE;
		in.nfds = 0; /* its findings' link stays open */
	}
	CHECK(begun);
	expect_hand("x");
	CHECK(stage_done(4, why));
	stage_end();
}

TEST(store_dies, "when the store dies its checks end, later ones wait for it")
{
	char why[200];

	stage_begin();
	order_check(7, "P-1", 1);
	close(findings_of(107));
	CHECK_INT(stage_hear(store_end, 5000), MSG_HAND);
	gateway.services[SERVICE_STORE].ready = false;
	store_died(&gateway);
	CHECK(!stage_done(7, why));
	CHECK(strstr(why, "store"));
	order_check(8, "P-1", 1);
	CHECK_INT(stage_hear(policy_end, 100), MSG_NONE);
	gateway.services[SERVICE_STORE].ready = true;
	store_ready(&gateway);
	findings_of(108);
	expect_hand("x");
	CHECK(stage_done(8, why));
	stage_end();
}

TEST(ended, "at the gateway's end nothing of a check is left")
{
	stage_begin();
	order_check(7, "P-1", 1);
	int findings = findings_of(107);
	expect_hand("hang");
	CHECK_INT(stage_hear(findings, 200), MSG_NONE);
	checks_end(&gateway);
	CHECK(gateway.checks == NULL && gateway.asks == NULL);
	CHECK(stage_readable(findings)); /* whoever held it is dead */
	stage_end();
}

/* --- Views ---------------------------------------------------------------------- */

static struct conn conn;

/* A reviewer's desk that serves; what it says comes over the returned link. */
static int start_desk(uint32_t *number)
{
	const struct desk_setup setup = { .person = "rei",
					  .actor = "a-1",
					  .role = "reviewer",
					  .session = "-",
					  .permit = "-",
					  .lang = "en" };
	struct err err;
	char text[64];
	int pair[2];

	CHECK(msg_pair(pair, &err) == 0);
	conn.id = 1;
	conn.gateway = &gateway;
	conn.child.program = "sekisho-conn";
	conn.child.link = pair[0];
	mailbox_init(&conn.child.mailbox);
	gateway.conns = &conn;
	CHECK(aides_desk(&gateway, 3, 1, 1, &setup, &err) == 0);
	CHECK_INT(stage_hear(policy_end, 5000), MSG_PEER_DESK);
	*number = msg_get_u32(&in);
	for (int i = 0; i < 5; i++)
		msg_get_str(&in, text, sizeof text);
	int link = msg_get_fd(&in);
	CHECK(msg_done(&in));
	CHECK(stage_done(3, (char[200]){ "" }));
	return link;
}

static int order_view(uint64_t order, uint32_t desk)
{
	struct err err;

	msg_start(&m, MSG_ORDER_VIEW, 0);
	msg_put_u32(&m, desk);
	msg_put_u64(&m, order + 50);
	msg_put_str(&m, "t.csv");
	msg_put_bytes(&m, hash, sizeof hash);
	msg_put_u64(&m, 5);
	return views_order(&gateway, order, &m, &err);
}

TEST(view, "a view goes to the desk that was named, through a parse")
{
	char text[200];
	uint32_t desk;

	stage_begin();
	int link = start_desk(&desk);
	CHECK_INT(order_view(9, desk), 1);
	expect_hand("a,b");
	CHECK(stage_done(9, text));
	CHECK_INT(stage_hear(link, 5000), MSG_ASK);
	CHECK_INT(msg_get_u32(&in), 59);
	msg_get_str(&in, text, sizeof text);
	CHECK_STR(text, "t.csv:a,b");
	aides_end(&gateway);
	stage_end();
}

TEST(no_desk, "a view for a desk that is not there is refused")
{
	stage_begin();
	CHECK_INT(order_view(9, 1), -1);
	CHECK_INT(order_view(9, 0), -1);
	CHECK(gateway.views == NULL);
	CHECK_INT(stage_hear(store_end, 50), MSG_NONE);
	stage_end();
}

TEST(no_file, "a view of a file that is not there is refused")
{
	char why[200];
	uint32_t desk;

	stage_begin();
	start_desk(&desk);
	CHECK_INT(order_view(9, desk), 1);
	expect_hand(NULL);
	CHECK(!stage_done(9, why));
	CHECK(gateway.views == NULL);
	aides_end(&gateway);
	stage_end();
}

TEST(desk_ends, "with the desk the parse of its view ends")
{
	char why[200];
	uint32_t desk;

	stage_begin();
	start_desk(&desk);
	CHECK_INT(order_view(9, desk), 1);
	expect_hand("hang");
	CHECK(stage_done(9, why));
	CHECK(gateway.views != NULL);
	aides_end(&gateway);
	CHECK(gateway.views == NULL);
	stage_end();
}

TEST(next_view, "a desk looks at one file at a time")
{
	char why[200];
	uint32_t desk;

	stage_begin();
	start_desk(&desk);
	CHECK_INT(order_view(9, desk), 1);
	CHECK_INT(stage_hear(store_end, 5000), MSG_HAND);
	CHECK_INT(order_view(10, desk), 1);
	CHECK(!stage_done(9, why));
	expect_hand("a");
	CHECK(stage_done(10, why));
	aides_end(&gateway);
	stage_end();
}

/* --- Releases ---------------------------------------------------------------------- */

static int order_release(uint64_t number, const char *permit)
{
	const struct order order = { .number = number, .index = 4711 };
	struct err err;

	msg_start(&m, MSG_ORDER_RELEASE, 0);
	msg_put_str(&m, permit);
	msg_put_str(&m, "a-1");
	msg_put_u32(&m, 12);
	msg_put_bytes(&m, "{}", 2);
	msg_put_u32(&m, 1);
	msg_put_str(&m, "table 1.csv");
	msg_put_bytes(&m, hash, sizeof hash);
	return releases_order(&gateway, &order, &m, &err);
}

static void expect_release(void)
{
	char text[64];
	size_t len;

	CHECK_INT(stage_hear(store_end, 5000), MSG_RELEASE);
	CHECK_INT(msg_get_u64(&in), 4711);
	msg_get_str(&in, text, sizeof text);
	CHECK_STR(text, "P-1");
	msg_get_str(&in, text, sizeof text);
	CHECK_STR(text, "a-1");
	CHECK_INT(msg_get_u32(&in), 12);
	msg_get_bytes(&in, &len);
	CHECK_INT(len, 2);
	CHECK_INT(msg_get_u32(&in), 1);
	msg_get_str(&in, text, sizeof text);
	CHECK_STR(text, "table 1.csv");
	msg_get_bytes(&in, &len);
	CHECK_INT(len, 32);
	CHECK(msg_done(&in));
}

static void answer_release(bool ok)
{
	msg_start(&m, MSG_RELEASED, in.ref);
	msg_put_u8(&m, ok);
	msg_put_str(&m, ok ? "" : "the disk is full");
	CHECK(store_heard(&gateway, &m));
}

TEST(release, "a release is asked for with its record's index, and answered")
{
	char why[200];

	stage_begin();
	CHECK_INT(order_release(5, "P-1"), 1);
	expect_release();
	answer_release(true);
	CHECK(stage_done(5, why));
	CHECK_INT(order_release(6, "P-1"), 1);
	expect_release();
	answer_release(false);
	CHECK(!stage_done(6, why));
	CHECK_STR(why, "the disk is full");
	CHECK(gateway.releases == NULL);
	stage_end();
}

TEST(release_again, "a release outlives the store: the next one is asked again")
{
	char why[200];

	stage_begin();
	CHECK_INT(order_release(5, "P-1"), 1);
	expect_release();
	gateway.services[SERVICE_STORE].ready = false;
	store_died(&gateway);
	CHECK_INT(stage_hear(policy_end, 50), MSG_NONE);
	CHECK_INT(order_release(6, "P-1"), 1);
	CHECK_INT(stage_hear(store_end, 50), MSG_NONE);
	gateway.services[SERVICE_STORE].ready = true;
	store_ready(&gateway);
	expect_release();
	answer_release(true);
	expect_release();
	answer_release(true);
	CHECK(stage_done(6, why));
	CHECK(stage_done(5, why));
	stage_end();
}

TEST(release_odd, "a release whose order is malformed is refused")
{
	stage_begin();
	CHECK_INT(order_release(5, "../P-1"), -1);
	CHECK(gateway.releases == NULL && gateway.asks == NULL);
	CHECK_INT(stage_hear(store_end, 50), MSG_NONE);
	stage_end();
}

/* --- What the store may say ---------------------------------------------------------- */

TEST(unasked, "an answer of another kind than the question costs the store")
{
	stage_begin();
	CHECK_INT(order_release(5, "P-1"), 1);
	expect_release();
	msg_start(&m, MSG_HANDED, in.ref);
	msg_put_u8(&m, 0);
	CHECK(!store_heard(&gateway, &m));
	msg_start(&m, MSG_OUT_ENDED, 0);
	msg_put_str(&m, "s0123456789abcdef");
	CHECK(!store_heard(&gateway, &m));
	msg_start(&m, MSG_ACCEPTED, 0);
	CHECK(!store_heard(&gateway, &m));
	stage_end();
}

TEST(late, "an answer that nobody waits for any more is ignored")
{
	stage_begin();
	msg_start(&m, MSG_HANDED, 99);
	msg_put_u8(&m, 0);
	CHECK(store_heard(&gateway, &m));
	CHECK_INT(stage_hear(policy_end, 50), MSG_NONE);
	stage_end();
}

TAP_MAIN
