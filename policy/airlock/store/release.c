#include "policy/airlock/store/release.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/client.h"
#include "gateway/base/own.h"
#include "policy/airlock/store/copy.h"
#include "policy/airlock/store/shelf.h"

/* One question at a time is under way; the names of both. */
enum { REF_PROOF = 1, REF_RECORD };

struct release {
	struct job job;
	struct place *place;
	struct release_turn *turn;
	struct release_order order;
	/* What comes next; it ends when the record of it is durable. */
	enum job_end (*next)(struct release *release, struct err *err);
	const char *reason; /* why it cannot be, for the log; NULL: it can */
	struct err why;	    /* the same for the operator */
	struct audit_proof proof;
	char *receipt;
	size_t receipt_len;
	int shelf;
	char number[12];
	char name[PLACE_TEMPORARY]; /* of folder, in new/; "" none */
	int folder;
	size_t at; /* of the order's files */
	int file;  /* a copy that is being hashed; -1: none */
	struct copy copy;
};

static enum job_end record(struct release *release, struct err *err);

/* Nothing of what was begun stays in new/. */
static void abandon(struct release *release)
{
	own_close(&release->file);
	own_close(&release->folder);
	if (release->name[0])
		place_discard(release->place, release->name);
	release->name[0] = '\0';
}

/* It cannot be; why is filled. The log is told, then the supervisor. */
static enum job_end refuse(struct release *release, const char *reason)
{
	abandon(release);
	release->reason = reason;
	release->next = record;
	return JOB_MORE;
}

/* It stands, but perhaps not after a crash: neither a yes nor a no. The next
 * store is asked the same, and finds it. */
static enum job_end loose(const struct release *release, struct err *err)
{
	err_set(err, "release %s is not safe on the disk", release->number);
	return JOB_BROKEN;
}

/* --- Whether it may be -------------------------------------------------------- */

static void hex_of_text(char out[static NAMES_HEX], const char *text)
{
	uint8_t hash[NAMES_HASH];

	if (EVP_Digest(text, strlen(text), hash, NULL, EVP_sha256(), NULL) != 1)
		die("SHA-256 failed");
	names_hex(out, hash);
}

/* The entry names the statement's hash, the statement those of the files: so
 * nothing goes out that is not in the log, whoever asks. */
static bool on_record(const struct release *release)
{
	const struct release_order *order = &release->order;
	char hex[NAMES_HEX];

	hex_of_text(hex, order->statement);
	if (!strstr(release->proof.entry, hex))
		return false;
	for (size_t i = 0; i < order->nfiles; i++) {
		names_hex(hex, order->files[i].hash);
		if (!strstr(order->statement, hex))
			return false;
	}
	return true;
}

static bool valid(const struct release_order *order)
{
	if (!id_valid(order->permit) || !id_valid(order->actor) ||
	    order->request == 0 || order->nfiles == 0)
		return false;
	for (size_t i = 0; i < order->nfiles; i++)
		if (!names_released(order->files[i].name))
			return false;
	return true;
}

/* --- One step after the other -------------------------------------------------- */

static enum job_end move(struct release *release, struct err *err)
{
	int folder = release->folder;
	const struct audit_proof *proof = &release->proof;
	struct err *why = &release->why;

	if (place_write(folder, "receipt.json", release->receipt,
			release->receipt_len) < 0 ||
	    place_write(folder, "receipt.tlog-proof", proof->text,
			proof->text_len) < 0) {
		err_sys(why, "write the receipt");
		return refuse(release, "room");
	}
	switch (shelf_put(release->place, release->name, release->shelf,
			  release->number, why)) {
	case SHELF_SAME:
		break;
	case SHELF_LOOSE:
		return loose(release, err);
	case SHELF_EMPTY:
	case SHELF_OTHER:
		return refuse(release, "room");
	}
	release->name[0] = '\0';
	release->next = record;
	return JOB_MORE;
}

/* The copy is hashed once more before it goes out. */
static enum job_end fill(struct release *release, struct err *err)
{
	const struct release_file *file = &release->order.files[release->at];
	enum copy_state state = COPY_FAILED;

	(void)err;
	if (release->file < 0) {
		release->file = place_copy(release->place, file->hash);
		if (release->file < 0 ||
		    copy_begin(&release->copy, release->file, -1) < 0) {
			err_set(&release->why, "a frozen file is missing");
			return refuse(release, "missing");
		}
	}
	state = copy_step(&release->copy);
	if (state == COPY_MORE)
		return JOB_MORE;
	if (state != COPY_WHOLE ||
	    memcmp(release->copy.hash, file->hash, NAMES_HASH) != 0) {
		err_set(&release->why, "a frozen file is damaged");
		return refuse(release, "damaged");
	}
	copy_clear(&release->copy);
	own_close(&release->file);
	if (shelf_link(release->place, release->folder, file->name, file->hash,
		       &release->why) < 0)
		return refuse(release, "name");
	if (++release->at == release->order.nfiles)
		release->next = move;
	return JOB_MORE;
}

/* The proof is there: begin the folder, unless it stands already. */
static enum job_end build(struct release *release, struct err *err)
{
	const struct release_order *order = &release->order;

	release->receipt = audit_receipt(&release->proof, order->statement,
					 &release->receipt_len, &release->why);
	if (!release->receipt)
		return refuse(release, "statement");
	if (!on_record(release)) {
		err_set(&release->why, "the log has no such release");
		return refuse(release, "statement");
	}
	release->shelf = shelf_open(release->place->released, order->permit,
				    order->actor, &release->why);
	if (release->shelf < 0)
		return refuse(release, "room");
	switch (shelf_look(release->shelf, release->number, release->receipt,
			   release->receipt_len)) {
	case SHELF_SAME:
		release->next = record;
		return JOB_MORE;
	case SHELF_LOOSE:
		return loose(release, err);
	case SHELF_OTHER:
		err_set(&release->why, "another release stands there");
		return refuse(release, "other");
	case SHELF_EMPTY:
		break;
	}
	release->folder = place_new_folder(release->place, release->name);
	if (release->folder < 0) {
		err_sys(&release->why, "make the release's folder");
		return refuse(release, "room");
	}
	release->next = fill;
	return JOB_MORE;
}

/* Also what refuses waits for its turn, for it is recorded. */
static enum job_end begin(struct release *release, struct err *err)
{
	if (release->turn->holder)
		return JOB_WAITS;
	release->turn->holder = &release->job;
	if (!valid(&release->order)) {
		err_set(&release->why, "malformed release");
		return refuse(release, "malformed");
	}
	if (audit_ask_proof(release->turn->audit, REF_PROOF,
			    release->order.index, err) < 0)
		return JOB_BROKEN;
	release->job.asked = REF_PROOF;
	return JOB_WAITS;
}

/* --- The record ---------------------------------------------------------------- */

/* The same act has the same key: audit writes it down once. */
static void key_of(char out[static 40], const struct release_order *order)
{
	char text[3 * ID_SIZE], hex[NAMES_HEX];

	snprintf(text, sizeof text, "release.done %s %s %u %llu", order->permit,
		 order->actor, order->request,
		 (unsigned long long)order->index);
	hex_of_text(hex, text);
	memcpy(out, hex, 32);
	out[32] = '\0';
}

static enum job_end record(struct release *release, struct err *err)
{
	const struct release_order *order = &release->order;
	struct audit_record record;
	bool done = !release->reason;

	audit_begin(&record, "release.done", done ? AUDIT_OK : AUDIT_ERROR);
	if (id_valid(order->permit) && id_valid(order->actor)) {
		memcpy(record.permit, order->permit, sizeof record.permit);
		memcpy(record.actor, order->actor, sizeof record.actor);
	}
	if (done)
		key_of(record.idem, order);
	audit_number(&record, "request", order->request);
	audit_number(&record, "files", (int64_t)order->nfiles);
	audit_number(&record, "index", (int64_t)order->index);
	audit_text(&record, "reason", done ? "ok" : release->reason);
	if (audit_send(release->turn->audit, REF_RECORD, &record, NULL, err) <
	    0)
		return JOB_BROKEN;
	release->job.asked = REF_RECORD;
	return JOB_WAITS;
}

static enum job_end heard(struct job *job, struct msg *m, struct err *err)
{
	struct release *release = (struct release *)job;

	if (m->ref == REF_PROOF) {
		release->next = build;
		return audit_read_proof(m, &release->proof, err) < 0
			       ? JOB_BROKEN
			       : JOB_MORE;
	}
	msg_get_u64(m);
	if (m->type != MSG_RECORDED || !msg_done(m)) {
		err_set(err, "unexpected %s from audit", msg_name(m->type));
		return JOB_BROKEN;
	}
	release->next = NULL;
	return JOB_MORE;
}

/* --- The job ------------------------------------------------------------------- */

static enum job_end step(struct job *job, struct msg *answer, struct err *err)
{
	struct release *release = (struct release *)job;

	if (job->asked)
		return JOB_WAITS;
	if (release->next)
		return release->next(release, err);
	msg_start(answer, MSG_RELEASED, job->ref);
	if (release->reason) {
		jobs_refuse(answer, &release->why);
	} else {
		msg_put_u8(answer, 1);
		msg_put_str(answer, "");
	}
	return JOB_OVER;
}

static void let_be(struct job *job)
{
	struct release *release = (struct release *)job;

	if (release->turn->holder == job)
		release->turn->holder = NULL;
	abandon(release);
	copy_clear(&release->copy);
	own_close(&release->shelf);
	audit_proof_clear(&release->proof);
	free(release->receipt);
	release_clear(&release->order);
	free(release);
}

struct job *release_new(struct place *place, struct release_turn *turn,
			struct release_order *order, uint32_t ref)
{
	struct release *release = calloc(1, sizeof *release);

	if (!release)
		die("out of memory");
	release->job = (struct job){ .asker = ASKER_SUPERVISOR,
				     .ref = ref,
				     .step = step,
				     .heard = heard,
				     .free = let_be };
	release->place = place;
	release->turn = turn;
	release->order = *order;
	*order = (struct release_order){ 0 };
	snprintf(release->number, sizeof release->number, "%u",
		 release->order.request);
	release->next = begin;
	release->shelf = release->folder = release->file = -1;
	return &release->job;
}
