/*
 * width - how many columns of a terminal a text takes.
 *
 * East Asian wide and full-width characters take two, combining marks none,
 * everything else one; independent of the locale. Texts are valid UTF-8 that
 * passed visible_text().
 */
#ifndef GATEWAY_DESK_WIDTH_H
#define GATEWAY_DESK_WIDTH_H

#include <stddef.h>

size_t width_text(const char *text);

/* Bytes of the longest beginning of text that takes at most columns; the
 * columns it takes go to *used. Marks stay with their character. */
size_t width_fit(const char *text, size_t columns, size_t *used);

/* Copy text to out so that it takes at most columns: cut and ended by "…" if
 * it is longer. Returns the columns taken. */
size_t width_cut(char *out, size_t size, const char *text, size_t columns);

#endif
