/*
 * hourly - have the newest checkpoint stamped with the time by an authority
 * (RFC 3161), once an hour.
 */
#ifndef AUDIT_COSIGN_HOURLY_H
#define AUDIT_COSIGN_HOURLY_H

#include "audit/cosign/http.h"
#include "audit/cosign/link.h"
#include "audit/cosign/report.h"
#include "audit/stamp.h"

enum { HOURLY_PERIOD = 3600, HOURLY_PAUSE = 300 /* after a failure */ };

struct hourly {
	struct http *http; /* the caller's */
	int audit;	   /* the caller's */
	char url[QUORUM_URL];
	struct http_call call;
	struct stamp_request request;
	char note[CHECKPOINT_NOTE]; /* what is being stamped */
	size_t len;
	bool under_way;
	int64_t due; /* seconds of a clock that never goes back */
	struct report report;
};

/* Ask this authority from now on; "": none. */
void hourly_follow(struct hourly *hourly, const char *url);

/* Ask, if it is time. 0; -1: audit is gone. */
int hourly_begin(struct hourly *hourly, struct err *err);

/* Its call is over. 0 or -1. */
int hourly_hear(struct hourly *hourly, struct err *err);

#endif
