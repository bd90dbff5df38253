/*
 * sekisho-verify - check a log with nothing but its files and a key.
 *
 * Run by an auditor, anywhere, without privilege: not confined, since it only
 * reads, and what it reads is parsed by the strict scanners of this folder.
 * Trusts no byte of the log. Exit: 0 fine, 1 tampered, 2 incomplete or rolled
 * back, 3 policy, 4 usage or input and output.
 */
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/canonical.h"
#include "audit/verify.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "gateway/base/visible.h"

struct options {
	const char *folder, *vkey, *policy, *since, *lang;
	bool json;
};

/* The language asked for, else that of the user's locale. */
static const char *language(const struct options *options)
{
	const char *locale = setlocale(LC_MESSAGES, "");
	const char *wanted = options->lang ? options->lang : locale;

	return wanted && strncmp(wanted, "ja", 2) == 0 ? "ja" : "en";
}

static int read_options(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{ "key", required_argument, NULL, 'k' },
		{ "policy", required_argument, NULL, 'p' },
		{ "since", required_argument, NULL, 's' },
		{ "lang", required_argument, NULL, 'l' },
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 'k')
			options->vkey = optarg;
		else if (c == 'p')
			options->policy = optarg;
		else if (c == 's')
			options->since = optarg;
		else if (c == 'l')
			options->lang = optarg;
		else if (c == 'j')
			options->json = true;
		else
			return -1;
	}
	options->folder = argv[optind];
	return optind + 1 == argc && !(options->vkey && options->policy) ? 0
									 : -1;
}

/* The next word of the line, or "" behind the last. */
static const char *next_word(char **line)
{
	static char none[] = "";
	char *word = none;

	while (*line && !*(word = strsep(line, " \t")))
		word = none;
	return word;
}

/* One line of a C2SP policy: the log's key. What it asks beyond that
 * (witnesses and a quorum of them) is refused, never passed over. */
static int read_policy_line(char *line, char vkey[static NOTE_VKEY],
			    struct err *err)
{
	line[strcspn(line, "#\r")] = '\0';
	const char *word = next_word(&line);
	const char *value = next_word(&line);
	if (!*word)
		return 0;
	if (strcmp(word, "quorum") == 0 && strcmp(value, "none") == 0)
		return 0;
	if (strcmp(word, "log") != 0 || vkey[0] || strlen(value) >= NOTE_VKEY)
		return err_set(err,
			       "a line with '%s', which this program cannot "
			       "check",
			       word);
	memcpy(vkey, value, strlen(value) + 1);
	return 0;
}

static int read_policy(const char *path, char vkey[static NOTE_VKEY],
		       struct err *err)
{
	char text[65536], *rest = text;
	long len = segment_read_small(AT_FDCWD, path, text, sizeof text, err);

	if (len < 0)
		return -1;
	vkey[0] = '\0';
	for (char *line; (line = strsep(&rest, "\n"));)
		if (read_policy_line(line, vkey, err) < 0)
			return err_within(err, "%s", path);
	return vkey[0] ? 0 : err_set(err, "%s: no log line", path);
}

/* The key to trust, from the command line. 1: there; 0: none asked for; -1. */
static int find_key(const struct options *options, struct note_key *key,
		    struct verify_report *report)
{
	char vkey[NOTE_VKEY];
	struct err err;

	if (options->policy && read_policy(options->policy, vkey, &err) < 0)
		return verify_fault(report, VERIFY_POLICY, "", err.text);
	if (!options->policy && !options->vkey)
		return 0;
	if (note_key_parse(key, options->policy ? vkey : options->vkey, &err) <
	    0)
		return verify_fault(report, VERIFY_POLICY, "", err.text);
	return 1;
}

static void run(const struct options *options, struct verify_report *report)
{
	struct note_key key = { 0 };
	char since[NOTE_MAX];
	struct err err;
	AUTO_FD int dir =
		open(options->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0) {
		err_sys(&err, "open %s", options->folder);
		verify_fault(report, VERIFY_USAGE, "", err.text);
		return;
	}
	if (options->since &&
	    segment_read_small(AT_FDCWD, options->since, since, sizeof since,
			       &err) < 0) {
		verify_fault(report, VERIFY_USAGE, "", err.text);
		return;
	}
	int got = find_key(options, &key, report);
	if (got >= 0)
		verify_log(dir, got ? &key : NULL,
			   options->since ? since : NULL, report);
	note_key_clear(&key);
}

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

static void print_people(const struct verify_report *report, const char *lang)
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

static void print_json(const struct verify_report *report)
{
	printf("{\"checkpoints\":%" PRIu64 ",\"code\":%d,\"covered\":%" PRIu64
	       ",\"entries\":%" PRIu64 ",",
	       report->checkpoints, (int)report->code, report->covered,
	       report->entries);
	print_string("file", report->file);
	if (report->placed)
		printf(",\"index\":%" PRIu64, report->index);
	putchar(',');
	print_string("key", report->key);
	printf(",\"key_from_log\":%s", report->own_key ? "true" : "false");
	if (report->line > 0)
		printf(",\"line\":%" PRIu64, report->line);
	printf(",\"torn\":%" PRIu64 ",", report->torn);
	print_string("why", report->why);
	puts("}");
}

int main(int argc, char **argv)
{
	static struct verify_report report;
	struct options options = { 0 };

	if (read_options(&options, argc, argv) < 0) {
		fprintf(stderr, "%s\n",
			text(language(&options), TEXT_VERIFY_SYNOPSIS));
		return VERIFY_USAGE;
	}
	run(&options, &report);
	if (options.json)
		print_json(&report);
	else
		print_people(&report, language(&options));
	if (fflush(stdout) != 0)
		return VERIFY_USAGE;
	return (int)report.code;
}
