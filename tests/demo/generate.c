/*
 * generate - made-up patients, claims and check-ups of an invented insurer.
 *
 *	generate [--persons N] [--seed S] --out DIR
 *
 * For the demo, tests and measurements. Writes patients.csv, claims.csv and
 * checkups.csv: UTF-8, Japanese names, codes that exist, persons who do not.
 * The same N and S give the same bytes on every machine. Streams: memory does
 * not grow with N. Not installed.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LENGTH(a) (sizeof(a) / sizeof *(a))

enum { FIRST_DAY = 17987 /* 2019-04-01 */, DAYS = 1461, FACILITIES = 400 };

static const char *const family[] = {
	"サトウ",   "スズキ",	"タカハシ", "タナカ",	"イトウ",   "ワタナベ",
	"ヤマモト", "ナカムラ", "コバヤシ", "カトウ",	"ヨシダ",   "ヤマダ",
	"ササキ",   "ヤマグチ", "マツモト", "イノウエ", "キムラ",   "ハヤシ",
	"シミズ",   "ヤマザキ", "モリ",	    "アベ",	"イケダ",   "ハシモト",
	"イシカワ", "オガワ",	"マエダ",   "オカダ",	"ハセガワ", "フジタ"
};
static const char *const given[][20] = {
	{ "ハルト", "ミナト", "ユウト", "ソウタ",   "ヒロシ",
	  "タカシ", "マコト", "ケンジ", "ダイスケ", "ショウタ",
	  "アキラ", "マサル", "イサム", "シゲル",   "キヨシ",
	  "ノボル", "トオル", "マモル", "ススム",   "ツトム" },
	{ "ヒマリ", "サクラ", "ユイ",	"アオイ", "ケイコ", "カズコ", "ヨウコ",
	  "ミカ",   "アユミ", "マナミ", "キミコ", "フミコ", "トシコ", "ハナコ",
	  "サチコ", "ノリコ", "クミコ", "メグミ", "ナオミ", "リカ" }
};
/* ICD-10, and how many in a thousand claims */
static const struct {
	const char *code;
	unsigned int share;
} diagnoses[] = { { "I10", 190 }, { "E119", 110 }, { "E785", 110 },
		  { "J069", 90 }, { "M545", 70 },  { "K219", 60 },
		  { "J459", 55 }, { "F329", 45 },  { "M179", 45 },
		  { "H109", 40 }, { "L309", 40 },  { "K297", 35 },
		  { "I489", 25 }, { "N189", 20 },  { "C509", 12 },
		  { "C189", 12 }, { "I509", 12 },  { "G309", 10 },
		  { "E109", 7 },  { "M069", 6 },   { "G35", 3 },
		  { "D869", 1 },  { "E752", 1 },   { "G610", 1 } };
static const char *const drugs[][2] = {
	{ "C08CA01", "2171022F1014" }, { "C09CA06", "2149044F1020" },
	{ "A10BA02", "3962002F2027" }, { "A10BH01", "3969010F1020" },
	{ "C10AA05", "2189015F1023" }, { "C10AA07", "2189017F1022" },
	{ "M01AB05", "1147002F1560" }, { "A02BC03", "2329028F1015" },
	{ "N06AB06", "1179046F1025" }, { "B01AF02", "3339004F1023" },
	{ "R03AC02", "2254700F3033" }, { "A10AB05", "2492415A1020" },
	{ "N02BE01", "1141007F1063" }, { "J01CR02", "6139100F1098" },
	{ "H02AB06", "2456001F1310" }, { "", "" }
};
static const char *const postcodes[] = { "100", "150", "060", "980", "460",
					 "530", "600", "650", "730", "812",
					 "900", "330", "260", "220", "380",
					 "950", "420", "700" };

struct person {
	uint64_t state; /* of this person's own dice */
	uint64_t number;
	unsigned int sex; /* 1 male, 2 female */
	int born;	  /* day */
	unsigned int postcode[2];
	unsigned int weight; /* tenths of kg */
	unsigned int sbp, hba1c;
};

/* splitmix64: small, even, and the same everywhere. */
static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static unsigned int dice(struct person *p, unsigned int sides)
{
	return (unsigned int)((next(&p->state) >> 32) * sides >> 32);
}

/* About normal: the sum of four dice. */
static unsigned int bell(struct person *p, unsigned int middle,
			 unsigned int spread)
{
	unsigned int sum = 0;

	for (int i = 0; i < 4; i++)
		sum += dice(p, spread);
	return middle + sum > 2 * spread ? middle + sum - 2 * spread : 0;
}

/* Year, month, day of a day; proleptic Gregorian. */
static void put_day(FILE *out, int day)
{
	int z = day + 719468, era = z / 146097, doe = z - era * 146097;
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (5 * doy + 2) / 153, month = mp < 10 ? mp + 3 : mp - 9;

	fprintf(out, "%04d-%02d-%02d", yoe + era * 400 + (month <= 2), month,
		doy - (153 * mp + 2) / 5 + 1);
}

static void make_person(struct person *p, uint64_t seed, uint64_t number)
{
	p->state = seed ^ number * UINT64_C(0xd1342543de82ef95);
	p->number = number;
	p->sex = 1 + dice(p, 2);
	p->born = FIRST_DAY - 365 * 20 - (int)dice(p, 365 * 75);
	p->postcode[0] = dice(p, LENGTH(postcodes));
	p->postcode[1] = dice(p, 60) * 10 + dice(p, 9);
	p->weight = bell(p, p->sex == 1 ? 665 : 535, 110);
	p->sbp = bell(p, 126, 26);
	p->hba1c = bell(p, 57, 9);
}

/* Ten digits that do not count up, as numbers of insured persons do not; no
 * two alike, because the modulus is a prime. */
static void put_id(FILE *out, const struct person *p)
{
	fprintf(out, "%010" PRIu64,
		p->number * UINT64_C(7046029253) % UINT64_C(9999999967));
}

static void put_patient(FILE *out, struct person *p)
{
	put_id(out, p);
	fprintf(out, ",%s %s,", family[dice(p, LENGTH(family))],
		given[p->sex - 1][dice(p, 20)]);
	put_day(out, p->born);
	fprintf(out, ",%u,%s%04u\n", p->sex, postcodes[p->postcode[0]],
		p->postcode[1]);
}

static const char *diagnosis(struct person *p)
{
	unsigned int left = dice(p, 1000), i = 0;

	while (i + 1 < LENGTH(diagnoses) && left >= diagnoses[i].share)
		left -= diagnoses[i++].share;
	return diagnoses[i].code;
}

static void put_claims(FILE *out, struct person *p, const char *name)
{
	unsigned int visits = dice(p, 12) + dice(p, 10);

	for (unsigned int i = 0; i < visits; i++) {
		unsigned int drug = dice(p, LENGTH(drugs));

		put_id(out, p);
		fprintf(out, ",%s,", name);
		put_day(out, p->born);
		fprintf(out, ",%u,%s%04u,13%08u,", p->sex,
			postcodes[p->postcode[0]], p->postcode[1],
			dice(p, FACILITIES) * 7919 + 1000003);
		put_day(out, FIRST_DAY + (int)dice(p, DAYS));
		fprintf(out, ",%s,%s,%s,%u,%u.%u,%u,%u.%u\n", diagnosis(p),
			drugs[drug][0], drugs[drug][1],
			73 + dice(p, 60) * dice(p, 60), p->weight / 10,
			p->weight % 10, p->sbp + dice(p, 20), p->hba1c / 10,
			p->hba1c % 10);
	}
}

/* A check-up every year that the person goes to one. */
static void put_checkups(FILE *out, struct person *p)
{
	for (int year = 0; year < 4; year++) {
		unsigned int weight = p->weight + dice(p, 30);

		if (dice(p, 100) >= 55)
			continue;
		put_id(out, p);
		putc(',', out);
		put_day(out, FIRST_DAY + year * 365 + (int)dice(p, 365));
		fprintf(out, ",%u.%u,%u,%u,%u,%u.%u,%u,%s\n", weight / 10,
			weight % 10, p->sbp + dice(p, 16), bell(p, 78, 14),
			bell(p, 120, 40), p->hba1c / 10, p->hba1c % 10,
			1 + dice(p, 3),
			dice(p, 20) ? "" : "\"要再検査, 3 か月後\"");
	}
}

static FILE *create(const char *folder, const char *name, const char *header)
{
	char path[4096];
	FILE *out;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	out = fopen(path, "wex");
	if (!out) {
		fprintf(stderr, "generate: %s: %s\n", path,
			strerrordesc_np(errno));
		exit(1);
	}
	fprintf(out, "%s\n", header);
	return out;
}

static void generate(const char *folder, uint64_t persons, uint64_t seed)
{
	FILE *patients = create(folder, "patients.csv",
				"patient_id,name_kana,birth_date,sex,postcode");
	FILE *claims =
		create(folder, "claims.csv",
		       "patient_id,name_kana,birth_date,sex,postcode,"
		       "facility_code,visit_date,icd10,atc,yj_code,points,"
		       "weight,sbp,hba1c");
	FILE *checkups = create(folder, "checkups.csv",
				"patient_id,checkup_date,weight,sbp,dbp,ldl,"
				"hba1c,smoking,note");
	bool failed = false;

	for (uint64_t i = 0; i < persons; i++) {
		struct person p;
		char name[64];

		make_person(&p, seed, i + 1);
		struct person again = p;
		snprintf(name, sizeof name, "%s %s",
			 family[dice(&again, LENGTH(family))],
			 given[p.sex - 1][dice(&again, 20)]);
		put_patient(patients, &p);
		put_claims(claims, &p, name);
		put_checkups(checkups, &p);
	}
	failed |= fclose(patients) != 0;
	failed |= fclose(claims) != 0;
	failed |= fclose(checkups) != 0;
	if (failed) {
		fprintf(stderr, "generate: cannot write to %s\n", folder);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{ "persons", required_argument, NULL, 'n' },
		{ "seed", required_argument, NULL, 's' },
		{ "out", required_argument, NULL, 'o' },
		{ NULL, 0, NULL, 0 },
	};
	uint64_t persons = 10000, seed = 2026;
	const char *folder = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 'n')
			persons = strtoull(optarg, NULL, 10);
		else if (c == 's')
			seed = strtoull(optarg, NULL, 10);
		else if (c == 'o')
			folder = optarg;
		else
			return 2;
	}
	if (!folder || optind != argc || persons == 0) {
		fputs("usage: generate [--persons N] [--seed S] --out DIR\n",
		      stderr);
		return 2;
	}
	if (mkdir(folder, 0755) < 0 && errno != EEXIST) {
		fprintf(stderr, "generate: %s: %s\n", folder,
			strerrordesc_np(errno));
		return 1;
	}
	generate(folder, persons, seed);
	return 0;
}
