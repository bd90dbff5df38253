/*
 * sekisho-tiles - show a log's checkpoint and tiles over HTTP, read-only.
 *
 * Started by hand or by systemd under an own account, not by the gateway, and
 * has no link to it. Everybody may read hash tiles; entry bundles are given
 * only out of an exported folder, and to auditors with a token. So the log of a
 * running gateway is read in no way that is not a record there: what an
 * exported folder holds was let out by who made it. Distrusts its peers. If it
 * is taken over, what its account can read is read.
 */
#include <getopt.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "audit/view/pages.h"
#include "audit/witness/address.h"
#include "audit/witness/standalone.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"

struct options {
	const char *folder, *listen, *auditors;
};

/* False: wrong usage. */
static bool read_options(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{ "folder", required_argument, NULL, 'd' },
		{ "listen", required_argument, NULL, 'l' },
		{ "auditors", required_argument, NULL, 'a' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	*options = (struct options){ .listen = "127.0.0.1:8081" };
	opterr = 0;
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 'd')
			options->folder = optarg;
		else if (c == 'l')
			options->listen = optarg;
		else if (c == 'a')
			options->auditors = optarg;
		else
			return false;
	}
	return options->folder && optind == argc;
}

/* A token must not cross a network in clear. */
static bool is_loopback(const char *address)
{
	return strncmp(address, "127.", 4) == 0 ||
	       strncmp(address, "[::1]:", 6) == 0;
}

static int read_auditors(const struct options *options, struct view *view,
			 struct err *err)
{
	if (!options->auditors)
		return 0;
	if (view->hash >= 0)
		return err_set(err,
			       "%s is a log, whose entries are not given "
			       "out here; export them first: sekishoctl "
			       "audit export --tiles --entries",
			       options->folder);
	if (!is_loopback(options->listen))
		return err_set(err,
			       "%s: with --auditors listen at 127.0.0.1 "
			       "or [::1], and put the web server that "
			       "speaks TLS in front",
			       options->listen);
	return auditors_read(&view->auditors, options->auditors, err);
}

/* Everything that needs more than the filter leaves. */
static int open_all(const struct options *options, struct view *view,
		    struct pages *pages, struct err *err)
{
	char at[ADDRESS_TEXT];

	if (view_open(view, options->folder, err) < 0 ||
	    read_auditors(options, view, err) < 0)
		return -1;
	int listener = address_listen(options->listen, err);
	if (listener < 0)
		return -1;
	address_text(at, listener);
	if (pages_open(pages, view, listener, err) < 0)
		return -1;
	note("%s is shown at %s%s", options->folder, at,
	     view->auditors.n > 0 ? ", with its entries" : "");
	return 0;
}

static int serve(const struct options *options, struct err *err)
{
	static struct view view = { .folder = -1, .hash = -1 };
	static struct pages pages;

	if (standalone_begin(err) < 0 ||
	    open_all(options, &view, &pages, err) < 0 ||
	    standalone_confine(&program_filter, err) < 0)
		return -1;
	while (!standalone_ends())
		if (pages_turn(&pages, err) < 0)
			return -1;
	pages_close(&pages);
	view_close(&view);
	return 0;
}

int main(int argc, char **argv)
{
	struct options options;
	struct err err;

	/* No configuration file is read, now or once confined. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	if (!read_options(&options, argc, argv)) {
		fprintf(stderr, "%s\n",
			text(standalone_language(), TEXT_TILES_SYNOPSIS));
		return 2;
	}
	if (serve(&options, &err) == 0)
		return 0;
	note("%s", err.text);
	return 1;
}
