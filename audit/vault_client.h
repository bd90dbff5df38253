/*
 * vault_client - commitments for records, and their openings for the vault.
 *
 * A process that records text of a person's calls vault_commit() before it
 * sends the record: the opening is on its way first. It waits for nothing: an
 * opening is kept here until the vault says that it is durable, and handed to
 * the next vault if this one dies. What cannot be kept (too many lie here, the
 * vault has no room) is counted, and vault_lost() makes a record of it; the
 * log goes on, for a commitment without an opening still shows that there was
 * a text, and when, and whose.
 */
#ifndef AUDIT_VAULT_CLIENT_H
#define AUDIT_VAULT_CLIENT_H

#include "audit/client.h"
#include "audit/commit.h"

enum {
	VAULT_LYING = 4096,  /* openings that may be under way */
	VAULT_WAIT_MS = 2000 /* whoever can wait, waits so long for room */
};

struct vault_letter;

struct vault_client {
	int link; /* to the vault; -1: none for the present */
	struct vault_letter *first, **last, *unsent;
	unsigned int n;
	uint32_t next_ref;
	uint64_t unkept, refused; /* that no record has told of */
	int64_t full; /* ms, monotonic: since when there is no room; 0 */
};

/* Also has OpenSSL read its files, which it does at first use. 0 or -1. */
int vault_client_init(struct vault_client *vault, struct err *err);

/* LINK_VAULT: take the new link, and send again what is not durable. */
void vault_client_link(struct vault_client *vault, int fd);

/* A text that a person chose, its field, and the permit that it is of: "-" is
 * none. Of a link that is one permit's the supervisor's word counts. */
struct vault_text {
	const char *permit, *field, *value;
};

/* Make the commitment of a text, in hex, and hand over the opening. 0, or -1:
 * hashing failed, and the process must end. */
int vault_commit(struct vault_client *vault, const struct vault_text *text,
		 char out[COMMIT_TEXT], struct err *err);

/* What to poll the link for (-1 is none); then serve it. What is wrong with
 * it only ends the link. */
short vault_client_events(const struct vault_client *vault);
void vault_client_serve(struct vault_client *vault);

/* Should who can wait do so? Not for longer than VAULT_WAIT_MS in a row. */
bool vault_client_late(const struct vault_client *vault, int64_t now);

/* The end: wait at most ms until all is durable; the rest is lost. */
void vault_client_finish(struct vault_client *vault, int ms);

/* Begin the record of what was lost since the last one. False: nothing was. */
bool vault_lost(struct vault_client *vault, struct audit_record *record);

#endif
