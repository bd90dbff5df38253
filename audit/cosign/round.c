/*
 * round - see round.h. Runs in sekisho-anchor; witnesses are strangers.
 */
#include "audit/cosign/round.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t seconds(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t) < 0)
		die("no clock");
	return t.tv_sec;
}

void round_follow(struct round *round, const char *policy, size_t len)
{
	struct http *http = round->http;
	int audit = round->audit;
	struct err err;

	for (unsigned int i = 0; i < QUORUM_WITNESSES; i++)
		http_end(http, &round->calls[i]);
	quorum_clear(&round->quorum);
	memset(round, 0, sizeof *round);
	round->http = http;
	round->audit = audit;
	if (len > 0 && quorum_read(&round->quorum, policy, len, &err) < 0) {
		note("the policy of witnesses: %s", err.text);
		quorum_clear(&round->quorum);
	}
	for (unsigned int i = 0; i < round->quorum.nwitnesses; i++)
		round->asked += round->quorum.witnesses[i].url[0] != '\0';
}

static struct witness_head head_of(const struct round *round)
{
	return (struct witness_head){ round->note, round->len,
				      round->checkpoint.head.size };
}

static int tell(struct round *round, enum reason reason, const char *witness,
		struct err *err)
{
	const struct link_told told = {
		.reason = reason,
		.witness = witness,
		.size = round->checkpoint.head.size,
		.cosigned = (unsigned int)__builtin_popcount(round->cosigned),
		.witnesses = round->quorum.nwitnesses,
	};

	return link_tell(round->audit, &told, err);
}

/* How it stands as a whole. */
static enum reason summary(const struct round *round)
{
	if (round->asked == 0)
		return REASON_NO_WITNESS;
	if (round->len == 0)
		return REASON_NONE;
	return round->cosigned && quorum_met(&round->quorum, round->cosigned)
		       ? REASON_QUORUM
		       : REASON_NO_QUORUM;
}

static int tell_summary(struct round *round, struct err *err)
{
	enum reason reason = summary(round);

	if (!report_due(&round->summary, reason, seconds(CLOCK_MONOTONIC),
			true))
		return 0;
	return tell(round, reason, "", err);
}

int round_daily(struct round *round, struct err *err)
{
	return round->under_way ? 0 : tell_summary(round, err);
}

static void page_of(const char *prefix, char out[static QUORUM_URL + 20])
{
	size_t len = strlen(prefix);
	bool slash = len > 0 && prefix[len - 1] == '/';

	snprintf(out, QUORUM_URL + 20, "%s%sadd-checkpoint", prefix,
		 slash ? "" : "/");
}

/* Send the checkpoint to witness i, from the size that it knows. A witness
 * that cannot be asked counts as unreachable; -1: audit is gone. */
static int ask(struct round *round, unsigned int i, struct err *err)
{
	struct witness *witness = &round->witnesses[i];
	static struct submission submission;
	static char body[SUBMISSION_MAX];
	char page[QUORUM_URL + 20];
	struct err why;

	witness->tries++;
	submission.old = witness->size;
	submission.bytes = round->note;
	submission.len = round->len;
	if (link_growth(round->audit, witness->size,
			round->checkpoint.head.size, &submission.proof,
			err) < 0)
		return -1;
	long len = submission_write(body, sizeof body, &submission);
	page_of(round->quorum.witnesses[i].url, page);
	const struct http_request request = { page, "text/plain; charset=utf-8",
					      body, len < 0 ? 0 : (size_t)len };
	if (len < 0 ||
	    http_post(round->http, &round->calls[i], &request, &why) < 0) {
		witness_fail(witness, REASON_UNREACHABLE,
			     seconds(CLOCK_REALTIME));
		return 0;
	}
	round->under_way++;
	return 0;
}

/* Read the published checkpoint. 1: there is one; 0: none; -1. */
static int read_head(struct round *round, struct err *err)
{
	struct note note;

	if (link_head(round->audit, round->note, &round->len, err) < 0)
		return -1;
	if (round->len == 0)
		return 0;
	if (note_parse(&note, round->note, round->len, err) < 0 ||
	    checkpoint_parse(&round->checkpoint, note.text, note.text_len,
			     err) < 0)
		return err_within(err, "the log's own checkpoint");
	round->cosigned = quorum_count(&round->quorum, &note,
				       (uint64_t)seconds(CLOCK_REALTIME))
				  .good;
	return 1;
}

/* What came of the witnesses that changed their mind. */
static int tell_witnesses(struct round *round, struct err *err)
{
	int64_t now = seconds(CLOCK_MONOTONIC);

	for (unsigned int i = 0; i < round->quorum.nwitnesses; i++) {
		struct report *report = &round->reports[i];
		enum reason reason = round->witnesses[i].reason;

		/* that it cosigns is news after a failure only */
		if (report->told == REASON_NONE && reason == REASON_COSIGNED)
			continue;
		if (report_due(report, reason, now, false) &&
		    tell(round, reason, round->quorum.witnesses[i].name, err) <
			    0)
			return -1;
	}
	return 0;
}

/* Put the new lines behind the note and hand it over. */
static int conclude(struct round *round, struct err *err)
{
	bool news = false;

	for (unsigned int i = 0; i < round->quorum.nwitnesses; i++) {
		struct witness *witness = &round->witnesses[i];
		size_t n = strlen(witness->line);

		if (n > 0 && n < sizeof round->note - round->len) {
			memcpy(round->note + round->len, witness->line, n + 1);
			round->len += n;
			news = true;
		}
		witness->line[0] = '\0';
	}
	const struct link_said said = { .note = round->note,
					.len = round->len };
	if (news && link_said(round->audit, &said, err) < 0)
		return -1;
	return tell_witnesses(round, err) < 0 ? -1 : tell_summary(round, err);
}

int round_begin(struct round *round, struct err *err)
{
	int64_t now = seconds(CLOCK_REALTIME);
	bool tried = false;

	if (round->under_way > 0 || round->asked == 0)
		return 0;
	int there = read_head(round, err);
	if (there <= 0)
		return there;
	for (unsigned int i = 0; i < round->quorum.nwitnesses; i++) {
		struct witness *witness = &round->witnesses[i];

		witness->tries = 0;
		if (!round->quorum.witnesses[i].url[0] ||
		    (round->cosigned & UINT32_C(1) << i) || witness->due > now)
			continue;
		tried = true;
		if (ask(round, i, err) < 0)
			return -1;
	}
	return tried && round->under_way == 0 ? conclude(round, err) : 0;
}

bool round_owns(const struct round *round, const struct http_call *call)
{
	return call >= round->calls && call < round->calls + QUORUM_WITNESSES;
}

int round_hear(struct round *round, struct http_call *call, struct err *err)
{
	unsigned int i = (unsigned int)(call - round->calls);
	struct witness *witness = &round->witnesses[i];
	struct witness_head head = head_of(round);
	const struct witness_answer answer = { call->status, call->answer,
					       call->len };

	round->under_way--;
	switch (witness_hear(witness, &answer, &head,
			     &round->quorum.witnesses[i].key,
			     seconds(CLOCK_REALTIME))) {
	case WITNESS_AGAIN:
		if (ask(round, i, err) < 0)
			return -1;
		break;
	case WITNESS_COSIGNED:
		round->cosigned |= UINT32_C(1) << i;
		break;
	case WITNESS_FAILED:
		break;
	}
	return round->under_way == 0 ? conclude(round, err) : 0;
}
