/*
 * inquiry - who asks which pseudonyms to be traced back to persons, and why.
 *
 * A signed note (audit/note.h): one line of canonical JSON, under which the
 * custodian who asks signs, and then the one who approves.
 */
#ifndef POLICY_PREPARE_INQUIRY_H
#define POLICY_PREPARE_INQUIRY_H

#include "policy/prepare/custodian.h"
#include "policy/prepare/disk.h"
#include "policy/prepare/prf.h"

enum {
	INQUIRY_MOST = 1000, /* pseudonyms, whatever `most` says */
	INQUIRY_DEFAULT = 100,
	INQUIRY_DAYS = 30, /* from asking to the end of its use */
	INQUIRY_WORDS = 600
};

struct inquiry {
	char permit[64], case_number[200], ground[INQUIRY_WORDS];
	char recipient[80], asked_by[NOTE_NAME];
	uint64_t asked; /* seconds since 1970 */
	uint32_t most, n;
	char pseudonyms[INQUIRY_MOST][PSEUDONYM_TEXT + 1]; /* ascending */
	char hash[HASH_HEX]; /* SHA-256 of the note's text */
};

/* Read a file of pseudonyms, one a line; more than inquiry->most are refused.
 * Fills n and pseudonyms. */
int inquiry_take(struct inquiry *inquiry, const char *path,
		 struct fault *fault);
/* The other fields are filled: the note with the signature of key, as fresh
 * memory, the caller's; hash is filled. NULL: fault says why. */
char *inquiry_ask(struct inquiry *inquiry, const struct note_key *key,
		  struct fault *fault);
/* Read a note of len bytes: well formed, signed by a custodian of the list
 * who asked, not too old at now (seconds). */
int inquiry_read(struct inquiry *inquiry, const char *bytes, size_t len,
		 const struct custodians *list, uint64_t now,
		 struct fault *fault);
/* The note with one signature more, likewise. NULL: key is not of the list, or
 * is the one's who asked. */
char *inquiry_approve(const struct inquiry *inquiry, const char *bytes,
		      const struct note_key *key, const struct custodians *list,
		      struct fault *fault);
/* Who approved it: another custodian of the list. NULL: nobody. */
const struct note_key *inquiry_approver(const struct inquiry *inquiry,
					const char *bytes, size_t len,
					const struct custodians *list);

#endif
