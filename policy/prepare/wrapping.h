/*
 * wrapping - the key that the keys of permits are wrapped under.
 *
 * Where it is stands in a line of the folder of keys, wrapping.at: the path of
 * a file, best on a medium of its own, or a PKCS#11 URI of a key on a token.
 * Without that line it is wrapping.key in the folder itself. A relative path
 * begins there.
 */
#ifndef POLICY_PREPARE_WRAPPING_H
#define POLICY_PREPARE_WRAPPING_H

#include "policy/prepare/fault.h"

enum { WRAPPING_KEY = 32, WRAPPING_PLACE = 900, WRAPPED_BYTES = 60 };

#define WRAPPING_AT   "wrapping.at"
#define WRAPPING_NEXT "wrapping.next" /* a rotation is under way to here */
#define WRAPPING_OLD  "wrapping.old"  /* what is still to be destroyed */

struct wrapping {
	bool open, token;
	uint32_t number; /* of a token's key: 0 or 1 */
	uint8_t key[WRAPPING_KEY];
};

/* A path that begins with / or a PKCS#11 URI, of a length that can be kept. */
bool wrapping_place_good(const char *place);
/* Read the place in one of the three files. 1; 0: no such file; -1. */
int wrapping_place(int folder, const char *name,
		   char place[static WRAPPING_PLACE], struct fault *fault);
int wrapping_put_place(int folder, const char *name, const char *place,
		       struct fault *fault);
/* The place that a rotation goes to if none is named: "NAME.2", "NAME.3". */
int wrapping_next_place(const char *place, char out[static WRAPPING_PLACE]);

/* Will something of this need sekisho-token? keys, place: may be NULL. */
bool wrapping_wants_token(const char *keys, const char *place);

/* Open the key at place as number 0 or 1; make: if there is none, make it.
 * 1; 0: there is none; -1. The caller calls wrapping_close in any case. */
int wrapping_open(struct wrapping *wrapping, int folder, const char *place,
		  bool make, struct fault *fault);
void wrapping_close(struct wrapping *wrapping);
/* The key at place is gone for good afterwards; none there is fine. number:
 * one that is not open. */
int wrapping_destroy(int folder, const char *place, uint32_t number,
		     struct fault *fault);

/* Wrap and unwrap 32 bytes, bound to name. -1: not what was wrapped so. */
int wrapping_seal(const struct wrapping *wrapping, const char *name,
		  const uint8_t key[static WRAPPING_KEY],
		  uint8_t out[static WRAPPED_BYTES], struct fault *fault);
int wrapping_unseal(const struct wrapping *wrapping, const char *name,
		    const uint8_t wrapped[static WRAPPED_BYTES],
		    uint8_t out[static WRAPPING_KEY], struct fault *fault);

#endif
