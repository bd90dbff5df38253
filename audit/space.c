#include "audit/space.h"

#include <sys/vfs.h>

bool space_is_scarce(uint64_t left, uint64_t all)
{
	return left < SPACE_RESERVE && left < all / SPACE_PART;
}

bool space_is_room(uint64_t len, uint64_t left, uint64_t all)
{
	uint64_t last = all / SPACE_LAST_PART;

	return left >= len + (last < SPACE_LAST ? last : SPACE_LAST);
}

bool space_has_room(int dir, uint64_t len, bool *scarce)
{
	struct statfs disk;

	*scarce = false;
	if (fstatfs(dir, &disk) < 0)
		return true;
	uint64_t block = (uint64_t)disk.f_bsize;
	uint64_t left = disk.f_bavail * block, all = disk.f_blocks * block;
	*scarce = space_is_scarce(left, all);
	return space_is_room(len, left, all);
}

bool space_look(struct space *space, int dir, int64_t now)
{
	bool before = space->scarce;
	struct statfs disk;

	if (now - space->looked < SPACE_US)
		return false;
	space->looked = now;
	if (fstatfs(dir, &disk) < 0)
		return false;
	uint64_t block = (uint64_t)disk.f_bsize;
	space->free = (int64_t)(disk.f_bavail * block);
	space->scarce =
		space_is_scarce(disk.f_bavail * block, disk.f_blocks * block);
	return space->scarce != before;
}
