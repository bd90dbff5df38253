/*
 * listing - the names in a folder, in the order of their bytes.
 *
 * Sorted, because clients fetch a tree in the order in which it is listed: in
 * a copy of a log that grows meanwhile, "checkpoint" is then older than
 * "checkpoints.jsonl", and both are older than the entries in "seg".
 */
#ifndef GATEWAY_FILES_LISTING_H
#define GATEWAY_FILES_LISTING_H

#include <stddef.h>

struct listing {
	int folder; /* owned; -1: none */
	char **names;
	size_t n, next;
};

/* Read all names of folder, which is taken. 0, or -1 with errno; the listing
 * is empty then and the folder closed. */
int listing_open(struct listing *listing, int folder);

/* The next name, or NULL. It stays the listing's. */
const char *listing_next(struct listing *listing);

/* Harmless on a listing that was never opened, if its folder is -1. */
void listing_close(struct listing *listing);

#endif
