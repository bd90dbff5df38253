/*
 * links - the writers of the log, and the answers each is still owed.
 *
 * A link that has answers waiting is not read, so that a writer that does not
 * listen holds up nobody but itself. Those that are ready come from epoll, in
 * turn, so that a thousand silent ones cost nothing.
 */
#ifndef AUDIT_LINKS_H
#define AUDIT_LINKS_H

#include "audit/intake.h"
#include "audit/prove.h"

enum {
	LINKS_MAX = 4096,
	LINKS_SPARE = 64, /* of them, for who writes for all sessions */
	LINKS_SHARE = AUDIT_ANSWERS, /* records of one in a batch */
	LINKS_READY = 256
};

struct link {
	int fd;
	bool dead;	     /* to be removed by links_settle() */
	bool busy;	     /* in links.busy */
	bool held;	     /* not to be read for the present */
	unsigned int events; /* that it is waited for */
	bool room;	     /* there is */
	bool hung;    /* its peer is gone, whatever there is to be read */
	bool aside;   /* held and hung: not waited for at all */
	bool awaited; /* it had its answers and was not heard since */
	struct intake_writer who;
	unsigned int nanswers;
	struct audit_answer answers[LINKS_SHARE];
	bool asked; /* for the proof of an entry; answered after the others */
	struct audit_answer question;
	bool parked; /* that answer waits for witnesses, nothing else is owed */
};

struct links {
	int epoll, supervisor;
	bool orders; /* are waiting for room in the supervisor's link */
	unsigned int n, nbusy;
	unsigned int awaited;	      /* how many are */
	struct link *busy[LINKS_MAX]; /* owed something, or dead */
};

/* Watch the supervisor's link, which is not one of them. 0 or -1. */
int links_init(struct links *links, int supervisor, struct err *err);

/* Take fd in. 0, or -1 (it is closed then): too many, or memory. The last
 * places are for services, which a session's writers must not keep away. */
int links_add(struct links *links, const struct intake_writer *who, int fd,
	      struct err *err);

/*
 * Those that are ready, each once: to be read, or to be written if they are
 * owed something; NULL stands for the supervisor. Waits ms milliseconds for
 * the first. How many, or -1.
 */
int links_ready(struct links *links, struct link *ready[static LINKS_READY],
		int ms, struct err *err);

/* Owe the link an answer; at most LINKS_SHARE at a time. */
void link_owe(struct links *links, struct link *link, uint32_t ref,
	      uint64_t index);
/* Owe it the proof that it asked for. */
void link_owe_proof(struct links *links, struct link *link, uint32_t ref,
		    uint64_t index);

/* Send the answers, all in one message, if there is room for it now; to a peer
 * that is gone they are owed no more. */
void link_answer(struct link *link);

/* Answer its question, if there is room now and nothing else is owed. */
void link_prove(struct links *links, struct link *link,
		const struct prove_found *found);

/* Does it not listen to what it is owed? */
bool link_writing(const struct link *link);

/* Is it to be answered now: owed something, and not without room? */
bool link_due(const struct link *link);

/* Tell the peer why (as far as it listens) and let it go. */
void link_refuse(struct links *links, struct link *link, uint32_t ref,
		 const char *why);
/* It sent something, or is gone. */
void link_heard(struct links *links, struct link *link);
/* Its peer is gone. */
void link_gone(struct links *links, struct link *link);

/* Do not read it for the present; the caller clears held again. One whose peer
 * is gone is kept if there is something to be read. */
void link_hold(struct links *links, struct link *link);
/* Its peer does not wait for the proof any more. */
void link_unask(struct link *link);

/*
 * All busy ones had their answers, as far as they listen: close the dead, wait
 * for those that do not, read the others again unless they are held. orders:
 * also wait for room in the supervisor's link. 0 or -1.
 */
int links_settle(struct links *links, bool orders, struct err *err);

#endif
