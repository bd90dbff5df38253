/*
 * hourly - see hourly.h. Runs in sekisho-anchor; the authority is a stranger.
 */
#include "audit/cosign/hourly.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t seconds(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) < 0)
		die("no clock");
	return t.tv_sec;
}

void hourly_follow(struct hourly *hourly, const char *url)
{
	struct http *http = hourly->http;
	int audit = hourly->audit;

	http_end(http, &hourly->call);
	memset(hourly, 0, sizeof *hourly);
	hourly->http = http;
	hourly->audit = audit;
	snprintf(hourly->url, sizeof hourly->url, "%s", url);
}

static int tell(struct hourly *hourly, enum reason reason, struct err *err)
{
	const struct link_told told = { .reason = reason, .witness = "" };

	hourly->due = seconds() +
		      (reason_good(reason) ? HOURLY_PERIOD : HOURLY_PAUSE);
	if (!report_due(&hourly->report, reason, seconds(), true))
		return 0;
	return link_tell(hourly->audit, &told, err);
}

int hourly_begin(struct hourly *hourly, struct err *err)
{
	struct hasher hasher;
	struct err why;

	if (!hourly->url[0] || hourly->under_way || seconds() < hourly->due)
		return 0;
	if (link_head(hourly->audit, hourly->note, &hourly->len, err) < 0)
		return -1;
	if (hourly->len == 0)
		return 0;
	struct hash hash = hash_bytes(&hasher, hourly->note, hourly->len);
	if (stamp_ask(&hourly->request, &hash, err) < 0)
		return -1;
	const struct http_request request = { hourly->url,
					      "application/timestamp-query",
					      hourly->request.bytes,
					      hourly->request.len };
	if (http_post(hourly->http, &hourly->call, &request, &why) < 0)
		return tell(hourly, REASON_NO_STAMP, err);
	hourly->under_way = true;
	return 0;
}

int hourly_hear(struct hourly *hourly, struct err *err)
{
	static uint8_t token[STAMP_TOKEN];
	struct http_call *call = &hourly->call;
	struct err why;
	long len = -1;

	hourly->under_way = false;
	if (call->status == 200)
		len = stamp_take(&hourly->request,
				 (const uint8_t *)call->answer, call->len,
				 token, &why);
	if (len < 0)
		return tell(hourly, REASON_NO_STAMP, err);
	const struct link_said said = { hourly->note, hourly->len, token,
					(size_t)len };
	if (link_said(hourly->audit, &said, err) < 0)
		return -1;
	return tell(hourly, REASON_STAMPED, err);
}
