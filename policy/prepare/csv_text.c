/*
 * csv_text - UTF-8, 32 bytes at a time.
 *
 * Runs in sekisho-prepare over the custodian's sources. What is wrong in two
 * bytes that follow each other shows in three tables of 16: by the first
 * byte's high half, its low half, and the second's high half; a bit that
 * stands in all three is a mistake (Keiser and Lemire, "Validating UTF-8 in
 * less than one instruction per byte", 2020). Bit 7 is two continuations,
 * which are right where a lead of three or four stands before them.
 */
#include "policy/prepare/csv_text.h"

#include <stdint.h>
#include <string.h>

#ifdef __x86_64__
#include <immintrin.h>

enum {
	TOO_SHORT = 1, /* a lead, and no continuation */
	TOO_LONG = 2,  /* ASCII, and a continuation */
	OVERLONG_3 = 4,
	TOO_LARGE = 8,
	SURROGATE = 16,
	OVERLONG_2 = 32,
	TOO_LARGE_MORE = 64, /* and OVERLONG_4 */
	TWO = 128,
	CARRY = TOO_SHORT | TOO_LONG | TWO
};

#define TABLE(...)                                                             \
	_mm256_broadcastsi128_si256(_mm_loadu_si128(                           \
		(const __m128i *)(const void *)(const uint8_t[16]){            \
			__VA_ARGS__ }))

/* The bytes of now, n before: the last n of before come first. */
#define EARLIER(now, before, n)                                                \
	_mm256_alignr_epi8(now, _mm256_permute2x128_si256(before, now, 0x21),  \
			   16 - (n))

__attribute__((target("avx2"))) static __m256i high_half(__m256i bytes)
{
	return _mm256_and_si256(_mm256_srli_epi16(bytes, 4),
				_mm256_set1_epi8(0x0f));
}

/* What is wrong with each byte and the one before it. */
__attribute__((target("avx2"))) static __m256i pairs(__m256i now, __m256i first)
{
	__m256i by_high = TABLE(TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
				TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TWO,
				TWO, TWO, TWO, TOO_SHORT | OVERLONG_2,
				TOO_SHORT, TOO_SHORT | OVERLONG_3 | SURROGATE,
				TOO_SHORT | TOO_LARGE | TOO_LARGE_MORE);
	__m256i by_low =
		TABLE(CARRY | OVERLONG_3 | OVERLONG_2 | TOO_LARGE_MORE,
		      CARRY | OVERLONG_2, CARRY, CARRY, CARRY | TOO_LARGE,
		      CARRY | TOO_LARGE | TOO_LARGE_MORE,
		      CARRY | TOO_LARGE | TOO_LARGE_MORE,
		      CARRY | TOO_LARGE | TOO_LARGE_MORE,
		      CARRY | TOO_LARGE | TOO_LARGE_MORE,
		      CARRY | TOO_LARGE | TOO_LARGE_MORE,
		      CARRY | TOO_LARGE | TOO_LARGE_MORE,
		      CARRY | TOO_LARGE | TOO_LARGE_MORE,
		      CARRY | TOO_LARGE | TOO_LARGE_MORE,
		      CARRY | TOO_LARGE | TOO_LARGE_MORE | SURROGATE,
		      CARRY | TOO_LARGE | TOO_LARGE_MORE,
		      CARRY | TOO_LARGE | TOO_LARGE_MORE);
	__m256i by_next =
		TABLE(TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
		      TOO_SHORT, TOO_SHORT, TOO_SHORT,
		      TOO_LONG | OVERLONG_2 | TWO | OVERLONG_3 | TOO_LARGE_MORE,
		      TOO_LONG | OVERLONG_2 | TWO | OVERLONG_3 | TOO_LARGE,
		      TOO_LONG | OVERLONG_2 | TWO | SURROGATE | TOO_LARGE,
		      TOO_LONG | OVERLONG_2 | TWO | SURROGATE | TOO_LARGE,
		      TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT);
	__m256i low = _mm256_and_si256(first, _mm256_set1_epi8(0x0f));

	return _mm256_and_si256(
		_mm256_and_si256(_mm256_shuffle_epi8(by_high, high_half(first)),
				 _mm256_shuffle_epi8(by_low, low)),
		_mm256_shuffle_epi8(by_next, high_half(now)));
}

/* What is wrong in these 32 bytes, with those before them. */
__attribute__((target("avx2"))) static __m256i wrong(__m256i now,
						     __m256i before)
{
	__m256i first = EARLIER(now, before, 1);
	__m256i third = _mm256_subs_epu8(EARLIER(now, before, 2),
					 _mm256_set1_epi8((char)(0xe0 - 0x80)));
	__m256i fourth = _mm256_subs_epu8(
		EARLIER(now, before, 3), _mm256_set1_epi8((char)(0xf0 - 0x80)));
	__m256i must = _mm256_and_si256(_mm256_or_si256(third, fourth),
					_mm256_set1_epi8((char)0x80));
	__m256i mark = _mm256_and_si256(
		_mm256_cmpeq_epi8(first, _mm256_set1_epi8((char)0xef)),
		_mm256_cmpeq_epi8(now, _mm256_set1_epi8((char)0xbb)));
	__m256i none = _mm256_cmpeq_epi8(now, _mm256_setzero_si256());

	return _mm256_or_si256(_mm256_xor_si256(must, pairs(now, first)),
			       _mm256_or_si256(mark, none));
}

__attribute__((target("avx2"))) static bool is_plain(const char *bytes,
						     size_t len)
{
	__m256i before = _mm256_setzero_si256(), all = before;
	char last[64];

	for (; len >= 32; bytes += 32, len -= 32) {
		__m256i now = _mm256_loadu_si256(
			(const __m256i *)(const void *)bytes);

		if (_mm256_movemask_epi8(now) == 0 &&
		    _mm256_movemask_epi8(before) == 0)
			all = _mm256_or_si256(
				all,
				_mm256_cmpeq_epi8(now, _mm256_setzero_si256()));
		else
			all = _mm256_or_si256(all, wrong(now, before));
		before = now;
	}
	/* blanks behind the end: a character that is cut there is wrong */
	memset(last, ' ', sizeof last);
	memcpy(last, bytes, len);
	for (int i = 0; i < 2; i++) {
		__m256i now = _mm256_loadu_si256(
			(const __m256i *)(const void *)(last + 32 * i));

		all = _mm256_or_si256(all, wrong(now, before));
		before = now;
	}
	return _mm256_testz_si256(all, all);
}
#endif

bool csv_text_is_plain(const char *bytes, size_t len)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2"))
		return is_plain(bytes, len);
#endif
	(void)bytes;
	(void)len;
	return false;
}
