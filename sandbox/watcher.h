/*
 * watcher - what the parts of sekisho-watch know together.
 *
 * One in the process. watch_main.c hears sessions and audit, watch_orders.c
 * the supervisor.
 */
#ifndef SANDBOX_WATCHER_H
#define SANDBOX_WATCHER_H

#include <linux/seccomp.h>

#include "sandbox/watch_files.h"

enum {
	WATCH_LISTENERS = 4096,
	WATCH_GROUPS = 4096,
	WATCH_DESCRIPTORS =
		WATCH_LISTENERS + WATCH_GROUPS + SEEN_PROCESSES + 64,
};

struct watcher {
	struct watch_trail trail;
	struct watch_session *sessions;
	unsigned int listeners, groups;
	struct watch_source link, audit, vault;
	int all, ours; /* epoll: everything; link and audit alone */
	bool writing;  /* audit is waited for to have room */
	int64_t look;  /* ms, when to look through the sessions again */
	int64_t lost;  /* ms, when the vault's losses may be told again */
	struct watch_files files;
	struct watch_limits limits;
	struct watch_account *accounts;
	/* A call whose record is not on its way yet; NULL: none */
	const struct watch_source *owed_call;
	uint64_t owed_id;
	/* As large as this kernel's, which may be newer than the headers. */
	struct seccomp_notif *call;
	struct seccomp_notif_resp *answer;
	size_t call_size, answer_size;
};

/* From now on epoll tells of this descriptor. 0 or -1. */
int watcher_await(int epoll, struct watch_source *source, struct err *err);

/* No more of it: it is closed, and its session is looked at again. */
void watcher_drop(struct watcher *w, struct watch_source *source);

/* Hear, or for a while do not, what a session opens. 0 or -1. */
int watcher_hear(struct watcher *w, struct watch_session *s, bool on,
		 struct err *err);

/* Take one message of the supervisor. 1: go on; 0: an orderly end; -1. */
int watcher_orders(struct watcher *w, struct err *err);

#endif
