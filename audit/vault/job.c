/*
 * job - reading and erasing: first the record, then the act, then its record.
 *
 * Runs in sekisho-vault. Who asks was said by the supervisor, but for an
 * operator, whom policy names.
 */
#include <string.h>
#include <time.h>

#include "audit/vault/vault.h"

static const char *const words[] = {
#define STATE(name, word) [OPENING_##name] = word,
#include "audit/vault/states.def"
#undef STATE
};

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void read_hashes(struct msg *m, struct job *job)
{
	job->n = msg_get_u32(m);
	if (job->n == 0 || job->n > VAULT_AT_ONCE)
		m->bad = true;
	for (unsigned int i = 0; i < job->n && !m->bad; i++) {
		size_t len;
		const uint8_t *hash = msg_get_bytes(m, &len);

		memset(&job->asked[i], 0, sizeof job->asked[i]);
		if (hash && len == COMMIT_SIZE)
			memcpy(job->asked[i].row.hash, hash, COMMIT_SIZE);
		else
			m->bad = true;
	}
}

/* What there is of one, and if open, its salt and value. 0 or -1. */
static int look(struct vault *vault, struct asked *asked, bool open,
		struct err *err)
{
	static uint8_t sealed[SEAL_MOST];
	struct row *row = &asked->row;
	uint8_t key[SEAL_KEY];
	int got = rows_find(&vault->rows, row->hash, row, err);

	asked->state = got == 0	     ? OPENING_UNKNOWN
		       : row->erased ? OPENING_ERASED
				     : OPENING_KEPT;
	if (got < 0 || asked->state != OPENING_KEPT || !open)
		return got < 0 ? -1 : 0;
	got = permit_keys_get(&vault->keys, row->permit, false, key, err);
	if (got < 0)
		return -1;
	if (got == 0)
		asked->state = OPENING_ERASED; /* its key has ended */
	else if (row->bytes > sizeof sealed ||
		 sealed_read(&vault->sealed, row->at, sealed, row->bytes, err) <
			 0 ||
		 seal_open(key, row->hash, sealed, row->bytes, asked->salt,
			   asked->value) < 0)
		asked->state = OPENING_DAMAGED;
	explicit_bzero(key, sizeof key);
	return 0;
}

/* --- Records ------------------------------------------------------------------- */

static void begin_record(const struct job *job, struct audit_record *record,
			 const char *event, bool ok)
{
	audit_begin(record, event, ok ? AUDIT_OK : AUDIT_DENY);
	memcpy(record->actor, job->actor, sizeof job->actor);
	memcpy(record->permit, job->permit, sizeof job->permit);
}

static int send_record(struct vault *vault, const struct audit_record *record,
		       struct err *err)
{
	vault->job.records++;
	return vault_record(vault, JOB_REF, record, err);
}

/* One of each commitment: whose it is stands in the record's permit. */
static int record_each(struct vault *vault, const char *event,
		       const char *phase, struct err *err)
{
	struct job *job = &vault->job;
	struct audit_record record;
	char hex[COMMIT_TEXT];

	for (unsigned int i = 0; i < job->n; i++) {
		const struct asked *asked = &job->asked[i];
		bool kept = asked->state == OPENING_KEPT;
		bool done = strcmp(phase, "done") == 0;

		if (done && !kept)
			continue;
		begin_record(job, &record, event, kept);
		if (*asked->row.permit)
			memcpy(record.permit, asked->row.permit, ID_SIZE);
		commit_hex(asked->row.hash, hex);
		audit_text(&record, "commit", hex);
		if (*asked->row.field)
			audit_text(&record, "field", asked->row.field);
		if (job->index > 0)
			audit_number(&record, "index", (int64_t)job->index - 1);
		audit_text(&record, "state",
			   words[done ? OPENING_ERASED : asked->state]);
		if (*phase)
			audit_text(&record, "phase", phase);
		if (send_record(vault, &record, err) < 0)
			return -1;
	}
	return 0;
}

static int record_end(struct vault *vault, const char *phase, struct err *err)
{
	struct audit_record record;

	begin_record(&vault->job, &record, "erase.vault", true);
	audit_text(&record, "phase", phase);
	if (strcmp(phase, "done") == 0)
		audit_number(&record, "rows", (int64_t)vault->job.erased);
	return send_record(vault, &record, err);
}

/* --- Questions ------------------------------------------------------------------ */

static struct job *begin(struct vault *vault, struct peer *peer)
{
	struct job *job = &vault->job;
	struct msg *m = &vault->in;

	job->question = m->type;
	job->peer = peer;
	job->ref = m->ref;
	job->n = job->records = 0;
	job->index = job->erased = job->before = job->unknown = 0;
	memcpy(job->actor, peer->who.actor, sizeof job->actor);
	memcpy(job->permit, "-", 2);
	return job;
}

/* All are looked at after what has arrived is written down. */
static int look_at_all(struct vault *vault, bool open, struct err *err)
{
	struct job *job = &vault->job;

	if (vault_settle(vault, err) < 0)
		return -1;
	for (unsigned int i = 0; i < job->n; i++)
		if (look(vault, &job->asked[i], open, err) < 0)
			return -1;
	job->phase = JOB_TOLD;
	return 0;
}

int on_open(struct vault *vault, struct peer *peer, struct err *err)
{
	struct job *job = begin(vault, peer);

	job->index = msg_get_u64(&vault->in);
	read_hashes(&vault->in, job);
	if (!msg_done(&vault->in) || job->index > INT64_MAX)
		return 1;
	if (look_at_all(vault, true, err) < 0)
		return -1;
	return record_each(vault, "vault.read", "", err);
}

int on_erase(struct vault *vault, struct peer *peer, struct err *err)
{
	struct job *job = begin(vault, peer);

	msg_get_str(&vault->in, job->actor, sizeof job->actor);
	read_hashes(&vault->in, job);
	if (!msg_done(&vault->in) || !id_valid(job->actor))
		return 1;
	if (look_at_all(vault, false, err) < 0)
		return -1;
	return record_each(vault, "erase.vault", "begin", err);
}

int on_end(struct vault *vault, struct peer *peer, struct err *err)
{
	struct job *job = begin(vault, peer);

	msg_get_str(&vault->in, job->actor, sizeof job->actor);
	msg_get_str(&vault->in, job->permit, sizeof job->permit);
	if (!msg_done(&vault->in) || !id_valid(job->actor) ||
	    !id_valid(job->permit))
		return 1;
	if (look_at_all(vault, false, err) < 0)
		return -1;
	return record_end(vault, "begin", err);
}

/* --- What they lead to ------------------------------------------------------------ */

int job_wipe(struct vault *vault, uint64_t *rows, struct err *err)
{
	static struct row row[ROWS_AT_ONCE];
	static int64_t number[ROWS_AT_ONCE];
	int got = rows_unwiped(&vault->rows, row, number, err);

	for (int i = 0; i < got; i++)
		if (sealed_wipe(&vault->sealed, row[i].at, row[i].bytes, err) <
		    0)
			return -1;
	if (got > 0 && (sealed_sync(&vault->sealed, err) < 0 ||
			rows_wiped(&vault->rows, number, (size_t)got, err) < 0))
		return -1;
	*rows += got > 0 ? (uint64_t)got : 0;
	return got > 0 ? 1 : got;
}

static int mark(struct vault *vault, struct err *err)
{
	struct job *job = &vault->job;
	uint64_t marked;

	if (job->question == MSG_VAULT_END)
		permit_keys_forget(&vault->keys, job->permit);
	if (job->question == MSG_VAULT_END)
		return rows_erase_permit(&vault->rows, job->permit, now_us(),
					 &job->erased, err);
	for (unsigned int i = 0; i < job->n; i++) {
		if (rows_erase(&vault->rows, job->asked[i].row.hash, now_us(),
			       &marked, err) < 0)
			return -1;
		job->erased += marked;
		job->before += job->asked[i].state == OPENING_ERASED;
		job->unknown += job->asked[i].state == OPENING_UNKNOWN;
	}
	return 0;
}

static void put_asked(struct msg *m, const struct asked *asked)
{
	bool kept = asked->state == OPENING_KEPT;

	msg_put_u8(m, (uint8_t)asked->state);
	msg_put_str(m, asked->row.permit);
	msg_put_str(m, asked->row.field);
	msg_put_u64(m, (uint64_t)(asked->row.erased ? asked->row.erased
						    : asked->row.time));
	msg_put_bytes(m, asked->salt, kept ? COMMIT_SALT : 0);
	msg_put_bytes(m, asked->value,
		      kept ? (size_t)asked->row.bytes - SEAL_MORE : 0);
}

static void answer(struct vault *vault)
{
	struct job *job = &vault->job;
	struct msg *m = &vault->out;

	if (job->question == MSG_VAULT_OPEN) {
		msg_start(m, MSG_VAULT_OPENED, job->ref);
		msg_put_u32(m, job->n);
		for (unsigned int i = 0; i < job->n; i++)
			put_asked(m, &job->asked[i]);
	} else {
		msg_start(m, MSG_VAULT_ERASED, job->ref);
		msg_put_u64(m, job->erased);
		msg_put_u64(m, job->before);
		msg_put_u64(m, job->unknown);
	}
	if (job->peer)
		vault_tell(vault, job->peer);
	explicit_bzero(m->data, m->len);
	explicit_bzero(job->asked, sizeof job->asked);
	job->phase = JOB_NONE;
	job->peer = NULL;
}

int job_recorded(struct vault *vault, struct err *err)
{
	struct job *job = &vault->job;

	if (job->records == 0)
		return err_set(err, "unexpected RECORDED from audit");
	if (--job->records > 0)
		return 0;
	if (job->phase == JOB_OVER || job->question == MSG_VAULT_OPEN) {
		answer(vault);
		return 0;
	}
	job->phase = JOB_WORKS;
	return mark(vault, err);
}

int job_step(struct vault *vault, struct err *err)
{
	struct job *job = &vault->job;
	int more = job_wipe(vault, &job->wiped, err);

	if (more != 0)
		return more < 0 ? -1 : 0;
	job->phase = JOB_OVER;
	if (job->question == MSG_VAULT_END
		    ? record_end(vault, "done", err)
		    : record_each(vault, "erase.vault", "done", err))
		return -1;
	if (job->records == 0)
		answer(vault);
	return 0;
}
