/*
 * plan - what a sandbox is to be, as a value.
 *
 * Policy computes it from the permit, the supervisor carries it, the box
 * builds it. It names nothing of the host: no path, no uid, no descriptor, so
 * that the same plan can one day be started on another machine.
 */
#ifndef GATEWAY_BASE_PLAN_H
#define GATEWAY_BASE_PLAN_H

#include "gateway/base/msg.h"

enum encryption {
#define ENCRYPTION(name, word) ENCRYPTION_##name,
#include "gateway/base/encryption.def"
#undef ENCRYPTION
	ENCRYPTIONS
};

enum { PLAN_DATASETS = 8, ID_SIZE = 64, HASH_TEXT_SIZE = 65 };

struct plan_dataset {
	char name[ID_SIZE];	       /* shown as /data/NAME */
	char manifest[HASH_TEXT_SIZE]; /* SHA-256 of manifest.json, or "" */
};

struct plan {
	char session[ID_SIZE]; /* "s" and 16 hex digits, never reused */
	char permit[ID_SIZE];
	char person[ID_SIZE];  /* login name, for the prompt */
	char actor[ID_SIZE];   /* pseudonymous id, names the home folder */
	char lang[4];	       /* "en" or "ja" */
	char toolset[ID_SIZE]; /* name of a toolset image */
	uint64_t workspace_bytes;
	uint64_t workspace_inodes;
	enum encryption encryption; /* of the workspace */
	uint64_t memory_bytes;
	uint32_t processes;
	uint32_t cpu_percent; /* 100 is one core */
	uint32_t ndatasets;
	struct plan_dataset datasets[PLAN_DATASETS];
};

void plan_put(struct msg *m, const struct plan *plan);

/* Reads and checks: ids of [A-Za-z0-9._-] that do not begin with a dot,
 * numbers that are not zero. A plan that is not whole marks m bad. */
void plan_get(struct msg *m, struct plan *plan);

/* Do both say the same? As they are written, whatever stands after an end. */
bool plan_same(const struct plan *a, const struct plan *b);

/* 1 to ID_SIZE - 1 characters of [A-Za-z0-9._-], the first not . or -. */
bool id_valid(const char *id);

#endif
