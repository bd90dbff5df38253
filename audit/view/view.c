/*
 * view - see view.h. Runs in sekisho-tiles and trusts no byte of a path.
 */
#include "audit/view/view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/checkpoint.h"
#include "audit/segment.h"
#include "audit/tile_path.h"
#include "gateway/base/own.h"

static const struct {
	unsigned int status;
	const char *body;
} answers[VIEW_ANSWERS] = {
#define ANSWER(id, status, body) [VIEW_##id] = { status, body },
#include "audit/view/answers.def"
#undef ANSWER
};

unsigned int view_status(enum view_answer answer)
{
	return answers[answer].status;
}

const char *view_body(enum view_answer answer)
{
	return answers[answer].body;
}

int view_open(struct view *view, const char *path, struct err *err)
{
	int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

	view->hash = -1;
	view->folder = open(path, flags);
	if (view->folder < 0)
		return err_sys(err, "open %s", path);
	if (faccessat(view->folder, "tile", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	view->hash = openat(view->folder, "hash", flags | O_NOFOLLOW);
	return view->hash >= 0
		       ? 0
		       : err_sys(err, "%s has neither tile nor hash", path);
}

void view_close(struct view *view)
{
	own_close(&view->folder);
	own_close(&view->hash);
}

/* The size that the published checkpoint says. 0 or -1. */
static int published(const struct view *view, uint64_t *size)
{
	struct checkpoint checkpoint;
	char text[NOTE_MAX];
	struct note note;
	struct err err;
	long len = segment_read_small(view->folder, "checkpoint", text,
				      sizeof text, &err);

	if (len < 0 || note_parse(&note, text, (size_t)len, &err) < 0 ||
	    checkpoint_parse(&checkpoint, note.text, note.text_len, &err) < 0)
		return -1;
	*size = checkpoint.head.size;
	return 0;
}

/* All of a file, or the part of it that is a tile; -1: there is less. */
static enum view_answer give(int fd, struct view_part *part)
{
	AUTO_FD int owned = fd;
	struct stat info;

	if (fd < 0)
		return errno == ENOENT ? VIEW_NOT_PUBLISHED : VIEW_BROKEN;
	if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode))
		return VIEW_BROKEN;
	if (part->size == 0)
		part->size = (uint64_t)info.st_size;
	if ((uint64_t)info.st_size < part->offset + part->size)
		return VIEW_NOT_PUBLISHED;
	part->fd = take_fd(&owned);
	return VIEW_FILE;
}

static enum view_answer find_tile(const struct view *view,
				  const struct tile *tile,
				  struct view_part *part)
{
	uint64_t bytes = (uint64_t)tile->width * HASH_SIZE;
	char path[TILE_PATH];
	struct err err;

	part->kind = tile->entries ? VIEW_BUNDLE : VIEW_TILE;
	part->size = tile->entries ? 0 : bytes;
	if (view->hash < 0) {
		tile_path(path, tile);
		return give(segment_open(view->folder, path, O_RDONLY, &err),
			    part);
	}
	part->offset = tile->n * TILE_WIDTH * HASH_SIZE;
	snprintf(path, sizeof path, "%u", tile->level);
	return give(segment_open(view->hash, path, O_RDONLY, &err), part);
}

enum view_answer view_find(struct view *view, const char *path,
			   const char *authorization, struct view_part *part)
{
	struct tile tile;
	const char *auditor;
	uint64_t size;
	struct err err;

	*part = (struct view_part){ .fd = -1 };
	if (strcmp(path, "/checkpoint") == 0)
		return give(
			segment_open(view->folder, path + 1, O_RDONLY, &err),
			part);
	if (*path != '/' || !tile_parse(&tile, path + 1))
		return VIEW_NO_PAGE;
	if (tile.entries && (view->hash >= 0 || view->auditors.n == 0))
		return VIEW_NO_ENTRIES;
	auditor = tile.entries ? auditors_find(&view->auditors, authorization)
			       : "";
	if (!auditor)
		return VIEW_NO_TOKEN;
	if (published(view, &size) < 0)
		return VIEW_BROKEN;
	if (!tile_within(&tile, size))
		return VIEW_NOT_PUBLISHED;
	if (tile.entries)
		note("%s reads %s", auditor, path + 1);
	return find_tile(view, &tile, part);
}
