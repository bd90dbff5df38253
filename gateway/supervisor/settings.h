/*
 * settings - where this gateway's folders are, from sekishod's options.
 *
 * Everything that has a meaning for people stands in the policy folder; here
 * is only what must be known before policy can be read.
 */
#ifndef GATEWAY_SUPERVISOR_SETTINGS_H
#define GATEWAY_SUPERVISOR_SETTINGS_H

#include <stdint.h>

#include "gateway/base/err.h"

struct settings {
	const char *config;   /* policy folder */
	const char *state;    /* what must survive */
	const char *run;      /* what need not */
	const char *programs; /* where the sekisho-* programs are */
	const char *origin;   /* the log's origin, as in its checkpoints */
	uint32_t uid_base;    /* services from here, leases above */
	char instance[24];    /* names this gateway's cgroups; from run */
};

/*
 * Read the options into settings (pointers into argv). 0; 1: help was asked
 * for and printed; -1: err says what is wrong with the command line.
 */
int settings_read(struct settings *settings, int argc, char **argv,
		  struct err *err);

/* Name the instance after the run folder, which must exist by now. */
void settings_name_instance(struct settings *settings);

#endif
