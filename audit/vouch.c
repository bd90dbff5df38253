#include "audit/vouch.h"

#include <string.h>

int vouch_needs(struct vouch *vouch, struct msg *m, const char *published,
		uint64_t now, struct err *err)
{
	struct err why;
	size_t len;

	vouch->cosigned = msg_get_u8(m) != 0;
	const char *text = (const char *)msg_get_bytes(m, &len);
	if (!msg_done(m))
		return err_set(err, "malformed NEEDS");
	quorum_clear(&vouch->quorum);
	memset(&vouch->quorum, 0, sizeof vouch->quorum);
	/* Policy has read it, so it is one; a quorum of nobody never agrees. */
	if (len > 0 && quorum_read(&vouch->quorum, text, len, &why) < 0) {
		quorum_clear(&vouch->quorum);
		memset(&vouch->quorum, 0, sizeof vouch->quorum);
		note("witnesses: %s", why.text);
	}
	vouch->known = true;
	vouch->head.size = 0;
	vouch_look(vouch, published, strlen(published), now);
	return 0;
}

void vouch_look(struct vouch *vouch, const char *note, size_t len, uint64_t now)
{
	struct checkpoint checkpoint;
	struct note parsed;
	struct err err;

	if (vouch->quorum.target == 0 || len == 0 || len >= CHECKPOINT_NOTE ||
	    note_parse(&parsed, note, len, &err) < 0 ||
	    checkpoint_parse(&checkpoint, parsed.text, parsed.text_len, &err) <
		    0 ||
	    checkpoint.head.size <= vouch->head.size ||
	    !quorum_met(&vouch->quorum,
			quorum_count(&vouch->quorum, &parsed, now).good))
		return;
	vouch->head = checkpoint.head;
	memcpy(vouch->note, note, len);
	vouch->note[len] = '\0';
}

bool vouch_covers(const struct vouch *vouch, uint64_t index)
{
	return vouch->known && (!vouch->cosigned || index < vouch->head.size);
}
