/* links: audit gateway/base; -lcrypto */
/*
 * audit_orders - what the built sekisho-audit hands out: orders to the
 * supervisor, proofs to the store.
 */
#include "audit/proof_text.h"
#include "tests/unit/audit_stage.h"

/* Send the record with its order; true if it is acknowledged as index. */
static bool acknowledged(struct stage *s, int link,
			 const struct audit_record *record,
			 const struct msg *order, uint64_t index)
{
	struct err err;

	return audit_send(link, 7, record, order, &err) == 0 &&
	       msg_receive(link, &s->m, &err) == 1 &&
	       s->m.type == MSG_RECORDED && s->m.ref == 7 &&
	       msg_get_u64(&s->m) == index;
}

/* The supervisor is told exactly this order, of that record. */
static void ordered(struct stage *s, const struct msg *order, uint64_t index)
{
	size_t len;

	CHECK_INT(stage_hear(s), MSG_ORDER);
	CHECK_INT(msg_get_u64(&s->m), index);
	const uint8_t *bytes = msg_get_bytes(&s->m, &len);
	CHECK(msg_done(&s->m));
	CHECK_INT(len, order->len);
	CHECK(memcmp(bytes, order->data, len) == 0);
}

static void make_order(struct msg *order, const char *session)
{
	msg_start(order, MSG_ORDER_END, 0);
	msg_put_str(order, session);
}

TEST(order, "an order goes to the supervisor once, however often it is sent")
{
	static struct msg order;
	struct audit_record record;
	struct stage s;

	folders();
	CHECK_INT(run(&s), MSG_READY);
	int link = writer(&s, "policy", "*");
	audit_begin(&record, "session.open", AUDIT_OK);
	make_order(&order, "s1");
	for (int i = 0; i < 3; i++)
		CHECK(acknowledged(&s, link, &record, &order, 1));
	ordered(&s, &order, 1);
	CHECK(strstr(content(segment), "\"order_sha256\":\"") != NULL);
	CHECK(!stage_readable(s.link, 50));
	CHECK_INT(stop(&s), 0);
	CHECK(verifies());
}

TEST(again, "an order from before a start is given once more, if it is asked")
{
	static struct msg order;
	struct audit_record record;
	struct stage s;

	folders();
	CHECK_INT(run(&s), MSG_READY);
	int link = writer(&s, "policy", "*");
	audit_begin(&record, "session.open", AUDIT_OK);
	make_order(&order, "s1");
	CHECK(acknowledged(&s, link, &record, &order, 1));
	ordered(&s, &order, 1);
	kill(s.pid, SIGKILL);
	CHECK_INT(stage_end(&s), 1000 + SIGKILL);
	close(link);

	for (int life = 0; life < 2; life++) {
		CHECK_INT(run(&s), MSG_READY);
		link = writer(&s, "policy", "*");
		/* Asked without its order, only that it is there. */
		CHECK(acknowledged(&s, link, &record, NULL, 1));
		CHECK(!stage_readable(s.link, 50));
		for (int i = 0; i < 3; i++)
			CHECK(acknowledged(&s, link, &record, &order, 1));
		ordered(&s, &order, 1);
		CHECK(!stage_readable(s.link, 50));
		CHECK_INT(stop(&s), 0);
		close(link);
	}
	const char *text = strstr(content(segment), "session.open");
	CHECK(text != NULL && strstr(text + 1, "session.open") == NULL);
	CHECK(verifies());
}

TEST(another, "a repetition with another order or event costs its writer")
{
	static struct msg order, other;
	struct audit_record record;
	struct stage s;
	struct err err;

	folders();
	audit_begin(&record, "session.open", AUDIT_OK);
	make_order(&order, "s1");
	make_order(&other, "s2");
	for (int life = 0; life < 2; life++) {
		CHECK_INT(run(&s), MSG_READY);
		int link = writer(&s, "policy", "*");
		CHECK(acknowledged(&s, link, &record, life ? NULL : &order, 1));
		CHECK(audit_send(link, 1, &record, &other, &err) == 0);
		refused(&s, link, "had another order");
		link = writer(&s, "policy", "*");
		record.event = "session.end";
		CHECK(audit_send(link, 1, &record, &order, &err) == 0);
		refused(&s, link, "was another event");
		record.event = "session.open";
		if (life == 0)
			ordered(&s, &order, 1);
		CHECK(!stage_readable(s.link, 50));
		CHECK_INT(stop(&s), 0);
	}
	CHECK(verifies());
}

TEST(unordered, "a record without an order never gets one by repetition")
{
	static struct msg order;
	struct audit_record record;
	struct stage s;
	struct err err;

	folders();
	CHECK_INT(run(&s), MSG_READY);
	int link = writer(&s, "policy", "*");
	audit_begin(&record, "session.open", AUDIT_OK);
	CHECK(acknowledged(&s, link, &record, NULL, 1));
	CHECK_INT(stop(&s), 0);
	close(link);
	CHECK_INT(run(&s), MSG_READY);
	link = writer(&s, "policy", "*");
	make_order(&order, "s1");
	CHECK(audit_send(link, 1, &record, &order, &err) == 0);
	refused(&s, link, "had another order");
	CHECK(!stage_readable(s.link, 50));
	CHECK_INT(stop(&s), 0);
}

static bool proves(const struct audit_proof *proof, uint64_t index)
{
	char vkey[NOTE_VKEY];
	struct proof_text text;
	struct checkpoint head;
	struct hasher hasher;
	struct note_key key;
	struct note note;
	struct err err;

	snprintf(vkey, sizeof vkey, "%.190s", content("key.pub"));
	vkey[strcspn(vkey, "\n")] = '\0';
	CHECK(note_key_parse(&key, vkey, &err) == 0);
	CHECK(proof_text_read(&text, proof->text, proof->text_len, &err) == 0);
	CHECK(note_parse(&note, text.checkpoint, text.checkpoint_len, &err) ==
	      0);
	CHECK(note_verify(&note, &key, NULL) == NOTE_SIGNED);
	CHECK(checkpoint_parse(&head, note.text, note.text_len, &err) == 0);
	struct hash leaf = hash_leaf(&hasher, proof->entry, proof->entry_len);
	bool good = text.index == index &&
		    proof_check_inclusion(&hasher, &text.proof, index, &leaf,
					  &head.head);
	note_key_clear(&key);
	return good;
}

TEST(prove, "the store is given entries with proofs in a published checkpoint")
{
	struct audit_record record;
	struct audit_proof proof;
	struct stage s;
	struct err err;
	uint64_t index = 0;

	folders();
	CHECK_INT(run(&s), MSG_READY);
	int policy = writer(&s, "policy", "*"),
	    store = writer(&s, "store", "-");
	for (int i = 0; i < 300; i++) {
		audit_begin(&record, "auth.end", AUDIT_OK);
		CHECK(audit_write(policy, &record, &index, &err) == 0);
		if (i % 23 > 0)
			continue;
		/* Newer than the last checkpoint: signed for the question. */
		CHECK(audit_prove(store, index, &proof, &err) == 0);
		CHECK(strstr(proof.entry, record.idem) != NULL);
		CHECK(strstr(proof.text, content("checkpoint")) != NULL);
		CHECK(proves(&proof, index));
		CHECK(!proves(&proof, index + 1));
		audit_proof_clear(&proof);
	}
	CHECK_INT(index, 300);
	for (uint64_t i = 0; i <= index; i += 37) {
		CHECK(audit_prove(store, i, &proof, &err) == 0);
		CHECK(proves(&proof, i));
		audit_proof_clear(&proof);
	}
	CHECK_INT(stop(&s), 0);
	close(store);

	/* An entry of an earlier life. */
	CHECK_INT(run(&s), MSG_READY);
	store = writer(&s, "store", "-");
	CHECK(audit_prove(store, 7, &proof, &err) == 0);
	CHECK(proves(&proof, 7));
	audit_proof_clear(&proof);
	CHECK_INT(stop(&s), 0);
	CHECK(verifies());
}

TEST(unproven, "who is not the store, or asks for what is not, is dropped")
{
	struct stage s;
	struct err err;

	folders();
	CHECK_INT(run(&s), MSG_READY);
	int link = writer(&s, "policy", "*");
	CHECK(audit_ask_proof(link, 3, 0, &err) == 0);
	refused(&s, link, "a question that it may not ask");
	link = writer(&s, "store", "-");
	CHECK(audit_ask_proof(link, 3, 99, &err) == 0);
	refused(&s, link, "an entry that does not exist");
	link = writer(&s, "store", "-");
	msg_start(&s.m, MSG_PROVE, 1);
	CHECK(msg_send(link, &s.m, &err) == 0);
	refused(&s, link, "a question that it may not ask");
	CHECK(strstr(content(segment), "\"peer\":\"store\"") != NULL);
	CHECK_INT(stop(&s), 0);
}

TEST(unpublished, "a checkpoint that a crash kept from being published is")
{
	struct audit_proof proof;
	struct stage s;
	struct err err;

	folders();
	CHECK_INT(run(&s), MSG_READY);
	CHECK_INT(stop(&s), 0);
	CHECK(unlinkat(log_dir, "checkpoint", 0) == 0);
	CHECK_INT(run(&s), MSG_READY);
	int store = writer(&s, "store", "-");
	CHECK(audit_prove(store, 0, &proof, &err) == 0);
	CHECK(proves(&proof, 0));
	CHECK(strncmp(content("checkpoint"), "test.example/log\n2\n", 19) == 0);
	audit_proof_clear(&proof);
	CHECK_INT(stop(&s), 0);
	CHECK(verifies());
}

TEST(changed, "audit stops when the files are not what it signed")
{
	struct audit_proof proof;
	struct stage s;
	struct err err;

	folders();
	CHECK_INT(run(&s), MSG_READY);
	int store = writer(&s, "store", "-");
	int fd = openat(log_dir, segment, O_RDWR | O_CLOEXEC);
	CHECK(pwrite(fd, "X", 1, 100) == 1);
	close(fd);
	CHECK(audit_prove(store, 0, &proof, &err) < 0);
	CHECK_INT(stage_end(&s), 1);
}

TEST(forged, "a proof made of forged hashes is not given out")
{
	struct audit_proof proof;
	struct stage s;
	struct err err;

	folders();
	CHECK_INT(run(&s), MSG_READY);
	int policy = writer(&s, "policy", "*"),
	    store = writer(&s, "store", "-");
	struct audit_record record;
	audit_begin(&record, "policy.apply", AUDIT_OK);
	CHECK(audit_write(policy, &record, NULL, &err) == 0);
	CHECK(audit_prove(store, 1, &proof, &err) == 0);
	audit_proof_clear(&proof);
	int fd = openat(log_dir, "hash/0", O_RDWR | O_CLOEXEC);
	CHECK(pwrite(fd, "forged", 6, 3) == 6);
	close(fd);
	CHECK(audit_prove(store, 1, &proof, &err) < 0);
	CHECK_INT(stage_end(&s), 1);
	/* They are only derived: the next start writes them again. */
	CHECK_INT(run(&s), MSG_READY);
	store = writer(&s, "store", "-");
	CHECK(audit_prove(store, 1, &proof, &err) == 0);
	CHECK(proves(&proof, 1));
	audit_proof_clear(&proof);
	CHECK_INT(stop(&s), 0);
}

TAP_MAIN
