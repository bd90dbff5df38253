/*
 * process - how every program of ours begins: told what it is, then confined.
 *
 * The supervisor starts a program with one descriptor, PROCESS_LINK, and
 * sends START over it: the uid and gid to take, the folder that becomes its
 * root, and the descriptors that are its whole world. There are no arguments
 * and no environment.
 */
#ifndef GATEWAY_BASE_PROCESS_H
#define GATEWAY_BASE_PROCESS_H

#include "gateway/base/msg.h"

enum { PROCESS_LINK = 3 };

/* Who to be and where, as START said. */
struct process {
	uint32_t uid, gid;
	int root; /* folder descriptor, closed by process_confine */
};

/*
 * Receive START from PROCESS_LINK (waits for it). The rest of the fields are
 * left in start for the program, which asks msg_done(). 0 or -1.
 */
int process_start(struct process *process, struct msg *start, struct err *err);

/*
 * Become uid and gid without any privilege, see only the root folder, gain
 * nothing by exec, not dumpable, die with the supervisor, obey the filter. In
 * this order; on -1 the caller must exit. Anything that must be loaded from
 * the real file system (libraries, locale, time zone) is loaded before.
 */
int process_confine(struct process *process, struct err *err);

/* Tell the supervisor READY. 0 or -1. */
int process_ready(struct err *err);

/* Tell the supervisor FAILED with the sentence, and exit with status 1. */
_Noreturn void process_fail(const struct err *err);

#endif
