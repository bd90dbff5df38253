#include "audit/verify_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "audit/canonical.h"
#include "gateway/base/text.h"
#include "gateway/base/visible.h"

static void say(const char *lang, enum text_id id, const char *first,
		const char *second, const char *third)
{
	char line[2048];

	puts(text_fill(line, sizeof line, lang, id, first, second, third));
}

static const char *number(char out[static 24], uint64_t value)
{
	snprintf(out, 24, "%" PRIu64, value);
	return out;
}

/* The time of an entry as people write it; UTC. */
static const char *moment(char out[static 40], int64_t microseconds)
{
	time_t seconds = (time_t)(microseconds / 1000000);
	struct tm parts;

	if (!gmtime_r(&seconds, &parts) ||
	    strftime(out, 40, "%Y-%m-%d %H:%M:%S UTC", &parts) == 0)
		snprintf(out, 40, "%" PRId64, microseconds);
	return out;
}

/* What witnesses and authorities say. */
static void print_outside(const struct verify_report *report, const char *lang)
{
	char a[24], when[40];

	if (report->witnessed)
		say(lang, TEXT_VERIFY_WITNESSED,
		    number(a, report->witnessed_size),
		    moment(when, (int64_t)report->witnessed_time * 1000000),
		    NULL);
	if (report->bad_cosignatures > 0)
		say(lang, TEXT_VERIFY_BAD_COSIGNED,
		    number(a, report->bad_cosignatures), NULL, NULL);
	if (report->stamped)
		say(lang,
		    report->stamp_trusted ? TEXT_VERIFY_STAMPED
					  : TEXT_VERIFY_STAMP_LISTED,
		    number(a, report->stamped_size),
		    moment(when, (int64_t)report->stamped_time * 1000000),
		    NULL);
}

/* What an inspector asks next: when, how often started, what went wrong. */
static void print_story(const struct verify_report *report, const char *lang)
{
	char a[40], b[40], c[24];

	if (report->entries == 0)
		return;
	say(lang, TEXT_VERIFY_SPAN, moment(a, report->from),
	    moment(b, report->to), number(c, report->starts));
	say(lang, TEXT_VERIFY_EVENTS, number(a, report->recoveries),
	    number(b, report->clocks), number(c, report->peers));
	say(lang, TEXT_VERIFY_SIGNED, moment(a, report->signed_at), NULL, NULL);
	if (report->keys > 1)
		say(lang, TEXT_VERIFY_KEYS, number(a, report->keys), NULL,
		    NULL);
}

void verify_print_log(const struct verify_report *report, const char *lang)
{
	static const enum text_id verdicts[] = {
		[VERIFY_FINE] = TEXT_VERIFY_FINE,
		[VERIFY_TAMPERED] = TEXT_VERIFY_TAMPERED,
		[VERIFY_INCOMPLETE] = TEXT_VERIFY_INCOMPLETE,
		[VERIFY_POLICY] = TEXT_VERIFY_POLICY,
		[VERIFY_USAGE] = TEXT_VERIFY_USAGE,
	};
	char a[24], b[24], c[24];

	say(lang, verdicts[report->code], NULL, NULL, NULL);
	if (report->code != VERIFY_FINE)
		say(lang, TEXT_VERIFY_WHY, report->why, NULL, NULL);
	if (report->file[0])
		say(lang, TEXT_VERIFY_FILE, report->file, NULL, NULL);
	if (report->placed)
		say(lang, TEXT_VERIFY_PLACE, number(a, report->index),
		    number(b, report->line), NULL);
	say(lang, TEXT_VERIFY_COUNTS, number(a, report->entries),
	    number(b, report->covered), number(c, report->checkpoints));
	if (report->code == VERIFY_FINE && report->entries > report->covered)
		say(lang, TEXT_VERIFY_TAIL,
		    number(a, report->entries - report->covered), NULL, NULL);
	if (report->torn > 0)
		say(lang, TEXT_VERIFY_TORN, number(a, report->torn), NULL,
		    NULL);
	print_outside(report, lang);
	print_story(report, lang);
	say(lang, TEXT_VERIFY_KEY, report->key, NULL, NULL);
	if (report->own_key)
		say(lang, TEXT_VERIFY_OWN_KEY, NULL, NULL, NULL);
}

static void print_string(const char *key, const char *value)
{
	char visible[2048], escaped[4096];
	size_t len =
		visible_text(visible, sizeof visible, value, strlen(value));
	long n = canonical_escape(escaped, sizeof escaped, visible, len);

	printf("\"%s\":\"%.*s\"", key, (int)(n < 0 ? 0 : n), escaped);
}

void verify_print_log_json(const struct verify_report *report)
{
	printf("{\"bad_cosignatures\":%" PRIu64 ",\"checkpoints\":%" PRIu64
	       ",\"clocks\":%" PRIu64 ",\"code\":%d,\"covered\":%" PRIu64
	       ",\"entries\":%" PRIu64 ",",
	       report->bad_cosignatures, report->checkpoints, report->clocks,
	       (int)report->code, report->covered, report->entries);
	print_string("file", report->file);
	printf(",\"from\":%" PRId64, report->from);
	if (report->placed)
		printf(",\"index\":%" PRIu64, report->index);
	putchar(',');
	print_string("key", report->key);
	printf(",\"key_from_log\":%s,\"keys\":%u",
	       report->own_key ? "true" : "false", report->keys);
	if (report->line > 0)
		printf(",\"line\":%" PRIu64, report->line);
	printf(",\"peers\":%" PRIu64 ",\"recoveries\":%" PRIu64
	       ",\"signed\":%" PRId64,
	       report->peers, report->recoveries, report->signed_at);
	if (report->stamped)
		printf(",\"stamp_trusted\":%s,\"stamped_size\":%" PRIu64
		       ",\"stamped_time\":%" PRIu64,
		       report->stamp_trusted ? "true" : "false",
		       report->stamped_size, report->stamped_time);
	printf(",\"starts\":%" PRIu64 ",\"to\":%" PRId64 ",\"torn\":%" PRIu64
	       ",",
	       report->starts, report->to, report->torn);
	print_string("why", report->why);
	if (report->witnessed)
		printf(",\"witnessed_size\":%" PRIu64
		       ",\"witnessed_time\":%" PRIu64,
		       report->witnessed_size, report->witnessed_time);
	puts("}");
}

void verify_print_receipt(const struct verify_receipt *report, const char *lang)
{
	static const enum text_id verdicts[] = {
		[VERIFY_FINE] = TEXT_RECEIPT_FINE,
		[VERIFY_TAMPERED] = TEXT_RECEIPT_TAMPERED,
		[VERIFY_INCOMPLETE] = TEXT_RECEIPT_TAMPERED,
		[VERIFY_POLICY] = TEXT_RECEIPT_POLICY,
		[VERIFY_USAGE] = TEXT_RECEIPT_USAGE,
	};
	static const enum text_id states[] = {
		[VERIFY_FILE_NOT_CHECKED] = TEXT_RECEIPT_NOT_CHECKED,
		[VERIFY_FILE_SAME] = TEXT_RECEIPT_SAME,
		[VERIFY_FILE_OTHER] = TEXT_RECEIPT_OTHER,
	};
	char a[24], b[24], when[40];

	say(lang, verdicts[report->code], NULL, NULL, NULL);
	if (report->code != VERIFY_FINE)
		say(lang, TEXT_VERIFY_WHY, report->why, NULL, NULL);
	if (!report->proven)
		return;
	say(lang, TEXT_RECEIPT_ENTRY, number(a, report->index),
	    moment(when, report->time), NULL);
	say(lang, TEXT_RECEIPT_LOG, report->origin, number(b, report->size),
	    NULL);
	for (size_t i = 0; i < report->nfiles; i++) {
		const struct verify_file *file = &report->files[i];

		say(lang, states[file->state], file->name,
		    number(a, (uint64_t)file->bytes), NULL);
	}
}

void verify_print_receipt_json(const struct verify_receipt *report)
{
	static const char *const states[] = {
		[VERIFY_FILE_NOT_CHECKED] = "not checked",
		[VERIFY_FILE_SAME] = "same",
		[VERIFY_FILE_OTHER] = "other",
	};

	printf("{\"code\":%d,\"files\":[", (int)report->code);
	for (size_t i = 0; i < report->nfiles; i++) {
		const struct verify_file *file = &report->files[i];

		printf("%s{\"bytes\":%" PRId64 ",", i ? "," : "", file->bytes);
		print_string("name", file->name);
		putchar(',');
		print_string("state", states[file->state]);
		putchar('}');
	}
	printf("],\"index\":%" PRIu64 ",", report->index);
	print_string("origin", report->origin);
	printf(",\"proven\":%s,\"size\":%" PRIu64 ",\"time\":%" PRId64 ",",
	       report->proven ? "true" : "false", report->size, report->time);
	print_string("why", report->why);
	puts("}");
}
