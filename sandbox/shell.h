/*
 * shell - one session process: its terminal or pipes, its identity, its exec.
 *
 * Runs in sekisho-init and in the children that it forks. What a shell is to
 * run comes from the supervisor; what it does afterwards is hostile.
 */
#ifndef SANDBOX_SHELL_H
#define SANDBOX_SHELL_H

#include "gateway/base/msg.h"

enum { SHELL_WORDS = 64, SHELL_ENDS = 3 };

/* SPAWN, read whole. The strings are on the heap. */
struct shell_order {
	uint32_t id;
	bool tty;
	uint32_t cols, rows;
	char *argv[SHELL_WORDS + 1], *environment[SHELL_WORDS + 1];
};

/* 0, or -1: malformed. Clear it in either case. */
int shell_order_get(struct shell_order *order, struct msg *m, struct err *err);
void shell_order_clear(struct shell_order *order);

/* A shell that was begun. The descriptors are the caller's. */
struct shell {
	uint32_t id;
	int pid;
	int listener;	      /* of its system-call filter */
	int ends[SHELL_ENDS]; /* tty: the master; else stdin, stdout, stderr */
	unsigned int nends;
	int gate; /* shell_release() opens it */
};

/* Fork, confine, and stop just before exec. 0, or -1 with nothing left but a
 * child to be reaped. */
int shell_begin(struct shell *shell, const struct shell_order *order,
		struct err *err);

/* Let it exec; close all that is left of it here. */
void shell_release(struct shell *shell);

#endif
