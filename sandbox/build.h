/*
 * build - what sekisho-box is to build: the plan and its descriptors.
 *
 * Read from one BUILD of the supervisor. The plan came from policy and is
 * checked here once more; the descriptors are the supervisor's.
 */
#ifndef SANDBOX_BUILD_H
#define SANDBOX_BUILD_H

#include "gateway/base/plan.h"

/* TREES: file systems of a sandbox; TREE_PATH: where one of them is put. */
enum {
	BUILD_CGROUPS = 4,
	TREES = 16 + PLAN_DATASETS,
	TREE_PATH = ID_SIZE + 8,
};

struct build {
	struct plan plan;
	uint32_t uid_root, uid_user; /* of the host; inside 0 and 1000 */
	uint32_t ncgroups;
	int toolset, workspace, init; /* owned, as all below */
	int client;		      /* -1: none */
	int cgroups[BUILD_CGROUPS];
	int datasets[PLAN_DATASETS];
};

/* Take everything out of m. 0, or -1: not a whole BUILD. */
int build_get(struct build *build, struct msg *m, struct err *err);

/* This process enters the session's cgroups, and with it all it forks. */
int build_enter_cgroups(const struct build *build, struct err *err);

#endif
