/*
 * paths - a file as it was typed, as a path beneath /out.
 */
#ifndef GATEWAY_DESK_PATHS_H
#define GATEWAY_DESK_PATHS_H

#include <stddef.h>

enum paths_outcome {
	PATHS_OUTSIDE = 0, /* not beneath /out */
	PATHS_FOLDER,	   /* /out itself */
	PATHS_LONG,	   /* longer than out */
	PATHS_BENEATH
};

/*
 * Write what word names, typed in the folder cwd, to out: relative to /out,
 * without ".", ".." and double slashes. Nothing is looked up: a link is the
 * store's to refuse.
 */
enum paths_outcome paths_out(const char *cwd, const char *word, char *out,
			     size_t size);

#endif
