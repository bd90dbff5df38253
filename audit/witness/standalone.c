/*
 * standalone - see standalone.h.
 */
#include "audit/witness/standalone.h"

#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static volatile sig_atomic_t ending;

static void end(int signal)
{
	(void)signal;
	ending = 1;
}

const char *standalone_language(void)
{
	const char *locale = setlocale(LC_MESSAGES, "");

	return locale && strncmp(locale, "ja", 2) == 0 ? "ja" : "en";
}

int standalone_begin(struct err *err)
{
	struct sigaction action = { .sa_handler = end };

	if (geteuid() == 0)
		return err_set(err, "not as root: give this program an "
				    "account of its own");
	if (sigaction(SIGTERM, &action, NULL) < 0 ||
	    sigaction(SIGINT, &action, NULL) < 0)
		return err_sys(err, "sigaction");
	return 0;
}

bool standalone_ends(void)
{
	return ending;
}

int standalone_confine(const struct filter *filter, struct err *err)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_sys(err, "prctl");
	return filter_obey(filter, err);
}
