/* links: audit gateway/base; -lcrypto */
/*
 * write_log - make a small real log, with a release in it and its receipt, for
 * verifiers that others wrote.
 *
 *	write_log FOLDER ENTRIES
 *
 * Makes FOLDER/log, key and anchor, and FOLDER/receipt.json and its proof. The
 * entries are written by what sekisho-audit is made of; some are signed on the
 * way.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/interop/made_log.h"

static const char statement[] =
	"{\"files\":[{\"bytes\":2,\"name\":\"a \\\"b\\\" \xe8\xa1\xa8.csv\","
	"\"sha256\":\"fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b8505"
	"5620603\"}],\"request\":1}";

static void save(const char *base, const char *name, const char *bytes,
		 size_t len)
{
	char path[5000];

	snprintf(path, sizeof path, "%s/%s", base, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || close(fd) < 0)
		die("write %s", path);
}

static uint64_t release(struct ledger *ledger, struct err *err)
{
	static struct intake intake;
	struct intake_writer who = { .name = "policy" };
	char hex[HASH_HEX_SIZE];
	uint64_t index;
	struct hash hash = hash_bytes(&ledger->journal.hasher, statement,
				      strlen(statement));

	hash_hex(hex, &hash);
	intake.event = event_find("release.open");
	memcpy(intake.result, "ok", 3);
	memcpy(intake.actor, "u-1", 4);
	memcpy(intake.session, "-", 2);
	memcpy(intake.permit, "P-1", 4);
	memcpy(intake.idem, "r1", 3);
	intake.fields[intake.nfields++] = ledger_text("statement", hex);
	intake.fields[intake.nfields++] = ledger_number("request", -1);
	intake.fields[intake.nfields++] =
		ledger_text("odd", "\"\\\b\f\x1f/\xe2\x82\xac");
	if (ledger_add(ledger, &who, &intake, &index, err) != LEDGER_ADDED ||
	    ledger_commit(ledger, err) < 0)
		die("%s", err->text);
	return index;
}

static void write_receipt(struct ledger *ledger, const char *base,
			  uint64_t index, struct err *err)
{
	static struct prove_found found;
	struct audit_proof proof;
	size_t len;

	if (ledger_prove(ledger, index, &found, err) < 0)
		die("%s", err->text);
	proof = (struct audit_proof){ found.entry, found.text, found.entry_len,
				      found.text_len };
	char *receipt = audit_receipt(&proof, statement, &len, err);
	if (!receipt)
		die("%s", err->text);
	save(base, "receipt.json", receipt, len);
	save(base, "receipt.tlog-proof", found.text, found.text_len);
	save(base, "a \"b\" \xe8\xa1\xa8.csv", "ab", 2);
	free(receipt);
}

int main(int argc, char **argv)
{
	static struct ledger ledger;
	struct err err = { "" };

	if (argc != 3)
		die("usage: write_log FOLDER ENTRIES");
	long n = strtol(argv[2], NULL, 10);
	made_log_begin(&ledger, argv[1], "interop.example/log");
	uint64_t index = 0;
	for (long i = 1; i < n; i++) {
		if (i == n / 2)
			index = release(&ledger, &err);
		else if (ledger_own(&ledger, "log.heartbeat", NULL, 0, &err) <
			 0)
			die("%s", err.text);
		if (i % 4000 == 0 && ledger_commit(&ledger, &err) < 0)
			die("%s", err.text);
		if (i % (n / 7 + 1) == 0 && (ledger_commit(&ledger, &err) < 0 ||
					     ledger_sign(&ledger, &err) < 0))
			die("%s", err.text);
	}
	made_log_sign(&ledger);
	write_receipt(&ledger, argv[1], index, &err);
	ledger_close(&ledger);
	return 0;
}
