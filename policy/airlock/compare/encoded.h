/*
 * encoded - I02: pseudonyms that were put into another form.
 *
 * base64, base32 and hex (every alignment), of its text or its 16 bytes;
 * escapes of URLs, mail and programs; gzip, zlib and zip; one inside another
 * to a depth of three. Bytes come in blocks; what is
 * encoded in more than OVERLAP bytes across two blocks is not put together.
 */
#ifndef POLICY_AIRLOCK_COMPARE_ENCODED_H
#define POLICY_AIRLOCK_COMPARE_ENCODED_H

#include "policy/airlock/compare/scan.h"

enum {
	ENCODED_BLOCK = 65536,
	ENCODED_OVERLAP = 512,
	ENCODED_DEPTH = 3,
	ENCODED_ROOM = ENCODED_BLOCK + ENCODED_OVERLAP,
};

struct encoded {
	struct pseudonyms *pseudonyms;
	struct scan_hits hits; /* in what was decoded */
	uint32_t line;	       /* where the block begins */
	uint32_t found;	       /* line of the first hit; 0: none */
	uint64_t budget;       /* bytes that may still be decoded */
	bool exhausted;	       /* there was more than that */
	bool bomb;	       /* compressed data grows beyond measure */
	bool hidden;	       /* it has parts that a reader does not see */
	size_t kept;
	uint8_t block[ENCODED_ROOM];
	uint8_t decoded[ENCODED_DEPTH][ENCODED_ROOM];
};

/* A file of this size begins. */
void encoded_init(struct encoded *encoded, struct pseudonyms *pseudonyms,
		  uint64_t size);
void encoded_feed(struct encoded *encoded, const uint8_t *bytes, size_t len);

#endif
