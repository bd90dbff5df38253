/*
 * nearest - the word somebody may have meant.
 */
#ifndef GATEWAY_DESK_NEAREST_H
#define GATEWAY_DESK_NEAREST_H

#include <stddef.h>

enum { NEAREST_WORD = 24 /* bytes; longer words are near to nothing */ };

/*
 * How many single steps make a into b: a byte more, less, or another, or two
 * neighbours exchanged (optimal string alignment). NEAREST_WORD if either is
 * empty or longer than NEAREST_WORD - 1 bytes.
 */
unsigned int nearest_distance(const char *a, const char *b);

/* Is b what somebody who typed a may have meant? At most one step for words
 * of up to four bytes, two for longer ones. */
int nearest_meant(const char *a, const char *b);

#endif
