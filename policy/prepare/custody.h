/*
 * custody - the custodian's journal: what was done with keys, and for whom.
 *
 * One line of canonical JSON for each act, appended before the act is carried
 * out where it could not be undone. Each line holds the SHA-256 of the line
 * before it ("prev", 64 zeroes in the first) and its number ("n"), so that a
 * line that was changed or taken out shows. That the last ones are missing
 * shows only to those who were given a later hash: hand it to the gateway's
 * operator.
 */
#ifndef POLICY_PREPARE_CUSTODY_H
#define POLICY_PREPARE_CUSTODY_H

#include "policy/prepare/disk.h"

enum { CUSTODY_FIELDS = 12 };

struct custody {
	int fd;
	uint64_t lines;
	char head[HASH_HEX]; /* SHA-256 of the last line */
	char *text;	     /* all lines */
	size_t len;
};

struct custody_field {
	const char *key;
	const char *text; /* NULL: it is the number */
	uint64_t number;
};

/* Open the journal in the folder of keys alone, begin one where none is, and
 * check every line. The caller calls custody_close in any case. */
int custody_open(struct custody *custody, int folder, struct fault *fault);
void custody_close(struct custody *custody);

/* Append an act, durably: event and further fields, at most CUSTODY_FIELDS,
 * in any order; "at" (seconds), "n", "prev" and "uid" are added. */
int custody_note(struct custody *custody, const char *event,
		 const struct custody_field *fields, size_t n,
		 struct fault *fault);

/* Was there an act with this event and this text under key? */
bool custody_has(const struct custody *custody, const char *event,
		 const char *key, const char *text);

/* Open, append one act and close. head: NULL, or the new line's SHA-256. */
int custody_act(int folder, const char *event,
		const struct custody_field *fields, size_t n, char *head,
		struct fault *fault);

#endif
