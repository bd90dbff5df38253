/*
 * type - what a file is, as far as its name and first bytes tell.
 */
#ifndef POLICY_AIRLOCK_PARSE_TYPE_H
#define POLICY_AIRLOCK_PARSE_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum file_type {
	FILE_UNKNOWN = 0, /* cannot be reviewed, so it blocks */
	FILE_CSV,
	FILE_TSV,
	FILE_TEXT,
	FILE_JSON,
};

/* What the name's last extension promises; names have no folder here. */
enum file_type type_of_name(const char *name);

/* The first bytes are those of something that is not text. */
bool type_is_foreign(const uint8_t *head, size_t len);

/* The word that PARSED_TYPE carries. */
const char *type_word(enum file_type type);

/* What separates the cells of a table: the most frequent of , ; and tab in
 * its first line; ',' if there is none. */
char type_separator(enum file_type type, const uint8_t *head, size_t len);

#endif
