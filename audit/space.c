#include "audit/space.h"

#include <sys/vfs.h>

bool space_is_scarce(uint64_t left, uint64_t all)
{
	return left < SPACE_RESERVE && left < all / SPACE_PART;
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
