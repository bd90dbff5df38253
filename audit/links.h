/*
 * links - the writers of the log, and the answers each is still owed.
 *
 * A link that has answers waiting is not read, so that a writer that does not
 * listen holds up nobody but itself.
 */
#ifndef AUDIT_LINKS_H
#define AUDIT_LINKS_H

#include "audit/intake.h"
#include "audit/prove.h"

enum { LINKS_MAX = 4096, LINKS_SHARE = 64 /* records of one in a batch */ };

struct links_answer {
	uint32_t ref;
	uint64_t index;
};

struct link {
	int fd;
	bool dead; /* to be removed by links_sweep */
	struct intake_writer who;
	unsigned int nanswers, sent;
	struct links_answer answers[LINKS_SHARE];
	bool asked; /* for the proof of an entry; answered after the others */
	struct links_answer question;
};

struct links {
	struct link **all;
	unsigned int n, room;
};

/* Take fd in. 0, or -1 (it is closed then): too many, or memory. */
int links_add(struct links *links, const struct intake_writer *who, int fd,
	      struct err *err);

/* Owe the link an answer; at most LINKS_SHARE at a time. */
void link_owe(struct link *link, uint32_t ref, uint64_t index);

/* Send what fits now. A link whose peer is gone becomes dead. */
void link_answer(struct link *link);

/* Answer its question, if there is room now and nothing else is owed. */
void link_prove(struct link *link, const struct prove_found *found);

/* Owes it an answer: not to be read, but to be written. */
bool link_owing(const struct link *link);

/* Tell the peer why (as far as it listens) and let it go. */
void link_refuse(struct link *link, uint32_t ref, const char *why);

/* Close and remove the dead. */
void links_sweep(struct links *links);

#endif
