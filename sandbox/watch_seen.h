/*
 * watch_seen - which process has opened which files, as far as remembered.
 *
 * So that a program that opens one file a thousand times is one record. What
 * is forgotten is recorded once more, never left out. Pure: who asks keeps
 * the descriptors, and knows whether a process still lives.
 */
#ifndef SANDBOX_WATCH_SEEN_H
#define SANDBOX_WATCH_SEEN_H

#include <stdbool.h>
#include <stdint.h>

enum { SEEN_PROCESSES = 1024, SEEN_FILES = 16 };

struct watch_process {
	int32_t pid; /* 0: the place is free */
	int pidfd;   /* names the process for as long as it is open */
	unsigned int n;
	struct watch_file {
		uint64_t mount, inode;
	} files[SEEN_FILES]; /* file i of all at i % SEEN_FILES */
};

struct watch_seen {
	struct watch_process processes[SEEN_PROCESSES];
};

/* The place where pid is remembered, or would be. It may be another's. */
struct watch_process *watch_seen_place(struct watch_seen *seen, int32_t pid);

/* Does the process open this file for the first time? Then it is noted. */
bool watch_seen_first(struct watch_process *process, uint64_t mount,
		      uint64_t inode);

/* It is another program from now on. */
void watch_seen_exec(struct watch_process *process);

#endif
