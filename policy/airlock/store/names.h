/*
 * names - which paths and hashes are taken at all. Pure.
 */
#ifndef POLICY_AIRLOCK_STORE_NAMES_H
#define POLICY_AIRLOCK_STORE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NAMES_PATH = 1024, NAMES_HASH = 32, NAMES_HEX = 65 };

/*
 * A path in its one spelling: 1 to NAMES_PATH - 1 bytes, parts of 1 to 255
 * bytes between single slashes, none "." or "..", no slash at either end.
 */
bool names_path(const char *path);

/* The same, and not the name of what a release adds to its files. */
bool names_released(const char *path);

/* 64 lower-case hexadecimal digits. */
void names_hex(char out[static NAMES_HEX],
	       const uint8_t hash[static NAMES_HASH]);
bool names_from_hex(uint8_t hash[static NAMES_HASH], const char *hex,
		    size_t len);

#endif
