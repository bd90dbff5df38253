/*
 * totp - one-time codes (RFC 6238: SHA-1, 6 digits, 30 seconds) and base32.
 *
 * Pure but for the random source.
 */
#ifndef POLICY_TOTP_H
#define POLICY_TOTP_H

#include <stddef.h>
#include <stdint.h>

enum {
	TOTP_SECRET = 20, /* bytes, RFC 4226 4 R6 */
	TOTP_STEP = 30,	  /* seconds */
	TOTP_DIGITS = 6,
	TOTP_BASE32_SIZE = 33, /* a secret as text */
	LIST_CODE_SIZE = 15,   /* ABCD-EFGH-JKLM */
	LIST_CODE_CHARS = 12
};

/* The code of a step (seconds since 1970 / TOTP_STEP). */
uint32_t totp_code(const uint8_t secret[TOTP_SECRET], uint64_t step);

/*
 * Is code (exactly 6 digits) that of now's step or one beside it, and of a
 * later step than last? The step, or 0: no.
 */
uint64_t totp_match(const uint8_t secret[TOTP_SECRET], const char *code,
		    uint64_t now, uint64_t last);

/* RFC 4648 base32 without padding; len is a multiple of 5. */
void base32_write(const uint8_t *bytes, size_t len, char *out);

/* A random code for a printed list, 60 bits. */
void list_code_make(char out[LIST_CODE_SIZE]);

/* What a person typed, as the list has it: upper case, without spaces and
 * hyphens. 0, or -1: not such a code. out: LIST_CODE_CHARS + 1 bytes. */
int list_code_read(const char *typed, char *out);

#endif
