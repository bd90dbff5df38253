/*
 * csv_marks - one bit a byte, with the widest comparison this processor has.
 *
 * Runs in sekisho-prepare over the custodian's sources.
 */
#include "policy/prepare/csv_marks.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

void csv_marks_plain(const char *bytes, size_t words, char separator,
		     uint64_t *out)
{
	for (size_t w = 0; w < words; w++, bytes += 64) {
		out[w] = 0;
		for (int i = 0; i < 64; i++) {
			char c = bytes[i];

			out[w] |= (uint64_t)(c == separator || c == '"' ||
					     c == '\r' || c == '\n')
				  << i;
		}
	}
}

#ifdef __x86_64__
__attribute__((target("avx2"))) static uint32_t
half(const char *at, __m256i separator, __m256i quote, __m256i cr, __m256i lf)
{
	__m256i b = _mm256_loadu_si256((const __m256i *)(const void *)at);
	__m256i hit =
		_mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(b, separator),
						_mm256_cmpeq_epi8(b, quote)),
				_mm256_or_si256(_mm256_cmpeq_epi8(b, cr),
						_mm256_cmpeq_epi8(b, lf)));

	return (uint32_t)_mm256_movemask_epi8(hit);
}

__attribute__((target("avx2"))) static void
marks_avx2(const char *bytes, size_t words, char separator, uint64_t *out)
{
	__m256i is_separator = _mm256_set1_epi8(separator);
	__m256i is_quote = _mm256_set1_epi8('"');
	__m256i is_cr = _mm256_set1_epi8('\r');
	__m256i is_lf = _mm256_set1_epi8('\n');

	for (size_t w = 0; w < words; w++, bytes += 64)
		out[w] = half(bytes, is_separator, is_quote, is_cr, is_lf) |
			 (uint64_t)half(bytes + 32, is_separator, is_quote,
					is_cr, is_lf)
				 << 32;
}
#endif

void csv_marks(const char *bytes, size_t words, char separator, uint64_t *out)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2")) {
		marks_avx2(bytes, words, separator, out);
		return;
	}
#endif
	csv_marks_plain(bytes, words, separator, out);
}
