/*
 * auditors - who may read entries over HTTP: a name and the SHA-256 of a token
 * for each. The tokens themselves are with the auditors alone.
 */
#ifndef AUDIT_VIEW_AUDITORS_H
#define AUDIT_VIEW_AUDITORS_H

#include "audit/hash.h"
#include "gateway/base/err.h"

enum { AUDITORS_MAX = 64, AUDITORS_NAME = 64, AUDITORS_TOKEN = 256 };

struct auditors {
	unsigned int n;
	struct auditor {
		char name[AUDITORS_NAME];
		struct hash token;
	} all[AUDITORS_MAX];
	struct hasher hasher;
};

/* Read lines "NAME SHA256-IN-HEX"; "#" begins a comment. 0 or -1. */
int auditors_read(struct auditors *auditors, const char *path, struct err *err);

/* The auditor of "Bearer TOKEN", or NULL. It takes the same time whoever it
 * is, and whether anybody. */
const char *auditors_find(struct auditors *auditors, const char *authorization);

#endif
