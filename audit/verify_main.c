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
#include <time.h>
#include <unistd.h>

#include "audit/proof_text.h"
#include "audit/verify_outside.h"
#include "audit/verify_print.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"

struct options {
	const char *vkey, *policy, *since, *lang, *authorities;
	uint64_t max_age; /* seconds; 0: any */
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

static int read_age(struct options *options, const char *word)
{
	char *end;

	options->max_age = strtoull(word, &end, 10);
	return *end || word[0] < '1' || word[0] > '9' ? -1 : 0;
}

static int read_options(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{ "key", required_argument, NULL, 'k' },
		{ "policy", required_argument, NULL, 'p' },
		{ "since", required_argument, NULL, 's' },
		{ "lang", required_argument, NULL, 'l' },
		{ "max-age", required_argument, NULL, 'a' },
		{ "tsa", required_argument, NULL, 't' },
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
		else if (c == 't')
			options->authorities = optarg;
		else if (c == 'a' && read_age(options, optarg) < 0)
			return -1;
		else if (c == 'a')
			continue;
		else if (c == 'j')
			options->json = true;
		else
			return -1;
	}
	options->operands = argv + optind;
	options->noperands = argc - optind;
	/* how old is a question to witnesses */
	return (options->vkey && options->policy) ||
			       (options->max_age && !options->policy)
		       ? -1
		       : 0;
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

static uint64_t now(void)
{
	return (uint64_t)time(NULL);
}

static int read_policy(const char *path, struct quorum *quorum, struct err *err)
{
	char text[QUORUM_TEXT];
	long len = segment_read_small(AT_FDCWD, path, text, sizeof text, err);

	if (len < 0)
		return -1;
	if (quorum_read(quorum, text, (size_t)len, err) < 0)
		return err_within(err, "%s:%u", path, quorum->line);
	return quorum->nlogs > 0 ? 0 : err_set(err, "%s: no log line", path);
}

/* The log of the policy that signed the note; else its first one. */
static const struct note_key *choose_log(const struct quorum *quorum,
					 const char *bytes, size_t len)
{
	struct note note;
	struct err err;

	if (note_parse(&note, bytes, len, &err) < 0)
		return &quorum->logs[0];
	for (unsigned int i = 0; i < quorum->nlogs; i++)
		if (note_verify(&note, &quorum->logs[i], NULL) == NOTE_SIGNED)
			return &quorum->logs[i];
	return &quorum->logs[0];
}

/* What the command line says is to be trusted. quorum: empty without a
 * policy; key: without a pkey where neither was given. 0 or -1; both are to be
 * cleared in any case. */
static int find_trust(const struct options *options, struct quorum *quorum,
		      struct note_key *key, struct err *err)
{
	if (options->policy)
		return read_policy(options->policy, quorum, err);
	return options->vkey ? note_key_parse(key, options->vkey, err) : 0;
}

static const struct note_key *log_key(int dir, const struct quorum *quorum)
{
	char note[NOTE_MAX];
	struct err err;
	long len =
		segment_read_small(dir, "checkpoint", note, sizeof note, &err);

	return choose_log(quorum, note, len < 0 ? 0 : (size_t)len);
}

/* The log in dir, then what others say of it. */
static void check_against(const struct options *options, int dir,
			  const char *since, struct verify_report *report)
{
	static struct quorum quorum;
	struct note_key key = { 0 };
	struct err err;
	const struct verify_wanted wanted = {
		.quorum = options->policy ? &quorum : NULL,
		.authorities = options->authorities,
		.now = now(),
		.max_age = options->max_age,
	};

	if (find_trust(options, &quorum, &key, &err) < 0) {
		verify_fault(report, VERIFY_POLICY, "", err.text);
	} else {
		const struct note_key *given = key.pkey ? &key : NULL;

		verify_log(dir, options->policy ? log_key(dir, &quorum) : given,
			   since, report);
		if (report->code == VERIFY_FINE)
			verify_outside(dir, &wanted, report);
	}
	quorum_clear(&quorum);
	note_key_clear(&key);
}

static void check_log(const struct options *options,
		      struct verify_report *report)
{
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
	check_against(options, dir, options->since ? since : NULL, report);
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

/* With a policy, the proof's checkpoint must have its quorum. */
static int check_proof(struct verify_receipt *report,
		       const struct quorum *quorum,
		       const struct verify_bytes *proof)
{
	struct proof_text text;
	struct err err;

	if (proof_text_read(&text, proof->bytes, proof->len, &err) < 0)
		return refuse(report, VERIFY_TAMPERED, &err);
	const struct verify_bytes note = { text.checkpoint,
					   text.checkpoint_len };
	if (verify_cosigned(quorum, &note, now()))
		return 0;
	err_set(&err, "the proof's checkpoint is not cosigned by the quorum "
		      "of witnesses");
	return refuse(report, VERIFY_POLICY, &err);
}

/* Which log of the policy signed the proof's checkpoint. */
static const struct note_key *proof_key(const struct quorum *quorum,
					const struct verify_bytes *proof)
{
	struct proof_text text;
	struct err err;

	if (proof_text_read(&text, proof->bytes, proof->len, &err) < 0)
		return &quorum->logs[0];
	return choose_log(quorum, text.checkpoint, text.checkpoint_len);
}

/* Receipt and proof, against the key or the policy. */
static int check_pair(const struct options *options,
		      struct verify_receipt *report,
		      const struct verify_bytes *receipt,
		      const struct verify_bytes *proof)
{
	static struct quorum quorum;
	struct note_key key = { 0 };
	struct err err;
	int done;

	if (find_trust(options, &quorum, &key, &err) < 0)
		done = refuse(report, VERIFY_POLICY, &err);
	else if (!options->policy)
		done = verify_receipt(report, &key, receipt, proof);
	else
		done = verify_receipt(report, proof_key(&quorum, proof),
				      receipt, proof) < 0
			       ? -1
			       : check_proof(report, &quorum, proof);
	quorum_clear(&quorum);
	note_key_clear(&key);
	return done;
}

/* RECEIPT PROOF FILE… */
static int check_receipt(const struct options *options,
			 struct verify_receipt *report)
{
	struct verify_bytes receipt, proof;
	struct err err;
	AUTO_FREE char *first =
		read_whole(options->operands[0], RECEIPT_MAX, &receipt, &err);
	AUTO_FREE char *second =
		first ? read_whole(options->operands[1], NOTE_MAX, &proof, &err)
		      : NULL;

	if (!first || !second)
		return refuse(report, VERIFY_USAGE, &err);
	int done = check_pair(options, report, &receipt, &proof);
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
