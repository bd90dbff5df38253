/*
 * server - everything sekisho-policy knows while it runs.
 *
 * One value, passed to whoever works on it: no globals. Functions that return
 * -1 with a sentence mean that policy itself cannot go on; what a peer does
 * wrong only drops that peer.
 */
#ifndef POLICY_SERVER_H
#define POLICY_SERVER_H

#include "audit/client.h"
#include "gateway/base/mailbox.h"
#include "gateway/base/result.h"
#include "policy/decide.h"
#include "policy/deliveries.h"
#include "policy/factor.h"
#include "policy/road.h"
#include "policy/throttle.h"

enum { PEERS = 8192, SESSIONS = 4096, WORDS = 128, WORDS_SIZE = 16384 };

enum peer_kind {
	PEER_NONE = 0,
	PEER_CONN,
	PEER_DESK,
	PEER_CONTROL,
	PEER_COMPARE
};
enum peer_state {
	STATE_NONE = 0,
	STATE_NEW,
	STATE_KEYED,
	STATE_READY,
	STATE_OVER
};

/* What a peer waits for; meanwhile nothing is read from it. */
enum waits {
	WAITS_NOT = 0,
	WAITS_DENIAL,  /* for the pause before DENIED */
	WAITS_CHECK,   /* until its code may be looked at */
	WAITS_WELCOME, /* until its login is on record */
	WAITS_VERB,    /* until its command is on record */
	WAITS_POLICY,  /* it is, but a policy is being applied */
	WAITS_APPLY,   /* until the policy it applied is on record */
	WAITS_FILES,   /* no more: the answer comes with its check */
	WAITS_OUTBOX,  /* until its act is durable */
	WAITS_MEASURE, /* until the supervisor has measured a session */
	WAITS_SHOWN,   /* until the answer about it is on record */
	WAITS_VAULT    /* until the vault has answered */
};

/* The words of a command, from ASK: one after the other in text. */
struct words {
	unsigned int count;
	char *word[WORDS];
	size_t used;
	char text[WORDS_SIZE];
};

struct peer {
	enum peer_kind kind;
	enum peer_state state;
	enum waits waits;
	int fd;
	struct mailbox letters; /* that it has not read; it is not heard then */
	bool gone;		/* to be freed by the loop */
	uint64_t wake; /* WAITS_DENIAL, WAITS_CHECK: when, milliseconds */
	uint32_t ref;  /* of the record waited for */

	/* A connection */
	uint32_t conn;
	char source[64];
	struct login_name
		name; /* after a right key; whole once it has a channel */
	char actor[ID_SIZE];
	char code[64];
	uint32_t keys_wrong, codes_wrong, refused;
	bool last;  /* the denial to come is the last one */
	bool tried; /* a key was offered */
	bool files_or_desk;

	/* A desk; a conn's person and role stand in name */
	char session[ID_SIZE], permit[ID_SIZE];
	char lang[4];

	/* A compare */
	uint64_t check;

	/* A command */
	uint32_t uid; /* control */
	uint32_t ask; /* reference of the ASK to answer */
	const struct verb *verb;
	struct words *words;
	struct showing *showing; /* WAITS_MEASURE, WAITS_SHOWN; owned */
};

struct session {
	char id[ID_SIZE];
	char person[ID_SIZE];
	char actor[ID_SIZE];
	uint32_t conn;
	int64_t started;
	bool running, ending;
	char held[16]; /* why it is frozen; "": it is not */
	struct plan plan;
};

/* An order for a channel that the supervisor has not answered yet. */
struct opening {
	uint64_t order;
	uint32_t conn, channel;
	char session[ID_SIZE]; /* "": no sandbox */
};

/* The end of a permit's key, whose openings the vault was told to erase. */
struct ending {
	uint64_t order;
	uint32_t ref; /* of VAULT_END */
	enum { ENDING_ASKED = 0, ENDING_DONE, ENDING_LOST } state;
};

/* A policy that is read and waits for its record. */
struct applying {
	bool active;
	uint32_t ref;
	uint64_t epoch;
	struct policy policy;
	struct closure closure;
};

struct server {
	int audit, control, folder;
	struct mailbox records; /* that audit has not had time to read */
	int vault;		/* link to sekisho-vault; -1: none */
	struct mailbox to_vault;
	struct seal seal;
	struct store store;
	struct throttle throttle;
	struct road road;

	bool in_force;
	struct policy policy;
	uint64_t epoch;
	int64_t since; /* the policy's, seconds since 1970 */
	struct suspensions suspensions;
	struct deliveries deliveries;
	bool closing_due; /* something of a closed permit is to be ordered, or
			   * the vault's part in it is over */
	struct ending *endings;
	size_t nendings;
	struct applying applying;

	struct peer **peers;
	size_t npeers;
	char held[16]; /* why all sessions are frozen; "": they are not */
	struct session *sessions;
	size_t nsessions;
	struct opening *openings;
	size_t nopenings;

	uint32_t next_ref;
	uint32_t next_order;
	bool stop;
	struct result result; /* the answer being made */
	struct msg in, out, order;
	struct problems problems;
};

/* The policy in force, or NULL. */
const struct policy *server_policy(const struct server *server);
/* Today, by the site's offset. */
int32_t server_today(const struct server *server);
/* Milliseconds that only grow; seconds since 1970. */
uint64_t server_clock(void);
int64_t server_time(void);

/* Take a new peer; fd is then the server's. NULL: too many (fd is closed). */
struct peer *server_add(struct server *server, enum peer_kind kind, int fd);
/* Close a peer's link; it is freed when the loop comes round. */
void server_drop(struct server *server, struct peer *peer, const char *why);
struct peer *server_conn(const struct server *server, uint32_t conn);

/* Send out to a peer, now or when it reads; one that cannot be reached, or
 * leaves too much unread, is dropped. */
void server_send(struct server *server, struct peer *peer);
/* Send result as the ANSWER to this ask of a peer's. out is used for it. */
void server_answer(struct server *server, struct peer *peer, uint32_t ask);

/*
 * Send a record, with server->order if order. The reference to wait for; if
 * audit cannot be reached the process fails.
 */
uint32_t server_record(struct server *server, const struct audit_record *record,
		       bool order);

/* Begin server->order: number and epoch are put; returns the number. */
uint64_t server_order(struct server *server, enum msg_type type);

/* Serve until told to stop. 0, or -1 and err says why not. */
int server_run(struct server *server, struct err *err);

/* A word for records from a text id: WHY_PERMIT_ENDED is "permit_ended".
 * out: 40 bytes. */
const char *server_reason(enum text_id why, char *out);

#endif
