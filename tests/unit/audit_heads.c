/* links: audit gateway/base; -lcrypto */
/*
 * audit_heads - what somebody can do to a log's checkpoints and keys, also
 * whoever holds the log's own key, and that the verifier sees it.
 */
#include "tests/unit/audit_forge.h"

TEST(heads, "checkpoints that are gone, altered or of another key are seen")
{
	char note[4096], history[16384];
	struct note_key other;
	struct err err;
	uint8_t seed[32] = { 1 };

	make(8);
	size_t n = load(dir, "checkpoint", good);
	memcpy(note, good, n + 1);
	size_t h = load(dir, "checkpoints.jsonl", good);
	memcpy(history, good, h + 1);
	for (size_t i = 0; i < n; i++) {
		note[i] ^= 1;
		store(dir, "checkpoint", note, n);
		CHECK(verdict() != VERIFY_FINE);
		note[i] ^= 1;
	}
	store(dir, "checkpoint", note, n);
	for (size_t i = 0; i < h; i++) {
		history[i] ^= 1;
		store(dir, "checkpoints.jsonl", history, h);
		if (verdict() == VERIFY_FINE &&
		    !strstr(history + (i > 30 ? i - 30 : 0), "\"time\""))
			CHECK_INT(i, -1);
		history[i] ^= 1;
	}
	size_t first = strcspn(history, "\n") + 1;
	store(dir, "checkpoints.jsonl", history, first);
	CHECK_INT(verdict(), VERIFY_INCOMPLETE);
	store(dir, "checkpoints.jsonl", history, h);
	CHECK_INT(verdict(), VERIFY_FINE);
	CHECK(unlinkat(dir, "checkpoint", 0) == 0);
	CHECK_INT(verdict(), VERIFY_INCOMPLETE);
	store(dir, "checkpoint", note, n);
	CHECK(note_key_from_seed(&other, "test.example/log", seed, &err) == 0);
	verify_log(dir, &other, NULL, &report);
	CHECK_INT(report.code, VERIFY_TAMPERED);
	note_key_clear(&other);
}

TEST(since, "an older checkpoint must be part of the past")
{
	char old[4096], newer[4096];

	make(8);
	size_t n = load(dir, "checkpoint", good);
	memcpy(old, good, n + 1);
	verify_log(dir, &key, old, &report);
	CHECK_INT(report.code, VERIFY_FINE);
	length = load(dir, segment, good);
	static char history[65536];
	size_t h = load(dir, "checkpoints.jsonl", bad);
	memcpy(history, bad, h);
	open_ledger();
	heartbeats(4);
	struct err err;
	CHECK(ledger_sign(&ledger, &err) == 0);
	close_ledger();
	n = load(dir, "checkpoint", bad);
	memcpy(newer, bad, n + 1);
	verify_log(dir, &key, old, &report);
	CHECK_INT(report.code, VERIFY_FINE);
	/* The folder is put back to the older state. */
	store(dir, segment, good, length);
	store(dir, "checkpoint", old, strlen(old));
	store(dir, "checkpoints.jsonl", history, h);
	CHECK_INT(verdict(), VERIFY_FINE);
	verify_log(dir, &key, newer, &report);
	CHECK_INT(report.code, VERIFY_INCOMPLETE);
}

TEST(forged, "what the log's own key must never have signed is seen")
{
	static const struct {
		uint64_t size;
		bool wrong_root;
		int code;
	} cases[] = {
		{ 8, true, VERIFY_TAMPERED },	/* two roots for one size */
		{ 9, true, VERIFY_INCOMPLETE }, /* larger than the log */
		{ 8, false, VERIFY_FINE },	/* the same once more */
		{ 7, false, VERIFY_TAMPERED },	/* smaller than before */
	};
	char note[CHECKPOINT_NOTE];
	struct note_key signer;

	make(8);
	own_key(&signer);
	size_t h = load(dir, "checkpoints.jsonl", good);
	size_t c = load(dir, "checkpoint", bad);
	char latest[CHECKPOINT_NOTE];
	memcpy(latest, bad, c);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct proof_head head = ledger.publisher.last.head;

		head.size = cases[i].size;
		head.root.bytes[3] ^= cases[i].wrong_root ? 1 : 0;
		publish(note, forge(note, &signer, &head, "test.example/log"),
			true);
		CHECK_INT(verdict(), cases[i].code);
		store(dir, "checkpoints.jsonl", good, h);
		store(dir, "checkpoint", latest, c);
	}
	CHECK_INT(verdict(), VERIFY_FINE);
	note_key_clear(&signer);
}

TEST(middle, "a signed root inside the log that is not the log's is seen")
{
	char note[CHECKPOINT_NOTE];
	struct note_key signer;
	struct err err;

	make(8);
	own_key(&signer);
	struct proof_head head = { .size = 9 };
	publish(note, forge(note, &signer, &head, "test.example/log"), false);
	open_ledger();
	heartbeats(4);
	CHECK(ledger_sign(&ledger, &err) == 0);
	close_ledger();
	CHECK_INT(verdict(), VERIFY_TAMPERED);
	CHECK_INT(report.index, 8);
	note_key_clear(&signer);
}

TEST(names, "the right key under another name, or another log's, is refused")
{
	char note[CHECKPOINT_NOTE];
	struct note_key signer;

	make(8);
	own_key(&signer);
	struct proof_head head = ledger.publisher.last.head;
	size_t n = forge(note, &signer, &head, "other.example/log");
	store(dir, "checkpoint", note, n);
	CHECK_INT(verdict(), VERIFY_TAMPERED);
	CHECK(strstr(report.why, "another log") != NULL);
	snprintf(signer.name, sizeof signer.name, "other.example/log");
	n = forge(note, &signer, &head, "test.example/log");
	store(dir, "checkpoint", note, n);
	CHECK_INT(verdict(), VERIFY_TAMPERED);
	CHECK(strstr(report.why, "not signed by the log's key") != NULL);
	note_key_clear(&signer);
}

TEST(swapped, "a key that was swapped in the log's own folder is seen")
{
	uint8_t seed[32] = { 9 };
	char vkey[NOTE_VKEY];
	struct note_key other;
	struct err err;

	make(8);
	CHECK(note_key_from_seed(&other, "test.example/log", seed, &err) == 0);
	note_key_text(vkey, &other);
	strcat(vkey, "\n");
	store(dir, "key.pub", vkey, strlen(vkey));
	CHECK_INT(verdict(), VERIFY_FINE);
	verify_log(dir, NULL, NULL, &report);
	CHECK_INT(report.code, VERIFY_TAMPERED);
	note_key_clear(&other);
}

TAP_MAIN
