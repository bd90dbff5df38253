/*
 * gateway - what the supervisor knows: its services, connections, sandboxes.
 *
 * One value, made by supervisor_main and handed to every part.
 */
#ifndef GATEWAY_SUPERVISOR_GATEWAY_H
#define GATEWAY_SUPERVISOR_GATEWAY_H

#include <time.h>

#include "gateway/base/plan.h"
#include "gateway/supervisor/child.h"
#include "gateway/supervisor/lease.h"
#include "gateway/supervisor/tree.h"
#include "sandbox/cgroup.h"

enum service_id {
#define SERVICE(id, program, uid, root, death) SERVICE_##id,
#include "gateway/supervisor/services.def"
#undef SERVICE
	SERVICES
};

/* What policy ordered for the site; nothing listens before it came. */
struct site {
	bool known;
	char address[64];
	uint32_t port;
	uint32_t connections, unauthenticated, per_source, grace_seconds;
	char toolset[ID_SIZE];
	bool needs_cosigned;   /* before a release */
	bool strict;	       /* end sessions instead of freezing them */
	uint32_t hold_seconds; /* how long they may be frozen */
	uint32_t records_a_second, records_a_day; /* of one session; person */
	/* what the anchor follows; our part is to pass it on */
	char timestamps[512], witnesses[16384];
	size_t witnesses_len;
	int socket; /* listening, -1: none */
};

struct gateway {
	const struct settings *settings;
	struct tree tree;
	struct leases leases;
	int loop;
	struct child spawner; /* of boxes, and so of sandboxes */
	struct child services[SERVICES];
	unsigned int starts[SERVICES]; /* in a row, for the pause between */
	int trail;		       /* our own link to audit */
	struct watch trail_watch;
	struct mailbox trail_mailbox;
	uint32_t trail_ref; /* of the last record sent */
	struct watch signals;
	struct site site;
	uint64_t epoch; /* highest policy epoch carried out */
	uint32_t next_conn, next_desk, next_shell;
	struct conn *conns;
	struct aide *aides; /* desks and file servers of channels */
	struct session *sessions;
	struct ask *asks; /* what services were asked */
	uint32_t next_ask;
	struct ask *vault_asks;	      /* for a key; NULL: for none */
	time_t alive_asked;	      /* the watcher; 0: it has answered */
	struct toolset *toolsets;     /* those that are mounted */
	int landlock_abi;	      /* of this kernel; 0: none */
	unsigned int down;	      /* why all are frozen: bits of holds */
	time_t log_asked;	      /* audit; 0: it has answered */
	struct old_group *old_groups; /* of sessions that are gone */
	int out_ids; /* the ids of the store's look into /out */
	struct check *checks;
	struct view *views;
	struct release *releases;
	struct erasure *erasures;
	char ending[200]; /* why the gateway ends; "": it does not */
	bool failed;	  /* it ends because something died */
	bool refused;	  /* it never began */
	bool again;	  /* not the first life */
	time_t deadline;  /* of the ending, monotonic seconds */
};

/* Begin to end everything. The first reason counts. */
void gateway_end(struct gateway *gateway, bool failed, const char *why);

/* Monotonic seconds. */
time_t gateway_now(void);

#endif
