/*
 * normalize - one spelling for a value before it becomes a pseudonym.
 */
#ifndef POLICY_PREPARE_NORMALIZE_H
#define POLICY_PREPARE_NORMALIZE_H

#include <stddef.h>

/* Bits; in this order, whatever the order in the recipe. */
enum normalize {
	NORMALIZE_NFKC = 1,
	NORMALIZE_STRIP = 2, /* white space at both ends */
	NORMALIZE_KANA = 4   /* NFKC, hiragana to katakana, no blanks at all */
};

/*
 * Normalise in[0..len), which is UTF-8, to out, which has room for size bytes.
 * Returns the length, or -1: no room.
 */
long normalize(unsigned int how, const char *in, size_t len, char *out,
	       size_t size);

#endif
