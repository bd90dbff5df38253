/* links: policy/prepare policy audit gateway/base; -lsqlite3 -lyaml -lutf8proc -lcrypto */
/*
 * prepare_custodian - what custodians do, piece by piece: recipients, places,
 * the journal, requests, and the columns of a permit.
 */
#include "gateway/base/own.h"
#include "policy/prepare/age.h"
#include "policy/prepare/custody.h"
#include "policy/prepare/inquiry.h"
#include "policy/prepare/overview.h"
#include "policy/prepare/wrapping.h"
#include "tests/unit/prepare_stage.h"

/* Of age-keygen; the sum was changed in none of them. */
static const char recipient[] =
	"age1g3mu2k2t875mhk5wy8344a0p2rgdzrge4vkp2rpqm7p5hw2dzf3q54jlzm";

TEST(recipients, "a recipient is refused when any one character is another")
{
	static const char digits[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
	char text[sizeof recipient];
	uint8_t key[AGE_RECIPIENT];

	CHECK(age_recipient(recipient, key));
	for (size_t i = 0; i < sizeof recipient - 1; i++)
		for (const char *digit = digits; *digit; digit++) {
			memcpy(text, recipient, sizeof text);
			text[i] = *digit;
			CHECK(age_recipient(text, key) ==
			      (*digit == recipient[i]));
		}
}

TEST(recipient_forms, "a recipient is refused short, long, in capitals, of "
		      "another kind")
{
	char text[128];
	uint8_t key[AGE_RECIPIENT];

	snprintf(text, sizeof text, "%sq", recipient);
	CHECK(!age_recipient(text, key));
	snprintf(text, sizeof text, "%.*s", (int)sizeof recipient - 2,
		 recipient);
	CHECK(!age_recipient(text, key));
	CHECK(!age_recipient("", key));
	CHECK(!age_recipient("AGE1G3MU2K2T875MHK5WY8344A0P2RGDZRGE4VKP2RPQM7P5H"
			     "W2DZF3Q54JLZM",
			     key));
	CHECK(!age_recipient("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFtWBnQWgNXa",
			     key));
}

TEST(weak_recipient, "a key that agrees with everybody encrypts nothing")
{
	static const uint8_t zeroes[AGE_RECIPIENT];
	size_t len;

	CHECK(age_encrypt(zeroes, "x", 1, &len) == NULL);
}

static void check_next(const char *place, const char *want)
{
	char next[WRAPPING_PLACE];

	CHECK_INT(wrapping_next_place(place, next), 0);
	CHECK_STR(next, want);
}

TEST(next_places, "a rotation goes to a place of the next number")
{
	char next[WRAPPING_PLACE];

	check_next("wrapping.key", "wrapping.key.2");
	check_next("/media/a/wrapping.key.9", "/media/a/wrapping.key.10");
	check_next("/media/9", "/media/9.2");
	check_next("pkcs11:token=t;object=w?module-path=/m.so",
		   "pkcs11:token=t;object=w.2?module-path=/m.so");
	check_next("pkcs11:object=w.2;token=t", "pkcs11:object=w.3;token=t");
	CHECK_INT(wrapping_next_place("pkcs11:token=t", next), -1);
	CHECK(!wrapping_place_good("wrapping.key"));
	CHECK(!wrapping_place_good("/a\nb"));
	CHECK(wrapping_place_good("pkcs11:object=w"));
}

/* --- The journal --------------------------------------------------------------- */

static int folder(void)
{
	int fd = open(tap_folder(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	CHECK(fd >= 0);
	return fd;
}

static void act(int at, const char *event, const char *who)
{
	const struct custody_field fields[] = { { "permit", who, 0 },
						{ "count", NULL, 7 } };
	struct fault fault;

	CHECK_INT(custody_act(at, event, fields, 2, NULL, &fault), 0);
}

static enum fault_code open_journal(int at, uint64_t *line)
{
	struct custody custody;
	struct fault fault = { .code = FAULT_NONE };
	int done = custody_open(&custody, at, &fault);

	custody_close(&custody);
	*line = fault.line;
	return done < 0 ? fault.code : FAULT_NONE;
}

TEST(journal, "a journal whose byte was changed anywhere is refused")
{
	int at = folder();
	char whole[4096];
	uint64_t line;

	act(at, "key.made", "P-1");
	act(at, "key.made", "P-\"2\"\n");
	act(at, "key.destroyed", "P-1");
	CHECK_INT(open_journal(at, &line), FAULT_NONE);
	snprintf(whole, sizeof whole, "%s", get("journal"));
	/* the last line's own text is held by no other line */
	const char *last = strstr(whole, "\n");
	last = strstr(last + 1, "\n") + 1;
	for (char *byte = whole; byte < last; byte++) {
		char before = *byte;

		*byte = before == 'x' ? 'y' : 'x';
		put("journal", whole);
		CHECK_INT(open_journal(at, &line), FAULT_JOURNAL);
		CHECK(line >= 1 && line <= 3);
		*byte = before;
	}
	put("journal", whole);
	CHECK_INT(open_journal(at, &line), FAULT_NONE);
	whole[strlen(whole) - 1] = '\0';
	put("journal", whole);
	CHECK_INT(open_journal(at, &line), FAULT_JOURNAL);
	close(at);
}

TEST(journal_has, "an act is found by its event and text, and by nothing less")
{
	int at = folder();
	struct custody custody;
	struct fault fault;

	act(at, "reidentify.done", "P-1");
	CHECK_INT(custody_open(&custody, at, &fault), 0);
	CHECK(custody_has(&custody, "reidentify.done", "permit", "P-1"));
	CHECK(!custody_has(&custody, "reidentify.begin", "permit", "P-1"));
	CHECK(!custody_has(&custody, "reidentify.done", "permit", "P-"));
	CHECK(!custody_has(&custody, "reidentify.done", "request", "P-1"));
	custody_close(&custody);
	close(at);
}

/* --- Requests ------------------------------------------------------------------- */

static struct inquiry inquiry;

static enum fault_code take(const char *pseudonyms, uint32_t most)
{
	struct fault fault = { .code = FAULT_NONE };

	put("wanted", pseudonyms);
	inquiry.most = most;
	return inquiry_take(&inquiry, in("wanted"), &fault) < 0 ? fault.code
								: FAULT_NONE;
}

TEST(wanted, "a list of pseudonyms is refused unless each is one, once")
{
	CHECK_INT(take("", 9), FAULT_REIDENTIFY);
	CHECK_INT(take("0123456789abcde\n", 9), FAULT_REIDENTIFY);
	CHECK_INT(take("0123456789abcdeu\n", 9), FAULT_REIDENTIFY);
	CHECK_INT(take("0123456789ABCDEF\n", 9), FAULT_REIDENTIFY);
	CHECK_INT(take("0123456789abcdef0123456789a\n", 9), FAULT_REIDENTIFY);
	CHECK_INT(take("0123456789abcdef\n0123456789abcdef\n", 9),
		  FAULT_REIDENTIFY);
	/* one that another begins with would be met in its place */
	CHECK_INT(take("0123456789abcdef0\n0123456789abcdef\n", 9),
		  FAULT_REIDENTIFY);
	CHECK_INT(take("0123456789abcdef\n1123456789abcdef\n", 1),
		  FAULT_REIDENTIFY);
	CHECK_INT(take("1123456789abcdef\r\n0123456789abcdef", 2), FAULT_NONE);
	CHECK_INT(inquiry.n, 2);
	CHECK_STR(inquiry.pseudonyms[0], "0123456789abcdef");
}

static struct note_key hanako, jiro;
static struct custodians list;

/* A request of hanako's, at time 1,000,000. */
static char *ask(void)
{
	static const uint8_t one[32] = { 1 }, two[32] = { 2 };
	struct fault fault;
	struct err err;

	CHECK_INT(note_key_from_seed(&hanako, "hanako", one, &err), 0);
	CHECK_INT(note_key_from_seed(&jiro, "jiro", two, &err), 0);
	list.n = 2;
	list.key[0] = hanako;
	list.key[1] = jiro;
	CHECK_INT(take("0123456789abcdef\n", 100), FAULT_NONE);
	inquiry.asked = 1000000;
	strcpy(inquiry.permit, "P-1");
	strcpy(inquiry.case_number, "K-1");
	strcpy(inquiry.ground, "\"\n");
	strcpy(inquiry.recipient, recipient);
	return inquiry_ask(&inquiry, &hanako, &fault);
}

static int read_at(const char *note, uint64_t now)
{
	static struct inquiry read;
	struct fault fault;

	return inquiry_read(&read, note, strlen(note), &list, now, &fault);
}

TEST(dates, "a request is refused when it is old, or from a time to come")
{
	char *note = ask();

	CHECK_INT(read_at(note, 1000000), 0);
	CHECK_INT(read_at(note, 1000000 + 30 * 86400), 0);
	CHECK_INT(read_at(note, 1000001 + 30 * 86400), -1);
	CHECK_INT(read_at(note, 1000000 - 86401), -1);
	free(note);
	custodians_clear(&list);
}

TEST(persons, "the one who asked is no second person, under any name")
{
	char *note = ask();
	struct fault fault;
	struct note_key same;
	struct err err;
	static const uint8_t one[32] = { 1 };

	CHECK(inquiry_approver(&inquiry, note, strlen(note), &list) == NULL);
	CHECK(inquiry_approve(&inquiry, note, &hanako, &list, &fault) == NULL);
	/* hanako's key once more, as jiro */
	CHECK_INT(note_key_from_seed(&same, "jiro", one, &err), 0);
	CHECK(inquiry_approve(&inquiry, note, &same, &list, &fault) == NULL);
	struct note_key kept = list.key[1];
	list.key[1] = same;
	CHECK(inquiry_approve(&inquiry, note, &same, &list, &fault) == NULL);
	list.key[1] = kept;
	char *approved = inquiry_approve(&inquiry, note, &jiro, &list, &fault);
	CHECK(approved != NULL);
	const struct note_key *other =
		inquiry_approver(&inquiry, approved, strlen(approved), &list);
	CHECK(other != NULL && strcmp(other->name, "jiro") == 0);
	/* an approval of another request */
	char *mixed = strdup(approved);
	strstr(mixed, "K-1")[2] = '2';
	CHECK(inquiry_approver(&inquiry, mixed, strlen(mixed), &list) == NULL);
	free(mixed);
	free(approved);
	free(note);
	note_key_clear(&same);
	custodians_clear(&list);
}

/* --- Reports and permits ---------------------------------------------------------- */

TEST(shares, "what is there is never shown as nothing")
{
	char out[48];

	CHECK_STR(overview_share(0, 0, out), "-");
	CHECK_STR(overview_share(0, 7, out), "0.0%");
	CHECK_STR(overview_share(1, 5000, out), "<0.1%");
	CHECK_STR(overview_share(1, 3, out), "33.3%");
	CHECK_STR(overview_share(UINT64_MAX, UINT64_MAX, out), "100.0%");
	CHECK_STR(overview_sizes(0, out), "1");
	CHECK_STR(overview_sizes(1, out), "2-4");
	CHECK_STR(overview_sizes(CLASS_SIZES - 1, out), "1000+");
}

static void put_permit(const char *columns)
{
	char text[16384];

	snprintf(text, sizeof text,
		 "version: 1\npermit: P-1\ntitle: One\npurpose: Test\n"
		 "persons: [taro]\nstarts: 2020-01-01\n"
		 "ends: 2999-12-31\ndatasets: [d]\n%s",
		 columns);
	put("P-1.yaml", text);
}

TEST(columns, "a column that a permit does not name is not prepared for it")
{
	stage_prepare();
	put_recipe("    null: [\"\"]\n    subject: {column: id}\n",
		   "      id: {do: pseudonym, domain: person, as: pid}\n"
		   "      v: {do: keep}\n      w: {do: drop}\n");
	put("a.csv", "id,v,w\nA,1,2\n");
	put_permit("columns: [a.pid]\n");
	check_refused(4, "\"E_PERMIT\",\"column\":2,\"column_name\":\"v\"");
	put_permit("columns: [a.id, a.v]\n"); /* the result has no such */
	check_refused(4, "\"column_name\":\"pid\"");
	put_permit("columns: [b.pid, b.v]\n");
	check_refused(4, "does not name this column");
	put_permit("columns: [a.pid, a.v]\n");
	CHECK_INT(run_recipe("out"), 0);
	CHECK_INT(verify_bundle_at("out"), 0);
	put_permit("");
	CHECK_INT(run_recipe("again"), 0);
}

TEST(many_columns, "a permit may name hundreds of columns, in any script")
{
	char text[8192], *to = text;

	stage_prepare();
	put_recipe("    null: [\"\"]\n    subject: {column: id}\n",
		   "      id: {do: drop}\n      検査値: {do: keep}\n"
		   "      v x: {do: keep}\n");
	put("a.csv", "id,検査値,v x\nA,1,2\n");
	to += sprintf(to, "columns: [");
	for (int i = 0; i < 300; i++)
		to += sprintf(to, "a.列%d, ", i);
	snprintf(to, 64, "a.検査値]\n");
	put_permit(text);
	check_refused(4, "\"E_PERMIT\",\"column\":3,\"detail");
	CHECK(strstr(complained, "v x") == NULL);
	snprintf(to, 64, "a.検査値, a.v x]\n");
	put_permit(text);
	CHECK_INT(run_recipe("good"), 0);
	put_permit("columns: [検査値]\n");
	check_refused(4, "is not TABLE.COLUMN");
	put_permit("columns: [\"a.\\u202e\"]\n");
	check_refused(4, "is not TABLE.COLUMN");
	put_permit("columns: [a.検査値, a.検査値]\n");
	check_refused(4, "twice");
}

/* A recipe with these conditions on its rows. */
static void put_rows(const char *rows)
{
	char subject[400];

	snprintf(subject, sizeof subject,
		 "    subject: {column: id}\n    rows: [%s]\n", rows);
	put_recipe(subject, "      id: {do: pseudonym, domain: person}\n"
			    "      day: {do: keep}\n      code: {do: keep}\n");
}

TEST(rows, "rows that a permit does not give are not prepared for it")
{
	static const char period[] =
		"rows:\n  - {dataset: d, column: day, from: 2019-04-01, "
		"until: 2023-03-31}\n";
	static const char codes[] =
		"rows:\n  - {dataset: d, source: a, column: code, prefix: "
		"E10}\n"
		"  - {dataset: d, source: a, column: code, prefix: E11}\n";
	static const char *const too_much[] = {
		"",
		"{column: day, between: [2019-03-31, 2023-03-31]}",
		"{column: day, between: [2019-04-01, 2023-04-01]}",
		"{column: day, in: [2020-01-01]}",
		"{column: day, not_in: [2020-01-01]}",
		"{column: code, between: [2019-04-01, 2023-03-31]}",
	};
	static const char *const other_codes[] = {
		"{column: code, prefix_in: [E10, E12]}",
		"{column: code, prefix_in: [E1]}",
		"{column: code, in: [E100, F10]}",
		"{column: code, not_in: [F10]}",
	};

	stage_prepare();
	put("a.csv", "id,day,code\nA,2020-01-01,E101\n");
	put_permit(period);
	for (size_t i = 0; i < ARRAY_LEN(too_much); i++) {
		put_rows(too_much[i]);
		check_refused(4, "\"E_PERMIT\",\"column_name\":\"day\"");
		check_refused(4, "dataset 'd' only rows from 2019-04-01 until "
				 "2023-03-31");
	}
	put_permit(codes);
	for (size_t i = 0; i < ARRAY_LEN(other_codes); i++) {
		put_rows(other_codes[i]);
		check_refused(4, "\"E_PERMIT\",\"column_name\":\"code\"");
	}
	put_rows("{column: code, prefix_in: [E101, E11]}");
	CHECK_INT(run_recipe("codes"), 0);
	put_permit(period);
	put_rows("{column: code, not_in: [F]}, {column: day, between: "
		 "[2019-04-01, 2020-12-31]}");
	CHECK_INT(run_recipe("days"), 0);
	/* Rows of another dataset or source are another's. */
	put_permit("rows:\n  - {dataset: e, column: day, from: 2019-04-01, "
		   "until: 2019-04-01}\n");
	CHECK_INT(run_recipe("other"), 0);
	put_permit("rows:\n  - {dataset: d, source: b, column: day, from: "
		   "2019-04-01, until: 2019-04-01}\n");
	CHECK_INT(run_recipe("source"), 0);
	/* A row of the permit that says nothing gives nothing. */
	put_permit("rows:\n  - {dataset: d, column: day}\n");
	check_refused(4, "\"E_PERMIT\"");
}

TAP_MAIN
