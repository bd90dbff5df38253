/*
 * nearest - the word somebody may have meant.
 *
 * Runs in sekisho-desk and sekishoctl; any bytes may come.
 */
#include "gateway/desk/nearest.h"

#include <string.h>

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

unsigned int nearest_distance(const char *a, const char *b)
{
	unsigned int rows[NEAREST_WORD][NEAREST_WORD];
	size_t alen = strlen(a), blen = strlen(b);

	if (alen == 0 || blen == 0 || alen >= NEAREST_WORD ||
	    blen >= NEAREST_WORD)
		return NEAREST_WORD;
	for (size_t i = 0; i <= alen; i++)
		rows[i][0] = (unsigned int)i;
	for (size_t j = 0; j <= blen; j++)
		rows[0][j] = (unsigned int)j;
	for (size_t i = 1; i <= alen; i++)
		for (size_t j = 1; j <= blen; j++) {
			unsigned int other = a[i - 1] != b[j - 1];
			unsigned int best = rows[i - 1][j - 1] + other;

			best = least(best, rows[i - 1][j] + 1);
			best = least(best, rows[i][j - 1] + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				best = least(best, rows[i - 2][j - 2] + 1);
			rows[i][j] = best;
		}
	return rows[alen][blen];
}

int nearest_meant(const char *a, const char *b)
{
	return nearest_distance(a, b) <= (strlen(a) <= 4 ? 1 : 2);
}
