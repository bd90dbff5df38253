/*
 * inquiry - make, sign and read a request to trace pseudonyms back.
 *
 * Runs in sekisho-prepare as one of the custodians. Distrusts the note until
 * its signatures hold, and each of the two custodians alone.
 */
#include "policy/prepare/inquiry.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "audit/canonical.h"
#include "gateway/base/own.h"
#include "policy/prepare/need.h"
#include "policy/prepare/put.h"

static const char kind[] = "sekisho.reidentify.v1";

enum { FILE_MOST = 64 * 1024, DAY = 86400 };

static int refuse(struct fault *fault, const char *why)
{
	return fault_say(fault, FAULT_REIDENTIFY, why);
}

static bool is_pseudonym(const char *text)
{
	size_t len = strlen(text);

	return len >= PSEUDONYM_LEAST && len <= PSEUDONYM_TEXT &&
	       strspn(text, "0123456789abcdefghjkmnpqrstvwxyz") == len;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* One more, if it is one and there is room. */
static int add(struct inquiry *inquiry, const char *text, struct fault *fault)
{
	if (!is_pseudonym(text))
		return refuse(fault, "a line that is no pseudonym");
	if (inquiry->n == inquiry->most || inquiry->n == INQUIRY_MOST)
		return refuse(fault, "more pseudonyms than may be asked for");
	snprintf(inquiry->pseudonyms[inquiry->n++], PSEUDONYM_TEXT + 1, "%s",
		 text);
	return 0;
}

int inquiry_take(struct inquiry *inquiry, const char *path, struct fault *fault)
{
	size_t len;
	AUTO_FREE char *bytes =
		(char *)disk_read(AT_FDCWD, path, FILE_MOST, &len, fault);
	char *rest = NULL;

	inquiry->n = 0;
	if (!bytes)
		return -1;
	for (char *line = strtok_r(bytes, "\r\n", &rest); line;
	     line = strtok_r(NULL, "\r\n", &rest))
		if (add(inquiry, line, fault) < 0)
			return -1;
	if (inquiry->n == 0)
		return refuse(fault, "no pseudonym is asked for");
	qsort(inquiry->pseudonyms, inquiry->n, sizeof inquiry->pseudonyms[0],
	      by_text);
	for (uint32_t i = 1; i < inquiry->n; i++)
		if (strncmp(inquiry->pseudonyms[i - 1], inquiry->pseudonyms[i],
			    strlen(inquiry->pseudonyms[i - 1])) == 0)
			return refuse(fault, "a pseudonym stands there twice");
	return 0;
}

/* --- Writing ------------------------------------------------------------------ */

static char *text_of(const struct inquiry *inquiry)
{
	unsigned int n = 0;
	char *text = NULL;
	size_t len;
	FILE *out = need_stream(&text, &len);

	putc('{', out);
	put_number(out, &n, "asked", inquiry->asked);
	put_text(out, &n, "asked_by", inquiry->asked_by);
	put_text(out, &n, "case", inquiry->case_number);
	put_text(out, &n, "ground", inquiry->ground);
	put_text(out, &n, "kind", kind);
	put_number(out, &n, "most", inquiry->most);
	put_text(out, &n, "permit", inquiry->permit);
	put_key(out, &n, "pseudonyms");
	for (uint32_t i = 0; i < inquiry->n; i++)
		fprintf(out, "%c\"%s\"", i ? ',' : '[', inquiry->pseudonyms[i]);
	putc(']', out);
	put_text(out, &n, "recipient", inquiry->recipient);
	fputs("}\n", out);
	need_stream_end(out);
	return text;
}

static void hash_text_of(struct inquiry *inquiry, const char *text, size_t len)
{
	uint8_t hash[HASH_BYTES];

	hash_of(text, len, hash);
	hex_text(hash, sizeof hash, inquiry->hash);
}

char *inquiry_ask(struct inquiry *inquiry, const struct note_key *key,
		  struct fault *fault)
{
	AUTO_FREE char *text = NULL;
	char *note = need(NOTE_MAX, 1);
	struct err err;

	snprintf(inquiry->asked_by, sizeof inquiry->asked_by, "%s", key->name);
	text = text_of(inquiry);
	hash_text_of(inquiry, text, strlen(text));
	if (note_sign(note, NOTE_MAX, text, key, &err) >= 0)
		return note;
	free(note);
	refuse(fault, err.text);
	return NULL;
}

/* --- Reading ------------------------------------------------------------------ */

static bool take_text(const struct canonical *line, const char *key, char *out,
		      size_t size)
{
	const struct canonical_field *field = canonical_find(line, key);

	return field && field->kind == CANONICAL_STRING && field->len > 0 &&
	       canonical_unescape(out, size, field->value, field->len) > 0;
}

static bool take_number(const struct canonical *line, const char *key,
			uint64_t most, uint64_t *out)
{
	const struct canonical_field *field = canonical_find(line, key);

	if (!field || field->kind != CANONICAL_INTEGER || field->number < 1 ||
	    (uint64_t)field->number > most)
		return false;
	*out = (uint64_t)field->number;
	return true;
}

static bool take_pseudonyms(struct inquiry *inquiry,
			    const struct canonical *line)
{
	const struct canonical_field *all = canonical_find(line, "pseudonyms");
	struct canonical_field one;
	char text[PSEUDONYM_TEXT + 2];
	struct fault ignored;
	size_t at = 0;

	if (!all || all->kind != CANONICAL_ARRAY)
		return false;
	while (canonical_next(all, &at, &one))
		if (one.kind != CANONICAL_STRING ||
		    canonical_unescape(text, sizeof text, one.value, one.len) <
			    0 ||
		    add(inquiry, text, &ignored) < 0 ||
		    (inquiry->n > 1 &&
		     strcmp(inquiry->pseudonyms[inquiry->n - 2],
			    inquiry->pseudonyms[inquiry->n - 1]) >= 0))
			return false;
	return inquiry->n > 0;
}

static bool take_fields(struct inquiry *inquiry, const struct note *note)
{
	static struct canonical line;
	char what[64];
	uint64_t most = 0;

	if (canonical_scan(&line, note->text, note->text_len - 1) < 0 ||
	    line.nfields != 9 || !take_text(&line, "kind", what, sizeof what) ||
	    strcmp(what, kind) != 0 ||
	    !take_number(&line, "asked", UINT64_C(1) << 40, &inquiry->asked) ||
	    !take_number(&line, "most", INQUIRY_MOST, &most) ||
	    !take_text(&line, "asked_by", inquiry->asked_by,
		       sizeof inquiry->asked_by) ||
	    !take_text(&line, "case", inquiry->case_number,
		       sizeof inquiry->case_number) ||
	    !take_text(&line, "ground", inquiry->ground,
		       sizeof inquiry->ground) ||
	    !take_text(&line, "permit", inquiry->permit,
		       sizeof inquiry->permit) ||
	    !take_text(&line, "recipient", inquiry->recipient,
		       sizeof inquiry->recipient))
		return false;
	inquiry->most = (uint32_t)most;
	return take_pseudonyms(inquiry, &line);
}

int inquiry_read(struct inquiry *inquiry, const char *bytes, size_t len,
		 const struct custodians *list, uint64_t now,
		 struct fault *fault)
{
	static struct note note;
	struct err err;

	memset(inquiry, 0, sizeof *inquiry);
	if (note_parse(&note, bytes, len, &err) < 0)
		return refuse(fault, err.text);
	if (!take_fields(inquiry, &note))
		return refuse(fault, "not a request to re-identify");
	const struct note_key *asker = custodians_find(list, inquiry->asked_by);
	if (!asker || note_verify(&note, asker, NULL) != NOTE_SIGNED)
		return refuse(fault, "no custodian of the list signed it as "
				     "the one who asks");
	if (inquiry->asked > now + DAY ||
	    now > inquiry->asked + (uint64_t)INQUIRY_DAYS * DAY)
		return refuse(fault, "it is too old; ask again");
	hash_text_of(inquiry, note.text, note.text_len);
	return 0;
}

/* --- The second person ---------------------------------------------------------- */

static bool is_other(const struct note_key *key, const struct note_key *asker)
{
	return strcmp(key->name, asker->name) != 0 &&
	       memcmp(key->public, asker->public, sizeof key->public) != 0;
}

char *inquiry_approve(const struct inquiry *inquiry, const char *bytes,
		      const struct note_key *key, const struct custodians *list,
		      struct fault *fault)
{
	const struct note_key *asker = custodians_find(list, inquiry->asked_by);
	const struct note_key *listed = custodians_find(list, key->name);
	AUTO_FREE char *text = NULL, *alone = NULL;
	char *note;
	struct err err;

	if (!asker || !listed ||
	    memcmp(listed->public, key->public, sizeof key->public) != 0) {
		refuse(fault, "this key is not on the list of custodians");
		return NULL;
	}
	if (!is_other(key, asker)) {
		refuse(fault, "who asks cannot approve; another custodian "
			      "must");
		return NULL;
	}
	text = need_copy(bytes, (size_t)(strchr(bytes, '\n') + 1 - bytes));
	alone = need(NOTE_MAX, 1);
	note = need(NOTE_MAX, 1);
	if (note_sign(alone, NOTE_MAX, text, key, &err) >= 0 &&
	    snprintf(note, NOTE_MAX, "%s%s", bytes, alone + strlen(text) + 1) <
		    NOTE_MAX)
		return note;
	free(note);
	refuse(fault, "the note is too long");
	return NULL;
}

const struct note_key *inquiry_approver(const struct inquiry *inquiry,
					const char *bytes, size_t len,
					const struct custodians *list)
{
	static struct note note;
	const struct note_key *asker = custodians_find(list, inquiry->asked_by);
	struct err err;

	if (!asker || note_parse(&note, bytes, len, &err) < 0)
		return NULL;
	for (uint32_t i = 0; i < list->n; i++)
		if (is_other(&list->key[i], asker) &&
		    note_verify(&note, &list->key[i], NULL) == NOTE_SIGNED)
			return &list->key[i];
	return NULL;
}
