/*
 * seen - text of a file, so that what is seen is what stands there.
 *
 * visible_text() is for the reader's terminal; this is for the reader's
 * judgement too: letters that pass for others are shown by their numbers, and
 * what looks like such a number in the file itself cannot be mistaken.
 */
#ifndef GATEWAY_DESK_SEEN_H
#define GATEWAY_DESK_SEEN_H

#include <stddef.h>

/*
 * Write in[0..len) to out as visible_text() does; besides, as \u{HEX}, a
 * letter of another script that looks like a Latin letter or a digit and
 * stands beside one. A backslash that could be read as such a mark becomes
 * \x5c. Returns how many characters are not shown as they are.
 */
size_t seen_text(char *out, size_t size, const char *in, size_t len);

#endif
