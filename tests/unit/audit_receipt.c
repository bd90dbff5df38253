/* links: audit gateway/base; -lcrypto */
/*
 * audit_receipt - a release of the built sekisho-audit, its receipt, and what
 * sekisho-verify says to whoever was given it.
 */
#include <stdlib.h>

#include "audit/verify_receipt.h"
#include "tests/unit/audit_stage.h"

static const char statement[] =
	"{\"actor\":\"u-1\",\"files\":["
	"{\"bytes\":6,\"name\":\"table.csv\",\"sha256\":"
	"\"551cf7e87e04261c5fc4f1a58b2598b1ddf3b221711faf2ce212b1692b233988\"},"
	"{\"bytes\":2,\"name\":\"figures/a.png\",\"sha256\":"
	"\"fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603\"},"
	"{\"bytes\":0,\"name\":\"\\u001b[2Jx\","
	"\"sha256\":"
	"\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}"
	"],\"permit\":\"P-1\",\"request\":7}";

static char *receipt, vkey[NOTE_VKEY];
static size_t receipt_len;
static struct audit_proof proof;
static struct note_key key;

static void put(const char *name, const void *bytes, size_t len)
{
	char path[600];

	snprintf(path, sizeof path, "%s/%s", tap_folder(), name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	CHECK(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
	close(fd);
}

static void hash_text(char out[static HASH_HEX_SIZE], const char *text)
{
	struct hasher hasher;

	struct hash hash = hash_bytes(&hasher, text, strlen(text));
	hash_hex(out, &hash);
}

/* Have the event recorded with the hash of text as its statement, and make a
 * receipt of it with the statement. */
static void released(const char *event, enum audit_result result,
		     const char *text)
{
	struct audit_record record;
	char hex[HASH_HEX_SIZE];
	struct stage s;
	struct err err;
	uint64_t index;

	folders();
	CHECK_INT(run(&s), MSG_READY);
	int policy = writer(&s, "policy", "*");
	int store = writer(&s, "store", "-");
	hash_text(hex, text);
	audit_begin(&record, event, result);
	audit_text(&record, "statement", hex);
	audit_number(&record, "request", 7);
	CHECK(audit_write(policy, &record, &index, &err) == 0);
	CHECK(audit_prove(store, index, &proof, &err) == 0);
	CHECK_INT(stop(&s), 0);
	snprintf(vkey, sizeof vkey, "%.190s", content("key.pub"));
	vkey[strcspn(vkey, "\n")] = '\0';
	CHECK(note_key_parse(&key, vkey, &err) == 0);
	receipt = audit_receipt(&proof, statement, &receipt_len, &err);
	CHECK(receipt != NULL);
	CHECK_INT(receipt_len, strlen(receipt));
}

static void lay_out(void)
{
	char path[600];

	put("receipt.json", receipt, receipt_len);
	put("receipt.tlog-proof", proof.text, proof.text_len);
	put("table.csv", "a,b\n1\n", 6);
	snprintf(path, sizeof path, "%s/figures", tap_folder());
	CHECK(mkdir(path, 0700) == 0);
	put("figures/a.png", "ab", 2);
	put("a.png", "ab", 2);
	put("notes.txt", "ab", 2);
}

static char said[8192];

/* Run sekisho-verify receipt in the test's folder; what it printed is said. */
static int verify(const char *with_key, const char *first, const char *second)
{
	const char *argv[] = { "sekisho-verify",
			       "receipt",
			       "receipt.json",
			       "--key",
			       with_key,
			       "receipt.tlog-proof",
			       first,
			       first ? second : NULL,
			       NULL };
	char built[600];
	int out[2], status = -1;

	CHECK(pipe(out) == 0);
	CHECK(getcwd(built, 500) != NULL);
	memcpy(built + strlen(built), "/build/bin/sekisho-verify", 26);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(out[1], STDOUT_FILENO);
		if (chdir(tap_folder()) == 0)
			execv(built, (char **)(uintptr_t)argv);
		_exit(127);
	}
	close(out[1]);
	size_t used = 0;
	for (ssize_t n;
	     (n = read(out[0], said + used, sizeof said - 1 - used)) > 0;)
		used += (size_t)n;
	said[used] = '\0';
	close(out[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void await_record(const struct audit_record *record)
{
	for (int i = 0; i < 500 && !strstr(content(segment), record->idem); i++)
		usleep(10000);
	CHECK(strstr(content(segment), record->idem) != NULL);
}

TEST(asked, "what one sent after its question is read, gone or not")
{
	struct audit_record record;
	struct stage s;
	struct err err;

	folders();
	CHECK_INT(run(&s), MSG_READY);
	int store = writer(&s, "store", "-");
	stage_alive(&s);
	kill(s.pid, SIGSTOP);
	CHECK(audit_ask_proof(store, 5, 0, &err) == 0);
	audit_begin(&record, "release.done", AUDIT_OK);
	CHECK(audit_send(store, 6, &record, NULL, &err) == 0);
	close(store);
	kill(s.pid, SIGCONT);
	await_record(&record);
	CHECK_INT(stop(&s), 0);
}

TEST(waits, "where a site wants its quorum, a proof waits for it and spins not")
{
	struct audit_record record;
	struct stage s;
	struct err err;
	uint64_t index;

	folders();
	CHECK_INT(run(&s), MSG_READY);
	int policy = writer(&s, "policy", "*");
	int store = writer(&s, "store", "-"), other = writer(&s, "store", "-");
	audit_begin(&record, "release.open", AUDIT_OK);
	CHECK(audit_write(policy, &record, &index, &err) == 0);
	needs(&s, true, "");
	stage_alive(&s);
	CHECK(audit_ask_proof(store, 5, index, &err) == 0);
	CHECK(audit_ask_proof(other, 6, index, &err) == 0);
	CHECK(!stage_readable(store, 1500));
	/* One that is gone does not keep audit busy, but is heard to its end. */
	audit_begin(&record, "release.done", AUDIT_OK);
	CHECK(audit_send(other, 7, &record, NULL, &err) == 0);
	close(other);
	await_record(&record);
	audit_begin(&record, "auth.end", AUDIT_OK);
	CHECK(audit_write(policy, &record, NULL, &err) == 0);
	long before = stage_ticks(s.pid);
	usleep(1000 * 1000);
	CHECK(stage_ticks(s.pid) - before < 30);
	CHECK(!stage_readable(store, 0));
	needs(&s, false, "");
	CHECK(stage_readable(store, 3000));
	CHECK_INT(stop(&s), 0);
}

TEST(genuine, "a receipt and the files that were released are fine")
{
	released("release.open", AUDIT_OK, statement);
	lay_out();
	CHECK_INT(verify(vkey, "table.csv", "figures/a.png"), VERIFY_FINE);
	CHECK(strstr(said, "genuine") != NULL);
	CHECK(strstr(said, "as released      table.csv (6 bytes)") != NULL);
	CHECK(strstr(said, "as released      figures/a.png") != NULL);
	CHECK(strstr(said, "not checked      \\x1b[2Jx") != NULL);
	CHECK(strchr(said, '\033') == NULL);
	CHECK_INT(verify(vkey, "./a.png", NULL), VERIFY_FINE);
	CHECK(strstr(said, "not checked      table.csv") != NULL);
	CHECK_INT(verify(vkey, NULL, NULL), VERIFY_FINE);
	CHECK_INT(verify(vkey, "table.csv", "--json"), VERIFY_FINE);
	CHECK(strstr(said, "{\"code\":0,\"files\":[{\"bytes\":6,\"name\":"
			   "\"table.csv\",\"state\":\"same\"}") == said);
}

TEST(files, "a changed, foreign, missing or ambiguous file is not fine")
{
	released("release.open", AUDIT_OK, statement);
	lay_out();
	put("table.csv", "a,b\n2\n", 6);
	CHECK_INT(verify(vkey, "table.csv", "a.png"), VERIFY_TAMPERED);
	CHECK(strstr(said, "NOT AS RELEASED  table.csv") != NULL);
	put("table.csv", "a,b\n1\n\n", 7);
	CHECK_INT(verify(vkey, "a.png", "table.csv"), VERIFY_TAMPERED);
	CHECK(strstr(said, "as released      figures/a.png") != NULL);
	CHECK_INT(verify(vkey, "notes.txt", NULL), VERIFY_TAMPERED);
	CHECK(strstr(said, "no file of this release") != NULL);
	CHECK_INT(verify(vkey, "nowhere/table.csv", NULL), VERIFY_USAGE);
	CHECK_INT(verify(vkey, "figures", NULL), VERIFY_TAMPERED);
}

TEST(keys, "a receipt of another key, or without one, is not fine")
{
	uint8_t seed[32] = { 1 };
	char other[NOTE_VKEY];
	struct note_key stranger;
	struct err err;

	released("release.open", AUDIT_OK, statement);
	lay_out();
	CHECK(note_key_from_seed(&stranger, "test.example/log", seed, &err) ==
	      0);
	note_key_text(other, &stranger);
	CHECK_INT(verify(other, "table.csv", NULL), VERIFY_POLICY);
	CHECK(strstr(said, "does not belong to this key") != NULL);
	CHECK_INT(verify("nonsense", "table.csv", NULL), VERIFY_POLICY);
	CHECK_INT(verify(vkey, "--policy", "x"), VERIFY_USAGE);
	note_key_clear(&stranger);
}

static int verdict(const char *bytes, size_t len)
{
	static struct verify_receipt report;
	struct verify_bytes a = { bytes, len };
	struct verify_bytes b = { proof.text, proof.text_len };

	verify_receipt(&report, &key, &a, &b);
	verify_receipt_clear(&report);
	return (int)report.code;
}

TEST(events, "an entry that is no granted release makes no receipt")
{
	released("policy.apply", AUDIT_OK, statement);
	CHECK_INT(verdict(receipt, receipt_len), VERIFY_TAMPERED);
}

TEST(denied, "an entry that says deny makes no receipt")
{
	released("release.open", AUDIT_DENY, statement);
	CHECK_INT(verdict(receipt, receipt_len), VERIFY_TAMPERED);
}

TEST(statements, "a statement that is not the one in the log is refused")
{
	released("release.open", AUDIT_OK, "{\"files\":[]}");
	CHECK_INT(verdict(receipt, receipt_len), VERIFY_TAMPERED);
}

TEST(flips, "each changed byte of a receipt or its proof is seen")
{
	released("release.open", AUDIT_OK, statement);
	CHECK_INT(verdict(receipt, receipt_len), VERIFY_FINE);
	for (size_t i = 0; i < receipt_len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			receipt[i] = (char)(receipt[i] ^ 1 << bit);
			CHECK(verdict(receipt, receipt_len) != VERIFY_FINE);
			receipt[i] = (char)(receipt[i] ^ 1 << bit);
		}
		CHECK(verdict(receipt, i) != VERIFY_FINE);
	}
	for (size_t i = 0; i < proof.text_len; i++) {
		proof.text[i] ^= 1;
		CHECK(verdict(receipt, receipt_len) != VERIFY_FINE);
		proof.text[i] ^= 1;
	}
	CHECK_INT(verdict(receipt, receipt_len), VERIFY_FINE);
}

static int listed(const char *text)
{
	struct err err;

	released("release.open", AUDIT_OK, text);
	free(receipt);
	receipt = audit_receipt(&proof, text, &receipt_len, &err);
	return verdict(receipt, receipt_len);
}

TEST(no_list, "a statement without a proper list of files is refused")
{
	CHECK_INT(listed("{\"request\":7}"), VERIFY_TAMPERED);
}

TEST(bad_list, "a file without a proper hash is refused")
{
	CHECK_INT(listed("{\"files\":[{\"bytes\":1,\"name\":\"a\","
			 "\"sha256\":\"e3\"}]}"),
		  VERIFY_TAMPERED);
}

TEST(no_size, "a file without a size is refused")
{
	CHECK_INT(listed("{\"files\":[{\"name\":\"a\",\"sha256\":\"e3\"}]}"),
		  VERIFY_TAMPERED);
}

TEST(no_object, "something else in the list of files is refused")
{
	CHECK_INT(listed("{\"files\":[1]}"), VERIFY_TAMPERED);
}

TEST(empty, "a release of no files is one")
{
	CHECK_INT(listed("{\"files\":[]}"), VERIFY_FINE);
}

TEST(builder, "what is not UTF-8, or too long, gets no receipt")
{
	static char text[RECEIPT_STATEMENT + 2];
	struct audit_proof made = { .entry = text + RECEIPT_STATEMENT + 1 };
	struct err err;
	size_t len;

	CHECK(audit_receipt(&made, "\xff", &len, &err) == NULL);
	memset(text, 'a', RECEIPT_STATEMENT + 1);
	CHECK(audit_receipt(&made, text, &len, &err) == NULL);
	char *longest = audit_receipt(&made, text + 1, &len, &err);
	CHECK(longest != NULL);
	free(longest);
}

TAP_MAIN
