#include "audit/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int verify_fault(struct verify_report *report, enum verify_code code,
		 const char *file, const char *why)
{
	report->code = code;
	snprintf(report->file, sizeof report->file, "%s", file);
	snprintf(report->why, sizeof report->why, "%s", why);
	return -1;
}

static void clear_keys(struct verify_keys *keys)
{
	for (unsigned int i = 0; i < keys->n; i++)
		note_key_clear(&keys->all[i]);
	keys->n = 0;
}

/* One verifier key more, of the same name as the others. 0 or -1 and err. */
static int add_key(struct verify_keys *keys, const char *vkey, struct err *err)
{
	struct note_key *key = &keys->all[keys->n];

	if (keys->n == KEYRING_MAX)
		return err_set(err, "too many keys");
	if (note_key_parse(key, vkey, err) < 0)
		return -1;
	if (strcmp(key->name, keys->all[0].name) != 0) {
		note_key_clear(key);
		return err_set(err, "keys of several logs");
	}
	note_key_text(keys->text[keys->n++], key);
	return 0;
}

/* The keys in the log's own folder: good for consistency, not for trust. */
static int own_keys(int dir, struct verify_keys *keys,
		    struct verify_report *report)
{
	char text[KEYRING_TEXT], *rest = text;
	struct err err;
	long len = segment_read_small(dir, "key.pub", text, sizeof text, &err);

	if (len < 0)
		return verify_fault(report, VERIFY_INCOMPLETE, "key.pub",
				    err.text);
	if (len == 0 || text[len - 1] != '\n')
		return verify_fault(report, VERIFY_TAMPERED, "key.pub",
				    "not a list of keys");
	text[len - 1] = '\0';
	for (char *line; (line = strsep(&rest, "\n"));)
		if (add_key(keys, line, &err) < 0)
			return verify_fault(report, VERIFY_TAMPERED, "key.pub",
					    err.text);
	return 0;
}

/*
 * The keys to use: those of the folder if the one that is trusted is among
 * them, for then each vouches for the next; else the trusted one alone.
 */
static int find_keys(int dir, const struct note_key *trusted,
		     struct verify_keys *keys, struct verify_report *report)
{
	struct verify_report ignored = { 0 };
	char vkey[NOTE_VKEY];
	struct err err;

	if (!trusted) {
		report->own_key = true;
		if (own_keys(dir, keys, report) < 0)
			return -1;
		memcpy(report->key, keys->text[keys->n - 1], NOTE_VKEY);
		return 0;
	}
	note_key_text(vkey, trusted);
	memcpy(report->key, vkey, NOTE_VKEY);
	if (own_keys(dir, keys, &ignored) == 0)
		for (unsigned int i = 0; i < keys->n; i++)
			if (strcmp(keys->text[i], vkey) == 0)
				return 0;
	clear_keys(keys);
	return add_key(keys, vkey, &err) < 0
		       ? verify_fault(report, VERIFY_POLICY, "", err.text)
		       : 0;
}

void verify_log(int dir, const struct note_key *key, const char *since,
		struct verify_report *report)
{
	struct verify_heads heads = { 0 };
	struct verify_keys *keys = calloc(1, sizeof *keys);

	memset(report, 0, sizeof *report);
	if (!keys) {
		verify_fault(report, VERIFY_USAGE, "", "out of memory");
		return;
	}
	if (find_keys(dir, key, keys, report) == 0 &&
	    verify_collect(dir, keys, since, &heads, report) == 0)
		verify_entries(dir, keys, &heads, report);
	free(heads.all);
	clear_keys(keys);
	free(keys);
}
