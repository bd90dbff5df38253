#include "gateway/files/quota.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/vfs.h>

#include "gateway/base/own.h"
#include "gateway/files/listing.h"

/* So much may come before what lies there is counted again. */
enum { AGAIN_BYTES = 64 << 20, AGAIN_ENTRIES = 256 };

/* Takes folder. Too much to count is too much. */
static void count(struct quota *quota, int folder, unsigned int depth)
{
	struct listing list;
	const char *name;
	struct stat st;

	if (listing_open(&list, folder) < 0) {
		quota->entries = QUOTA_ENTRIES;
		return;
	}
	while (quota->entries < QUOTA_ENTRIES && (name = listing_next(&list))) {
		if (fstatat(list.folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		quota->entries++;
		if (S_ISREG(st.st_mode))
			quota->bytes += (uint64_t)st.st_size;
		if (!S_ISDIR(st.st_mode))
			continue;
		int inner = depth == 0 ? -1
				       : openat(list.folder, name,
						O_RDONLY | O_DIRECTORY |
							O_NOFOLLOW | O_CLOEXEC);
		if (inner >= 0)
			count(quota, inner, depth - 1);
		else if (errno != ENOENT)
			quota->entries = QUOTA_ENTRIES;
	}
	listing_close(&list);
}

static void count_all(struct quota *quota, const struct view *view)
{
	memset(quota, 0, sizeof *quota);
	quota->counted = true;
	for (unsigned int i = 0; i < view->n; i++) {
		if (!view->tops[i].writable)
			continue;
		int top = openat(view->tops[i].folder, ".",
				 O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (top < 0)
			quota->entries = QUOTA_ENTRIES;
		else
			count(quota, top, VIEW_DEPTH);
	}
}

static bool fits(const struct quota *quota, uint64_t bytes, uint64_t entries)
{
	return quota->bytes + quota->more_bytes + bytes <= QUOTA_BYTES &&
	       quota->entries + quota->more_entries + entries <= QUOTA_ENTRIES;
}

/* The log, the state and everybody's files may be on the same disk. */
static bool disk_has(const struct view *view, uint64_t bytes)
{
	struct statfs disk;

	for (unsigned int i = 0; i < view->n; i++)
		if (view->tops[i].writable &&
		    (fstatfs(view->tops[i].folder, &disk) < 0 ||
		     disk.f_bavail * (uint64_t)disk.f_bsize <
			     QUOTA_RESERVE + bytes))
			return false;
	return true;
}

enum quota_answer quota_take(struct quota *quota, const struct view *view,
			     uint64_t bytes, uint64_t entries)
{
	if (!quota->counted || quota->more_bytes > AGAIN_BYTES ||
	    quota->more_entries > AGAIN_ENTRIES || !fits(quota, bytes, entries))
		count_all(quota, view);
	if (!fits(quota, bytes, entries))
		return QUOTA_FULL;
	if (!disk_has(view, bytes))
		return QUOTA_NO_DISK;
	quota->more_bytes += bytes;
	quota->more_entries += entries;
	return QUOTA_ROOM;
}
