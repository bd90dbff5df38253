/*
 * view - what of a log's folder is given to a reader of tiles.
 *
 * The folder is the log's own, or a copy, from which hash tiles are cut; or one
 * that `sekishoctl audit export` made, which may hold entry bundles. Paths come
 * from anybody. Nothing behind the published checkpoint is given.
 */
#ifndef AUDIT_VIEW_VIEW_H
#define AUDIT_VIEW_VIEW_H

#include <stddef.h>
#include <stdint.h>

#include "audit/view/auditors.h"

enum view_answer {
#define ANSWER(id, status, body) VIEW_##id,
#include "audit/view/answers.def"
#undef ANSWER
	VIEW_ANSWERS
};

struct view {
	int folder;
	int hash; /* the folder hash/ of a log; -1: exported tiles */
	struct auditors auditors;
};

/* A part of a file, the caller's; private: not for caches of others. */
struct view_part {
	int fd;
	uint64_t offset, size;
	enum view_kind { VIEW_CHECKPOINT = 0, VIEW_TILE, VIEW_BUNDLE } kind;
};

/* The status and body of an answer that is no file. */
unsigned int view_status(enum view_answer answer);
const char *view_body(enum view_answer answer);

/* Open a folder of either kind. 0, or -1: it is neither. */
int view_open(struct view *view, const char *path, struct err *err);
void view_close(struct view *view);

/* What to answer to a path such as "/tile/0/000"; authorization: the header of
 * that name, or NULL. part is filled if it is VIEW_FILE. */
enum view_answer view_find(struct view *view, const char *path,
			   const char *authorization, struct view_part *part);

#endif
