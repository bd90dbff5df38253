/* links: audit gateway/base; -lcrypto */
/*
 * audit_keys - a signing key that takes over from another, and what somebody
 * could do with either.
 */
#include "tests/unit/audit_forge.h"

/* As root does it: the next start makes a new key. */
static void wish(void)
{
	int at = folder("key");

	store(at, "rotate", "", 0);
	close(at);
}

static struct note_key first, second;

/* A log of 8 entries whose key was changed behind the 8th; then two more. */
static void rotated(void)
{
	struct err err;
	char vkey[NOTE_VKEY];

	make(8);
	own_key(&first);
	wish();
	open_ledger();
	note_key_text(vkey, &ledger.key);
	close_ledger();
	CHECK(note_key_parse(&second, vkey, &err) == 0);
	note_key_clear(&second);
	own_key(&second);
	open_ledger();
	heartbeats(2);
	CHECK(ledger_sign(&ledger, &err) == 0);
	close_ledger();
}

TEST(over, "a key takes over by an entry and a checkpoint that both signed")
{
	char vkey[NOTE_VKEY];

	rotated();
	CHECK(first.id != second.id);
	load(dir, segment, good);
	note_key_text(vkey, &second);
	const char *told = strstr(good, "\"event\":\"log.key\"");
	CHECK(told != NULL && strstr(told, vkey) != NULL);
	CHECK(strstr(told + 20, "log.key") == NULL);
	CHECK_INT(verdict(), VERIFY_FINE);
	CHECK_INT(report.keys, 2);
	CHECK_INT(report.entries, 11);
	CHECK_INT(report.covered, 11);
	verify_log(dir, &second, NULL, &report);
	CHECK_INT(report.code, VERIFY_FINE);
	verify_log(dir, NULL, NULL, &report);
	CHECK_INT(report.code, VERIFY_FINE);
	CHECK_STR(report.key, vkey);
	int at = folder("key");
	CHECK(faccessat(at, "rotate", F_OK, 0) < 0);
	CHECK(faccessat(at, "log.key.next", F_OK, 0) < 0);
	close(at);
}

TEST(twice, "and again")
{
	rotated();
	wish();
	open_ledger();
	close_ledger();
	CHECK_INT(verdict(), VERIFY_FINE);
	CHECK_INT(report.keys, 3);
	verify_log(dir, &second, NULL, &report);
	CHECK_INT(report.code, VERIFY_FINE);
}

TEST(older, "an older size that the newer key signed is refused")
{
	char note[CHECKPOINT_NOTE];

	make(8);
	struct proof_head head = ledger.publisher.last.head;
	CHECK_INT(head.size, 8);
	size_t h = load(dir, "checkpoints.jsonl", good);
	static char before[65536];
	memcpy(before, good, h);
	wish();
	open_ledger();
	close_ledger();
	own_key(&second);
	/* The history, with the old size signed by the new key put in. */
	size_t all = load(dir, "checkpoints.jsonl", good);
	static char after[65536];
	memcpy(after, good + h, all - h);
	store(dir, "checkpoints.jsonl", before, h);
	publish(note, forge(note, &second, &head, "test.example/log"), false);
	size_t now = load(dir, "checkpoints.jsonl", good);
	memcpy(good + now, after, all - h);
	store(dir, "checkpoints.jsonl", good, now + all - h);
	CHECK_INT(verdict(), VERIFY_TAMPERED);
	CHECK(strstr(report.why, "a key from after it") != NULL);
	CHECK_INT(report.index, 7);
}

TEST(alone, "a key that the one before did not sign over is refused")
{
	char note[CHECKPOINT_NOTE];

	make(8);
	size_t h = load(dir, "checkpoints.jsonl", good);
	static char before[65536];
	memcpy(before, good, h);
	wish();
	open_ledger();
	struct proof_head head = ledger.publisher.last.head;
	close_ledger();
	own_key(&second);
	CHECK_INT(verdict(), VERIFY_FINE);
	store(dir, "checkpoints.jsonl", before, h);
	publish(note, forge(note, &second, &head, "test.example/log"), true);
	CHECK_INT(verdict(), VERIFY_TAMPERED);
	CHECK(strstr(report.why, "did not sign") != NULL);
}

TEST(after, "what the old key alone signed behind its end is refused")
{
	char note[CHECKPOINT_NOTE];

	rotated();
	open_ledger();
	heartbeats(2);
	struct err err;
	CHECK(ledger_sign(&ledger, &err) == 0);
	struct proof_head head = ledger.publisher.last.head;
	size_t all = load(dir, "checkpoints.jsonl", good);
	close_ledger();
	good[all - 1] = '\0';
	size_t h = (size_t)(strrchr(good, '\n') + 1 - good);
	store(dir, "checkpoints.jsonl", good, h);
	publish(note, forge(note, &first, &head, "test.example/log"), true);
	CHECK_INT(verdict(), VERIFY_TAMPERED);
	CHECK(strstr(report.why, "the key in force did not sign") != NULL);
}

TEST(list, "a list of keys that is not the log's is refused")
{
	rotated();
	size_t n = load(dir, "key.pub", good);
	size_t one = strcspn(good, "\n") + 1;
	CHECK_INT(n, 2 * one);
	/* Only the first, only the second, in another order. */
	store(dir, "key.pub", good, one);
	CHECK_INT(verdict(), VERIFY_TAMPERED);
	store(dir, "key.pub", good + one, one);
	verify_log(dir, &second, NULL, &report);
	CHECK_INT(report.code, VERIFY_TAMPERED);
	memcpy(bad, good + one, one);
	memcpy(bad + one, good, one);
	store(dir, "key.pub", bad, 2 * one);
	CHECK_INT(verdict(), VERIFY_TAMPERED);
	store(dir, "key.pub", good, n);
	CHECK_INT(verdict(), VERIFY_FINE);
}

TEST(named, "a list with a key that the log does not name is refused")
{
	uint8_t seed[32] = { 7 };
	char vkey[NOTE_VKEY];
	struct note_key other;
	struct err err;

	make(8);
	CHECK(note_key_from_seed(&other, "test.example/log", seed, &err) == 0);
	note_key_text(vkey, &other);
	size_t n = load(dir, "key.pub", bad);
	n += (size_t)sprintf(bad + n, "%s\n", vkey);
	store(dir, "key.pub", bad, n);
	CHECK_INT(verdict(), VERIFY_TAMPERED);
	CHECK_STR(report.file, "key.pub");
	note_key_clear(&other);
}

TEST(stranger, "audit does not start with a key that the log does not name")
{
	struct note_key other;
	struct err err;

	make(8);
	int at = folder("key");
	CHECK(renameat(at, "log.key", at, "away") == 0);
	CHECK(signer_create(at, "test.example/log", &other, &err) == 0);
	close(at);
	memset(&ledger, 0, sizeof ledger);
	ledger.dir = folder("log");
	ledger.key_dir = folder("key");
	ledger.anchor_dir = folder("anchor");
	CHECK(ledger_open(&ledger, "test.example/log", &err) < 0);
	CHECK_ERR(err, "not the one that the log names");
	note_key_clear(&other);
}

TAP_MAIN
