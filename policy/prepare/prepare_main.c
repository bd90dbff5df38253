/*
 * sekisho-prepare - make a dataset for one permit, or check and install one.
 *
 * Run by a custodian on the host that holds the sources and the keys, or (its
 * verify and install) by a gateway's operator, with that person's own rights.
 * Obeys prepare.filter: files and threads, no sockets, no other programs.
 * Distrusts the content of sources and bundles. Exit status: 0; 2
 * configuration, 3 data, 4 policy, 5 key, 6 input and output.
 */
#include <getopt.h>
#include <locale.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "audit/base64.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "policy/day.h"
#include "policy/prepare/commands.h"
#include "policy/prepare/confine.h"
#include "policy/prepare/difference.h"
#include "policy/prepare/install.h"
#include "policy/prepare/put.h"
#include "policy/prepare/keys.h"
#include "policy/prepare/prepare.h"
#include "policy/prepare/token.h"

/* As sekishoctl: what was asked for, whether or not the locale is installed. */
static const char *language(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strncmp(value, "ja", 2) == 0 ? "ja" : "en";
	}
	return "en";
}

/* One line for each problem of a recipe or permit file. */
static void print_problems(const struct outcome *o)
{
	const struct problems *all = &o->problems;

	for (size_t i = 0; i < all->count && i < PROBLEMS_KEPT; i++) {
		const struct problem *p = &all->kept[i];
		enum fault_code code = fault_of_text(p->id, o->fault.code);
		char sentence[PROBLEM_SIZE];
		unsigned int n = 0;

		text_fill(sentence, sizeof sentence, o->lang, p->id, p->first,
			  p->second, p->third);
		putc('{', stderr);
		put_text(stderr, &n, "code", fault_word(code));
		put_text(stderr, &n, "file", p->file);
		if (p->line)
			put_number(stderr, &n, "line", p->line);
		put_text(stderr, &n, "message", sentence);
		fputs("}\n", stderr);
	}
}

static int32_t today(void)
{
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	return day_at((int64_t)now, (int32_t)(tm.tm_gmtoff / 60));
}

/* As many as there are processors; more than two gain little. */
static uint32_t threads(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	return processors > 1 ? 2 : 1;
}

static int run(struct outcome *o)
{
	struct order order = { .recipe = o->options.path,
			       .keys = o->options.keys,
			       .permit = o->options.permit_file,
			       .out = o->options.out,
			       .report = o->options.report,
			       .today = today(),
			       .threads = threads() };
	char hash[HASH_HEX];

	if (prepare(&order, hash, &o->problems, &o->fault) < 0)
		return -1;
	outcome_say(o, TEXT_PREPARE_DONE, o->options.out, hash, NULL);
	return 0;
}

static int dummy(struct outcome *o)
{
	struct order order = { .recipe = o->options.path,
			       .out = o->options.out };

	if (prepare_dummy(&order, text(o->lang, TEXT_PREPARE_DUMMY_NOTE),
			  &o->problems, &o->fault) < 0)
		return -1;
	outcome_say(o, TEXT_PREPARE_DUMMY, o->options.out, NULL, NULL);
	return 0;
}

static int difference(struct outcome *o)
{
	static struct verified before, after;
	const char *public = o->options.public;
	int done = verify_bundle(&after, o->options.path, public, &o->fault);

	if (done == 0)
		done = verify_bundle(&before, o->options.before, public,
				     &o->fault);
	if (done == 0)
		done = difference_print(stdout, &before, &after, &o->fault);
	verify_clear(&before);
	verify_clear(&after);
	return done;
}

static int verify(struct outcome *o)
{
	static struct verified verified;
	int done = verify_bundle(&verified, o->options.path, o->options.public,
				 &o->fault);

	if (done == 0)
		outcome_say(o, TEXT_PREPARE_VERIFIED, verified.manifest.dataset,
			    verified.manifest.permit, verified.manifest.hash);
	verify_clear(&verified);
	return done;
}

static int install(struct outcome *o)
{
	static struct verified verified;
	struct installation installation = { .bundle = o->options.path,
					     .into = o->options.into,
					     .public = o->options.public,
					     .permit = o->options.permit,
					     .replace = o->options.replace };
	uint8_t public[KEY_BYTES];
	char line[KEY_BYTES * 2];
	int done = install_bundle(&installation, &verified, &o->fault);

	if (done == 0)
		done = keys_read_public(o->options.public, public, &o->fault);
	if (done == 0) {
		base64_encode(line, sizeof line, public, sizeof public);
		outcome_say(o, TEXT_PREPARE_INSTALLED,
			    verified.manifest.dataset, verified.manifest.hash,
			    line);
	}
	verify_clear(&verified);
	return done;
}

/* What each command takes: letters of the options below; those in `must` have
 * to be there, and a path if it says so. */
static const struct {
	const char *first, *second;
	int (*run)(struct outcome *);
	const char *must, *may;
	bool path;
} commands[] = {
#define COMMAND(first, second, run, must, may, path)                           \
	{ first, second, run, must, may, path },
#include "policy/prepare/commands.def"
#undef COMMAND
};

static const struct option known[] = {
#define OPTION(letter, member, name) { name, required_argument, NULL, letter },
#include "policy/prepare/options.def"
#undef OPTION
	{ "replace", no_argument, NULL, 'r' },
	{ NULL, 0, NULL, 0 },
};

static const char **option_of(struct options *options, int letter)
{
	switch (letter) {
#define OPTION(letter, member, name)                                           \
	case letter:                                                           \
		return &options->member;
#include "policy/prepare/options.def"
#undef OPTION
	default:
		return NULL;
	}
}

/* Read the options of command number n. 0, or -1: not as it wants them. */
static int read_options(struct options *options, size_t n, int argc,
			char **argv)
{
	int c;

	opterr = 0;
	optind = 1;
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		const char **option = option_of(options, c);

		if (c == '?' ||
		    (!strchr(commands[n].must, c) &&
		     !strchr(commands[n].may, c)) ||
		    (option && *option))
			return -1;
		if (option)
			*option = optarg;
		else
			options->replace = true;
	}
	for (const char *must = commands[n].must; *must; must++) {
		const char **option = option_of(options, *must);

		if (!option || !*option)
			return -1;
	}
	if (optind + commands[n].path != argc)
		return -1;
	options->path = argv[optind];
	return 0;
}

/* The command that the first words name; ARRAY_LEN(commands): none. */
static size_t find_command(int argc, char **argv)
{
	size_t n = 0;

	for (; n < ARRAY_LEN(commands); n++)
		if (argc > 1 && strcmp(argv[1], commands[n].first) == 0 &&
		    (!*commands[n].second ||
		     (argc > 2 && strcmp(argv[2], commands[n].second) == 0)))
			break;
	return n;
}

/* A token's module lives in a program of its own, which has to be started
 * before nothing can be started any more. */
static int begin(struct outcome *o)
{
	struct err err;

	if (wrapping_wants_token(o->options.keys, o->options.wrapping) &&
	    token_start(&o->fault) < 0)
		return -1;
	return confine(&err) == 0 ? 0
				  : fault_say(&o->fault, FAULT_IO, err.text);
}

int main(int argc, char **argv)
{
	static struct outcome o;
	int status = 0;

	setlocale(LC_CTYPE, "C.UTF-8");
	o.lang = language();
	tzset();
	disk_catch_signals();
	size_t n = find_command(argc, argv);
	int words = n < ARRAY_LEN(commands) && *commands[n].second ? 2 : 1;
	if (n == ARRAY_LEN(commands) ||
	    read_options(&o.options, n, argc - words, argv + words) < 0) {
		fputs(text(o.lang, TEXT_PREPARE_USAGE), stderr);
		fault_set(&o.fault, FAULT_USAGE);
		return fault_exit(FAULT_USAGE);
	}
	if (begin(&o) < 0 || commands[n].run(&o) < 0) {
		print_problems(&o);
		if (o.problems.count == 0)
			fault_print(stderr, &o.fault, o.lang);
		status = fault_exit(o.fault.code);
	}
	token_end();
	if (fflush(stdout) != 0)
		return fault_exit(FAULT_IO);
	return status;
}
