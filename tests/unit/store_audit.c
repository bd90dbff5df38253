/* links: audit gateway/base; -lcrypto */
/*
 * store_audit - the built sekisho-store with the built sekisho-audit: what goes
 * out has a receipt that sekisho-verify takes.
 */
#include <openssl/evp.h>
#include <stdlib.h>

#include "policy/airlock/frozen.h"
#include "tests/unit/audit_stage.h"

static const char table[] = "a,b\n1,2\n";

static struct stage audit, store;
static struct msg m;
static struct err err;
static int requests, out, policy;
static uint64_t at; /* the index of release.open */
static char hex[65], statement[1024];
static uint8_t hash[32];

static void begin_store(void)
{
	stage_start(&store, "build/bin/sekisho-store", requests);
	CHECK(msg_send(store.link, &store.m, &err) == 0);
	int link = writer(&audit, "store", "*");
	msg_start(&m, MSG_LINK_AUDIT, 0);
	msg_put_fd(&m, link);
	CHECK(msg_send(store.link, &m, &err) == 0);
	close(link);
	CHECK_INT(stage_hear(&store), MSG_READY);
}

/* A file of /out, frozen; its hash in hash and hex. */
static void freeze(void)
{
	int pair[2], fd = openat(out, "table.csv", O_WRONLY | O_CREAT, 0644);
	size_t len;

	CHECK(write(fd, table, sizeof table - 1) == sizeof table - 1);
	close(fd);
	CHECK(msg_pair(pair, &err) == 0);
	msg_start(&m, MSG_PEER_POLICY, 0);
	msg_put_fd(&m, pair[1]);
	CHECK(msg_send(store.link, &m, &err) == 0);
	msg_start(&m, MSG_OUT, 0);
	msg_put_str(&m, "s0123456789abcdef");
	msg_put_str(&m, "P-1");
	msg_put_str(&m, "u-1");
	msg_put_fd(&m, out);
	CHECK(msg_send(store.link, &m, &err) == 0);
	msg_start(&m, MSG_FREEZE, 1);
	msg_put_str(&m, "s0123456789abcdef");
	msg_put_str(&m, "table.csv");
	msg_put_u64(&m, 1000);
	CHECK(msg_send(pair[0], &m, &err) == 0);
	CHECK(stage_readable(pair[0], 8000));
	CHECK(msg_receive(pair[0], &m, &err) == 1);
	CHECK_INT(msg_get_u8(&m), FROZEN_COPIED);
	memcpy(hash, msg_get_bytes(&m, &len), sizeof hash);
	for (int i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", hash[i]);
}

/* As policy writes it when the votes are in. */
static void order_release(void)
{
	struct audit_record record;
	uint8_t sum[32];
	char name[65];

	snprintf(statement, sizeof statement,
		 "{\"actor\":\"u-1\",\"files\":[{\"bytes\":%zu,\"name\":"
		 "\"table.csv\",\"sha256\":\"%s\"}],\"permit\":\"P-1\","
		 "\"request\":7}",
		 sizeof table - 1, hex);
	CHECK(EVP_Digest(statement, strlen(statement), sum, NULL, EVP_sha256(),
			 NULL) == 1);
	for (int i = 0; i < 32; i++)
		snprintf(name + 2 * i, 3, "%02x", sum[i]);
	audit_begin(&record, "release.open", AUDIT_OK);
	audit_number(&record, "request", 7);
	audit_text(&record, "statement", name);
	CHECK(audit_write(policy, &record, &at, &err) == 0);
}

static bool release(uint64_t index)
{
	char why[200];

	msg_start(&m, MSG_RELEASE, 3);
	msg_put_u64(&m, index);
	msg_put_str(&m, "P-1");
	msg_put_str(&m, "u-1");
	msg_put_u32(&m, 7);
	msg_put_bytes(&m, statement, strlen(statement));
	msg_put_u32(&m, 1);
	msg_put_str(&m, "table.csv");
	msg_put_bytes(&m, hash, sizeof hash);
	CHECK(msg_send(store.link, &m, &err) == 0);
	CHECK_INT(stage_hear(&store), MSG_RELEASED);
	bool ok = msg_get_u8(&store.m) == 1;
	msg_get_str(&store.m, why, sizeof why);
	CHECK(msg_done(&store.m));
	return ok;
}

static void begin(void)
{
	if (geteuid() != 0)
		SKIP("needs root");
	folders();
	requests = stage_folder("requests");
	out = stage_folder("out");
	CHECK(fchmod(out, 0755) == 0);
	CHECK_INT(run(&audit), MSG_READY);
	policy = writer(&audit, "policy", "*");
	begin_store();
	freeze();
	order_release();
}

static int times(const char *part)
{
	int n = 0;

	for (const char *p = content(segment); (p = strstr(p, part)); p++)
		n++;
	return n;
}

/* What sekisho-verify says of the release as it stands. */
static bool receipt_is_fine(void)
{
	char vkey[300], folder[600];
	char *built = realpath("build/bin/sekisho-verify", NULL);
	int status = -1;

	snprintf(vkey, sizeof vkey, "%.250s", content("key.pub"));
	vkey[strcspn(vkey, "\n")] = '\0';
	snprintf(folder, sizeof folder, "%s/requests/released/P-1/u-1/7",
		 tap_folder());
	CHECK(built != NULL);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
		if (chdir(folder) == 0)
			execl(built, built, "receipt", "receipt.json", "--key",
			      vkey, "receipt.tlog-proof", "table.csv",
			      (char *)NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(receipt, "a stranger can check what was released, with nothing but a key")
{
	begin();
	CHECK(release(at));
	CHECK_INT(times("\"event\":\"release.done\""), 1);
	CHECK(receipt_is_fine());
	CHECK_INT(stop(&store), 0);
	CHECK_INT(stop(&audit), 0);
	CHECK(verifies());
}

TEST(other, "an entry that is not the order's releases nothing")
{
	struct stat st;

	begin();
	CHECK(!release(0));
	CHECK(fstatat(requests, "released/P-1/u-1/7", &st, 0) < 0);
	CHECK(release(at));
}

TEST(lives, "a release that is asked again in other lives is on record once")
{
	begin();
	CHECK(release(at));
	kill(store.pid, SIGKILL);
	CHECK_INT(stage_end(&store), 1000 + SIGKILL);
	begin_store();
	CHECK(release(at));
	CHECK_INT(stop(&store), 0);
	CHECK_INT(stop(&audit), 0);
	CHECK_INT(run(&audit), MSG_READY);
	begin_store();
	CHECK(release(at));
	CHECK_INT(times("\"event\":\"release.done\""), 1);
	CHECK(receipt_is_fine());
}

TAP_MAIN
