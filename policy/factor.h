/*
 * factor - second factors: authenticator devices and printed lists of codes.
 */
#ifndef POLICY_FACTOR_H
#define POLICY_FACTOR_H

#include "policy/store.h"
#include "policy/totp.h"

enum factor { FACTOR_NONE = 0, FACTOR_TOTP, FACTOR_LIST };

/* "none", "totp", "list": the word in records. */
const char *factor_word(enum factor factor);

/*
 * Is code right for this person now (seconds since 1970)? A right code is
 * used up on the disk before this returns, and *used says what it was; a
 * wrong one leaves FACTOR_NONE. 0, or -1 if the state file failed.
 */
int factor_check(struct store *store, const struct seal *seal,
		 const char *person, const char *code, uint64_t now,
		 enum factor *used, struct err *err);

/* Make a device's secret; text (TOTP_BASE32_SIZE) is the only copy in clear. */
int factor_add_totp(struct store *store, const struct seal *seal,
		    const char *person, char *text, struct err *err);

enum { FACTOR_CODES = 50 };

/* Make n codes, at most FACTOR_CODES, in place of all earlier ones. */
int factor_add_list(struct store *store, const struct seal *seal,
		    const char *person, unsigned int n,
		    char codes[][LIST_CODE_SIZE], struct err *err);

/* Forget every factor of the person. */
int factor_reset(struct store *store, const char *person, struct err *err);

struct factor_count {
	int64_t devices, codes; /* codes that are left */
};

int factor_count(struct store *store, const char *person,
		 struct factor_count *count, struct err *err);

#endif
