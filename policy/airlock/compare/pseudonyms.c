#include "policy/airlock/compare/pseudonyms.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum {
	PREFIX_SHIFT = 64 - 5 * PREFIX_CHARS,
	SIEVE_AFTER = 1024, /* questions that are cheaper without */
};

static uint64_t beginning(const uint8_t *value)
{
	uint64_t bits;

	memcpy(&bits, value, sizeof bits);
	return __builtin_bswap64(bits);
}

void pseudonyms_init(struct pseudonyms *p)
{
	if (p->sieved)
		memset(p->sieve, 0, sizeof p->sieve);
	p->sieved = false;
	p->asked = 0;
	p->n = 0;
}

int pseudonyms_add(struct pseudonyms *p, const uint8_t *values, size_t bytes,
		   struct err *err)
{
	if (bytes % PSEUDONYM_BYTES != 0)
		return err_set(err, "an index of pseudonyms is cut");
	if (p->n == PSEUDONYMS_INDEXES)
		return err_set(err, "more than %d datasets",
			       PSEUDONYMS_INDEXES);
	p->index[p->n].values = values;
	p->index[p->n].count = bytes / PSEUDONYM_BYTES;
	p->n++;
	return 0;
}

int pseudonyms_map(struct pseudonyms *p, int fd, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(err, "look at an index of pseudonyms");
	if (!S_ISREG(st.st_mode))
		return err_set(err, "an index of pseudonyms is no file");
	if (st.st_size == 0)
		return 0;
	void *values =
		mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (values == MAP_FAILED)
		return err_sys(err, "map an index of pseudonyms");
	return pseudonyms_add(p, values, (size_t)st.st_size, err);
}

uint8_t pseudonym_digit(uint8_t character)
{
	static const uint8_t alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

	if (character >= 'A' && character <= 'Z')
		character |= 0x20;
	for (uint8_t i = 0; i < 32; i++)
		if (alphabet[i] == character)
			return i;
	return 32;
}

/* The values are sorted, so that this runs through memory once. */
static void build_sieve(struct pseudonyms *p)
{
	for (size_t d = 0; d < p->n; d++)
		for (size_t i = 0; i < p->index[d].count; i++) {
			const uint8_t *value =
				p->index[d].values + i * PSEUDONYM_BYTES;
			uint64_t at = beginning(value) >> (64 - SIEVE_BITS);

			p->sieve[at >> 6] |= 1ull << (at & 63);
		}
	p->sieved = true;
}

/*
 * The first value that is not below bits. Values are as good as random, so
 * where one stands is nearly where it would stand if they were even.
 */
static size_t lower_bound(const uint8_t *values, size_t count, uint64_t bits)
{
	size_t guess = (size_t)(((__uint128_t)bits * count) >> 64);
	size_t low = guess, high = guess, step = 16;

	while (low > 0 &&
	       beginning(values + (low - 1) * PSEUDONYM_BYTES) >= bits) {
		high = low - 1;
		low = low > step ? low - step : 0;
		step *= 4;
	}
	step = 16;
	while (high < count &&
	       beginning(values + high * PSEUDONYM_BYTES) < bits) {
		low = high + 1;
		high = count - high > step ? high + step : count;
		step *= 4;
	}
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (beginning(values + middle * PSEUDONYM_BYTES) < bits)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool pseudonyms_begin(struct pseudonyms *p, uint64_t prefix)
{
	uint64_t bits = prefix << PREFIX_SHIFT;

	if (!p->sieved && ++p->asked >= SIEVE_AFTER)
		build_sieve(p);
	if (!pseudonyms_may_begin(p, prefix))
		return false;
	for (size_t d = 0; d < p->n; d++) {
		const uint8_t *values = p->index[d].values;
		size_t at = lower_bound(values, p->index[d].count, bits);

		if (at < p->index[d].count &&
		    beginning(values + at * PSEUDONYM_BYTES) >> PREFIX_SHIFT ==
			    prefix)
			return true;
	}
	return false;
}

static __uint128_t whole_value(const uint8_t *bytes)
{
	__uint128_t value = 0;

	for (size_t i = 0; i < PSEUDONYM_BYTES; i++)
		value = value << 8 | bytes[i];
	return value;
}

/* The characters that are not only the zeros of a cut. */
static size_t characters(__uint128_t value)
{
	size_t n = PSEUDONYM_CHARS;

	while (n > PSEUDONYM_LEAST && (value << (5 * (n - 1))) == 0)
		n--;
	return n;
}

bool pseudonyms_have(const struct pseudonyms *p, const uint8_t *digits,
		     size_t n)
{
	__uint128_t text = 0;

	for (size_t i = 0; i < n && i < PSEUDONYM_CHARS - 1; i++)
		text |= (__uint128_t)digits[i] << (123 - 5 * i);
	if (n >= PSEUDONYM_CHARS)
		text |= digits[PSEUDONYM_CHARS - 1] >> 2;
	const uint64_t prefix = (uint64_t)(text >> 64) >> PREFIX_SHIFT;
	for (size_t d = 0; d < p->n; d++) {
		const uint8_t *at = p->index[d].values;
		size_t count = p->index[d].count;
		size_t i = lower_bound(at, count, prefix << PREFIX_SHIFT);

		for (at += i * PSEUDONYM_BYTES; i < count;
		     i++, at += PSEUDONYM_BYTES) {
			__uint128_t value = whole_value(at);
			size_t chars = characters(value);
			unsigned int rest =
				chars < PSEUDONYM_CHARS
					? 128 - 5 * (unsigned int)chars
					: 0;

			if (beginning(at) >> PREFIX_SHIFT != prefix)
				break;
			if (chars <= n && value >> rest == text >> rest)
				return true;
		}
	}
	return false;
}

bool pseudonyms_hold(struct pseudonyms *p, const uint8_t *value)
{
	uint8_t digits[PSEUDONYM_CHARS];
	__uint128_t all = whole_value(value);

	if (!pseudonyms_begin(p, beginning(value) >> PREFIX_SHIFT))
		return false;
	for (size_t i = 0; i + 1 < PSEUDONYM_CHARS; i++)
		digits[i] = (uint8_t)(all >> (123 - 5 * i)) & 31;
	digits[PSEUDONYM_CHARS - 1] = (uint8_t)(all << 2) & 31;
	return pseudonyms_have(p, digits, PSEUDONYM_CHARS);
}
