/*
 * csv_text - is it text, as fast as it is read?
 */
#ifndef POLICY_PREPARE_CSV_TEXT_H
#define POLICY_PREPARE_CSV_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Is all of it well-formed UTF-8 without NUL and without the bytes EF BB,
 * which begin U+FEFF? false also says that this processor cannot tell: then
 * csv_check_text() looks, byte by byte. */
bool csv_text_is_plain(const char *bytes, size_t len);

#endif
