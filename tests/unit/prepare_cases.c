/* links: policy/prepare policy audit gateway/base; -lsqlite3 -lyaml -lutf8proc -lcrypto -ljansson */
/*
 * prepare_cases - every case of tests/cases/transform.json through the engine:
 * the exact bytes, or the code.
 */
#include <jansson.h>

#include "policy/prepare/normalize.h"
#include "tests/unit/prepare_engine.h"

static struct engine engine;
static json_t *one; /* the case at work */

static const char *text_of(const char *key)
{
	return json_string_value(json_object_get(one, key));
}

static void take_key(const char *hex)
{
	for (int i = 0; i < PRF_KEY; i++)
		CHECK(sscanf(hex + 2 * i, "%2hhx", &engine.key[i]) == 1);
}

/* The case of that id; the key is that of the file, or the case's own. */
static void take_case(const char *id)
{
	static json_t *all;
	json_error_t error;
	size_t i;

	if (!all)
		all = json_load_file("tests/cases/transform.json", 0, &error);
	CHECK(all != NULL);
	take_key(json_string_value(json_object_get(all, "key_hex")));
	json_array_foreach(json_object_get(all, "cases"), i,
			   one) if (strcmp(text_of("id"), id) == 0) return;
	CHECK_STR("no such case", id);
}

/* Is the code the word of "error" before the first blank or colon? */
static void check_error(int done)
{
	const char *want = text_of("error");
	char word[64];

	CHECK(want != NULL);
	snprintf(word, sizeof word, "%.*s", (int)strcspn(want, " :"), want);
	CHECK_INT(done, -1);
	CHECK_STR(fault_word(engine.fault.code), word);
}

static void check_done(int done)
{
	if (done < 0)
		CHECK_STR(fault_word(engine.fault.code), "none");
}

/* The parameters of an action as YAML, "domain: person, length: 12". */
static void put_params(FILE *out, json_t *params)
{
	const char *key;
	json_t *value;

	json_object_foreach(params, key, value)
	{
		char *as_json;

		if (strcmp(key, "key_hex") == 0)
			continue;
		as_json = json_dumps(value, JSON_ENCODE_ANY);
		fprintf(out, ", %s: %s", key, as_json);
		free(as_json);
	}
}

/* {"band": {"width": 5}} as {do: band, width: 5}; {"date": "month", ...} as
 * {do: date, keep: month, ...}. */
static void put_action(FILE *out, json_t *action)
{
	void *first = json_object_iter(action);
	const char *name = json_object_iter_key(first);
	json_t *params = json_object_iter_value(first);

	fprintf(out, "{do: %s", name);
	if (json_is_object(params))
		put_params(out, params);
	else if (json_is_string(params))
		fprintf(out, ", keep: %s", json_string_value(params));
	while ((first = json_object_iter_next(action, first)))
		fprintf(out, ", %s: \"%s\"", json_object_iter_key(first),
			json_string_value(json_object_iter_value(first)));
	fputs("}\n", out);
}

static const char *column_of(json_t *action, const char *name)
{
	static char text[4096];
	FILE *out = fmemopen(text, sizeof text, "w");

	fprintf(out, "      %s: ", name);
	put_action(out, action);
	fclose(out);
	return text;
}

static void put_quoted(FILE *out, const char *value)
{
	putc('"', out);
	for (; *value; value++) {
		if (*value == '"')
			putc('"', out);
		putc(*value, out);
	}
	putc('"', out);
}

/* One column v with one value, through the case's action. */
static void single(const char *id)
{
	static char csv[4096], want[4096];
	json_t *key;

	take_case(id);
	json_t *action = json_object_get(one, "action");
	key = json_object_get(json_object_iter_value(json_object_iter(action)),
			      "key_hex");
	if (key)
		take_key(json_string_value(key));
	FILE *out = fmemopen(csv, sizeof csv, "w");
	fputs("v\n", out);
	put_quoted(out, text_of("input"));
	fputs("\n", out);
	fclose(out);
	engine_text("a.csv", csv);
	int done = engine_run(&engine, "", column_of(action, "v"));
	if (text_of("error")) {
		check_error(done);
		return;
	}
	check_done(done);
	snprintf(want, sizeof want, "v\n%s\n",
		 *text_of("output") ? text_of("output") : "\"\"");
	CHECK_STR(engine.out, want);
}

#define SINGLE(name, words)                                                    \
	TEST(name, words)                                                      \
	{                                                                      \
		single(#name);                                                 \
	}

SINGLE(P1, "P1: a pseudonym")
SINGLE(P3, "P3: a pseudonym of letters")
SINGLE(P4, "P4: nothing stays nothing")
SINGLE(P5, "P5: another domain, nothing in common")
SINGLE(P6, "P6: another permit, nothing in common")
SINGLE(P7, "P7: one spelling, one pseudonym")
SINGLE(P8, "P8: without normalizing, a blank counts")
SINGLE(P9, "P9: 60 bits are too weak")
SINGLE(D1, "D1: the year of a date")
SINGLE(D2, "D2: the month of a date")
SINGLE(D4, "D4: the month of a date without hyphens")
SINGLE(D5, "D5: the month of a date in an era")
SINGLE(D7, "D7: 91 years are 90+")
SINGLE(D9, "D9: one day before the birthday")
SINGLE(N2, "N2: a band is half-open")
SINGLE(N3, "N3: a band below zero")
SINGLE(N4, "N4: decimals are exact")
SINGLE(N6, "N6: full-width digits")
SINGLE(N7, "N7: a comma is no point")
SINGLE(N8, "N8: NaN is no number")
SINGLE(N11, "N11: the bound itself stays, as it was written")
SINGLE(N12, "N12: below the bound")
SINGLE(N13, "N13: halves round up")
SINGLE(N15, "N15: what is kept stays byte for byte")
SINGLE(T1, "T1: three characters of a code")
SINGLE(T2, "T2: the same without a dot")
SINGLE(T3, "T3: a code that is too short is none")
SINGLE(T5, "T5: the first level of ATC")
SINGLE(T7, "T7: three digits of a postcode")

/* --- Normalizing ------------------------------------------------------------ */

static void kana(const char *id)
{
	char out[256];
	const char *input;

	take_case(id);
	input = text_of("input");
	long n = normalize(NORMALIZE_KANA, input, strlen(input), out,
			   sizeof out);
	CHECK(n >= 0);
	out[n] = '\0';
	CHECK_STR(out, text_of("output"));
}

TEST(L1, "L1-L4: four spellings of a name are one")
{
	kana("L1");
	kana("L2");
	kana("L3");
	kana("L4");
}

TEST(L5, "L5: a key of three columns")
{
	char csv[512], want[128];
	json_t *input;

	take_case("L5");
	input = json_object_get(one, "input");
	snprintf(csv, sizeof csv, "kana_name,birth_date,sex\n%s,%s,%s\n",
		 json_string_value(json_array_get(input, 0)),
		 json_string_value(json_array_get(input, 1)),
		 json_string_value(json_array_get(input, 2)));
	engine_text("a.csv", csv);
	check_done(engine_run(
		&engine, "",
		"      kana_name: {do: pseudonym, domain: person_nk, as: nk,\n"
		"        link_key: [kana_name, birth_date, sex]}\n"
		"      birth_date: {do: drop}\n      sex: {do: drop}\n"));
	snprintf(want, sizeof want, "nk\n%s\n", text_of("output"));
	CHECK_STR(engine.out, want);
}

/* --- Shift -------------------------------------------------------------------- */

static void shift(const char *id)
{
	char csv[512] = "id,d\n", columns[512], want[512] = "d\n";
	json_t *input, *dates, *output, *date;
	size_t i;

	take_case(id);
	input = json_object_get(one, "input");
	dates = json_object_get(input, "dates");
	json_array_foreach(dates, i, date)
		snprintf(csv + strlen(csv), sizeof csv - strlen(csv), "%s,%s\n",
			 json_string_value(json_object_get(input, "subject")),
			 json_string_value(date));
	engine_text("a.csv", csv);
	snprintf(columns, sizeof columns, "      id: {do: drop}\n%s",
		 column_of(json_object_get(one, "action"), "d"));
	int done = engine_run(&engine,
			      "    subject: {column: id, domain: person}\n",
			      columns);
	if (text_of("error")) {
		check_error(done);
		return;
	}
	check_done(done);
	output = json_object_get(one, "output");
	json_array_foreach(output, i, date) snprintf(
		want + strlen(want), sizeof want - strlen(want), "%s\n",
		*json_string_value(date) ? json_string_value(date) : "\"\"");
	CHECK_STR(engine.out, want);
}

TEST(S2, "S2: intervals stay, the offset is never 0")
{
	shift("S2");
}

TEST(S4, "S4: without a subject there is no offset")
{
	shift("S4");
}

TEST(S5, "S5: 30 February is a fault, with its place")
{
	shift("S5");
	CHECK_INT(engine.fault.line, 2);
	CHECK_INT(engine.fault.column, 2);
}

TEST(S6, "S6: or becomes nothing, if the recipe says so")
{
	shift("S6");
}

/* --- Rare ---------------------------------------------------------------------- */

static int rare(const char *id, const char *small)
{
	char csv[1024] = "id,v\n", columns[512];
	json_t *input, *subject;
	size_t i;

	take_case(id);
	input = json_object_get(one, "input");
	json_array_foreach(json_object_get(input, "subject"), i, subject)
		snprintf(csv + strlen(csv), sizeof csv - strlen(csv), "%s,%s\n",
			 json_string_value(subject),
			 json_string_value(json_array_get(
				 json_object_get(input, "value"), i)));
	engine_text("a.csv", csv);
	if (small)
		json_object_set_new(
			json_object_get(json_object_get(one, "action"), "rare"),
			"small", json_string(small));
	snprintf(columns, sizeof columns, "      id: {do: drop}\n%s",
		 column_of(json_object_get(one, "action"), "v"));
	return engine_run(&engine, "    subject: {column: id}\n", columns);
}

TEST(R1, "R1: persons are counted, not rows")
{
	char want[1024] = "v\n";
	json_t *value;
	size_t i;

	check_done(rare("R1", NULL));
	json_array_foreach(json_object_get(one, "output"), i, value)
		snprintf(want + strlen(want), sizeof want - strlen(want),
			 "%s\n", json_string_value(value));
	CHECK_STR(engine.out, want);
}

TEST(R2, "R2: a label that too few share is a fault, or folds, or goes")
{
	check_error(rare("R2", NULL));
	CHECK_INT(engine.fault.count, 2);
	check_done(rare("R2", "fold"));
	CHECK_STR(engine.out, "v\nその他\nその他\nその他\nその他\nその他\n"
			      "その他\n");
	check_done(rare("R2", "delete"));
	CHECK_STR(engine.out, "v\nZ\nZ\nZ\nZ\n");
	CHECK_INT(engine.rows.deleted, 2);
}

/* --- Files ---------------------------------------------------------------------- */

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
}

/* Pairs of hex digits, then text with \n, \r and \" as in C. */
static size_t bytes_of(const char *from, char *out)
{
	size_t n = 0;

	while (is_hex(from[0]) && is_hex(from[1]) &&
	       (from[2] == ' ' || !from[2])) {
		CHECK(sscanf(from, "%2hhx", (unsigned char *)&out[n++]) == 1);
		from += from[2] ? 3 : 2;
	}
	while (*from) {
		if (from[0] == '\\' && (from[1] == 'n' || from[1] == 'r')) {
			out[n++] = from[1] == 'n' ? '\n' : '\r';
			from += 2;
		} else {
			out[n++] = *from++;
		}
	}
	return n;
}

/* A file whose bytes are the case's, with a recipe that keeps these. */
static int parse(const char *id, const char *before, const char *source,
		 const char *const *names)
{
	char bytes[1024], columns[512] = "";
	size_t n = strlen(before);

	take_case(id);
	memcpy(bytes, before, n);
	n += bytes_of(json_string_value(json_object_get(
			      json_object_get(one, "input"), "bytes")),
		      bytes + n);
	engine_file("a.csv", bytes, n);
	for (; *names; names++)
		snprintf(columns + strlen(columns),
			 sizeof columns - strlen(columns),
			 "      %s: {do: keep}\n", *names);
	return engine_run(&engine, source, columns);
}

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

TEST(F1, "F1: a ragged row is a fault, with line and fields")
{
	check_error(parse("F1", "", "", NAMES("id", "name", "v")));
	CHECK_INT(engine.fault.line, 3);
	CHECK_INT(engine.fault.count, 4);
}

TEST(F2, "F2: one byte order mark at the begin is dropped")
{
	check_done(parse("F2", "", "", NAMES("id", "v")));
	CHECK_STR(engine.out, "id,v\n");
}

TEST(F3, "F3: UTF-16 is a fault")
{
	check_error(parse("F3", "", "", NAMES("id")));
}

TEST(F5, "F5: CP932, whose second bytes may be backslashes")
{
	char want[64];

	check_done(parse("F5", "n\n", "    encoding: cp932\n", NAMES("n")));
	snprintf(want, sizeof want, "n\n%s\n",
		 json_string_value(
			 json_array_get(json_object_get(one, "output"), 0)));
	CHECK_STR(engine.out, want);
}

TEST(F6, "F6: a quote that is never closed is a fault, from its line")
{
	check_error(parse("F6", "", "", NAMES("id", "name")));
	CHECK_INT(engine.fault.line, 2);
}

TEST(F8, "F8: a column that nobody decided about is a fault")
{
	check_error(parse("F8", "", "", NAMES("id", "name")));
	CHECK_STR(engine.fault.name, "extra");
}

TEST(F9, "F9: a column that is missing is a fault")
{
	check_error(parse("F9", "", "", NAMES("id", "name")));
	CHECK_STR(engine.fault.name, "name");
}

TEST(F11, "F11: doubled quotes, commas inside, CRLF")
{
	check_done(parse("F11", "a,b,c\r\n", "", NAMES("a", "b", "c")));
	CHECK_STR(engine.out, "a,b,c\n1,\"a \"\"q\"\" , x\",4\n");
}

TEST(F12, "F12: a quote inside a field without quotes is a fault")
{
	check_error(parse("F12", "a,b,c\n", "", NAMES("a", "b", "c")));
}

/* --- History --------------------------------------------------------------------- */

static int history(const char *id, const char *value)
{
	char pairs[512] = "new,old\n", csv[128];
	json_t *pair;
	size_t i;

	take_case(id);
	json_array_foreach(
		json_object_get(json_object_get(one, "input"), "map"), i, pair)
		snprintf(pairs + strlen(pairs), sizeof pairs - strlen(pairs),
			 "%s,%s\n", json_string_value(json_array_get(pair, 0)),
			 json_string_value(json_array_get(pair, 1)));
	engine_text("history.csv", pairs);
	snprintf(csv, sizeof csv, "id\n%s\n", value);
	engine_text("a.csv", csv);
	return engine_run(&engine,
			  "    subject: {column: id, domain: person}\n"
			  "    history: history.csv\n",
			  "      id: {do: pseudonym, domain: person}\n");
}

TEST(H1, "H1: a new number leads to the oldest")
{
	char want[128];

	check_done(history("H1", "N3"));
	snprintf(want, sizeof want, "id\n%s\n", text_of("output"));
	CHECK_STR(engine.out, want);
}

TEST(H2, "H2: a circle of numbers is a fault")
{
	check_error(history("H2", "N1"));
}

/* --- The row of the policy slides ---------------------------------------------- */

/* The input's row behind a subject of its own, and rows of others. */
static void put_slide(const char *subject, int others)
{
	static char csv[16384];
	FILE *out = fmemopen(csv, sizeof csv, "w");
	json_t *value, *row;
	size_t i;

	row = json_object_get(json_object_get(one, "input"), "row");
	fputs("番号,氏名,性別,生年月日,受診日,体重,収縮期血圧,HbA1c,"
	      "インスリン濃度,病名\n",
	      out);
	fputs(subject, out);
	json_array_foreach(row, i, value)
		fprintf(out, ",%s", json_string_value(value));
	fputs("\n", out);
	for (int n = 0; n < others; n++)
		fprintf(out,
			"o%d,厚労花子,女,1990/1/2,2020/8/3,50,120,5.0,1,"
			"病%d\n",
			n, n);
	fclose(out);
	engine_text("a.csv", csv);
	engine_text("ids.csv", "from,to\n厚労花子,B002\n");
}

static void check_slide(void)
{
	char want[1024] = "\n";
	const char *at;
	json_t *value;
	size_t i;

	json_array_foreach(json_object_get(one, "output"), i, value)
		snprintf(want + strlen(want), sizeof want - strlen(want),
			 "%s%s", i ? "," : "", json_string_value(value));
	snprintf(want + strlen(want), sizeof want - strlen(want), "\n");
	at = strchr(engine.out, '\n');
	CHECK(at != NULL);
	char got[1024];
	snprintf(got, sizeof got, "%.*s", (int)(strcspn(at + 1, "\n") + 2), at);
	CHECK_STR(got, want);
}

/* A subject whose dates move by -5 days. */
static const char *find_subject(void)
{
	static char subject[16];
	struct prf prf;

	prf_init(&prf, engine.key, PRF_SHIFT, "person");
	for (int i = 0; i < 10000; i++) {
		uint8_t mac[32];

		snprintf(subject, sizeof subject, "s%d", i);
		prf_value(&prf, subject, strlen(subject), mac);
		if (shift_offset(mac, 30) == -5)
			return subject;
	}
	return NULL;
}

TEST(G1, "G1: the slide's anonymized row, under a real recipe")
{
	take_case("G1");
	put_slide(find_subject(), 12);
	check_done(engine_recipe(
		&engine,
		"version: 1\npermit: P-1\nprofile: anonymized\nsources:\n"
		"  a:\n    path: a.csv\n    encoding: utf-8\n"
		"    subject: {column: 番号, domain: person}\n    columns:\n"
		"      番号: {do: drop}\n"
		"      氏名: {do: map, file: ids.csv}\n"
		"      性別: {do: keep}\n"
		"      生年月日: {do: date, keep: month, in: '%Y/%-m/%-d'}\n"
		"      受診日: {do: shift, by: subject, max_days: 30,\n"
		"              in: '%Y/%-m/%-d'}\n"
		"      体重: {do: band, width: 5, label: '{lo}～{hi}'}\n"
		"      収縮期血圧: {do: top, gt: 200, label: 201以上}\n"
		"      HbA1c: {do: keep}\n      インスリン濃度: {do: keep}\n"
		"      病名: {do: rare, k: 10, label: その他}\n"
		"report: {quasi_identifiers: [性別], require: {k: 2}}\n"));
	check_slide();
}

TEST(G2, "G2: the slide's pseudonymized row: all else byte for byte")
{
	take_case("G2");
	put_slide("s1", 0);
	check_done(engine_run(
		&engine, "    subject: {column: 番号, domain: person}\n",
		"      番号: {do: drop}\n"
		"      氏名: {do: map, file: ids.csv}\n"
		"      性別: {do: keep}\n      生年月日: {do: keep}\n"
		"      受診日: {do: keep}\n      体重: {do: keep}\n"
		"      収縮期血圧: {do: keep}\n      HbA1c: {do: keep}\n"
		"      インスリン濃度: {do: keep}\n      病名: {do: keep}\n"));
	check_slide();
}

TEST(all, "every case of the file has its test here")
{
	static const char ids[] =
		" G1 G2 P1 P3 P4 P5 P6 P7 P8 P9 L1 L2 L3 L4 L5 S2 S4 S5 S6 D1 "
		"D2 D4 D5 D7 D9 N2 N3 N4 N6 N7 N8 N11 N12 N13 N15 T1 T2 T3 T5 "
		"T7 R1 R2 F1 F2 F3 F5 F6 F8 F9 F11 F12 H1 H2 ";
	json_error_t error;
	static json_t *file;
	json_t *entry;
	size_t i;

	file = json_load_file("tests/cases/transform.json", 0, &error);
	json_array_foreach(json_object_get(file, "cases"), i, entry)
	{
		char id[16];

		snprintf(id, sizeof id, " %s ",
			 json_string_value(json_object_get(entry, "id")));
		CHECK(strstr(ids, id) != NULL);
	}
	CHECK_INT(i, 53);
}

TAP_MAIN
