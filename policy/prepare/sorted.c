#include "policy/prepare/sorted.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "policy/prepare/need.h"

enum { PAGE = 4096, SMALL = 1024 * 1024 };

static const char scratch[] = "scratch file";

static uint64_t first_of(const uint8_t *key)
{
	uint64_t value = 0;

	for (int i = 0; i < 8; i++)
		value = value << 8 | key[i];
	return value;
}

void sorted_clear(struct sorted *sorted)
{
	own_close(&sorted->fd);
	free(sorted->firsts);
	free(sorted->all);
	sorted->firsts = NULL;
	sorted->all = NULL;
}

static int add_page(struct sorted *sorted, const uint8_t *page, size_t n,
		    struct fault *fault)
{
	if (n == 0)
		return 0;
	sorted->firsts = need_more(sorted->firsts, sorted->npages + 1,
				   sizeof *sorted->firsts);
	sorted->firsts[sorted->npages++] = first_of(page);
	/* pages are whole, so that a page's place is its number */
	return disk_write(sorted->fd, page, PAGE, scratch, fault);
}

static int keep_small(struct sorted *sorted, struct fault *fault)
{
	if (sorted->npages * PAGE > SMALL)
		return 0;
	sorted->all = need(sorted->npages, PAGE);
	ssize_t n = pread(sorted->fd, sorted->all, sorted->npages * PAGE, 0);
	return n == (ssize_t)(sorted->npages * PAGE)
		       ? 0
		       : fault_sys(fault, scratch);
}

int sorted_make(struct sorted *sorted, struct spill *spill, struct fault *fault)
{
	uint8_t page[PAGE] = { 0 };
	size_t n = 0;
	int more = 1;

	*sorted = (struct sorted){ .size = spill->size,
				   .per_page = PAGE / spill->size };
	sorted->fd = bundle_scratch(spill->bundle, fault);
	if (sorted->fd < 0)
		return -1;
	while (more > 0) {
		more = spill_next(spill, page + n * sorted->size, fault);
		n += more > 0;
		sorted->count += more > 0;
		if (more < 0 || (n < sorted->per_page && more > 0))
			continue;
		if (add_page(sorted, page, n, fault) < 0)
			return -1;
		n = 0;
	}
	return more < 0 ? -1 : keep_small(sorted, fault);
}

static const uint8_t *get_page(const struct sorted *sorted, size_t number,
			       uint8_t *page, struct fault *fault)
{
	if (sorted->all)
		return sorted->all + number * PAGE;
	if (pread(sorted->fd, page, PAGE, (off_t)(number * PAGE)) == PAGE)
		return page;
	fault_sys(fault, scratch);
	return NULL;
}

/* The last page whose first key is not above the one that is looked for; of
 * equal first halves, the first page, and on from there. */
static size_t find_page(const struct sorted *sorted, uint64_t first)
{
	size_t low = 0, high = sorted->npages;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (sorted->firsts[middle] < first)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? low - 1 : 0;
}

int sorted_find(const struct sorted *sorted,
		const uint8_t key[static SORTED_KEY], uint64_t *number,
		uint8_t *record, struct fault *fault)
{
	uint64_t first = first_of(key);
	/* what is not read is not looked at */
	__attribute__((uninitialized)) uint8_t buffer[PAGE];

	for (size_t p = find_page(sorted, first);
	     p < sorted->npages && sorted->firsts[p] <= first; p++) {
		const uint8_t *page = get_page(sorted, p, buffer, fault);
		uint64_t left = sorted->count - p * sorted->per_page;
		size_t low = 0;
		size_t high = left < sorted->per_page ? (size_t)left
						      : sorted->per_page;

		if (!page)
			return -1;
		size_t end = high;
		while (low < high) {
			size_t middle = (low + high) / 2;

			if (memcmp(page + middle * sorted->size, key,
				   SORTED_KEY) < 0)
				low = middle + 1;
			else
				high = middle;
		}
		if (low == end ||
		    memcmp(page + low * sorted->size, key, SORTED_KEY) != 0)
			continue;
		*number = p * sorted->per_page + low;
		if (record)
			memcpy(record, page + low * sorted->size, sorted->size);
		return 1;
	}
	return 0;
}

int sorted_get(const struct sorted *sorted, uint64_t number, uint8_t *record,
	       struct fault *fault)
{
	uint8_t buffer[PAGE];
	const uint8_t *page = get_page(
		sorted, (size_t)(number / sorted->per_page), buffer, fault);

	if (!page)
		return -1;
	memcpy(record, page + number % sorted->per_page * sorted->size,
	       sorted->size);
	return 0;
}
