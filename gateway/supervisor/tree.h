/*
 * tree - the folders of a gateway, made where missing, opened once.
 */
#ifndef GATEWAY_SUPERVISOR_TREE_H
#define GATEWAY_SUPERVISOR_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "gateway/supervisor/settings.h"

enum tree_folder {
#define FOLDER(id, below, path, uid, gid, mode) TREE_##id,
#include "gateway/supervisor/tree.def"
#undef FOLDER
	TREE_FOLDERS
};

struct tree {
	int folders[TREE_FOLDERS];
	int config;	/* policy folder */
	int control;	/* listening socket for sekishoctl */
	int credential; /* 32 random bytes that seal second factors */
};

/* Make and open everything. 0 or -1; what was opened stays open. */
int tree_open(struct tree *tree, const struct settings *settings,
	      struct err *err);

/* A folder PERMIT/NAME in RECORDINGS that only uid can use. Descriptor or -1. */
int tree_recording(const struct tree *tree, const char *permit,
		   const char *name, uint32_t uid, struct err *err);

/* Whose folder beneath one of the store's it is; owner is the store's uid. */
struct tree_person {
	const char *permit, *actor;
	uint32_t owner;
};

/* PERMIT/ACTOR in the folder, made with this mode if it is missing; refused
 * if it belongs to somebody else. Descriptor, the caller's; or -1. */
int tree_person(const struct tree *tree, enum tree_folder folder,
		const struct tree_person *person, mode_t mode, struct err *err);

/* Make mnt/NAME in the run folder and write its whole path to out. */
int tree_mountpoint(const struct tree *tree, const struct settings *settings,
		    const char *name, char *out, size_t size, struct err *err);

#endif
