/*
 * ocsf - a record in the words of a SIEM: the Open Cybersecurity Schema
 * Framework, version 1.6.0 (https://schema.ocsf.io/1.6.0/).
 */
#ifndef AUDIT_OCSF_H
#define AUDIT_OCSF_H

#include <stdio.h>

#include "audit/found.h"

enum { OCSF_ORIGIN = 256 };

/*
 * Write the record as one line of JSON, an event of the class that ocsf.def
 * says, or the base event for one that is not there. The record as it stands in
 * the log is its `unmapped`. origin names the log and stands in JSON without
 * escapes.
 */
void ocsf_write(FILE *out, const struct found_record *record,
		const char *origin);

/* The first line of the log's checkpoint as a name in JSON; "sekisho" if it
 * cannot be one. */
void ocsf_origin(int log, char out[static OCSF_ORIGIN]);

#endif
