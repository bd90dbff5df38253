/*
 * commands_custodian - custodians as persons: their keys, a request to
 * re-identify, its approval and its end; opt-outs that came later.
 *
 * Runs in sekisho-prepare as the person at the terminal.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "policy/prepare/age.h"
#include "policy/prepare/commands.h"
#include "policy/prepare/custodian.h"
#include "policy/prepare/secret.h"
#include "policy/prepare/stale.h"
#include "policy/prepare/trace.h"
#include "policy/traced.h"

static int ask_secret(struct outcome *o, char out[static SECRET_SIZE])
{
	return secret_read(text(o->lang, TEXT_PREPARE_PASSPHRASE), out,
			   &o->fault);
}

int custodian_new(struct outcome *o)
{
	char passphrase[SECRET_SIZE], vkey[NOTE_VKEY];
	int done = ask_secret(o, passphrase);

	if (done == 0)
		done = custodian_make(o->options.out, o->options.as, passphrase,
				      vkey, &o->fault);
	OPENSSL_cleanse(passphrase, sizeof passphrase);
	if (done == 0)
		puts(vkey);
	return done;
}

/* The person's own key, opened by their passphrase. */
static int open_own(struct outcome *o, struct note_key *key)
{
	char passphrase[SECRET_SIZE];
	int done = ask_secret(o, passphrase);

	if (done == 0)
		done = custodian_open(key, o->options.key, o->options.as,
				      passphrase, &o->fault);
	OPENSSL_cleanse(passphrase, sizeof passphrase);
	return done;
}

static int put_note(struct outcome *o, const char *note)
{
	const char *path = o->options.out;
	AUTO_FD int fd =
		open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno == EEXIST
			       ? fault_say(&o->fault, FAULT_OUTPUT_EXISTS, path)
			       : fault_sys(&o->fault, path);
	if (disk_write(fd, note, strlen(note), path, &o->fault) < 0)
		return -1;
	return fsync(fd) < 0 ? fault_sys(&o->fault, path) : 0;
}

/* --- Asking ------------------------------------------------------------------- */

static int take_most(struct outcome *o, struct inquiry *inquiry)
{
	const char *most = o->options.most;
	char *end;

	inquiry->most = INQUIRY_DEFAULT;
	if (!most)
		return 0;
	unsigned long number = strtoul(most, &end, 10);
	if (*end || number < 1 || number > INQUIRY_MOST)
		return fault_say(&o->fault, FAULT_USAGE, "--most");
	inquiry->most = (uint32_t)number;
	return 0;
}

static int take_words(struct outcome *o, struct inquiry *inquiry)
{
	const struct options *options = &o->options;
	uint8_t recipient[AGE_RECIPIENT];
	const struct {
		const char *from;
		char *to;
		size_t size;
	} all[] = {
		{ options->permit, inquiry->permit, sizeof inquiry->permit },
		{ options->case_number, inquiry->case_number,
		  sizeof inquiry->case_number },
		{ options->ground, inquiry->ground, sizeof inquiry->ground },
		{ options->recipient, inquiry->recipient,
		  sizeof inquiry->recipient },
	};

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		size_t len = strlen(all[i].from);

		if (len == 0 || len >= all[i].size)
			return fault_say(&o->fault, FAULT_USAGE,
					 "an option is empty or too long");
		memcpy(all[i].to, all[i].from, len + 1);
	}
	return age_recipient(inquiry->recipient, recipient)
		       ? 0
		       : fault_say(&o->fault, FAULT_USAGE, "--recipient");
}

int reidentify_ask(struct outcome *o)
{
	static struct inquiry inquiry;
	AUTO_FREE char *note = NULL;
	struct note_key key;

	inquiry.asked = (uint64_t)time(NULL);
	if (take_most(o, &inquiry) < 0 || take_words(o, &inquiry) < 0 ||
	    inquiry_take(&inquiry, o->options.pseudonyms, &o->fault) < 0 ||
	    open_own(o, &key) < 0)
		return -1;
	note = inquiry_ask(&inquiry, &key, &o->fault);
	note_key_clear(&key);
	if (!note || put_note(o, note) < 0)
		return -1;
	outcome_say(o, TEXT_REIDENTIFY_ASKED, o->options.out, inquiry.hash,
		    NULL);
	return 0;
}

/* --- Approving ---------------------------------------------------------------- */

/* What the second person puts their name to. */
static void show(const struct outcome *o, const struct inquiry *inquiry)
{
	char count[16], most[16];

	snprintf(count, sizeof count, "%u", inquiry->n);
	snprintf(most, sizeof most, "%u", inquiry->most);
	outcome_say(o, TEXT_REIDENTIFY_SHOW_WHO, inquiry->asked_by,
		    inquiry->permit, inquiry->case_number);
	outcome_say(o, TEXT_REIDENTIFY_SHOW_WHY, inquiry->ground, NULL, NULL);
	outcome_say(o, TEXT_REIDENTIFY_SHOW_WHAT, count, most,
		    inquiry->recipient);
	outcome_say(o, TEXT_REIDENTIFY_SHOW_HASH, inquiry->hash, NULL, NULL);
	fflush(stdout);
}

static int approve(struct outcome *o, const char *bytes, size_t len,
		   const struct custodians *list)
{
	static struct inquiry inquiry;
	AUTO_FREE char *note = NULL;
	struct note_key key;

	if (inquiry_read(&inquiry, bytes, len, list, (uint64_t)time(NULL),
			 &o->fault) < 0)
		return -1;
	show(o, &inquiry);
	if (open_own(o, &key) < 0)
		return -1;
	note = inquiry_approve(&inquiry, bytes, &key, list, &o->fault);
	note_key_clear(&key);
	if (!note || put_note(o, note) < 0)
		return -1;
	outcome_say(o, TEXT_REIDENTIFY_APPROVED, o->options.out, NULL, NULL);
	return 0;
}

int reidentify_approve(struct outcome *o)
{
	static struct custodians list;
	AUTO_FREE char *bytes = NULL;
	size_t len;
	int done = custodians_read(&list, AT_FDCWD, o->options.custodians,
				   &o->fault);

	if (done == 0) {
		bytes = (char *)disk_read(AT_FDCWD, o->options.path, NOTE_MAX,
					  &len, &o->fault);
		done = bytes ? approve(o, bytes, len, &list) : -1;
	}
	custodians_clear(&list);
	return done;
}

/* --- Carrying out --------------------------------------------------------------- */

/* What the gateway's log is to hold of it. */
static void hand_over(struct outcome *o, const struct trace_result *result)
{
	const struct inquiry *inquiry = &result->inquiry;
	struct traced traced = { .line = (uint32_t)result->lines,
				 .pseudonyms = inquiry->n,
				 .met = result->met,
				 .ids = (uint32_t)result->ids };
	uint8_t hash[HASH_BYTES];
	char line[TRACED_SIZE];

	memcpy(traced.request, inquiry->hash, sizeof traced.request);
	memcpy(traced.journal, result->head, sizeof traced.journal);
	memcpy(traced.permit, inquiry->permit, sizeof traced.permit);
	snprintf(traced.asked, sizeof traced.asked, "%.63s", inquiry->asked_by);
	snprintf(traced.approved, sizeof traced.approved, "%.63s",
		 result->approved_by);
	hash_of(inquiry->case_number, strlen(inquiry->case_number), hash);
	hex_text(hash, sizeof hash, traced.case_hash);
	outcome_say(o, TEXT_REIDENTIFY_HAND_OVER, traced_line(&traced, line),
		    NULL, NULL);
}

int reidentify_run(struct outcome *o)
{
	static struct trace_result result;
	const struct trace_order order = { .note = o->options.path,
					   .recipe = o->options.recipe,
					   .keys = o->options.keys,
					   .out = o->options.out,
					   .now = (uint64_t)time(NULL) };
	char asked[16], met[16];

	if (trace(&order, &result, &o->problems, &o->fault) < 0)
		return -1;
	snprintf(asked, sizeof asked, "%u", result.inquiry.n);
	snprintf(met, sizeof met, "%u", result.met);
	outcome_say(o, TEXT_REIDENTIFY_DONE, met, asked, o->options.out);
	hand_over(o, &result);
	return 0;
}

int optout_check(struct outcome *o)
{
	const struct stale_order order = { .bundle = o->options.path,
					   .public = o->options.public,
					   .recipe = o->options.recipe,
					   .keys = o->options.keys,
					   .out = o->options.out,
					   .now = (uint64_t)time(NULL) };
	struct stale_result result;

	if (stale_check(&order, &result, &o->problems, &o->fault) < 0)
		return -1;
	if (result.persons == 0) {
		outcome_say(o, TEXT_PREPARE_FRESH, result.dataset, NULL, NULL);
		return 0;
	}
	fault_say(&o->fault, FAULT_STALE, o->options.out);
	o->fault.count = result.persons;
	return -1;
}
