#include "policy/prepare/sorting.h"

static void insertion_sort(uint8_t *records, size_t n, size_t size)
{
	__attribute__((uninitialized)) uint8_t kept[SORTING_RECORD];

	for (size_t i = 1; i < n; i++) {
		uint8_t *to = records + i * size;

		if (!record_less(to, to - size, size))
			continue;
		record_copy(kept, to, size);
		do {
			record_copy(to, to - size, size);
			to -= size;
		} while (to > records && record_less(kept, to - size, size));
		record_copy(to, kept, size);
	}
}

/* What is being sorted, and room for as much. */
struct sorting {
	size_t size;
	uint8_t *other;
};

/* By the byte at `at`, then each part by the next byte, up to the end. */
static void radix_sort(const struct sorting *sorting, uint8_t *records,
		       size_t n, size_t at)
{
	__attribute__((uninitialized)) size_t begin[257], next[256];
	size_t size = sorting->size;

	for (;; at++) {
		if (at == size)
			return;
		if (n <= 24) {
			insertion_sort(records, n, size);
			return;
		}
		memset(begin, 0, sizeof begin);
		for (size_t i = 0; i < n; i++)
			begin[records[i * size + at] + 1]++;
		if (begin[records[at] + 1] < n)
			break; /* else all have this byte */
	}
	for (int b = 0; b < 256; b++) {
		begin[b + 1] += begin[b];
		next[b] = begin[b];
	}
	for (size_t i = 0; i < n; i++) {
		const uint8_t *one = records + i * size;

		record_copy(sorting->other + next[one[at]]++ * size, one, size);
	}
	memcpy(records, sorting->other, n * size);
	for (int b = 0; b < 256; b++)
		if (begin[b + 1] - begin[b] > 1)
			radix_sort(sorting, records + begin[b] * size,
				   begin[b + 1] - begin[b], at + 1);
}

void sort_records(uint8_t *records, size_t n, size_t size, uint8_t *other)
{
	const struct sorting sorting = { size, other };

	radix_sort(&sorting, records, n, 0);
}
