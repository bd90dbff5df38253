/*
 * settings - the options of sekishod. Runs as root, before anything else.
 */
#include "gateway/supervisor/settings.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/text.h"

enum { UID_BASE_LOWEST = 100000, UID_RANGE = 1 << 27 };

/* Two gateways on one host have two run folders, so the folder names one. */
void settings_name_instance(struct settings *settings)
{
	char full[PATH_MAX];
	const char *path = realpath(settings->run, full) ? full : settings->run;
	uint64_t hash = 14695981039346656037u;

	for (; *path; path++)
		hash = (hash ^ (unsigned char)*path) * 1099511628211u;
	snprintf(settings->instance, sizeof settings->instance, "%016llx",
		 (unsigned long long)hash);
}

static int read_uid_base(struct settings *settings, const char *value,
			 struct err *err)
{
	char *end;
	unsigned long long base = strtoull(value, &end, 10);

	if (*end || end == value || base < UID_BASE_LOWEST ||
	    base > INT32_MAX - UID_RANGE)
		return err_set(err,
			       "--uid-base %s: give a number from %d to %d",
			       value, UID_BASE_LOWEST, INT32_MAX - UID_RANGE);
	settings->uid_base = (uint32_t)base;
	return 0;
}

int settings_read(struct settings *settings, int argc, char **argv,
		  struct err *err)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "state", required_argument, NULL, 's' },
		{ "run", required_argument, NULL, 'r' },
		{ "programs", required_argument, NULL, 'p' },
		{ "origin", required_argument, NULL, 'o' },
		{ "uid-base", required_argument, NULL, 'u' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	*settings = (struct settings){
		.config = "/etc/sekisho",
		.state = "/var/lib/sekisho",
		.run = "/run/sekisho",
		.programs = "/usr/lib/sekisho",
		.origin = "sekisho",
		.uid_base = 0x70000000,
	};
	opterr = 0;
	optind = 1;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'c')
			settings->config = optarg;
		else if (option == 's')
			settings->state = optarg;
		else if (option == 'r')
			settings->run = optarg;
		else if (option == 'p')
			settings->programs = optarg;
		else if (option == 'o')
			settings->origin = optarg;
		else if (option == 'u') {
			if (read_uid_base(settings, optarg, err) < 0)
				return -1;
		} else if (option == 'h') {
			puts(text("en", TEXT_SEKISHOD_HELP));
			return 1;
		} else {
			return err_set(err, "unknown option '%s'; see --help",
				       argv[optind - 1]);
		}
	}
	if (optind < argc)
		return err_set(err, "unknown argument '%s'; see --help",
			       argv[optind]);
	return 0;
}
