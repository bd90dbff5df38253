/*
 * prf - pseudonyms and offsets from a permit's key.
 *
 * K_dom = HKDF-Expand(K_permit, "vsaeg.pseudonym.v1|" + domain, 32): one block
 * of HMAC-SHA-256 (RFC 5869 2.3). An id is Crockford's base32, lower case, of
 * the first 16 bytes of HMAC-SHA-256(K_dom, value). The states after the two
 * pads are kept, so that a value costs two compressions and not four.
 */
#ifndef POLICY_PREPARE_PRF_H
#define POLICY_PREPARE_PRF_H

#include <stddef.h>
#include <stdint.h>

enum {
	PRF_KEY = 32,
	PRF_STATE = 128,
	PSEUDONYM_BYTES = 16,
	PSEUDONYM_TEXT = 26,
	/* characters of 5 bits; below this an id could be met by chance */
	PSEUDONYM_LEAST = 16
};

#define PRF_PSEUDONYM "vsaeg.pseudonym.v1|"
#define PRF_SHIFT     "vsaeg.shift.v1|"

struct prf {
	_Alignas(16) uint8_t inner[PRF_STATE], outer[PRF_STATE];
};

/* The function of label and domain under the permit's key. */
void prf_init(struct prf *prf, const uint8_t key[static PRF_KEY],
	      const char *label, const char *domain);
void prf_clear(struct prf *prf);

/* HMAC-SHA-256 of value: 32 bytes to out. */
void prf_value(const struct prf *prf, const void *value, size_t len,
	       uint8_t out[static 32]);

/* The first 26 characters (no NUL) that stand for 16 bytes. */
void pseudonym_text(const uint8_t bytes[static PSEUDONYM_BYTES],
		    char out[static PSEUDONYM_TEXT]);

/* Keep the bits that the first `length` characters carry; the others are 0. */
void pseudonym_cut(uint8_t bytes[static PSEUDONYM_BYTES], uint32_t length);

/* An offset in -most..most without 0, from HMAC's first 8 bytes. most > 0. */
int32_t shift_offset(const uint8_t mac[static 8], uint32_t most);

#endif
