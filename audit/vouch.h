/*
 * vouch - which checkpoint a proof may end with: any that was published, or,
 * where the site says so, one that its quorum of witnesses has cosigned.
 *
 * So a release, which needs the proof of its record, waits for the quorum. Until
 * the supervisor has said what the site wants, every proof waits.
 */
#ifndef AUDIT_VOUCH_H
#define AUDIT_VOUCH_H

#include "audit/checkpoint.h"
#include "audit/quorum.h"
#include "gateway/base/msg.h"

struct vouch {
	bool known;    /* what the site wants */
	bool cosigned; /* it wants its quorum */
	struct quorum quorum;
	/* The newest that the quorum cosigned; size 0: none */
	struct proof_head head;
	char note[CHECKPOINT_NOTE];
};

/* Take NEEDS of the supervisor. published: the note that is out, "" none; now:
 * seconds since the epoch. 0, or -1: malformed. */
int vouch_needs(struct vouch *vouch, struct msg *m, const char *published,
		uint64_t now, struct err *err);

/* A checkpoint of ours with what others say of it: does the quorum? */
void vouch_look(struct vouch *vouch, const char *note, size_t len,
		uint64_t now);

/* May the proof of entry index be given out? Else it waits. */
bool vouch_covers(const struct vouch *vouch, uint64_t index);

#endif
