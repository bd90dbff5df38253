/*
 * sekisho-vault - keeps what stands behind the commitments of records.
 *
 * Started by sekishod as a user of its own, with STATE/vault as its root.
 * Trusts the supervisor, which brings it keys, and audit to say what is
 * durable. Writers, desks and policy are not trusted: whose permit
 * an opening is of, and who reads, was said when their link was made. Nothing
 * is shown that is not on record first.
 */
#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "audit/vault/vault.h"
#include "gateway/base/process.h"

static int get_audit(struct vault *vault, struct err *err)
{
	struct msg *m = &vault->in;
	int got = msg_receive(PROCESS_LINK, m, err);

	if (got <= 0)
		return got < 0 ? -1 : err_set(err, "the supervisor is gone");
	vault->audit = msg_get_fd(m);
	if (m->type != MSG_LINK_AUDIT || !msg_done(m))
		return err_set(err, "expected LINK_AUDIT, got %s",
			       msg_name(m->type));
	mailbox_init(&vault->records);
	if (fcntl(vault->audit, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		return err_sys(err, "the link to audit");
	return 0;
}

/* Cryptography finds its parts before the root folder changes. */
static int warm_up(struct err *err)
{
	struct commit_opening nothing = { .field = "name", .value = "" };
	uint8_t hash[COMMIT_SIZE], key[SEAL_KEY] = { 0 }, out[SEAL_MORE];

	if (commit_hash(&nothing, hash, err) < 0)
		return -1;
	seal_close(key, hash, &nothing, out);
	return 0;
}

/* What a crash left of an erasure is finished before anybody is served. */
static int finish(struct vault *vault, struct err *err)
{
	struct audit_record record;
	uint64_t rows = 0;
	int more;

	do
		more = job_wipe(vault, &rows, err);
	while (more > 0);
	if (more < 0 || rows == 0)
		return more;
	audit_begin(&record, "erase.vault", AUDIT_OK);
	audit_text(&record, "phase", "recovered");
	audit_number(&record, "rows", (int64_t)rows);
	return vault_record(vault, 0, &record, err);
}

static int open_all(struct vault *vault, struct err *err)
{
	uint64_t end;

	vault->batch.rows = &vault->rows;
	vault->batch.sealed = &vault->sealed;
	vault->batch.keys = &vault->keys;
	vault->keys.link = PROCESS_LINK;
	vault->keys.owner = vault;
	vault->keys.other = vault_told;
	if (rows_open(&vault->rows, "/index.db", err) < 0 ||
	    rows_end(&vault->rows, &end, err) < 0 ||
	    sealed_open(&vault->sealed, "/sealed", end, err) < 0)
		return -1;
	return finish(vault, err);
}

static int run(struct vault *vault, struct err *err)
{
	const struct rlimit limit = { VAULT_PEERS + 64, VAULT_PEERS + 64 };
	struct process process;

	if (process_start(&process, &vault->in, err) < 0)
		return -1;
	if (!msg_done(&vault->in))
		return err_set(err, "malformed START");
	if (get_audit(vault, err) < 0 || warm_up(err) < 0)
		return -1;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return err_sys(err, "raise the number of descriptors");
	umask(0077);
	if (process_confine(&process, err) < 0 || open_all(vault, err) < 0 ||
	    process_ready(err) < 0)
		return -1;
	return vault_run(vault, err);
}

int main(void)
{
	static struct vault vault;
	struct err err;

	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	if (run(&vault, &err) < 0)
		process_fail(&err);
	return 0;
}
