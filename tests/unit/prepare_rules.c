/* links: policy/prepare policy audit gateway/base; -lsqlite3 -lyaml -lutf8proc -lcrypto */
/*
 * prepare_rules - whose rows and which rows, chains, quarantine and classes,
 * through the engine.
 */
#include "policy/prepare/calendar.h"
#include "tests/unit/prepare_engine.h"

static struct engine engine;

static const char subject[] = "    null: ['']\n"
			      "    subject: {column: id, normalize: [nfkc, "
			      "strip]}\n";

static void check_out(int done, const char *want)
{
	if (done < 0)
		CHECK_STR(fault_word(engine.fault.code), "none");
	CHECK_STR(engine.out, want);
}

static void check_fault(int done, enum fault_code code)
{
	CHECK_INT(done, -1);
	CHECK_STR(fault_word(engine.fault.code), fault_word(code));
}

/* The subject's rules and more lines, with the value kept. */
static int run_with(const char *more)
{
	char source[2048];

	snprintf(source, sizeof source, "%s%s", subject, more);
	return engine_run(&engine, source,
			  "      id: {do: drop}\n      v: {do: keep}\n");
}

TEST(optout, "who opted out is left out, under any spelling and number")
{
	engine_text("a.csv", "id,v\nA,1\nB,2\nC,3\nA,4\n");
	engine_text("out.csv", "name,id\nx, Ａ \ny,Z\nz,C2\n");
	engine_text("old.csv", "new,old\nC2,C1\nC1,C\n");
	check_out(run_with("    optout: {file: out.csv, column: id}\n"
			   "    history: old.csv\n"),
		  "v\n2\n");
	CHECK_INT(engine.rows.opted_out, 3);
	CHECK_INT(engine.optouts_met, 2);
}

TEST(optout_missing, "without the list of opt-outs nothing is made")
{
	engine_text("a.csv", "id,v\nA,1\n");
	check_fault(run_with("    optout: {file: out.csv, column: id}\n"),
		    FAULT_OPTOUT_MISSING);
	engine_text("out.csv", "number\nA\n");
	check_fault(run_with("    optout: {file: out.csv, column: id}\n"),
		    FAULT_MISSING_COLUMN);
	engine_text("out.csv", "");
	check_fault(run_with("    optout: {file: out.csv, column: id}\n"),
		    FAULT_EMPTY_SOURCE);
	engine_text("out.csv", "id\nA\n\"\"\n");
	check_fault(run_with("    optout: {file: out.csv, column: id}\n"),
		    FAULT_NO_SUBJECT);
}

TEST(optout_empty, "a list with nobody on it leaves out nobody")
{
	engine_text("a.csv", "id,v\nA,1\n");
	engine_text("out.csv", "id\n");
	check_out(run_with("    optout: {file: out.csv, column: id}\n"),
		  "v\n1\n");
}

TEST(cohort, "a cohort is kept, or left out")
{
	engine_text("a.csv", "id,v\nA,1\nB,2\nC,3\n");
	engine_text("c.csv", "id\nA\nC\n");
	check_out(run_with("    cohort: {file: c.csv, column: id}\n"),
		  "v\n1\n3\n");
	check_out(run_with("    cohort: {file: c.csv, column: id, "
			   "mode: exclude}\n"),
		  "v\n2\n");
	CHECK_INT(engine.rows.outside_cohort, 2);
}

TEST(large_lists, "lists of many pages are searched rightly")
{
	enum { PEOPLE = 150000 };
	char *csv = NULL, *list = NULL;
	size_t n, m;
	FILE *rows = open_memstream(&csv, &n);
	FILE *out = open_memstream(&list, &m);

	fputs("id,v\n", rows);
	fputs("id\n", out);
	for (int i = 0; i < PEOPLE; i++) {
		fprintf(rows, "%d,%d\n", i, i % 2);
		if (i % 2)
			fprintf(out, "%d\n", i);
	}
	fclose(rows);
	fclose(out);
	engine_file("a.csv", csv, n);
	engine_file("out.csv", list, m);
	free(csv);
	free(list);
	CHECK_INT(run_with("    optout: {file: out.csv, column: id}\n"), 0);
	CHECK_INT(engine.rows.opted_out, PEOPLE / 2);
	CHECK_INT(engine.optouts_met, PEOPLE / 2);
	CHECK_INT(engine.rows.out, PEOPLE / 2);
	CHECK(strstr(engine.out, "\n1\n") == NULL);
}

TEST(history_conflict, "one new number with two old ones is a fault")
{
	engine_text("a.csv", "id,v\nA,1\n");
	engine_text("old.csv", "new,old\nA,B\nA,B\n");
	check_out(run_with("    history: old.csv\n"), "v\n1\n");
	engine_text("old.csv", "new,old\nA,B\nA,C\n");
	check_fault(run_with("    history: old.csv\n"), FAULT_HISTORY_CONFLICT);
	engine_text("old.csv", "new,old,when\nA,B,1\n");
	check_fault(run_with("    history: old.csv\n"), FAULT_UNKNOWN_COLUMN);
	engine_text("old.csv", "new,old\nA,A\n");
	check_fault(run_with("    history: old.csv\n"), FAULT_HISTORY_CYCLE);
}

TEST(conditions, "rows must meet every condition; nothing meets none")
{
	engine_text("a.csv", "id,v\nA,2020-01-01\nB,2020-12-31\nC,2021-01-01\n"
			     "D,\n");
	check_out(run_with("    rows: [{column: v, between: [2020-01-02, "
			   "2020-12-31]}]\n"),
		  "v\n2020-12-31\n");
	CHECK_INT(engine.rows.filtered, 3);
	check_out(run_with("    rows: [{column: v, prefix_in: ['2020']}, "
			   "{column: id, not_in: [A]}]\n"),
		  "v\n2020-12-31\n");
	check_out(run_with("    rows: [{column: id, in: [C, D]}]\n"),
		  "v\n2021-01-01\n\"\"\n");
	engine_text("a.csv", "id,v\nA,x\n");
	check_fault(run_with("    rows: [{column: v, between: [1, 2]}]\n"),
		    FAULT_BAD_NUMBER);
	check_fault(run_with("    rows: [{column: v, between: [1, 2020-01-01]}]"
			     "\n"),
		    FAULT_RECIPE);
	check_fault(run_with("    rows: [{column: w, in: [1]}]\n"),
		    FAULT_RECIPE);
	check_fault(run_with("    rows: [{column: v, in: [1], not_in: [2]}]\n"),
		    FAULT_RECIPE);
}

TEST(numbers, "numbers of a condition compare as numbers")
{
	engine_text("a.csv", "id,v\nA,9\nB,10.50\nC,100\n");
	check_out(run_with("    rows: [{column: v, between: [9.5, 99]}]\n"),
		  "v\n10.50\n");
}

TEST(chains, "a chain applies from left to right, in both spellings")
{
	static const char want[] = "v\nE11\nE11\nその他\nその他\n";

	engine_text("a.csv", "id,v\nA,E11.9\nB,E119\nC,G35\nD,D86.9\n");
	check_out(engine_run(&engine, subject,
			     "      id: {do: drop}\n"
			     "      v: {do: [{truncate: {hierarchy: icd10, "
			     "level: 3}}, {rare: {k: 2, label: その他}}]}\n"),
		  want);
	check_out(engine_run(&engine, subject,
			     "      id: {do: drop}\n"
			     "      v:\n"
			     "        - {do: truncate, hierarchy: icd10, "
			     "level: 3}\n"
			     "        - {do: rare, k: 2, label: その他}\n"),
		  want);
}

TEST(map, "a map's missing values are a fault, stay, or have a label")
{
	static const char *const missing[] = {
		"", ", missing: keep", ", missing: label, label: other"
	};
	static const char *const want[] = { NULL, "v\none\n2\n",
					    "v\none\nother\n" };
	char columns[256];

	engine_text("a.csv", "id,v\nA,1\nB,2\n");
	engine_text("m.csv", "from,to\n1,one\n");
	for (size_t i = 0; i < 3; i++) {
		snprintf(columns, sizeof columns,
			 "      id: {do: drop}\n"
			 "      v: {do: map, file: m.csv%s}\n",
			 missing[i]);
		int done = engine_run(&engine, subject, columns);
		if (want[i])
			check_out(done, want[i]);
		else
			check_fault(done, FAULT_UNMAPPED);
	}
	engine_text("m.csv", "from,to\n1,one\n1,uno\n");
	check_fault(engine_run(&engine, subject, columns), FAULT_MAP_CONFLICT);
	engine_text("m.csv", "a,b\n1,one\n");
	check_fault(engine_run(&engine, subject, columns),
		    FAULT_MISSING_COLUMN);
}

TEST(delete, "a deleted row leaves no other value below its k")
{
	/* x is rare and goes; with it one of the two persons of p */
	engine_text("a.csv", "id,v,w\nA,x,p\nB,y,p\nC,y,q\nD,y,q\n");
	check_fault(engine_run(&engine, subject,
			       "      id: {do: drop}\n"
			       "      v: {do: rare, k: 2, label: o, small: "
			       "delete}\n"
			       "      w: {do: rare, k: 2, label: o}\n"),
		    FAULT_OTHER_SMALL);
	CHECK_INT(engine.fault.count, 1);
}

/* More than the tables of a pass hold; every third value has two persons. */
static void put_many_values(uint32_t values)
{
	char *csv = NULL;
	size_t n;
	FILE *rows = open_memstream(&csv, &n);

	fputs("id,v\n", rows);
	for (uint32_t i = 0; i < values; i++)
		fprintf(rows, "%u,%05x%s\n", i, i,
			i % 8 ? "" : " of more than sixteen");
	for (uint32_t i = 0; i < values; i += 3)
		fprintf(rows, "x%u,%05x%s\n", i, i,
			i % 8 ? "" : " of more than sixteen");
	fclose(rows);
	engine_file("a.csv", csv, n);
	free(csv);
}

TEST(many_values, "however many values a column has, what is rare is found")
{
	enum { VALUES = 204000 };
	const char *at;

	put_many_values(VALUES);
	engine.threads = 3;
	CHECK_INT(engine_run(&engine, subject,
			     "      id: {do: drop}\n"
			     "      v: {do: [{rare: {k: 2, label: o}}, "
			     "{truncate: {hierarchy: prefix, level: 5}}]}\n"),
		  0);
	CHECK_INT(engine.rows.out, VALUES + VALUES / 3);
	at = engine.out + 2;
	for (uint32_t i = 0; i < VALUES; i++) {
		char want[8];

		snprintf(want, sizeof want, "%05x", i);
		CHECK(i % 3 ? strncmp(at, "o\n", 2) == 0
			    : strncmp(at, want, 5) == 0);
		at = strchr(at, '\n') + 1;
	}
}

TEST(fold_ties, "of equally rare values the first in byte order is folded")
{
	static const char fold[] = "      id: {do: drop}\n"
				   "      v: {do: rare, k: 3, label: o, small: "
				   "fold}\n";

	engine_text("a.csv", "id,v\nA,rare\nA,zz\nB,zz\nC,zz\nA,bb\nB,bb\n"
			     "C,bb\nA,b\nB,b\nC,b\nA,a\nB,a\nC,a\nD,a\n");
	check_out(engine_run(&engine, subject, fold),
		  "v\no\nzz\nzz\nzz\nbb\nbb\nbb\no\no\no\na\na\na\na\n");
	engine_text("a.csv", "id,v\nA,rare\nA,zz\nB,zz\nC,zz\nD,zz\nA,a\n"
			     "B,a\nC,a\nA,a\nB,a\n");
	check_out(engine_run(&engine, subject, fold),
		  "v\no\nzz\nzz\nzz\nzz\no\no\no\no\no\n");
	engine_text("a.csv", "id,v\nA,rare\nB,rare\nA,r\n");
	check_fault(engine_run(&engine, subject, fold), FAULT_OTHER_SMALL);
	CHECK_INT(engine.fault.count, 2);
}

TEST(rows_counted, "rows are counted where the recipe counts rows")
{
	engine_text("a.csv", "id,v\nA,x\nA,x\nA,y\nB,z\n");
	check_out(engine_run(
			  &engine, subject,
			  "      id: {do: drop}\n"
			  "      v: {do: rare, k: 2, label: o, count: rows}\n"),
		  "v\nx\nx\no\no\n");
}

/* The recipe's outer lines, around one source with a date. */
static int quarantine(const char *limits)
{
	char text[1024];

	snprintf(text, sizeof text,
		 "version: 1\npermit: P-1\nprofile: pseudonymized\n"
		 "on_error: {quarantine: {%s}}\nsources:\n  a:\n"
		 "    path: a.csv\n    encoding: utf-8\n"
		 "    subject: {column: id}\n    columns:\n"
		 "      id: {do: drop}\n      v: {do: date, keep: year}\n",
		 limits);
	return engine_recipe(&engine, text);
}

TEST(quarantine, "bad rows are left out up to the recipe's bounds")
{
	engine_text("a.csv", "id,v\nA,2020-01-01\nB,never\n,2020-01-01\n"
			     "C,2021-01-01\n");
	check_out(quarantine("max_rows: 2"), "v\n2020\n2021\n");
	CHECK_INT(engine.rows.quarantined, 2);
	check_fault(quarantine("max_rows: 1"), FAULT_QUARANTINE_FULL);
	check_out(quarantine("max_rows: 2, max_share: 0.5"), "v\n2020\n2021\n");
	check_fault(quarantine("max_rows: 2, max_share: 0.49"),
		    FAULT_QUARANTINE_FULL);
	engine_text("a.csv", "id,v\nA,2020-01-01,x\n");
	check_fault(quarantine("max_rows: 2"), FAULT_RAGGED);
}

static int classes(const char *profile, const char *report)
{
	char text[1024];

	snprintf(text, sizeof text,
		 "version: 1\npermit: P-1\nprofile: %s\nsources:\n  a:\n"
		 "    path: a.csv\n    encoding: utf-8\n"
		 "    subject: {column: id}\n    columns:\n"
		 "      id: {do: drop}\n      sex: {do: keep}\n"
		 "      year: {do: keep}\n      icd10: {do: keep}\n%s",
		 profile, report);
	return engine_recipe(&engine, text);
}

TEST(k, "classes count persons, not rows")
{
	engine_text("a.csv", "id,sex,year,icd10\nA,1,1950,x\nA,1,1950,y\n"
			     "B,1,1950,x\nC,2,1950,x\nC,2,1950,x\n"
			     "D,2,1960,x\nE,2,1960,x\n");
	CHECK_INT(classes("pseudonymized",
			  "report: {quasi_identifiers: [sex, year], "
			  "sensitive: [icd10]}\n"),
		  0);
	CHECK_INT(engine.classes.classes, 3);
	CHECK_INT(engine.classes.subjects, 5);
	CHECK_INT(engine.classes.alone, 1);
	CHECK_INT(engine.classes.least_k, 1);
	CHECK_INT(engine.classes.least_l, 1);
	check_fault(classes("pseudonymized",
			    "report: {quasi_identifiers: [sex, year], "
			    "require: {k: 2}}\n"),
		    FAULT_K);
	CHECK_INT(engine.fault.count, 1);
	CHECK_INT(classes("pseudonymized", "report: {quasi_identifiers: [sex], "
					   "require: {k: 2}}\n"),
		  0);
	check_fault(classes("pseudonymized",
			    "report: {quasi_identifiers: [sex], sensitive: "
			    "[icd10], require: {k: 2, l: 2}}\n"),
		    FAULT_K);
}

TEST(anonymized, "an anonymized dataset is not made without a bound for k")
{
	engine_text("a.csv", "id,sex,year,icd10\n");
	check_fault(classes("anonymized", ""), FAULT_RECIPE);
	check_fault(
		classes("anonymized", "report: {quasi_identifiers: [sex]}\n"),
		FAULT_RECIPE);
	CHECK_INT(classes("anonymized", "report: {quasi_identifiers: [sex], "
					"require: {k: 2}}\n"),
		  0);
}

TEST(weeks, "a shift by weeks keeps the weekday")
{
	engine_text("a.csv", "id,d\nA,2026-11-24\nB,2026-11-24\nC,2026-11-24\n"
			     "D,2026-11-24\n");
	CHECK_INT(engine_run(&engine, subject,
			     "      id: {do: drop}\n      d: {do: shift, "
			     "max_days: 30, unit: week}\n"),
		  0);
	const char *at = strchr(engine.out, '\n') + 1;
	for (int i = 0; i < 4; i++, at += 11) {
		struct date date;

		CHECK(date_read(date_form_make("%Y-%m-%d"), at, 10, &date));
		int32_t moved = date_to_day(date) -
				date_to_day((struct date){ 2026, 11, 24 });
		CHECK(moved % 7 == 0 && moved != 0);
		CHECK(moved >= -28 && moved <= 28);
	}
}

TEST(threads, "the result is the same whatever the number of threads")
{
	enum { ROWS = 30000 };
	char *csv = malloc(ROWS * 40), *to = csv;
	static char first[ENGINE_TEXT];

	to += sprintf(to, "id,d,v\n");
	for (int i = 0; i < ROWS; i++)
		to += sprintf(to, "%d,2020-01-%02d,%s\n", i * 7919 % 5000,
			      1 + i % 28, i % 977 ? "x" : "\"a,\nb\"");
	engine_text("a.csv", csv);
	free(csv);
	for (uint32_t threads = 1; threads <= 3; threads++) {
		engine.threads = threads;
		CHECK_INT(
			engine_run(&engine, subject,
				   "      id: {do: pseudonym, domain: person, "
				   "length: 16}\n"
				   "      d: {do: shift, max_days: 9}\n"
				   "      v: {do: rare, k: 5, label: o}\n"),
			0);
		if (threads == 1)
			snprintf(first, sizeof first, "%s", engine.out);
		else
			CHECK(strcmp(first, engine.out) == 0);
		CHECK_INT(engine.rows.out, ROWS);
	}
}

TEST(first_fault, "of several faults the first one is said")
{
	enum { ROWS = 60000 };
	char *csv = malloc(ROWS * 16), *to = csv;

	to += sprintf(to, "id,v\n");
	for (int i = 2; i < ROWS; i++)
		to += sprintf(to, "%d,%s\n", i, i > 33333 ? "x,y" : "x");
	engine_text("a.csv", csv);
	free(csv);
	engine.threads = 3;
	check_fault(run_with(""), FAULT_RAGGED);
	CHECK_INT(engine.fault.line, 33334);
}

TEST(cp932, "a cp932 file of many blocks is converted whole")
{
	enum { ROWS = 60000 };
	char *csv = malloc(ROWS * 24), *to = csv;

	to += sprintf(to, "id,v\n");
	for (int i = 0; i < ROWS; i++)
		to += sprintf(to, "%d,\x95\x5c\x8e\xa6\n", i);
	engine_text("a.csv", csv);
	free(csv);
	CHECK_INT(engine_run(&engine,
			     "    encoding: cp932\n    subject: {column: id}\n",
			     "      id: {do: drop}\n      v: {do: keep}\n"),
		  0);
	CHECK_INT(engine.rows.out, ROWS);
	CHECK(strncmp(engine.out, "v\n表示\n表示\n", 16) == 0);
	engine_text("a.csv", "id,v\nA,\x95\n");
	check_fault(engine_run(&engine, "    encoding: cp932\n",
			       "      id: {do: drop}\n      v: {do: keep}\n"),
		    FAULT_ENCODING);
	engine_text("a.csv", "\xef\xbb\xbfid,v\n");
	check_fault(engine_run(&engine, "    encoding: cp932\n",
			       "      id: {do: drop}\n      v: {do: keep}\n"),
		    FAULT_BOM);
}

TEST(tabs, "a table with tabs may hold commas, and then they are quoted")
{
	engine_text("a.csv", "id\tv\nA\tx, y\nB\t\"q\tr\"\n");
	check_out(run_with("    format: tsv\n"), "v\n\"x, y\"\nq\tr\n");
}

TEST(changed, "a source that changes while it is read is found out")
{
	static char bytes[CSV_BLOCK + CSV_SLACK];
	struct source source = { .name = "a",
				 .path = "a.csv",
				 .encoding = ENCODING_UTF8,
				 .separator = ',' };
	struct block block = { .bytes = bytes };
	struct fault fault;
	struct input input;
	int folder = open(tap_folder(), O_RDONLY | O_CLOEXEC);

	engine_text("a.csv", "id,v\nA,1\n");
	CHECK_INT(input_open(&input, folder, &source, true, &fault), 0);
	CHECK_INT(input_block(&input, &block, &fault), 1);
	CHECK_INT(input_block(&input, &block, &fault), 0);
	CHECK_INT(input_settled(&input, &fault), 0);
	engine_text("a.csv", "id,v\nA,2\n");
	CHECK_INT(input_settled(&input, &fault), -1);
	CHECK_INT(fault.code, FAULT_SOURCE_CHANGED);
	input_close(&input);
	close(folder);
}

TEST(long_row, "a row of more than a mebibyte is refused, one below is not")
{
	char *csv = malloc(3 << 20), *to = csv;

	to += sprintf(to, "id,v\n");
	for (int i = 0; i < 2; i++)
		to += sprintf(to, "A,\"%065000d\"\n", i);
	engine_text("a.csv", csv);
	CHECK_INT(run_with(""), 0);
	to += sprintf(to, "A,\"%065536d\"\n", 1);
	engine_text("a.csv", csv);
	check_fault(run_with(""), FAULT_TOO_LONG);
	CHECK_INT(engine.fault.line, 4);
	to = csv + sprintf(csv, "id,v\nA,\"");
	memset(to, '\n', 2 << 20);
	snprintf(to + (2 << 20), 8, "\"\n");
	engine_text("a.csv", csv);
	check_fault(run_with(""), FAULT_TOO_LONG);
	free(csv);
}

TAP_MAIN
