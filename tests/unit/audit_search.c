/* links: audit/search audit gateway/base; -lsqlite3 -lcrypto */
/*
 * audit_search - with an index or without one the answers are the same, and an
 * index that lies can hide, and nothing else.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "audit/chain.h"
#include "audit/search/search.h"
#include "gateway/base/own.h"
#include "tests/unit/tap.h"

enum { ENTRIES = SEGMENT_ENTRIES + 3000 };

static struct found found, plain;
static struct err err;

static int folder(const char *name)
{
	char path[600];

	snprintf(path, sizeof path, "%s/%s", tap_folder(), name);
	mkdir(path, 0700);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static const char *index_path(void)
{
	static char path[600];

	snprintf(path, sizeof path, "%s/index", tap_folder());
	return path;
}

static void set(struct audit_field *field, const char *key, const char *value)
{
	*field = (struct audit_field){ .is_text = true };
	snprintf(field->key, sizeof field->key, "%s", key);
	snprintf(field->value, sizeof field->value, "%s", value);
}

/* A log that is being written, without syncs and signatures. */
struct writing {
	FILE *out;
	int seg;
	struct chain chain;
	struct hasher hasher;
};

static void put_line(struct writing *writing, struct record *record)
{
	char line[2048], name[SEGMENT_NAME];

	if (writing->chain.next % SEGMENT_ENTRIES == 0) {
		if (writing->out)
			fclose(writing->out);
		segment_name(name, writing->chain.next);
		writing->out =
			fdopen(openat(writing->seg, name,
				      O_WRONLY | O_CREAT | O_CLOEXEC, 0600),
			       "w");
		CHECK(writing->out);
	}
	record->index = writing->chain.next;
	record->previous = writing->chain.head;
	long len = record_build(line, sizeof line, record, &err);
	CHECK(len > 0);
	chain_append(&writing->chain, &writing->hasher, line, (size_t)len);
	line[len] = '\n';
	CHECK(fwrite(line, (size_t)len + 1, 1, writing->out) == 1);
}

/* Sessions that take turns, times that go back now and then. */
static void append(struct writing *writing, unsigned int i)
{
	static const char *const events[] = { "exec", "data.open",
					      "session.open", "files.read",
					      "release.open" };
	struct audit_field fields[2];
	char actor[16], session[16], permit[16], idem[16];
	struct record record = { .time = 1790000000000000 +
					 (int64_t)(i ^ 5) * 1000000,
				 .actor = actor,
				 .session = session,
				 .permit = permit,
				 .idem = idem,
				 .boot = "00112233445566778899aabbccddeeff",
				 .event = events[i % 5],
				 .result = i % 97 ? "ok" : "deny",
				 .writer = "watch",
				 .fields = fields,
				 .nfields = 2 };

	snprintf(actor, sizeof actor, "a-%u", i % 11);
	snprintf(session, sizeof session, "s-%u", i / 40 % 300);
	snprintf(permit, sizeof permit, "P-%u", i % 7);
	snprintf(idem, sizeof idem, "%u", i);
	set(&fields[0], i % 5 == 2 ? "datasets" : "dataset",
	    i % 5 == 2 ? "claims-1, claims-9" : "claims-1");
	set(&fields[1], "view", i % 2 ? "released" : "audit");
	put_line(writing, &record);
}

/* A log of two segments that begins with the record of that number; its folder. */
static int make_from(unsigned int begin, unsigned int entries)
{
	struct writing writing = { 0 };
	int log = folder("log");

	mkdirat(log, "seg", 0700);
	writing.seg = openat(log, "seg", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	chain_init(&writing.chain);
	for (unsigned int i = 0; i < entries; i++)
		append(&writing, begin + i);
	fclose(writing.out);
	close(writing.seg);
	return log;
}

static int make(unsigned int entries)
{
	return make_from(0, entries);
}

static struct search *open_indexed(int log)
{
	struct search *search = search_open(log, index_path(), &err);

	if (!search)
		CHECK_STR(err.text, "");
	while (search_advance(search, &err) > 0)
		;
	return search;
}

static struct query ask(const char *const *words)
{
	struct query query = { .count = QUERY_MOST };

	for (; *words; words += 2)
		CHECK(query_option(&query, words[0], words[1], 1790000000) ==
		      QUERY_TAKEN);
	return query;
}

static bool same(const struct found *a, const struct found *b)
{
	return a->total == b->total && a->n == b->n &&
	       memcmp(a->places, b->places, a->n * sizeof *a->places) == 0;
}

static const char *const questions[][9] = {
	{ "--session", "s-3" },
	{ "--session", "s-299", "--last", "20" },
	{ "--dataset", "claims-9" },
	{ "--dataset", "claims-1", "--event", "data.open", "--actor", "a-4" },
	{ "--left", "P-3" },
	{ "--event", "release.*", "--permit", "P-2" },
	{ "--event", "release." },
	{ "--result", "deny", "--last", "300" },
	{ "--from", "65530", "-n", "20" },
	{ "--event", "nothing" },
	{ "--since", "10h", "--event", "exec" },
};

TEST(same, "an index and a reading of everything find the same")
{
	int log = make(ENTRIES);
	struct search *with = open_indexed(log);
	struct search *without = search_open(log, NULL, &err);

	CHECK(with && without);
	for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
		struct query query = ask(questions[i]);

		CHECK(search_find(with, &query, &found, &err) == 0);
		CHECK(search_find(without, &query, &plain, &err) == 0);
		CHECK(same(&found, &plain));
		CHECK((found.total == 0) == (i == 9));
	}
	/* through the middle of both segments */
	struct query query = { .since = 1790000000 + 60000,
			       .until = 1790000000 + 66000,
			       .count = QUERY_MOST,
			       .last = true };
	snprintf(query.values[QUERY_ACTOR], QUERY_VALUE, "a-1");
	CHECK(search_find(with, &query, &found, &err) == 0);
	CHECK(search_find(without, &query, &plain, &err) == 0);
	CHECK(same(&found, &plain));
	CHECK(found.total == 545 || found.total == 546);
	search_close(with);
	search_close(without);
}

TEST(read, "what was found is read where it stands, and is an answer")
{
	static struct found_record record;
	const char *const words[] = { "--left", "P-3", NULL };
	struct query query = ask(words);
	struct found_reader reader;
	struct search *search = open_indexed(make(ENTRIES));

	CHECK(search_find(search, &query, &found, &err) == 0);
	CHECK(found.n == QUERY_MOST);
	found_begin(&reader, search->seg);
	for (unsigned int i = 0; i < found.n; i++) {
		CHECK(found_read(&reader, &found.places[i], &query, &record,
				 &err) == 0);
		CHECK(record.view.index == found.places[i].index);
		CHECK(strstr(record.line, "\"permit\":\"P-3\""));
	}
	/* another entry's place, the middle of an entry, behind the end */
	struct found_place wrong = found.places[0];
	wrong.offset = found.places[1].offset;
	CHECK(found_read(&reader, &wrong, &query, &record, &err) < 0);
	wrong.offset = found.places[0].offset + 1;
	CHECK(found_read(&reader, &wrong, &query, &record, &err) < 0);
	wrong.offset = UINT64_MAX;
	CHECK(found_read(&reader, &wrong, &query, &record, &err) < 0);
	/* and one that is no answer */
	snprintf(query.values[QUERY_LEFT], QUERY_VALUE, "P-4");
	CHECK(found_read(&reader, &found.places[0], &query, &record, &err) < 0);
	CHECK_STR(err.text, "the search index is wrong about entry 3");
	found_end(&reader);
	search_close(search);
}

static void execute(const char *sql)
{
	sqlite3 *db;

	CHECK(sqlite3_open(index_path(), &db) == SQLITE_OK);
	CHECK(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
	sqlite3_close(db);
}

TEST(lies, "an index that lies hides, and shows nothing that is not there")
{
	const char *const words[] = { "--session", "s-3", NULL };
	struct query query = ask(words);
	int log = make(ENTRIES);
	struct search *search = open_indexed(log);
	static struct found_record record;
	struct found_reader reader;

	CHECK(search_find(search, &query, &plain, &err) == 0);
	search_close(search);
	execute("UPDATE posting SET places = x'000001000200ffff' WHERE term = "
		"'session=s-3'");
	search = open_indexed(log);
	CHECK(search_find(search, &query, &found, &err) == 0);
	CHECK(found.total < plain.total && found.n >= 4);
	found_begin(&reader, search->seg);
	for (unsigned int i = 0; i < 4; i++)
		CHECK(found_read(&reader, &found.places[i], &query, &record,
				 &err) < 0);
	found_end(&reader);
	search_close(search);
	execute("UPDATE posting SET places = x'00' WHERE term = 'session=s-3'");
	execute("UPDATE segment SET offsets = x'00'");
	CHECK(!search_open(log, index_path(), &err));
}

TEST(another,
     "an index of another log, or of one that was put back, is made anew")
{
	const char *const words[] = { "--session", "s-140", NULL };
	struct query query = ask(words);
	char path[600], away[620];

	search_close(open_indexed(make(ENTRIES)));
	snprintf(path, sizeof path, "%s/log", tap_folder());
	snprintf(away, sizeof away, "%s.away", path);
	CHECK(rename(path, away) == 0);
	int log = make_from(7, ENTRIES);
	struct search *search = open_indexed(log);
	struct search *without = search_open(log, NULL, &err);
	CHECK(search_find(search, &query, &found, &err) == 0);
	CHECK(search_find(without, &query, &plain, &err) == 0);
	CHECK(same(&found, &plain));
	search_close(search);
	/* fewer entries than the index knows */
	snprintf(path, sizeof path, "%s/log/seg/00000000000000065536.jsonl",
		 tap_folder());
	CHECK(unlink(path) == 0);
	search = open_indexed(log);
	CHECK(search_find(search, &query, &found, &err) == 0);
	CHECK(found.total < plain.total);
	search_close(search);
	search_close(without);
}

TEST(foreign, "a file that is something else is left alone")
{
	int log = make(10);
	struct search *search;

	execute("CREATE TABLE mine (a)");
	search = search_open(log, index_path(), &err);
	CHECK(!search);
	CHECK(strstr(err.text, "is no search index; name another file"));
	execute("INSERT INTO mine VALUES (1)");
	FILE *file = fopen(index_path(), "w");
	fputs("not a database, but long enough to be taken for one: "
	      "0123456789012345678901234567890123456789012345678901234567890",
	      file);
	fclose(file);
	CHECK(!search_open(log, index_path(), &err));
}

TEST(unsound, "a segment that is not sound is read, not indexed")
{
	const char *const words[] = { "--event", "exec", NULL };
	struct query query = ask(words);
	char path[600];
	int log = make(ENTRIES);

	snprintf(path, sizeof path, "%s/log/seg/00000000000000000000.jsonl",
		 tap_folder());
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	CHECK(pwrite(fd, "X", 1, 0) == 1);
	close(fd);
	struct search *search = open_indexed(log);
	CHECK(search_find(search, &query, &found, &err) == 0);
	CHECK(search->nbad == 1);
	CHECK(found.total == (ENTRIES - 1) / 5);
	search_close(search);
}

static int64_t when(const char *text, bool ends)
{
	/* 2026-11-24T10:20:30Z */
	int64_t seconds = -1;

	return query_time(text, ends, 1795515630, &seconds) ? seconds : -1;
}

TEST(times, "times are what people type")
{
	setenv("TZ", "UTC", 1);
	tzset();
	CHECK(when("2026-11-24", false) == 1795478400);
	CHECK(when("2026-11-24", true) == 1795478400 + 86400);
	CHECK(when("2026-11-24T10", false) == 1795514400);
	CHECK(when("2026-11-24T10:20", true) == 1795515600);
	CHECK(when("today", false) == 1795478400);
	CHECK(when("today", true) == 1795478400 + 86400);
	CHECK(when("yesterday", false) == 1795478400 - 86400);
	CHECK(when("yesterday", true) == 1795478400);
	CHECK(when("now", false) == 1795515630);
	CHECK(when("now", true) == 1795515631);
	CHECK(when("2h", false) == 1795515630 - 7200);
	CHECK(when("3d", false) == 1795515630 - 3 * 86400);
	static const char *const none[] = {
		"",  "-1d",  "2026",  "24.11",	     "2 h",
		"h", "1d1h", "later", "2026-11-24T", "99999999999d"
	};
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		CHECK(when(none[i], false) == -1);
}

TEST(vocabulary, "the record of a search holds nothing that a person typed")
{
	const char *const words[] = { "--dataset", "Secret Name", "--event",
				      "release.*", "--actor",	  "x y",
				      "--request", "7",		  NULL };
	struct query query = ask(words);
	char text[200];

	query_vocabulary(&query, text, sizeof text);
	CHECK_STR(text, "event=release. actor dataset request=7");
	query = ask((const char *const[]){ "--event", "Hanako", "--day",
					   "today", "--request", "7x", NULL });
	query_vocabulary(&query, text, sizeof text);
	CHECK_STR(text, "event request time");
}

TAP_MAIN
