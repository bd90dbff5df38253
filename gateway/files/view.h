/*
 * view - the few folders a person sees over sftp, and paths in them.
 *
 * Runs in sekisho-files. Paths come from a client and are not trusted: they
 * are made plain first ("." and ".." taken out by their text alone, so they
 * cannot leave the view), then resolved beneath a folder's descriptor without
 * following any link. Only regular files and folders exist.
 */
#ifndef GATEWAY_FILES_VIEW_H
#define GATEWAY_FILES_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "gateway/base/plan.h"

enum {
	VIEW_TOPS = 14,
	VIEW_DEPTH = 16, /* names in a path, the top folder's included */
	VIEW_NAME = 255, /* bytes of a name */
	VIEW_PATH = VIEW_DEPTH * (VIEW_NAME + 1),
};

/* Names that begin so are uploads under way; nobody sees them. */
#define VIEW_HIDDEN ".sekisho-"

/* A folder of the view: "released", or one deeper, "import/new"; what is
 * above such a one exists only in the view. None lies in another. */
struct view_top {
	char name[ID_SIZE];
	bool writable;
	int folder;
};

struct view {
	unsigned int n;
	struct view_top tops[VIEW_TOPS];
};

/* A plain path, "a/b/c" without a slash before it; "" is the root. */
struct view_path {
	char text[VIEW_PATH];
	const struct view_top *top; /* NULL: above them, or outside the view */
	const char *rest;	    /* beneath top; "" is top itself */
};

/*
 * Make a client's path plain and find its top folder. False: it can name
 * nothing here (too deep, too long, a NUL inside, a hidden name).
 */
bool view_path(const struct view *view, const uint8_t *bytes, size_t len,
	       struct view_path *path);

/* Copy a path; a plain assignment would leave rest pointing at the old one. */
void view_path_copy(struct view_path *to, const struct view_path *from);

/* Is it the root, or another folder above top folders? */
bool view_is_above(const struct view *view, const struct view_path *path);

/*
 * What stands in such a folder: the names, each once, with *next from 0 on.
 * *top is the top folder of that name, or NULL: it is above one. False: no
 * more.
 */
bool view_below(const struct view *view, const struct view_path *path,
		unsigned int *next, char name[ID_SIZE],
		const struct view_top **top);

/* One or two names that id_valid() takes, with a slash between them. */
bool view_top_valid(const char *name);

/*
 * Open what path names beneath its top folder: an openat() that follows
 * nothing. Descriptor, the caller's, or -1 and errno.
 */
int view_open(const struct view_path *path, int flags);

/*
 * Open the folder that holds the last name of path; *name points into path.
 * Descriptor, the caller's, or -1 and errno (EPERM: a top folder itself).
 */
int view_parent(const struct view_path *path, const char **name);

/* What path names, a regular file or folder. 0, or -1 and errno. */
int view_stat(const struct view_path *path, struct stat *st);

/* Is name one that a client may give to something new? Printable text. */
bool view_name_good(const char *name);

/* Is it one of the two kinds that exist here, a regular file or a folder? */
bool view_shows(mode_t mode);

#endif
