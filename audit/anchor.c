#include "audit/anchor.h"

#include <errno.h>
#include <string.h>

#include "audit/segment.h"

static const char name[] = "anchor";

int anchor_read(int dir, struct checkpoint *anchor, struct err *err)
{
	char text[CHECKPOINT_TEXT + 1];
	long len = segment_read_small(dir, name, text, sizeof text, err);

	if (len < 0 && errno == ENOENT)
		return 0;
	if (len < 0 || checkpoint_parse(anchor, text, (size_t)len, err) < 0)
		return err_within(err, "the anchor");
	return 1;
}

int anchor_advance(int dir, const struct checkpoint *now,
		   const struct checkpoint *next, struct err *err)
{
	struct checkpoint there;
	char text[CHECKPOINT_TEXT];
	int got = anchor_read(dir, &there, err);

	if (got < 0)
		return -1;
	if (now ? got == 0 || !checkpoint_same(now, &there) : got > 0)
		return err_set(err, "the anchor was moved by somebody else; "
				    "does a second copy of this log run?");
	checkpoint_text(text, next);
	return segment_replace(dir, name, text, strlen(text), err);
}
