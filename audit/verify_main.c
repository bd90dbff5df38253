/*
 * sekisho-verify - check a log with nothing but its files and a key; or a
 * release with nothing but its receipt, its files and a key.
 *
 * Run by an auditor, or by whoever was given files, anywhere, without
 * privilege: not confined, since it only reads, and what it reads is parsed by
 * the strict scanners of this folder. Trusts no byte of the log or receipt. Exit: 0 fine, 1 tampered, 2 incomplete or rolled
 * back, 3 policy, 4 usage or input and output.
 */
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/verify_print.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"

struct options {
	const char *vkey, *policy, *since, *lang;
	bool json;
	char **operands;
	int noperands;
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
	options->operands = argv + optind;
	options->noperands = argc - optind;
	return options->vkey && options->policy ? -1 : 0;
}

static bool log_wanted(const struct options *options)
{
	return options->noperands == 1;
}

/* A receipt says nothing without a key that came by another way. */
static bool receipt_wanted(const struct options *options)
{
	return options->noperands >= 2 && !options->since &&
	       (options->vkey || options->policy);
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
		    struct err *err)
{
	char vkey[NOTE_VKEY];

	if (options->policy && read_policy(options->policy, vkey, err) < 0)
		return -1;
	if (!options->policy && !options->vkey)
		return 0;
	return note_key_parse(key, options->policy ? vkey : options->vkey,
			      err) < 0
		       ? -1
		       : 1;
}

static void check_log(const struct options *options,
		      struct verify_report *report)
{
	struct note_key key = { 0 };
	char since[NOTE_MAX];
	struct err err;
	AUTO_FD int dir =
		open(options->operands[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0) {
		err_sys(&err, "open %s", options->operands[0]);
		verify_fault(report, VERIFY_USAGE, "", err.text);
		return;
	}
	if (options->since &&
	    segment_read_small(AT_FDCWD, options->since, since, sizeof since,
			       &err) < 0) {
		verify_fault(report, VERIFY_USAGE, "", err.text);
		return;
	}
	int got = find_key(options, &key, &err);
	if (got < 0)
		verify_fault(report, VERIFY_POLICY, "", err.text);
	else
		verify_log(dir, got ? &key : NULL,
			   options->since ? since : NULL, report);
	note_key_clear(&key);
}

/* A whole file of at most max bytes, to be freed; or NULL. */
static char *read_whole(const char *path, size_t max,
			struct verify_bytes *bytes, struct err *err)
{
	char *all = malloc(max + 1);
	long n = all ? segment_read_small(AT_FDCWD, path, all, max + 1, err)
		     : err_set(err, "out of memory");

	if (n < 0) {
		free(all);
		return NULL;
	}
	*bytes = (struct verify_bytes){ all, (size_t)n };
	return all;
}

static int refuse(struct verify_receipt *report, enum verify_code code,
		  const struct err *err)
{
	report->code = code;
	snprintf(report->why, sizeof report->why, "%s", err->text);
	return -1;
}

/* RECEIPT PROOF FILE… */
static int check_receipt(const struct options *options,
			 struct verify_receipt *report)
{
	struct verify_bytes receipt, proof;
	struct note_key key = { 0 };
	struct err err;
	AUTO_FREE char *first =
		read_whole(options->operands[0], RECEIPT_MAX, &receipt, &err);
	AUTO_FREE char *second =
		first ? read_whole(options->operands[1], NOTE_MAX, &proof, &err)
		      : NULL;

	if (!first || !second)
		return refuse(report, VERIFY_USAGE, &err);
	if (find_key(options, &key, &err) < 0)
		return refuse(report, VERIFY_POLICY, &err);
	int done = verify_receipt(report, &key, &receipt, &proof);
	note_key_clear(&key);
	for (int i = 2; done == 0 && i < options->noperands; i++)
		verify_receipt_file(report, options->operands[i]);
	return done;
}

static int main_receipt(const struct options *options)
{
	struct verify_receipt report = { 0 };

	check_receipt(options, &report);
	if (options->json)
		verify_print_receipt_json(&report);
	else
		verify_print_receipt(&report, language(options));
	verify_receipt_clear(&report);
	return (int)report.code;
}

static int main_log(const struct options *options)
{
	static struct verify_report report;

	check_log(options, &report);
	if (options->json)
		verify_print_log_json(&report);
	else
		verify_print_log(&report, language(options));
	return (int)report.code;
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	bool receipt = argc > 1 && strcmp(argv[1], "receipt") == 0;
	int skip = receipt ? 1 : 0;

	if (read_options(&options, argc - skip, argv + skip) < 0 ||
	    (receipt ? !receipt_wanted(&options) : !log_wanted(&options))) {
		fprintf(stderr, "%s\n",
			text(language(&options), TEXT_VERIFY_SYNOPSIS));
		return VERIFY_USAGE;
	}
	int code = receipt ? main_receipt(&options) : main_log(&options);
	return fflush(stdout) == 0 ? code : VERIFY_USAGE;
}
