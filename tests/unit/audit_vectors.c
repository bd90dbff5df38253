/* links: audit gateway/base; -lcrypto -ljansson */
/*
 * audit_vectors - known answers from public test suites: trees, proofs, notes,
 * checkpoints, cosignatures (tests/cases/audit-vectors.json,
 * where each names its source).
 */
#include "audit/checkpoint.h"
#include "audit/proof_text.h"
#include "tests/unit/audit_known.h"

static struct hasher hasher;

TEST(hashes, "leaf and node hashes are those of RFC 6962")
{
	json_t *h = part("rfc6962_hashes");
	struct hash a = hash_leaf(&hasher, "", 0);
	struct merkle tree;

	CHECK_STR(hex(&a), string(h, "empty_leaf"));
	a = hash_leaf(&hasher, "L123456", 7);
	CHECK_STR(hex(&a), string(json_object_get(h, "leaf"), "hash"));
	a = hash_pair(&hasher, "\1N123", 5, "N456", 4);
	CHECK_STR(hex(&a), string(json_object_get(h, "node"), "hash"));
	merkle_init(&tree);
	a = merkle_root(&tree, &hasher);
	CHECK_STR(hex(&a), string(h, "empty_root"));
}

TEST(tree8, "the roots of the eight known leaves")
{
	json_t *leaves = part("rfc6962_tree8.leaf_data_hex");
	json_t *roots = part("rfc6962_tree8.roots_by_size_0_8");
	struct hash made[MERKLE_DENSE];
	struct merkle tree;

	merkle_init(&tree);
	CHECK_INT(json_array_size(roots), 9);
	for (size_t i = 0; i <= 8; i++) {
		struct hash root = merkle_root(&tree, &hasher);
		uint8_t data[64];

		CHECK_STR(hex(&root),
			  json_string_value(json_array_get(roots, i)));
		if (i == 8)
			break;
		size_t n = from_hex(
			data, json_string_value(json_array_get(leaves, i)));
		struct hash leaf = hash_leaf(&hasher, data, n);
		merkle_append(&tree, &hasher, &leaf, made);
	}
}

/* Hashes of any length: the probes contain garbage. */
static bool get_hash(struct hash *hash, const char *text)
{
	return text && hash_from_base64(hash, text, strlen(text));
}

static bool get_proof(struct proof *proof, const json_t *hashes)
{
	proof->n = 0;
	for (size_t i = 0; i < json_array_size(hashes); i++)
		if (i == PROOF_MAX ||
		    !get_hash(&proof->hashes[proof->n++],
			      json_string_value(json_array_get(hashes, i))))
			return false;
	return true;
}

static bool inclusion_holds(const json_t *c)
{
	struct proof proof;
	struct proof_head head = { .size = number(c, "treeSize") };
	struct hash leaf;

	return get_hash(&head.root, string(c, "root")) &&
	       get_hash(&leaf, string(c, "leafHash")) &&
	       get_proof(&proof, json_object_get(c, "proof")) &&
	       proof_check_inclusion(&hasher, &proof, number(c, "leafIdx"),
				     &leaf, &head);
}

static bool consistency_holds(const json_t *c)
{
	struct proof proof;
	struct proof_head old = { .size = number(c, "size1") };
	struct proof_head head = { .size = number(c, "size2") };

	return get_hash(&old.root, string(c, "root1")) &&
	       get_hash(&head.root, string(c, "root2")) &&
	       get_proof(&proof, json_object_get(c, "proof")) &&
	       proof_check_consistency(&hasher, &proof, &old, &head);
}

static void probe(const char *path, bool (*holds)(const json_t *))
{
	json_t *cases = part(path), *c;
	size_t i;

	CHECK_INT(json_array_size(cases), 98);
	json_array_foreach(cases, i, c)
	{
		bool wanted = json_is_false(json_object_get(c, "wantErr"));

		/* Its roots have 12 bytes; upstream does not look. */
		if (strstr(string(c, "id"), "sizes-are-equal-one-and-proof"))
			wanted = false;

		if (holds(c) != wanted)
			CHECK_STR(string(c, "id"), wanted ? "holds" : "fails");
	}
}

TEST(inclusion, "inclusion proofs: the good hold, each mutation fails")
{
	probe("rfc6962_proof_probes.inclusion", inclusion_holds);
}

TEST(consistency, "consistency proofs: the good hold, each mutation fails")
{
	probe("rfc6962_proof_probes.consistency", consistency_holds);
}

enum { LEAVES = 70000 };
static struct hash nodes[20][LEAVES];

static int node(void *context, unsigned int level, uint64_t index,
		struct hash *out)
{
	(void)context;
	if (level >= 20 || (index + 1) << level > LEAVES)
		return -1;
	*out = nodes[level][index];
	return 0;
}

static const struct proof_source source = { NULL, node };

static void fill_nodes(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		char text[32];
		int len = snprintf(text, sizeof text, "leaf %d", (int)i);

		nodes[0][i] = hash_leaf(&hasher, text, (size_t)len);
		for (unsigned int l = 1; ((i + 1) >> l) << l == i + 1; l++) {
			uint64_t at = (i >> l);

			nodes[l][at] = hash_node(&hasher, &nodes[l - 1][2 * at],
						 &nodes[l - 1][2 * at + 1]);
		}
	}
}

TEST(roots, "roots of up to 70,000 leaves are those of Go's tlog")
{
	json_t *roots = part("xmod_tlog_leafN.roots_b64_by_size");
	struct hash made[MERKLE_DENSE];
	struct merkle tree;
	char base64[HASH_BASE64_SIZE], size[24];
	size_t found = 0;

	fill_nodes(LEAVES);
	merkle_init(&tree);
	for (int i = 0; i < LEAVES; i++) {
		merkle_append(&tree, &hasher, &nodes[0][i], made);
		snprintf(size, sizeof size, "%d", i + 1);
		const char *want = string(roots, size);
		if (!want)
			continue;
		struct hash root = merkle_root(&tree, &hasher);
		hash_base64(base64, &root);
		CHECK_STR(base64, want);
		found++;
	}
	CHECK_INT(found, json_object_size(roots));
}

/* Print "a b" and the proof's hashes as one line. */
static void roll(FILE *out, uint64_t a, uint64_t b, const struct proof *proof)
{
	fprintf(out, "%d %d", (int)a, (int)b);
	for (unsigned int i = 0; i < proof->n; i++)
		fprintf(out, " %s", hex(&proof->hashes[i]));
	fputc('\n', out);
}

TEST(rolling, "all proofs of trees up to 300 leaves are those of Go's tlog")
{
	static const char *const names[] = { "inclusion", "consistency" };
	struct proof proof;

	part("");
	fill_nodes(300);
	for (int k = 0; k < 2; k++) {
		char *text = NULL, path[64];
		size_t len = 0;
		FILE *out = open_memstream(&text, &len);

		for (uint64_t n = 1; n <= 300; n++) {
			for (uint64_t i = 0; i < n; i++) {
				CHECK((k ? proof_consistency(&source, &hasher,
							     i + 1, n, &proof)
					 : proof_inclusion(&source, &hasher, i,
							   n, &proof)) == 0);
				roll(out, k ? i + 1 : i, n, &proof);
			}
		}
		fclose(out);
		struct hash hash = hash_bytes(&hasher, text, len);
		free(text);
		snprintf(path, sizeof path,
			 "xmod_tlog_leafN.rolling_sha256_sizes_1_300.%s",
			 names[k]);
		if (k)
			CHECK_STR(hex(&hash), string(part(path), "sha256"));
		else
			CHECK_STR(hex(&hash), string(part(path), "sha256"));
	}
	CHECK(proof_inclusion(&source, &hasher, 5, 5, &proof) < 0);
	CHECK(proof_consistency(&source, &hasher, 0, 5, &proof) < 0);
	CHECK(proof_consistency(&source, &hasher, 6, 5, &proof) < 0);
}

static bool note_holds(const char *text, size_t len, const char *vkey,
		       uint64_t *time)
{
	static struct note note;
	struct note_key key;
	struct err err;

	CHECK(note_key_parse(&key, vkey, &err) == 0);
	bool holds = note_parse(&note, text, len, &err) == 0 &&
		     note_verify(&note, &key, time) == NOTE_SIGNED;
	note_key_clear(&key);
	return holds;
}

TEST(notes, "signed notes of others verify under each of their keys")
{
	json_t *cases = part("signed_notes_valid"), *c;
	size_t i;

	CHECK(json_array_size(cases) >= 6);
	json_array_foreach(cases, i, c)
	{
		const char *text = string(c, "note");

		CHECK(note_holds(text, strlen(text), string(c, "vkey"), NULL));
		if (string(c, "vkey2"))
			CHECK(note_holds(text, strlen(text), string(c, "vkey2"),
					 NULL));
	}
}

TEST(bad_notes, "malformed and altered notes are refused, each kind")
{
	json_t *cases = part("signed_notes_invalid.cases"), *c;
	const char *vkey = string(part("signed_notes_invalid"), "vkey");
	size_t i;

	CHECK(json_array_size(cases) >= 10);
	json_array_foreach(cases, i, c)
	{
		const json_t *text = json_object_get(c, "note");
		uint8_t raw[4096];

		if (json_is_string(text)) {
			if (note_holds(json_string_value(text),
				       json_string_length(text), vkey, NULL))
				CHECK_STR(string(c, "why"), "refused");
			continue;
		}
		const char *bytes = string(c, "note_hex");
		CHECK(bytes != NULL);
		size_t n = from_hex(raw, bytes);
		CHECK(!note_holds((const char *)raw, n, vkey, NULL));
	}
}

TEST(bad_keys, "malformed verifier keys are refused, and each changed byte")
{
	json_t *cases = part("vkeys_invalid.cases");
	const char *good = string(json_array_get(cases, 2), "vkey");
	struct note_key key;
	struct err err;
	char text[NOTE_VKEY];

	for (size_t i = 0; i < 2; i++)
		CHECK(note_key_parse(&key,
				     string(json_array_get(cases, i), "vkey"),
				     &err) < 0);
	CHECK(note_key_parse(&key, good, &err) == 0);
	note_key_text(text, &key);
	CHECK_STR(text, good);
	note_key_clear(&key);
	for (size_t i = 0; i < strlen(good); i++) {
		snprintf(text, sizeof text, "%s", good);
		text[i]++;
		CHECK(note_key_parse(&key, text, &err) < 0);
		snprintf(text, sizeof text, "%.*s", (int)i, good);
		CHECK(note_key_parse(&key, text, &err) < 0);
		if (i > 0)
			CHECK(note_key_parse(&key, good + i, &err) < 0);
	}
}

TEST(cosignatures, "witnesses' cosignatures verify with their time")
{
	json_t *cases = part("cosignatures_ed25519_v1.cases"), *c;
	size_t i;

	CHECK_INT(json_array_size(cases), 4);
	json_array_foreach(cases, i, c)
	{
		const char *text = string(c, "checkpoint");
		char changed[1024];
		uint64_t time = 0;

		CHECK(note_holds(text, strlen(text), string(c, "cosigner_vkey"),
				 &time));
		CHECK_INT(time, number(c, "timestamp"));
		snprintf(changed, sizeof changed, "%s", text);
		changed[0] = 'x';
		CHECK(!note_holds(changed, strlen(changed),
				  string(c, "cosigner_vkey"), &time));
	}
}

TEST(checkpoints, "checkpoint texts: the known one is read, bad ones refused")
{
	json_t *good = json_array_get(part("checkpoint_text.valid"), 0);
	json_t *cases = part("checkpoint_text.invalid"), *c;
	struct checkpoint checkpoint;
	char text[CHECKPOINT_TEXT];
	struct err err;
	size_t i;

	CHECK(checkpoint_parse(&checkpoint, string(good, "text"),
			       strlen(string(good, "text")), &err) == 0);
	CHECK_INT(checkpoint.head.size, number(good, "size"));
	struct hash leaf = hash_leaf(&hasher, "hello world", 11);
	CHECK(hash_equal(&leaf, &checkpoint.head.root));
	checkpoint_text(text, &checkpoint);
	CHECK_STR(text, string(good, "text"));
	json_array_foreach(cases, i, c)
	{
		const json_t *bad = json_object_get(c, "text");

		if (checkpoint_parse(&checkpoint, json_string_value(bad),
				     json_string_length(bad), &err) == 0)
			CHECK_STR(string(c, "why"), "refused");
	}
}

TEST(sign, "a signature of ours is the one that others made of the same")
{
	json_t *example = part("tlog_proof_example");
	const char *old = string(example, "old_checkpoint");
	uint8_t seed[32];
	char note[CHECKPOINT_NOTE], text[256], vkey[NOTE_VKEY];
	struct note_key key;
	struct err err;

	from_hex(seed, string(example, "ed25519_seed_hex"));
	CHECK(note_key_from_seed(&key, "gateway.example/audit/node-a", seed,
				 &err) == 0);
	note_key_text(vkey, &key);
	CHECK_STR(vkey, string(example, "log_vkey"));
	snprintf(text, sizeof text, "%.*s",
		 (int)(strstr(old, "\n\n") + 1 - old), old);
	CHECK(note_sign(note, sizeof note, text, &key, &err) > 0);
	CHECK_STR(note, old);
	note_key_clear(&key);
}

/* The text is refused, or read and not what it was. */
static void not_read(const char *bytes, size_t len)
{
	struct proof_text text;
	struct err err;

	if (proof_text_read(&text, bytes, len, &err) == 0)
		CHECK_STR(bytes, "refused");
}

TEST(tlog_proof, "a tlog-proof of others is read, checked and written the same")
{
	json_t *example = part("tlog_proof_example");
	const char *file = string(example, "proof_file");
	const char *entry = string(example, "entry");
	static char again[PROOF_TEXT], bad[PROOF_TEXT];
	struct proof_text text;
	struct checkpoint head;
	struct note note;
	struct err err;

	CHECK(proof_text_read(&text, file, strlen(file), &err) == 0);
	CHECK_INT(text.index, 54321);
	CHECK(note_holds(text.checkpoint, text.checkpoint_len,
			 string(example, "log_vkey"), NULL));
	CHECK(note_parse(&note, text.checkpoint, text.checkpoint_len, &err) ==
	      0);
	CHECK(checkpoint_parse(&head, note.text, note.text_len, &err) == 0);
	struct hash leaf = hash_leaf(&hasher, entry, strlen(entry));
	CHECK_STR(hex(&leaf), string(example, "leaf_hash"));
	CHECK(proof_check_inclusion(&hasher, &text.proof, 54321, &leaf,
				    &head.head));
	CHECK(!proof_check_inclusion(&hasher, &text.proof, 54320, &leaf,
				     &head.head));
	CHECK(proof_text_write(again, sizeof again, &text) ==
	      (long)strlen(file));
	CHECK_STR(again, file);
	/* The extra line proves nothing and changes nothing. */
	int n = snprintf(bad, sizeof bad, "%.23sextra YWJj\n%s", file,
			 file + 23);
	CHECK(proof_text_read(&text, bad, (size_t)n, &err) == 0);
	CHECK_INT(text.index, 54321);
	CHECK_INT(text.proof.n, 17);
}

TEST(bad_proofs, "malformed tlog-proofs are refused, each kind")
{
	static const char *const bad[] = {
		"",
		"c2sp.org/tlog-proof@v1",
		"c2sp.org/tlog-proof@v2\nindex 0\n\n",
		"c2sp.org/tlog-proof@v1\n\n",
		"c2sp.org/tlog-proof@v1\nindex \n\n",
		"c2sp.org/tlog-proof@v1\nindex 01\n\n",
		"c2sp.org/tlog-proof@v1\nindex -1\n\n",
		"c2sp.org/tlog-proof@v1\nindex 1 \n\n",
		"c2sp.org/tlog-proof@v1\nindex 18446744073709551616\n\n",
		"c2sp.org/tlog-proof@v1\nindex 1\n",
		"c2sp.org/tlog-proof@v1\nindex 1\nYQ==\n\n",
		"c2sp.org/tlog-proof@v1\nextra \nindex 1\n\n",
		"c2sp.org/tlog-proof@v1\nextra Y\nindex 1\n\n",
		"c2sp.org/tlog-proof@v1\nindex 1\nextra YWJj\n\n",
		"c2sp.org/tlog-proof@v1\r\nindex 1\r\n\r\n",
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		not_read(bad[i], strlen(bad[i]));
}

TAP_MAIN
