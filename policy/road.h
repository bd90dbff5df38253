/*
 * road - what policy holds in memory of the export road.
 *
 * Checks that are under way, and the link to sekisho-store. All else is in
 * the state file (requests_store.h).
 */
#ifndef POLICY_ROAD_H
#define POLICY_ROAD_H

#include "gateway/base/mailbox.h"
#include "policy/requests_store.h"

enum {
	CHECKS = 64,
	CHECKS_AT_ONCE = 4,    /* of one person */
	CHECK_MS = 300 * 1000, /* from the beginning of its compare */
	QUEUE_MS = CHECKS * CHECK_MS / 4, /* until then: four run at a time */
	DROPS = 4096
};

/* Where a check is; each step is one message or record away from the next. */
enum check_phase {
	CHECK_NONE = 0,
	CHECK_FREEZES, /* the store copies its files */
	CHECK_RUNS,    /* ordered; compare looks */
	CHECK_TOLD     /* its end waits to be durable */
};

/*
 * One `sekisho check` or `submit`, from the first FREEZE to the answer; or
 * the check of a request that an earlier life left behind (nobody waits).
 */
struct check {
	enum check_phase phase;
	uint64_t number; /* 0 while it freezes */
	uint64_t order;
	uint32_t ref;	   /* CHECK_TOLD: of the record waited for */
	bool submits;	   /* becomes a request, or is of one */
	bool blind;	   /* its permit is gone: compared with nothing */
	bool ordered;	   /* ORDER_DONE came */
	bool done_well;	   /* and it was carried out */
	bool comparing;	   /* its compare has a link to us */
	bool compared;	   /* its compare said CHECKED */
	uint8_t verdict;   /* as in MSG_CHECKED: 0 block, 1 review, 2 clear */
	uint64_t until;	   /* milliseconds of server_clock */
	struct peer *peer; /* who waits; NULL: nobody */
	uint32_t ask;	   /* the reference of what it asked */
	struct request request; /* number 0 for a check alone */
	uint32_t frozen;	/* files that are */
	uint32_t freeze;	/* reference of the FREEZE under way */
	struct request_files files;
	struct findings findings;
	char path[REQUEST_FILES][256]; /* beneath /out */
};

struct road {
	int store;		/* link to sekisho-store; -1: none */
	struct mailbox letters; /* that the store has not had time to read */
	bool met;		/* the first policy of this life is in force */
	bool fresh;   /* the store's link is new: tell it what to keep */
	bool unheard; /* a request's state is to be told to the store */
	int64_t sent; /* last row of the outbox that went out */
	uint32_t next_freeze;
	uint32_t freezing; /* FREEZEs that the store has not answered */
	struct check *checks[CHECKS];
	size_t nchecks;
	struct hash drops[DROPS]; /* copies that perhaps nobody stands on */
	size_t ndrops;
};

#endif
