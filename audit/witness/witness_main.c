/*
 * sekisho-witness - cosign the checkpoints of other institutions' logs.
 *
 * Run by an institution that watches a gateway it does not operate, under an
 * account of its own without any privilege, behind whatever speaks TLS there.
 * Its cosignature says: this log has only grown since I saw it last. Requests
 * come from anybody (audit/witness/http.h). Exit status: 0 asked to end, 1
 * failed, 2 usage.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "audit/segment.h"
#include "audit/witness/address.h"
#include "audit/witness/http.h"
#include "audit/witness/key.h"
#include "audit/witness/standalone.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"

struct options {
	const char *folder, *listen;
	struct logs *logs;
};

/* The next word of the line, or "" behind the last. */
static const char *next_word(char **line)
{
	static char none[] = "";
	char *word = none;

	while (*line && !*(word = strsep(line, " \t")))
		word = none;
	return word;
}

/* "log VKEY" lines, as in a C2SP policy file; "#" begins a comment. */
static int read_logs(struct logs *logs, const char *path, struct err *err)
{
	char text[65536], *rest = text;

	if (segment_read_small(AT_FDCWD, path, text, sizeof text, err) < 0)
		return -1;
	for (char *line; (line = strsep(&rest, "\n"));) {
		const char *word = next_word(&line);

		if (!*word || *word == '#')
			continue;
		if (strcmp(word, "log") != 0)
			return err_set(err, "%s: expected 'log', found '%s'",
				       path, word);
		if (logs_add(logs, next_word(&line), err) < 0)
			return err_within(err, "%s", path);
	}
	return 0;
}

/* 0; 1: usage; -1: err. */
static int read_options(struct options *options, int argc, char **argv,
			struct err *err)
{
	static const struct option known[] = {
		{ "folder", required_argument, NULL, 'd' },
		{ "log", required_argument, NULL, 'g' },
		{ "logs", required_argument, NULL, 'f' },
		{ "listen", required_argument, NULL, 'l' },
		{ NULL, 0, NULL, 0 },
	};
	int c, done = 0;

	options->listen = "127.0.0.1:8080";
	opterr = 0;
	while (done == 0 &&
	       (c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 'd')
			options->folder = optarg;
		else if (c == 'l')
			options->listen = optarg;
		else if (c == 'g')
			done = logs_add(options->logs, optarg, err);
		else if (c == 'f')
			done = read_logs(options->logs, optarg, err);
		else
			done = 1;
	}
	return done == 0 && !options->folder ? 1 : done;
}

/* The folder, which one witness at a time may use. A descriptor, or -1. */
static int open_folder(const char *path, struct err *err)
{
	AUTO_FD int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return err_sys(err, "open %s", path);
	if (flock(dir, LOCK_EX | LOCK_NB) < 0)
		return err_sys(err,
			       "lock %s (does another sekisho-witness run?)",
			       path);
	return take_fd(&dir);
}

/* sekisho-witness key --folder DIR NAME */
static int make_key(const struct options *options, const char *name,
		    struct err *err)
{
	struct note_key key = { 0 };
	char vkey[NOTE_VKEY];
	AUTO_FD int dir = open_folder(options->folder, err);

	if (dir < 0)
		return -1;
	int there = key_load(dir, &key, err);
	if (there == 0)
		there = key_create(dir, name, &key, err);
	else if (there > 0)
		there = strcmp(key.name, name) == 0
				? 0
				: err_set(err, "the key there is that of %s",
					  key.name);
	if (there == 0) {
		note_key_text(vkey, &key);
		puts(vkey);
	}
	note_key_clear(&key);
	return there;
}

/* Everything that needs more than the filter leaves. */
static int open_all(const struct options *options, struct judge *judge,
		    struct http *http, struct err *err)
{
	char at[ADDRESS_TEXT];

	if (judge->logs.nkeys == 0)
		return err_set(err, "no log to watch; see --log and --logs");
	int dir = open_folder(options->folder, err);
	if (dir < 0 || logs_open(&judge->logs, dir, err) < 0)
		return -1;
	int got = key_load(dir, &judge->key, err);
	if (got == 0)
		err_set(err, "no key in %s; make one: sekisho-witness key",
			options->folder);
	if (got <= 0)
		return -1;
	int listener = address_listen(options->listen, err);
	if (listener < 0)
		return -1;
	address_text(at, listener);
	if (http_open(http, judge, listener, err) < 0)
		return -1;
	note("%s watches %u logs at %s", judge->key.name, judge->logs.nheads,
	     at);
	return 0;
}

static int serve(const struct options *options, struct judge *judge,
		 struct err *err)
{
	static struct http http;

	if (standalone_begin(err) < 0 ||
	    open_all(options, judge, &http, err) < 0 ||
	    standalone_confine(&program_filter, err) < 0)
		return -1;
	while (!standalone_ends())
		if (http_turn(&http, err) < 0)
			return -1;
	http_close(&http);
	return 0;
}

int main(int argc, char **argv)
{
	static struct judge judge;
	struct options options = { .logs = &judge.logs };
	bool key = argc > 1 && strcmp(argv[1], "key") == 0;
	int skip = key ? 1 : 0;
	struct err err;

	/* No configuration file is read, now or once confined. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	umask(0027);
	argc -= skip;
	argv += skip;
	int done = read_options(&options, argc, argv, &err);
	if (done > 0 || (done == 0 && argc - optind != skip)) {
		fprintf(stderr, "%s\n",
			text(standalone_language(), TEXT_WITNESS_SYNOPSIS));
		return 2;
	}
	if (done == 0)
		done = key ? make_key(&options, argv[optind], &err)
			   : serve(&options, &judge, &err);
	logs_clear(&judge.logs);
	note_key_clear(&judge.key);
	if (done < 0)
		note("%s", err.text);
	return done < 0 ? 1 : 0;
}
