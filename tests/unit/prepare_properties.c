/* links: policy/prepare policy audit gateway/base; -lsqlite3 -lyaml -lutf8proc -lcrypto */
/*
 * prepare_properties - what must hold of every preparation, over tables that
 * were made by chance.
 *
 * SEED=N takes other tables (the seed is printed), ROUNDS=N more of them. What
 * must come out is computed here a second time, plainly.
 */
#include <sched.h>
#include <sqlite3.h>

#include "policy/prepare/calendar.h"
#include "tests/unit/prepare_stage.h"

enum {
	PERSONS = 40,
	CODES = 12,
	TABLES = 2,
	ROWS = 12000,
	FIELDS = 6,
	K = 3,
	MOST_DAYS = 30,
	TEXT = 40,
	TABLE_BYTES = 4 << 20
};

/* The n-th row of a table, as it was made. */
struct row {
	int person, code, place;
	int32_t day;
	char text[TEXT];
	bool wanted; /* by lists and conditions */
};

/* A table of a result, field by field. */
struct result {
	long n;
	char *bytes, *fields[ROWS + 1][FIELDS];
};

static struct row rows[TABLES][ROWS];
static int nrows[TABLES];
static bool opted_out[PERSONS], in_cohort[PERSONS];
static uint64_t state;

static uint32_t dice(uint32_t sides)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)((state >> 33) % sides);
}

static long number_of(const char *name, long otherwise)
{
	const char *text = getenv(name);

	return text ? strtol(text, NULL, 10) : otherwise;
}

/* --- Sources ------------------------------------------------------------------ */

static const char *const table_names[TABLES] = { "visits", "tests" };

/* A person has a number, an old one, and several ways to write them. */
static void put_person(FILE *out, int person)
{
	switch (dice(4)) {
	case 0:
		fprintf(out, "P%d", person);
		break;
	case 1:
		fprintf(out, " P%d ", person);
		break;
	case 2:
		fprintf(out, "Ｐ%d", person);
		break;
	default: /* a later number: history.csv */
		fprintf(out, "N%d", person);
	}
}

static void make_text(char out[static TEXT])
{
	static const char *const parts[] = {
		"a", ",", "\"", "\n", "東", " ", "00", "-", "1.0", "é", "+", "'"
	};
	char *to = out;

	*to = '\0';
	for (uint32_t n = dice(8); n > 0; n--) {
		const char *part = parts[dice(sizeof parts / sizeof *parts)];

		to = stpcpy(to, part);
	}
}

static void put_quoted(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', out);
		putc(*text, out);
	}
	putc('"', out);
}

static void make_row(FILE *out, struct row *row, int number)
{
	struct date date;

	row->person = (int)dice(PERSONS);
	row->code = (int)(dice(CODES) * dice(CODES) / CODES);
	row->place = (int)dice(9);
	row->day = 15000 + (int32_t)dice(5000);
	row->wanted = !opted_out[row->person] && in_cohort[row->person] &&
		      row->place != 8;
	date = date_of_day(row->day);
	make_text(row->text);
	put_person(out, row->person);
	fprintf(out, ",%04d-%02d-%02d,c%d,P%d,%d,", date.year, date.month,
		date.day, row->code, row->place, number);
	put_quoted(out, row->text);
	putc('\n', out);
}

static void make_table(int t, int n)
{
	char name[32];

	nrows[t] = n;
	snprintf(name, sizeof name, "%s.csv", table_names[t]);
	FILE *out = fopen(in(name), "we");
	CHECK(out != NULL);
	fputs("id,day,code,place,n,text\n", out);
	for (int i = 0; i < n; i++)
		make_row(out, &rows[t][i], i);
	CHECK(fclose(out) == 0);
}

static void make_lists(void)
{
	FILE *out = fopen(in("optout.csv"), "we");
	FILE *cohort = fopen(in("cohort.csv"), "we");
	FILE *history = fopen(in("history.csv"), "we");

	fputs("id\n", out);
	fputs("id\n", cohort);
	fputs("new,old\n", history);
	for (int i = 0; i < PERSONS; i++) {
		opted_out[i] = dice(5) == 0;
		in_cohort[i] = dice(8) != 0;
		if (opted_out[i])
			fprintf(out, dice(2) ? "P%d\n" : "N%d\n", i);
		if (in_cohort[i])
			fprintf(cohort, "Ｐ%d\n", i);
		fprintf(history, "N%d,M%d\nM%d,P%d\n", i, i, i, i);
	}
	CHECK(fclose(out) == 0 && fclose(cohort) == 0 && fclose(history) == 0);
}

static void put_source(FILE *out, const char *name)
{
	fprintf(out,
		"  %s:\n    path: %s.csv\n    encoding: utf-8\n    null: ['']\n"
		"    subject: {column: id, domain: person, normalize: [nfkc, "
		"strip]}\n"
		"    history: history.csv\n"
		"    optout: {file: optout.csv, column: id}\n"
		"    cohort: {file: cohort.csv, column: id, mode: include}\n"
		"    rows: [{column: place, not_in: [P8]}]\n    columns:\n"
		"      id: {do: pseudonym, domain: person, as: pid}\n"
		"      day: {do: shift, by: subject, max_days: %d}\n"
		"      code: {do: rare, k: %d, label: other, small: delete}\n"
		"      place: {do: pseudonym, domain: place}\n"
		"      n: {do: keep}\n      text: {do: keep}\n",
		name, name, MOST_DAYS, K);
}

static void make_recipe(const char *permit, const char *key)
{
	char name[32];

	snprintf(name, sizeof name, "%s-d.yaml", permit);
	FILE *out = fopen(in(name), "we");
	CHECK(out != NULL);
	fprintf(out,
		"version: 1\npermit: %s\ndataset: d\nkey: %s\n"
		"profile: pseudonymized\nsources:\n",
		permit, key);
	for (int t = 0; t < TABLES; t++)
		put_source(out, table_names[t]);
	fputs("report: {quasi_identifiers: [place], sensitive: [code]}\n", out);
	CHECK(fclose(out) == 0);
	snprintf(name, sizeof name, "%s.yaml", permit);
	out = fopen(in(name), "we");
	fprintf(out,
		"version: 1\npermit: %s\ntitle: t\npurpose: p\npersons: [a]\n"
		"starts: 2020-01-01\nends: 2999-12-31\ndatasets: [d]\n",
		permit);
	CHECK(fclose(out) == 0);
}

static void make_all(int n)
{
	make_lists();
	for (int t = 0; t < TABLES; t++)
		make_table(t, n + (int)dice(9));
	make_recipe("P-1", "permit");
	make_recipe("P-2", "permit");
	make_recipe("P-3", "linkage:L");
	make_recipe("P-4", "linkage:L");
}

static void make_keys(void)
{
	static const char *const permits[] = { "P-1", "P-2", "P-3", "P-4" };

	CHECK_INT(run_prepare("key", "make", "--out", in("keys"), NULL), 0);
	CHECK_INT(run_prepare("key", "linkage", "--linkage", "L", "--keys",
			      in("keys"), NULL),
		  0);
	for (int i = 0; i < 2; i++)
		CHECK_INT(run_prepare("key", "permit", "--permit", permits[i],
				      "--keys", in("keys"), NULL),
			  0);
}

static void prepare(const char *permit, const char *out)
{
	char recipe[32], file[32];

	snprintf(recipe, sizeof recipe, "%s-d.yaml", permit);
	snprintf(file, sizeof file, "%s.yaml", permit);
	int status =
		run_prepare("run", in(recipe), "--keys", in("keys"),
			    "--permit-file", in(file), "--out", in(out), NULL);
	if (status != 0)
		CHECK_STR(complained, "");
	CHECK_INT(status, 0);
}

/* --- Results ------------------------------------------------------------------ */

/* RFC 4180, once more and without haste. Returns where the next field is. */
static char *take_field(char *at, char **field)
{
	char *to = at;

	*field = at;
	if (*at != '"') {
		at += strcspn(at, ",\n");
		to = at;
	} else {
		for (at++; *at != '"' || at[1] == '"'; at++) {
			at += *at == '"';
			*to++ = *at;
		}
		at++;
	}
	CHECK(*at == ',' || *at == '\n');
	at++;
	*to = '\0';
	return at;
}

static void read_result(struct result *result, const char *bundle, int t)
{
	char name[64];

	snprintf(name, sizeof name, "%s/data/%s.csv", bundle, table_names[t]);
	FILE *file = fopen(in(name), "re");
	CHECK(file != NULL);
	result->bytes = calloc(TABLE_BYTES, 1);
	CHECK(fread(result->bytes, 1, TABLE_BYTES - 1, file) > 0);
	fclose(file);
	result->n = -1; /* the header */
	for (char *at = result->bytes; *at; result->n++) {
		CHECK(result->n < ROWS);
		for (int i = 0; i < FIELDS; i++)
			at = take_field(at, &result->fields[result->n + 1][i]);
	}
}

/* The row that a line of the result was made from. */
static const struct row *row_of(const struct result *result, long line, int t)
{
	long n = strtol(result->fields[line][4], NULL, 10);

	CHECK(n >= 0 && n < nrows[t]);
	return &rows[t][n];
}

static int32_t day_of(const char *text)
{
	struct date date;

	CHECK(date_read(date_form_make("%Y-%m-%d"), text, strlen(text), &date));
	return date_to_day(date);
}

/* How many persons the wanted rows of a code have. */
static int sharers(int t, int code)
{
	bool met[PERSONS] = { false };
	int n = 0;

	for (int i = 0; i < nrows[t]; i++) {
		const struct row *row = &rows[t][i];

		if (!row->wanted || row->code != code || met[row->person])
			continue;
		met[row->person] = true;
		n++;
	}
	return n;
}

/* How many persons have a rare code: they share the label. */
static int label_sharers(int t)
{
	bool met[PERSONS] = { false };
	int n = 0;

	for (int i = 0; i < nrows[t]; i++) {
		const struct row *row = &rows[t][i];

		if (!row->wanted || met[row->person] ||
		    sharers(t, row->code) >= K)
			continue;
		met[row->person] = true;
		n++;
	}
	return n;
}

/* What was found of each person and place over all tables of a bundle. */
struct found {
	const char *pid[PERSONS], *place[9];
	int32_t offset[PERSONS]; /* 0: not met */
};

static void same_or_new(const char **known, const char *now)
{
	if (!*known)
		*known = now;
	CHECK_STR(now, *known);
}

static void check_line(const struct result *result, long line, int t,
		       const bool *rare, struct found *found)
{
	char *const *fields = result->fields[line];
	const struct row *row = row_of(result, line, t);
	int32_t offset = day_of(fields[1]) - row->day;
	char code[16];

	CHECK(row->wanted);
	same_or_new(&found->pid[row->person], fields[0]);
	same_or_new(&found->place[row->place], fields[3]);
	CHECK(offset != 0 && offset >= -MOST_DAYS && offset <= MOST_DAYS);
	if (found->offset[row->person] == 0)
		found->offset[row->person] = offset;
	CHECK_INT(offset, found->offset[row->person]);
	snprintf(code, sizeof code, "c%d", row->code);
	CHECK_STR(fields[2], rare[row->code] ? "other" : code);
	CHECK_STR(fields[5], row->text);
}

static void check_table(const struct result *result, int t, struct found *found)
{
	bool rare[CODES], deleted = label_sharers(t) < K;
	long want = 0;

	for (int i = 0; i < CODES; i++)
		rare[i] = sharers(t, i) < K;
	for (int i = 0; i < nrows[t]; i++)
		want += rows[t][i].wanted &&
			!(deleted && rare[rows[t][i].code]);
	CHECK_INT(result->n, want);
	for (long line = 1; line <= result->n; line++) {
		CHECK(line == 1 ||
		      row_of(result, line, t) > row_of(result, line - 1, t));
		check_line(result, line, t, rare, found);
	}
}

/* No two persons, and no person and place, have one id. */
static void check_ids(const struct found *found)
{
	const char *all[PERSONS + 9];
	int n = 0;

	for (int i = 0; i < PERSONS; i++)
		if (found->pid[i])
			all[n++] = found->pid[i];
	for (int i = 0; i < 9; i++)
		if (found->place[i])
			all[n++] = found->place[i];
	for (int i = 0; i < n; i++) {
		CHECK_INT(strlen(all[i]), 26);
		for (int k = 0; k < i; k++)
			CHECK(strcmp(all[i], all[k]) != 0);
	}
}

/* The manifest's counts of a table add up to its rows. */
static void check_counts(const char *bundle, const struct result *results)
{
	char name[64], want[256];

	snprintf(name, sizeof name, "%s/manifest.json", bundle);
	const char *manifest = get(name);
	for (int t = 0; t < TABLES; t++) {
		long out = 0, filtered = 0, beside = 0, deleted = nrows[t];

		for (int i = 0; i < nrows[t]; i++) {
			const struct row *row = &rows[t][i];

			out += opted_out[row->person];
			beside += !opted_out[row->person] &&
				  !in_cohort[row->person];
			filtered += !opted_out[row->person] &&
				    in_cohort[row->person] && !row->wanted;
		}
		deleted -= out + beside + filtered + results[t].n;
		snprintf(want, sizeof want,
			 "\"rows_deleted\":%ld,\"rows_dropped\":%ld,"
			 "\"rows_filtered\":%ld,"
			 "\"rows_in\":%d,\"rows_opted_out\":%ld,"
			 "\"rows_out\":%ld,\"rows_outside_cohort\":%ld",
			 deleted, nrows[t] - results[t].n, filtered, nrows[t],
			 out, results[t].n, beside);
		if (!strstr(manifest, want))
			CHECK_STR(manifest, want);
	}
}

/* The database says the same as the table, row by row. */
static void check_database(const char *bundle, const struct result *result,
			   int t)
{
	char name[64], sql[64];
	sqlite3_stmt *select;
	sqlite3 *db;
	long line = 0;

	snprintf(name, sizeof name, "%s/data/d.db", bundle);
	snprintf(sql, sizeof sql, "SELECT * FROM %s ORDER BY rowid",
		 table_names[t]);
	CHECK_INT(sqlite3_open_v2(in(name), &db, SQLITE_OPEN_READONLY, NULL),
		  SQLITE_OK);
	CHECK_INT(sqlite3_prepare_v2(db, sql, -1, &select, NULL), SQLITE_OK);
	while (sqlite3_step(select) == SQLITE_ROW) {
		line++;
		CHECK(line <= result->n);
		for (int i = 0; i < FIELDS; i++) {
			const char *text =
				(const char *)sqlite3_column_text(select, i);

			CHECK_STR(text ? text : "", result->fields[line][i]);
		}
	}
	CHECK_INT(line, result->n);
	sqlite3_finalize(select);
	sqlite3_close(db);
}

static void check_bundle(const char *bundle, struct found *found)
{
	static struct result results[TABLES];

	memset(found, 0, sizeof *found);
	for (int t = 0; t < TABLES; t++) {
		read_result(&results[t], bundle, t);
		check_table(&results[t], t, found);
		check_database(bundle, &results[t], t);
	}
	check_counts(bundle, results);
	check_ids(found); /* the results' bytes stay for who compares them */
}

/* --- The properties ------------------------------------------------------------- */

static void begin(const char *what)
{
	long seed = number_of("SEED", 1);

	printf("# %s: SEED=%ld\n", what, seed);
	fflush(stdout);
	state = (uint64_t)seed;
	make_keys();
}

static void remove_bundle(const char *name)
{
	char command[4200];
	char rm[] = "rm", rf[] = "-rf", *words[] = { rm, rf, command, NULL };
	int status;
	pid_t pid = fork();

	snprintf(command, sizeof command, "%s", in(name));
	if (pid == 0) {
		execvp(words[0], words);
		_exit(127);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
}

TEST(properties, "kept values, ids, offsets, opt-outs, rare values, counts and "
		 "the database are what they must be")
{
	static struct found found;

	begin("tables");
	for (long round = number_of("ROUNDS", 8); round > 0; round--) {
		make_all(20 + (int)dice(400));
		prepare("P-1", "out");
		check_bundle("out", &found);
		CHECK_INT(verify_bundle_at("out"), 0);
		remove_bundle("out");
	}
}

TEST(permits, "two permits share no id; linked ones share all of theirs, and "
	      "nothing with others")
{
	static struct found found[4];
	static const char *const permits[] = { "P-1", "P-2", "P-3", "P-4" };
	static const char *const outs[] = { "o1", "o2", "o3", "o4" };

	begin("permits");
	make_all(300);
	for (int i = 0; i < 4; i++) {
		prepare(permits[i], outs[i]);
		check_bundle(outs[i], &found[i]);
	}
	for (int a = 0; a < 4; a++)
		for (int b = 0; b < a; b++)
			for (int i = 0; i < PERSONS; i++)
				for (int k = 0; k < PERSONS; k++) {
					const char *x = found[a].pid[i];
					const char *y = found[b].pid[k];

					CHECK(!x || !y ||
					      (strcmp(x, y) == 0) ==
						      (i == k && a == 3 &&
						       b == 2));
				}
}

static void on_processors(int n)
{
	cpu_set_t all, some;
	int taken = 0;

	CHECK(sched_getaffinity(0, sizeof all, &all) == 0);
	CPU_ZERO(&some);
	for (size_t i = 0; i < CPU_SETSIZE && taken < n; i++)
		if (CPU_ISSET(i, &all)) {
			CPU_SET(i, &some);
			taken++;
		}
	CHECK(sched_setaffinity(0, sizeof some, &some) == 0);
}

TEST(again, "running again gives the same bytes, on one processor or more")
{
	static struct found found;
	char first[65536];

	begin("again");
	make_all(ROWS - 9);
	prepare("P-1", "out");
	check_bundle("out", &found);
	snprintf(first, sizeof first, "%s", get("out/manifest.json"));
	prepare("P-1", "again");
	CHECK_STR(get("again/manifest.json"), first);
	on_processors(1);
	prepare("P-1", "alone");
	CHECK_STR(get("alone/manifest.json"), first);
}

TAP_MAIN
