/*
 * canonical_bytes - what reading and writing a canonical string both know of
 * its bytes. For canonical*.c alone.
 */
#ifndef AUDIT_CANONICAL_BYTES_H
#define AUDIT_CANONICAL_BYTES_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

/* Up to eight bytes as a word, those behind the n-th being zero. */
static inline uint64_t canonical_word(const void *bytes, size_t n)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof word);
	return n < 8 ? le64toh(word) & ((UINT64_C(1) << 8 * n) - 1)
		     : le64toh(word);
}

/*
 * Eight bytes of a string at once: a word whose lowest bit set marks the first
 * byte that does not stand for itself (control, quote, backslash, not ASCII);
 * 0: all do. Behind that byte the word says nothing.
 */
static inline uint64_t canonical_special(uint64_t word)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	uint64_t quote = word ^ ones * '"', back = word ^ ones * '\\';
	uint64_t control = word - ones * 0x20;

	return (((control | (quote - ones) | (back - ones)) & ~word) | word) &
	       tops;
}

/* The letter after a backslash that stands for this control, or 0. */
static inline char canonical_short(unsigned int c)
{
	switch (c) {
	case '\b':
		return 'b';
	case '\t':
		return 't';
	case '\n':
		return 'n';
	case '\f':
		return 'f';
	case '\r':
		return 'r';
	case '"':
		return '"';
	case '\\':
		return '\\';
	default:
		return 0;
	}
}

static inline int canonical_short_meaning(unsigned char letter)
{
	static const char letters[] = "btnfr\"\\";
	static const char meanings[] = "\b\t\n\f\r\"\\";
	const char *at = letter ? strchr(letters, letter) : NULL;

	return at ? meanings[at - letters] : -1;
}

static inline int canonical_hex(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The code of \u00XX at p, or -1. */
static inline int canonical_long_meaning(const unsigned char *p, size_t len)
{
	if (len < 6 || memcmp(p, "\\u00", 4) != 0)
		return -1;
	int high = canonical_hex(p[4]), low = canonical_hex(p[5]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

#endif
