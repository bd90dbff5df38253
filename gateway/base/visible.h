/*
 * visible - make text that others wrote safe to print.
 *
 * Nothing that came from outside reaches a terminal, a log line or a message
 * for people without passing through here.
 */
#ifndef GATEWAY_BASE_VISIBLE_H
#define GATEWAY_BASE_VISIBLE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Write in[0..len) to out as printable UTF-8 with a final NUL. Kept as it is:
 * printable characters of well-formed UTF-8. Shown as \xHH or \u{HEX}: control
 * characters (C0, DEL, C1), bytes that are not UTF-8, bidirectional controls,
 * zero-width and other invisible characters, private use, variation
 * selectors, unassigned planes. What does not fit is cut at a character and
 * marked "…". Returns the bytes written without the NUL.
 */
size_t visible_text(char *out, size_t size, const void *in, size_t len);

/*
 * Decode one UTF-8 character of s[0..len), len >= 1, strictly (no overlong
 * forms, no surrogates, at most U+10FFFF). Returns its length in bytes and
 * its code in *code, or 0 if the bytes are not UTF-8.
 */
size_t utf8_decode(const unsigned char *s, size_t len, unsigned int *code);

/* A character that visible_text() does not show as it is. */
bool visible_hides(unsigned int code);

#endif
