/*
 * traced - what custodians say of a re-identification, for the log.
 *
 * `sekisho-prepare reidentify run` prints it as one line, and an operator
 * hands it in. It names the two custodians, counts and hashes; no pseudonym,
 * no person, no case in clear. The gateway cannot verify it: line and hash of
 * the custodian's journal are what an auditor compares.
 */
#ifndef POLICY_TRACED_H
#define POLICY_TRACED_H

#include "policy/model.h"

enum { TRACED_SIZE = 700, TRACED_MOST = 1000 };

struct traced {
	char request[HASH_TEXT_SIZE]; /* SHA-256 of the request */
	uint32_t line;		      /* of the journal, and its SHA-256 */
	char journal[HASH_TEXT_SIZE];
	char permit[ID_SIZE];
	char asked[ID_SIZE], approved[ID_SIZE]; /* custodians */
	uint32_t pseudonyms, met, ids;
	char case_hash[HASH_TEXT_SIZE]; /* SHA-256 of the case's number */
};

/* The line, without LF. Returns out. */
const char *traced_line(const struct traced *traced,
			char out[static TRACED_SIZE]);

/* Read a line. 0, or -1: it is none, to the byte, or cannot be true (one
 * person twice, more found than were asked for). */
int traced_read(const char *line, struct traced *traced);

#endif
