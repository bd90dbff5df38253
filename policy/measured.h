/*
 * measured - what the supervisor copied of a live session, piece by piece.
 *
 * The bytes are the kernel's, but some of what the kernel says (a process's
 * name) a researcher chose: they are read with care and never shown whole.
 */
#ifndef POLICY_MEASURED_H
#define POLICY_MEASURED_H

#include "gateway/base/msg.h"

enum { MEASURED_PIECES = 2048, MEASURED_BYTES = 2 * 1024 * 1024 };

struct measured {
	unsigned int n;
	size_t bytes;
	struct piece {
		uint32_t pid; /* 0: about the session */
		char what[24];
		char *text; /* owned; a NUL follows */
		size_t len;
	} pieces[MEASURED_PIECES];
};

/* On the heap; an end of the process where there is no memory. */
struct measured *measured_new(void);
void measured_free(struct measured *measured); /* NULL is fine */

/* Take a piece; what is too much is left out. text need not end in NUL. */
void measured_add(struct measured *measured, uint32_t pid, const char *what,
		  const void *text, size_t len);

/* The piece, or NULL. */
const struct piece *measured_find(const struct measured *measured, uint32_t pid,
				  const char *what);

/* Its text; "" where there is none. */
const char *measured_text(const struct measured *measured, uint32_t pid,
			  const char *what);

/*
 * The rest of the line that begins with key and a colon ("Key:\tvalue"),
 * blanks before it left out and those within made one; "" if there is none.
 * Returns out.
 */
const char *measured_field(const char *text, const char *key, char *out,
			   size_t size);

/* The next line of *text, cut to size; false at the end. */
bool measured_line(const char **text, char *out, size_t size);

#endif
