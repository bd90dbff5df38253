#include "audit/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"

int verify_fault(struct verify_report *report, enum verify_code code,
		 const char *file, const char *why)
{
	report->code = code;
	snprintf(report->file, sizeof report->file, "%s", file);
	snprintf(report->why, sizeof report->why, "%s", why);
	return -1;
}

/* The key in the log's own folder: good for consistency, not for trust. */
static int own_key(int dir, struct note_key *key, struct verify_report *report)
{
	char text[NOTE_VKEY + 2];
	struct err err;
	long len = segment_read_small(dir, "key.pub", text, sizeof text, &err);

	report->own_key = true;
	if (len < 0)
		return verify_fault(report, VERIFY_INCOMPLETE, "key.pub",
				    err.text);
	if (len > 0 && text[len - 1] == '\n')
		text[len - 1] = '\0';
	if (note_key_parse(key, text, &err) < 0)
		return verify_fault(report, VERIFY_TAMPERED, "key.pub",
				    err.text);
	return 0;
}

static void check(int dir, const struct note_key *key, const char *since,
		  struct verify_report *report)
{
	struct verify_heads heads = { 0 };

	note_key_text(report->key, key);
	if (verify_collect(dir, key, since, &heads, report) == 0)
		verify_entries(dir, key, &heads, report);
	free(heads.all);
}

void verify_log(int dir, const struct note_key *key, const char *since,
		struct verify_report *report)
{
	struct note_key own = { 0 };

	memset(report, 0, sizeof *report);
	if (key) {
		check(dir, key, since, report);
	} else if (own_key(dir, &own, report) == 0) {
		check(dir, &own, since, report);
	}
	note_key_clear(&own);
}
