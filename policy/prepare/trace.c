/*
 * trace - from pseudonyms back to numbers, once, on record.
 *
 * Runs in sekisho-prepare as the custodian who holds keys and sources. What is
 * found is in memory and in an encrypted file, never in clear on a disk.
 */
#include "policy/prepare/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "policy/prepare/age.h"
#include "policy/prepare/custody.h"
#include "policy/prepare/list.h"
#include "policy/prepare/need.h"
#include "policy/prepare/open_recipe.h"
#include "policy/prepare/whose.h"

/* Numbers of one person: more are no person. */
enum { NUMBERS = 64 };

struct numbers {
	uint32_t n;
	char *id[NUMBERS];
};

struct tracing {
	const struct trace_order *order;
	struct trace_result *result;
	struct recipe recipe;
	int sources;
	struct keys keys;
	struct custody custody;
	struct bundle scratch;
	struct whose whose;
	uint8_t key[KEY_BYTES], recipient[AGE_RECIPIENT];
	struct numbers *found; /* for each pseudonym of the request */
};

/* --- What is asked ------------------------------------------------------------ */

static int read_note(struct tracing *t, struct fault *fault)
{
	static struct custodians list;
	struct inquiry *inquiry = &t->result->inquiry;
	AUTO_FREE char *bytes = NULL;
	size_t len;

	if (custodians_read(&list, t->keys.folder, "custodians", fault) < 0)
		return -1;
	bytes = (char *)disk_read(AT_FDCWD, t->order->note, NOTE_MAX, &len,
				  fault);
	int done = bytes ? inquiry_read(inquiry, bytes, len, &list,
					t->order->now, fault)
			 : -1;
	const struct note_key *other =
		done == 0 ? inquiry_approver(inquiry, bytes, len, &list) : NULL;
	if (done == 0 && !other)
		done = fault_say(fault, FAULT_REIDENTIFY,
				 "no second custodian approved it");
	if (done == 0)
		snprintf(t->result->approved_by, sizeof t->result->approved_by,
			 "%s", other->name);
	custodians_clear(&list);
	return done;
}

static int check(struct tracing *t, struct fault *fault)
{
	const struct inquiry *inquiry = &t->result->inquiry;
	bool linked = strcmp(t->recipe.key, "permit") != 0;

	if (strcmp(inquiry->permit, t->recipe.permit) != 0)
		return fault_say(fault, FAULT_REIDENTIFY,
				 "the recipe is for another permit");
	if (!age_recipient(inquiry->recipient, t->recipient))
		return fault_say(fault, FAULT_REIDENTIFY,
				 "the recipient is no age key");
	if (keys_permit(&t->keys, linked ? t->recipe.key : t->recipe.permit,
			t->key, fault) < 0 ||
	    custody_open(&t->custody, t->keys.folder, fault) < 0)
		return -1;
	if (custody_has(&t->custody, "reidentify.done", "request",
			inquiry->hash))
		return fault_say(fault, FAULT_REIDENTIFY,
				 "this request was carried out before");
	return 0;
}

/* --- Finding ------------------------------------------------------------------ */

/* The request's pseudonym that these characters begin with; its number, or
 * -1. */
static long find(const struct inquiry *inquiry, const char *text)
{
	uint32_t low = 0, high = inquiry->n;

	while (low < high) {
		uint32_t at = low + (high - low) / 2;
		const char *one = inquiry->pseudonyms[at];
		int order = strncmp(text, one, strlen(one));

		if (order == 0)
			return at;
		if (order < 0)
			high = at;
		else
			low = at + 1;
	}
	return -1;
}

static int add_number(struct numbers *numbers, const struct csv_field *field,
		      struct fault *fault)
{
	for (uint32_t i = 0; i < numbers->n; i++)
		if (strlen(numbers->id[i]) == field->len &&
		    memcmp(numbers->id[i], field->at, field->len) == 0)
			return 0;
	if (numbers->n == NUMBERS)
		return fault_set(fault, FAULT_TOO_LONG);
	numbers->id[numbers->n++] = need_copy(field->at, field->len);
	return 0;
}

static int take_row(void *whose, const struct csv_field *fields,
		    struct fault *fault)
{
	struct tracing *t = whose;
	char text[PSEUDONYM_TEXT + 1];
	uint8_t mac[32];

	int some =
		whose_value(&t->whose, fields[0].at, fields[0].len, mac, fault);
	if (some <= 0)
		return some;
	pseudonym_text(mac, text);
	text[PSEUDONYM_TEXT] = '\0';
	long number = find(&t->result->inquiry, text);
	return number < 0 ? 0
			  : add_number(&t->found[number], &fields[0], fault);
}

static int search_source(struct tracing *t, const struct source *source,
			 struct fault *fault)
{
	struct list list = { .source = source,
			     .folder = t->sources,
			     .path = source->path,
			     .columns = { source->subject.column },
			     .ncolumns = 1,
			     .row = take_row,
			     .whose = t };

	int done = whose_init(&t->whose, source, t->key, t->sources,
			      &t->scratch, fault);
	if (done == 0)
		done = list_read(&list, fault);
	whose_clear(&t->whose);
	return done;
}

static int search(struct tracing *t, struct fault *fault)
{
	uint32_t searched = 0;

	t->found = need(t->result->inquiry.n, sizeof *t->found);
	for (uint32_t i = 0; i < t->recipe.nsources; i++) {
		if (!whose_action(&t->recipe.sources[i]))
			continue;
		searched++;
		if (search_source(t, &t->recipe.sources[i], fault) < 0)
			return -1;
	}
	return searched > 0 ? 0
			    : fault_say(fault, FAULT_REIDENTIFY,
					"the recipe makes no pseudonym of a "
					"subject");
}

/* --- Writing ------------------------------------------------------------------ */

/* "pseudonym,id" and a line for each number. */
static char *found_text(const struct tracing *t, size_t *len)
{
	char *text = NULL;
	FILE *out = need_stream(&text, len);

	fputs("pseudonym,id\n", out);
	for (uint32_t i = 0; i < t->result->inquiry.n; i++) {
		const struct numbers *numbers = &t->found[i];

		t->result->met += numbers->n > 0;
		t->result->ids += numbers->n;
		for (uint32_t k = 0; k < numbers->n; k++) {
			size_t n = strlen(numbers->id[k]);
			AUTO_FREE char *field = need(2 * n + 2, 1);

			n = csv_write(field, numbers->id[k], n);
			fprintf(out, "%s,%.*s\n",
				t->result->inquiry.pseudonyms[i], (int)n,
				field);
		}
	}
	need_stream_end(out);
	return text;
}

static int put_found(const struct tracing *t, struct fault *fault)
{
	const char *path = t->order->out;
	size_t len, sealed_len;
	AUTO_FREE char *text = found_text(t, &len);
	AUTO_FREE uint8_t *sealed =
		age_encrypt(t->recipient, text, len, &sealed_len);

	OPENSSL_cleanse(text, len);
	if (!sealed)
		return fault_say(fault, FAULT_REIDENTIFY,
				 "the recipient is no age key");
	AUTO_FD int fd =
		open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EEXIST
			       ? fault_say(fault, FAULT_OUTPUT_EXISTS, path)
			       : fault_sys(fault, path);
	int done = disk_write(fd, sealed, sealed_len, path, fault);
	if (done == 0 && fsync(fd) < 0)
		done = fault_sys(fault, path);
	if (done < 0)
		unlink(path);
	return done;
}

/* --- On record ---------------------------------------------------------------- */

static int on_record(struct tracing *t, const char *event, bool done,
		     struct fault *fault)
{
	const struct inquiry *inquiry = &t->result->inquiry;
	const struct custody_field fields[] = {
		{ "approved_by", t->result->approved_by, 0 },
		{ "asked_by", inquiry->asked_by, 0 },
		{ "case", inquiry->case_number, 0 },
		{ "permit", inquiry->permit, 0 },
		{ "pseudonyms", NULL, inquiry->n },
		{ "recipient", inquiry->recipient, 0 },
		{ "request", inquiry->hash, 0 },
		{ "ids", NULL, t->result->ids },
		{ "met", NULL, t->result->met },
	};
	size_t n = ARRAY_LEN(fields) - (done ? 0 : 2);

	if (custody_note(&t->custody, event, fields, n, fault) < 0)
		return -1;
	memcpy(t->result->head, t->custody.head, HASH_HEX);
	t->result->lines = t->custody.lines;
	return 0;
}

static int carry_out(struct tracing *t, struct problems *problems,
		     struct fault *fault)
{
	t->sources = open_recipe(&t->recipe, t->order->recipe, NULL, problems,
				 fault);
	if (t->sources < 0 || keys_open(&t->keys, t->order->keys, fault) < 0 ||
	    read_note(t, fault) < 0 || check(t, fault) < 0 ||
	    bundle_begin(&t->scratch, t->order->out, fault) < 0 ||
	    on_record(t, "reidentify.begin", false, fault) < 0 ||
	    search(t, fault) < 0 || put_found(t, fault) < 0)
		return -1;
	return on_record(t, "reidentify.done", true, fault);
}

static void clear_found(struct tracing *t)
{
	for (uint32_t i = 0; t->found && i < t->result->inquiry.n; i++)
		for (uint32_t k = 0; k < t->found[i].n; k++) {
			char *id = t->found[i].id[k];

			OPENSSL_cleanse(id, strlen(id));
			free(id);
		}
	free(t->found);
}

int trace(const struct trace_order *order, struct trace_result *result,
	  struct problems *problems, struct fault *fault)
{
	struct tracing *t = need(1, sizeof *t);

	t->order = order;
	t->result = result;
	t->sources = t->keys.folder = t->custody.fd = t->scratch.parent = -1;
	int done = carry_out(t, problems, fault);
	clear_found(t);
	bundle_clear(&t->scratch);
	custody_close(&t->custody);
	keys_close(&t->keys);
	recipe_clear(&t->recipe);
	own_close(&t->sources);
	OPENSSL_cleanse(t->key, sizeof t->key);
	free(t);
	return done;
}
