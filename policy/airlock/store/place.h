/*
 * place - the store's folders: where frozen copies, releases and states are,
 * and how something new gets there whole or not at all.
 *
 * Everything new is made in new/, synced, and moved to its name. What a killed
 * life left in new/ is removed at the next start. Paths are opened beneath
 * these folders, through no link. Only the store writes here; its umask is 0.
 */
#ifndef POLICY_AIRLOCK_STORE_PLACE_H
#define POLICY_AIRLOCK_STORE_PLACE_H

#include <sys/stat.h>

#include "gateway/base/err.h"
#include "policy/airlock/store/names.h"

enum { PLACE_TEMPORARY = 24, PLACE_COPY = 3 + NAMES_HEX };

struct place {
	int fresh; /* new/ */
	int frozen, released, status;
	uint64_t made; /* names in new/ that were given out */
};

/* Make the folders in the working folder where they are missing, open them,
 * and clear new/. 0 or -1. */
int place_open(struct place *place, struct err *err);
void place_close(struct place *place);

/* Open a path beneath a folder, through no link and no other mount; flags
 * without O_CREAT. The caller's, or -1 and errno. */
int place_beneath(int folder, const char *path, int flags);

/* Open the folder NAME of parent, made with mode if it is not there; a new
 * one is durable when this returns. The caller's, or -1 and errno. */
int place_folder(int parent, const char *name, mode_t mode);

/* A name that nothing in new/ has. */
void place_name(struct place *place, char name[static PLACE_TEMPORARY]);
/* An empty file in new/, to be written, mode 0440. The caller's, or -1. */
int place_file(struct place *place, char name[static PLACE_TEMPORARY]);
/* An empty folder in new/, mode 0750. The caller's, or -1. */
int place_new_folder(struct place *place, char name[static PLACE_TEMPORARY]);
/* Take NAME out of new/, with all in it. Errors are left for the next start. */
void place_discard(const struct place *place, const char *name);

/* A whole new file of these bytes in folder, synced, mode 0440. 0 or -1. */
int place_write(int folder, const char *name, const void *bytes, size_t len);

/* The path of a copy beneath frozen/: HH/HASH. */
void place_copy_path(char out[static PLACE_COPY],
		     const uint8_t hash[static NAMES_HASH]);
/* Give the file NAME of new/, which is synced, its place among the copies.
 * 0 when that is durable; -1 and errno. */
int place_keep(struct place *place, const char *name,
	       const uint8_t hash[static NAMES_HASH]);
/* Open a copy to read; the caller's, or -1. */
int place_copy(const struct place *place,
	       const uint8_t hash[static NAMES_HASH]);
void place_drop(const struct place *place,
		const uint8_t hash[static NAMES_HASH]);

#endif
