/* links: audit gateway/base; -lcrypto */
/*
 * audit_prove - entries are found and proven wherever they are.
 */
#include "audit/record.h"
#include "tests/unit/audit_log.h"

/* Entries of the lengths that there are: without a field, with all of them
 * filled, and in between. */
static void write_lengths(int n)
{
	static struct intake intake;
	struct intake_writer who = { .name = "policy" };
	struct err err;
	uint64_t index;

	memset(&intake, 0, sizeof intake);
	intake.event = event_find("auth.end");
	memcpy(intake.result, "ok", 3);
	memcpy(intake.actor, "-", 2);
	memcpy(intake.session, "-", 2);
	memcpy(intake.permit, "-", 2);
	for (int i = 0; i < n; i++) {
		snprintf(intake.idem, sizeof intake.idem, "%d", i);
		intake.nfields =
			i % 90 == 0 ? AUDIT_FIELDS : (unsigned int)i % 3;
		for (unsigned int f = 0; f < intake.nfields; f++) {
			struct audit_field *field = &intake.fields[f];

			field->is_text = true;
			snprintf(field->key, sizeof field->key, "k%02u", f);
			memset(field->value, 'x', 399);
			field->value[intake.nfields < AUDIT_FIELDS ? i % 399
								   : 399] =
				'\0';
		}
		CHECK(ledger_add(&ledger, &who, &intake, &index, &err) ==
		      LEDGER_ADDED);
	}
	CHECK(ledger_commit(&ledger, &err) == 0);
	CHECK(ledger_sign(&ledger, &err) == 0);
}

/* Entry index is found, and it is the one. */
static void found(uint64_t index)
{
	static struct prove_found proof;
	static struct record_view view;
	struct err err;

	CHECK(ledger_prove(&ledger, index, &proof, &err) == 0);
	CHECK(record_read(&view, proof.entry, proof.entry_len, &err) == 0);
	CHECK_INT(view.index, index);
}

TEST(lengths, "each entry is found, however long it and the others are")
{
	open_ledger();
	write_lengths(700);
	for (uint64_t i = 0; i <= 700; i++)
		found(i);
	close_ledger();
}

TEST(second, "so is one of a later segment, at its beginning and its end")
{
	open_ledger();
	for (int i = 0; i < 17; i++)
		heartbeats(4000);
	write_lengths(100);
	for (uint64_t i = 65530; i < 65545; i++)
		found(i);
	found(0);
	found(68100);
	close_ledger();
}

TEST(away, "an entry that is not there any more is told")
{
	static struct prove_found proof;
	struct err err;

	open_ledger();
	write_lengths(700);
	dir = folder("log");
	length = load(dir, segment, good);
	/* The second half twice: what is halved leads astray. */
	memcpy(bad, good, length);
	memcpy(bad + length / 4, good + length / 2, length / 4);
	store(dir, segment, bad, length);
	CHECK(ledger_prove(&ledger, 300, &proof, &err) < 0);
	CHECK_ERR(err, "entry 300");
	close(dir);
	close_ledger();
}

TAP_MAIN
