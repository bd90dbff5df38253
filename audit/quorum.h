/*
 * quorum - whose word counts for a checkpoint: a C2SP tlog-policy.
 *
 * Lines: "log VKEY [URL]", "witness NAME VKEY [URL]", "group NAME K MEMBER…",
 * "quorum NAME". Names mean something in the file only. Pure; a policy is
 * valid from quorum_read() until quorum_clear().
 */
#ifndef AUDIT_QUORUM_H
#define AUDIT_QUORUM_H

#include "audit/note.h"

enum {
	QUORUM_LOGS = 32,
	QUORUM_WITNESSES = 32,
	QUORUM_GROUPS = 32,
	QUORUM_NAME = 128,
	QUORUM_URL = 256,
	/* bytes of a policy */
	QUORUM_TEXT = 65536,
	/* seconds that a witness's clock may be ahead */
	QUORUM_AHEAD = 300
};

struct quorum_witness {
	char name[QUORUM_NAME], url[QUORUM_URL]; /* url: "" none */
	struct note_key key;
};

struct quorum_group {
	char name[QUORUM_NAME];
	unsigned int needed;
	uint64_t members; /* bit i: witness i; bit 32 + i: group i */
};

struct quorum {
	unsigned int nlogs, nwitnesses, ngroups;
	struct note_key logs[QUORUM_LOGS];
	struct quorum_witness witnesses[QUORUM_WITNESSES];
	struct quorum_group groups[QUORUM_GROUPS];
	uint64_t used;	   /* members of some group */
	uint64_t target;   /* the one bit of what must be met; 0: none */
	bool said;	   /* there was a quorum line */
	unsigned int line; /* that was read last */
};

/* Read a policy. 0, or -1: malformed, or with a key that cannot be checked;
 * line is
 * where (0: nowhere). To be cleared either way. */
int quorum_read(struct quorum *quorum, const char *text, size_t len,
		struct err *err);
void quorum_clear(struct quorum *quorum);

/* Who cosigned a note. */
struct quorum_count {
	uint32_t good;	/* bit i: witness i did */
	uint32_t bad;	/* a line under its name does not verify, or is of
			   the future */
	uint64_t first; /* earliest time of the good; seconds since the epoch */
};

struct quorum_count quorum_count(const struct quorum *quorum,
				 const struct note *note, uint64_t now);

/* Is that enough? True where the policy asks for none. */
bool quorum_met(const struct quorum *quorum, uint32_t witnesses);

#endif
