#include "audit/verify_outside.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/base64.h"
#include "audit/canonical.h"
#include "audit/stamp.h"
#include "gateway/base/own.h"

static const char history[] = "checkpoints.jsonl";

/* The parts of one line. */
struct said {
	char note[CANONICAL_MAX + 1];
	size_t note_len;
	uint8_t token[STAMP_TOKEN];
	ssize_t token_len; /* 0: none; -1: malformed */
	struct note parsed;
	struct checkpoint checkpoint;
};

static int read_said(struct said *said, const char *line, size_t len)
{
	struct canonical canonical;
	struct err err;

	if (canonical_scan(&canonical, line, len) < 0)
		return -1;
	const struct canonical_field *note = canonical_find(&canonical, "note");
	const struct canonical_field *token =
		canonical_find(&canonical, "token");
	if (!note || note->kind != CANONICAL_STRING)
		return -1;
	long n = canonical_unescape(said->note, sizeof said->note, note->value,
				    note->len);
	if (n < 0 ||
	    note_parse(&said->parsed, said->note, (size_t)n, &err) < 0 ||
	    checkpoint_parse(&said->checkpoint, said->parsed.text,
			     said->parsed.text_len, &err) < 0)
		return -1;
	said->note_len = (size_t)n;
	said->token_len = 0;
	if (token)
		said->token_len =
			token->kind == CANONICAL_STRING
				? base64_decode(said->token, sizeof said->token,
						token->value, token->len)
				: -1;
	return 0;
}

static void look_for_quorum(const struct verify_wanted *wanted,
			    const struct said *said,
			    struct verify_report *report)
{
	struct quorum_count count =
		quorum_count(wanted->quorum, &said->parsed, wanted->now);

	report->bad_cosignatures += (uint64_t)__builtin_popcount(count.bad);
	if (!count.good || !quorum_met(wanted->quorum, count.good))
		return;
	report->witnessed = true;
	report->witnessed_size = said->checkpoint.head.size;
	report->witnessed_time = count.first;
}

static int look_at_token(const struct verify_wanted *wanted,
			 const struct said *said, struct verify_report *report)
{
	struct hasher hasher;
	struct err err;
	size_t len = (size_t)said->token_len;
	int64_t time;

	if (said->token_len < 0)
		return verify_fault(report, VERIFY_TAMPERED, history,
				    "a malformed time stamp");
	struct hash hash = hash_bytes(&hasher, said->note, said->note_len);
	time = stamp_time(said->token, len, &hash, &err);
	if (time < 0)
		return verify_fault(report, VERIFY_TAMPERED, history, err.text);
	if (wanted->authorities && stamp_verify(said->token, len, &hash,
						wanted->authorities, &err) < 0)
		return verify_fault(report, VERIFY_POLICY, history, err.text);
	report->stamped = true;
	report->stamp_trusted = wanted->authorities != NULL;
	report->stamped_size = said->checkpoint.head.size;
	report->stamped_time = (uint64_t)time;
	return 0;
}

/* One line, the newer ones were seen. 1: enough; 0: go on; -1. */
static int look(const struct verify_wanted *wanted, const char *line,
		size_t len, struct verify_report *report)
{
	static struct said said;

	if (read_said(&said, line, len) < 0)
		return verify_fault(report, VERIFY_TAMPERED, history,
				    "a malformed line");
	if (wanted->quorum && !report->witnessed)
		look_for_quorum(wanted, &said, report);
	if (said.token_len != 0 && !report->stamped &&
	    look_at_token(wanted, &said, report) < 0)
		return -1;
	return (report->witnessed || !wanted->quorum) && report->stamped;
}

/* Where the last whole line ends; what a crash left behind it says nothing. */
static off_t whole_end(int fd, off_t size)
{
	char buffer[CANONICAL_MAX + 1];
	off_t from =
		size > (off_t)sizeof buffer ? size - (off_t)sizeof buffer : 0;
	ssize_t n = pread(fd, buffer, (size_t)(size - from), from);
	const char *lf = n > 0 ? memrchr(buffer, '\n', (size_t)n) : NULL;

	return lf ? from + (lf - buffer) + 1 : 0;
}

static int look_back(int fd, off_t end, const struct verify_wanted *wanted,
		     struct verify_report *report)
{
	/* a line with its LF, and the LF before it */
	static char buffer[CANONICAL_MAX + 2];
	int enough = 0;

	while (end > 0 && enough == 0) {
		off_t from = end > (off_t)sizeof buffer
				     ? end - (off_t)sizeof buffer
				     : 0;
		size_t n = (size_t)(end - from);

		if (pread(fd, buffer, n, from) != (ssize_t)n)
			return verify_fault(report, VERIFY_USAGE, history,
					    "cannot be read");
		const char *lf = memrchr(buffer, '\n', n - 1);
		if (!lf && from > 0)
			return verify_fault(report, VERIFY_TAMPERED, history,
					    "a line that is too long");
		const char *line = lf ? lf + 1 : buffer;
		size_t skip = (size_t)(line - buffer);

		enough = look(wanted, line, n - skip - 1, report);
		end = from + (off_t)skip;
	}
	return enough < 0 ? -1 : 0;
}

static int judge(const struct verify_wanted *wanted,
		 struct verify_report *report)
{
	char why[120];

	if (!wanted->quorum || !wanted->quorum->target)
		return 0;
	if (!report->witnessed)
		return verify_fault(report, VERIFY_POLICY, history,
				    "no checkpoint is cosigned by the quorum "
				    "of witnesses");
	if (wanted->max_age == 0 ||
	    wanted->now <= report->witnessed_time + wanted->max_age)
		return 0;
	snprintf(why, sizeof why,
		 "the quorum of witnesses saw the log %" PRIu64 " seconds ago",
		 wanted->now - report->witnessed_time);
	return verify_fault(report, VERIFY_POLICY, history, why);
}

int verify_outside(int dir, const struct verify_wanted *wanted,
		   struct verify_report *report)
{
	struct stat info;
	struct err err;
	AUTO_FD int fd = segment_open(dir, history, O_RDONLY, &err);

	if (fd < 0 || fstat(fd, &info) < 0)
		return verify_fault(report, VERIFY_USAGE, history,
				    "cannot be read");
	if (look_back(fd, whole_end(fd, info.st_size), wanted, report) < 0)
		return -1;
	return judge(wanted, report);
}

bool verify_cosigned(const struct quorum *quorum,
		     const struct verify_bytes *note, uint64_t now)
{
	struct note parsed;
	struct err err;

	if (!quorum->target)
		return true;
	if (note_parse(&parsed, note->bytes, note->len, &err) < 0)
		return false;
	return quorum_met(quorum, quorum_count(quorum, &parsed, now).good);
}
