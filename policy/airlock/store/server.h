/*
 * server - the store's links, and what is asked over them.
 *
 * The supervisor and audit are trusted to the end; policy to say what is
 * frozen and kept. A link that ends, or a malformed message, ends the store:
 * the supervisor starts another one, with new links.
 */
#ifndef POLICY_AIRLOCK_STORE_SERVER_H
#define POLICY_AIRLOCK_STORE_SERVER_H

#include "policy/airlock/store/jobs.h"
#include "policy/airlock/store/known.h"
#include "policy/airlock/store/outs.h"
#include "policy/airlock/store/place.h"
#include "policy/airlock/store/release.h"
#include "policy/airlock/store/sweep.h"

enum server_state { STATE_ANY = 0, STATE_READY, STATE_KEEPING };

/* DUE: what policy asked for before comes first; policy is not read until the
 * sweep is over. */
enum server_sweep { SWEEP_NOT = 0, SWEEP_DUE, SWEEP_ON };

struct server {
	struct place place;
	struct outs outs;
	struct known known;
	struct jobs jobs;
	struct release_turn turn; /* and the link to audit */
	struct asker askers[ASKERS];
	enum server_state state; /* of policy's link */
	struct sweep_keep keep;	 /* what policy names */
	struct sweep_keep taken; /* what was frozen over its link */
	enum server_sweep sweep;
	struct msg in;
	bool stop;
};

/* Serve until STOP: 0; or -1: the store must end. */
int server_run(struct server *server, struct err *err);

/* Give up policy's link and what it asked for: there is another one. */
void server_drop_policy(struct server *server);

/* What requests.def names. 0; -1 and err: the message was malformed. */
int on_peer_policy(struct server *server, struct msg *m, struct err *err);
int on_out(struct server *server, struct msg *m, struct err *err);
int on_out_end(struct server *server, struct msg *m, struct err *err);
int on_check_dataset(struct server *server, struct msg *m, struct err *err);
int on_hand(struct server *server, struct msg *m, struct err *err);
int on_release(struct server *server, struct msg *m, struct err *err);
int on_stop(struct server *server, struct msg *m, struct err *err);
int on_keep(struct server *server, struct msg *m, struct err *err);
int on_freeze(struct server *server, struct msg *m, struct err *err);
int on_drop(struct server *server, struct msg *m, struct err *err);
int on_status(struct server *server, struct msg *m, struct err *err);
int on_expire(struct server *server, struct msg *m, struct err *err);

#endif
