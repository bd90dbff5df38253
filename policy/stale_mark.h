/*
 * stale_mark - a custodian's word that somebody in a delivery has opted out.
 *
 * `sekisho-prepare optout check` writes it (policy/prepare/stale.h): one line
 * of canonical JSON with its LF, and an Ed25519 signature over that line as
 * one line of base64. Who it is it does not say.
 */
#ifndef POLICY_STALE_MARK_H
#define POLICY_STALE_MARK_H

#include "policy/model.h"

struct stale_mark {
	int64_t at; /* seconds since 1970, by the custodian's clock */
	char dataset[ID_SIZE], permit[ID_SIZE], manifest[HASH_TEXT_SIZE];
};

/* Read the line, without its LF. 0, or -1: it is no mark, to the byte. */
int stale_mark_read(const char *line, struct stale_mark *mark);

/* Did the holder of key (PUBLIC_SIZE, as in policy files) sign the line, LF
 * and all? signature: base64. */
bool stale_mark_signed(const char *line, const char *signature,
		       const char *key);

#endif
