/*
 * logs - see logs.h. Runs in sekisho-witness.
 */
#include "audit/witness/logs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "audit/segment.h"

enum { FILE_NAME = 48 };

int logs_add(struct logs *logs, const char *vkey, struct err *err)
{
	struct note_key *key = &logs->keys[logs->nkeys];

	if (logs->nkeys == LOGS_MAX)
		return err_set(err, "more than %d logs", LOGS_MAX);
	if (note_key_parse(key, vkey, err) < 0) {
		note_key_clear(key);
		return err_within(err, "log %s", vkey);
	}
	logs->nkeys++;
	if (key->type != NOTE_KEY_ED25519)
		return err_set(err,
			       "log %s: the key of a witness, not of a log",
			       vkey);
	if (!logs_find(logs, key->name)) {
		struct logs_head *head = &logs->heads[logs->nheads++];

		memcpy(head->origin, key->name, sizeof head->origin);
	}
	return 0;
}

void logs_clear(struct logs *logs)
{
	for (unsigned int i = 0; i < logs->nkeys; i++)
		note_key_clear(&logs->keys[i]);
	logs->nkeys = 0;
}

/* An origin may hold any character, a file name may not. */
static void file_name(char out[static FILE_NAME], const char *origin)
{
	struct hasher hasher;
	char hex[HASH_HEX_SIZE];

	struct hash hash = hash_bytes(&hasher, origin, strlen(origin));
	hash_hex(hex, &hash);
	snprintf(out, FILE_NAME, "seen-%.32s", hex);
}

static int read_seen(struct logs *logs, struct logs_head *head, struct err *err)
{
	char bytes[SUBMISSION_MAX + 1], name[FILE_NAME];
	struct checkpoint checkpoint;
	struct note note;

	file_name(name, head->origin);
	long len =
		segment_read_small(logs->dir, name, bytes, sizeof bytes, err);
	if (len < 0 && errno == ENOENT)
		return 0;
	if (len < 0)
		return -1;
	if (note_parse(&note, bytes, (size_t)len, err) < 0 ||
	    checkpoint_parse(&checkpoint, note.text, note.text_len, err) < 0 ||
	    strcmp(checkpoint.origin, head->origin) != 0 ||
	    !logs_signed(logs, &note, head->origin))
		return err_set(err,
			       "%s is not a checkpoint of log %s, signed by a "
			       "key that was given: it is the memory of this "
			       "witness, so it does not start without it",
			       name, head->origin);
	head->head = checkpoint.head;
	return 0;
}

int logs_open(struct logs *logs, int dir, struct err *err)
{
	logs->dir = dir;
	for (unsigned int i = 0; i < logs->nheads; i++)
		if (read_seen(logs, &logs->heads[i], err) < 0)
			return -1;
	return 0;
}

struct logs_head *logs_find(struct logs *logs, const char *origin)
{
	for (unsigned int i = 0; i < logs->nheads; i++)
		if (strcmp(logs->heads[i].origin, origin) == 0)
			return &logs->heads[i];
	return NULL;
}

bool logs_signed(const struct logs *logs, const struct note *note,
		 const char *origin)
{
	for (unsigned int i = 0; i < logs->nkeys; i++)
		if (strcmp(logs->keys[i].name, origin) == 0 &&
		    note_verify(note, &logs->keys[i], NULL) == NOTE_SIGNED)
			return true;
	return false;
}

int logs_advance(const struct logs *logs, struct logs_head *head,
		 const struct submission *submission, struct err *err)
{
	char name[FILE_NAME];

	file_name(name, head->origin);
	if (segment_replace(logs->dir, name, submission->bytes, submission->len,
			    err) < 0)
		return -1;
	head->head = submission->checkpoint.head;
	return 0;
}
