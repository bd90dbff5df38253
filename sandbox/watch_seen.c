#include "sandbox/watch_seen.h"

struct watch_process *watch_seen_place(struct watch_seen *seen, int32_t pid)
{
	return &seen->processes[(uint32_t)pid % SEEN_PROCESSES];
}

bool watch_seen_first(struct watch_process *process, uint64_t mount,
		      uint64_t inode)
{
	unsigned int kept = process->n < SEEN_FILES ? process->n : SEEN_FILES;

	for (unsigned int i = 0; i < kept; i++)
		if (process->files[i].mount == mount &&
		    process->files[i].inode == inode)
			return false;
	process->files[process->n % SEEN_FILES] =
		(struct watch_file){ mount, inode };
	process->n++;
	return true;
}

void watch_seen_exec(struct watch_process *process)
{
	process->n = 0;
}
