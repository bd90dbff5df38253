/*
 * watch_files - a program that is started or a dataset's file that is opened
 * becomes a record, and then goes on.
 *
 * Runs in sekisho-watch. The kernel's event comes with the file opened for
 * us and the process named by a pidfd; nothing else of the process is
 * believed or looked at. A file's name is the kernel's, but a name that a
 * researcher chose stands in the log as a commitment, and in the vault.
 */
#ifndef SANDBOX_WATCH_FILES_H
#define SANDBOX_WATCH_FILES_H

#include "audit/vault_client.h"
#include "sandbox/watch_hash.h"
#include "sandbox/watch_seen.h"
#include "sandbox/watch_session.h"

struct watch_files {
	int links; /* /proc/self/fd, for the names of files; owned */
	struct vault_client vault;
	struct watch_hashes hashes;
	struct watch_seen seen;
	/* An event whose record is not on its way yet, and its file, owned */
	struct watch_session *owed; /* NULL: none */
	int owed_file;
	bool owed_yes;
};

/* Before the process confines itself. 0 or -1. */
int watch_files_init(struct watch_files *files, struct err *err);

/* A session has ended: forget the processes that are dead by now. */
void watch_files_forget(struct watch_files *files);

/*
 * Take one event of the session's group, if there is one: record it, then
 * answer; if audit has no room, watch_files_pay() answers. A mount that is not
 * the session's is refused. *news: a record was made. When a file of a
 * researcher took long to hash, s->rest is set. The trail has room and nothing
 * is owed. 0, or -1: nothing was answered, and the process must end.
 */
int watch_files_event(struct watch_files *files, struct watch_session *s,
		      struct watch_trail *trail, bool *news, struct err *err);

/* What the trail kept is on its way: give the answer that is owed. */
void watch_files_pay(struct watch_files *files);

/* The session's group is let go: it is owed nothing. */
void watch_files_let(struct watch_files *files, const struct watch_session *s);

/*
 * A watcher that died had this group. What it took and did not answer is
 * refused, for nobody knows whether that is on record; what is still in the
 * group is asked as ever. Before the first event is taken.
 */
void watch_files_disown(int group, int most);

#endif
