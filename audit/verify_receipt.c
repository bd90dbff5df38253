#include "audit/verify_receipt.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/chain.h"
#include "audit/proof_text.h"
#include "gateway/base/own.h"

/* The first fault is the verdict. */
static int fault(struct verify_receipt *report, enum verify_code code,
		 const char *why)
{
	if (report->code == VERIFY_FINE) {
		report->code = code;
		snprintf(report->why, sizeof report->why, "%s", why);
	}
	return -1;
}

/* The proof's checkpoint: signed by the key, and of the key's log. */
static int read_checkpoint(struct verify_receipt *report,
			   const struct note_key *key,
			   const struct proof_text *text,
			   struct checkpoint *checkpoint)
{
	struct note note;
	struct err err;

	if (note_parse(&note, text->checkpoint, text->checkpoint_len, &err) < 0)
		return fault(report, VERIFY_TAMPERED, err.text);
	switch (note_verify(&note, key, NULL)) {
	case NOTE_BAD:
		return fault(report, VERIFY_TAMPERED,
			     "the signature does not verify");
	case NOTE_UNSIGNED:
		return fault(report, VERIFY_POLICY,
			     "the proof is not signed by this key");
	case NOTE_SIGNED:
		break;
	}
	if (checkpoint_parse(checkpoint, note.text, note.text_len, &err) < 0)
		return fault(report, VERIFY_TAMPERED, err.text);
	if (strcmp(checkpoint->origin, key->name) != 0)
		return fault(report, VERIFY_POLICY,
			     "the proof is that of another log");
	return 0;
}

static int check_proof(struct verify_receipt *report,
		       const struct note_key *key,
		       const struct verify_bytes *proof,
		       const struct hash *leaf, struct hasher *hasher)
{
	struct checkpoint checkpoint;
	struct proof_text text;
	struct err err;

	if (proof_text_read(&text, proof->bytes, proof->len, &err) < 0)
		return fault(report, VERIFY_TAMPERED, err.text);
	if (read_checkpoint(report, key, &text, &checkpoint) < 0)
		return -1;
	memcpy(report->origin, checkpoint.origin, sizeof report->origin);
	report->size = checkpoint.head.size;
	if (text.index != report->index ||
	    !proof_check_inclusion(hasher, &text.proof, text.index, leaf,
				   &checkpoint.head))
		return fault(report, VERIFY_TAMPERED,
			     "the proof does not show the receipt's entry");
	return 0;
}

static bool field_is(const struct record_view *view, const char *key,
		     const char *text)
{
	const struct canonical_field *field = canonical_find(&view->line, key);

	return field && record_field_is(field, text);
}

/* The entry says that this statement was released. */
static int check_entry(struct verify_receipt *report,
		       const struct receipt *receipt, struct hasher *hasher)
{
	char hex[HASH_HEX_SIZE];
	struct record_view view;
	struct err err;
	struct hash hash =
		hash_bytes(hasher, receipt->statement, receipt->statement_len);

	hash_hex(hex, &hash);
	if (record_read(&view, receipt->entry, receipt->entry_len, &err) < 0)
		return fault(report, VERIFY_TAMPERED, err.text);
	report->index = view.index;
	report->time = view.time;
	if (!record_field_is(view.event, "release.open") ||
	    !record_field_is(view.writer, "policy") ||
	    !field_is(&view, "result", "ok"))
		return fault(report, VERIFY_TAMPERED,
			     "the entry is not that of a release");
	if (!field_is(&view, "statement", hex))
		return fault(report, VERIFY_TAMPERED,
			     "the statement is not the one in the log");
	return 0;
}

static int add_file(struct verify_receipt *report,
		    const struct receipt_file *file)
{
	struct verify_file *all = reallocarray(
		report->files, report->nfiles + 1, sizeof *report->files);

	if (!all)
		return fault(report, VERIFY_USAGE, "out of memory");
	report->files = all;
	struct verify_file *next = &all[report->nfiles];
	*next = (struct verify_file){ .bytes = file->bytes };
	if (!hash_from_hex(&next->hash, file->sha256->value, file->sha256->len))
		return fault(report, VERIFY_TAMPERED,
			     "a file without a proper hash");
	size_t size = file->name->len + 1;
	next->name = malloc(size);
	if (!next->name ||
	    canonical_unescape(next->name, size, file->name->value,
			       file->name->len) < 0) {
		free(next->name);
		return fault(report, VERIFY_USAGE, "out of memory");
	}
	report->nfiles++;
	return 0;
}

static int read_statement(struct verify_receipt *report,
			  const struct receipt *receipt)
{
	struct canonical statement;
	struct receipt_file file;
	size_t at = 0;
	int got;

	if (canonical_scan_upto(&statement, receipt->statement,
				receipt->statement_len, RECEIPT_STATEMENT) < 0)
		return fault(report, VERIFY_TAMPERED, statement.why);
	const struct canonical_field *files =
		canonical_find(&statement, "files");
	if (!files)
		return fault(report, VERIFY_TAMPERED,
			     "the statement has no files");
	while ((got = receipt_next(files, &at, &file)) > 0)
		if (add_file(report, &file) < 0)
			return -1;
	return got < 0 ? fault(report, VERIFY_TAMPERED,
			       "the statement's files are no such list")
		       : 0;
}

int verify_receipt(struct verify_receipt *report, const struct note_key *key,
		   const struct verify_bytes *receipt,
		   const struct verify_bytes *proof)
{
	struct hasher hasher;
	struct receipt parts;
	struct err err;

	memset(report, 0, sizeof *report);
	if (receipt_read(&parts, receipt->bytes, receipt->len, &err) < 0)
		return fault(report, VERIFY_TAMPERED, err.text);
	int done = check_entry(report, &parts, &hasher);
	struct hash leaf = hash_leaf(&hasher, parts.entry, parts.entry_len);
	if (done == 0)
		done = check_proof(report, key, proof, &leaf, &hasher);
	if (done == 0)
		done = read_statement(report, &parts);
	report->proven = done == 0;
	receipt_clear(&parts);
	return done;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Does the path end with this name, at a slash? */
static bool ends_with(const char *path, const char *name)
{
	size_t path_len = strlen(path), len = strlen(name);

	return path_len > len && path[path_len - len - 1] == '/' &&
	       strcmp(path + path_len - len, name) == 0;
}

/*
 * The statement's file that is meant: of those with that base name the one
 * whose whole name the path ends with, else the only one. NULL: none, or
 * nobody can say which.
 */
static struct verify_file *find_file(const struct verify_receipt *report,
				     const char *path)
{
	struct verify_file *found = NULL;
	bool several = false;

	for (size_t i = 0; i < report->nfiles; i++) {
		struct verify_file *file = &report->files[i];

		if (strcmp(file->name, path) == 0 ||
		    (strchr(file->name, '/') && ends_with(path, file->name)))
			return file;
		if (strcmp(base_name(file->name), base_name(path)) != 0)
			continue;
		several = found != NULL;
		found = file;
	}
	return several ? NULL : found;
}

/* Size and hash of what is in the file now. 0, or -1 and err. */
static int hash_file(const char *path, int64_t *bytes, struct hash *hash,
		     struct err *err)
{
	static char buffer[1 << 18];
	struct hasher hasher;
	struct stat info;
	AUTO_FD int fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &info) < 0)
		return err_sys(err, "open %s", path);
	if (!S_ISREG(info.st_mode))
		return err_set(err, "%s is not a file", path);
	hasher_begin(&hasher);
	ssize_t n;
	for (*bytes = 0; (n = read(fd, buffer, sizeof buffer)) > 0; *bytes += n)
		hasher_add(&hasher, buffer, (size_t)n);
	*hash = hasher_end(&hasher);
	return n < 0 ? err_sys(err, "read %s", path) : 0;
}

int verify_receipt_file(struct verify_receipt *report, const char *path)
{
	struct verify_file *file = find_file(report, path);
	struct hash hash;
	struct err err;
	int64_t bytes = 0;

	if (!file) {
		err_set(&err, "%s is no file of this release", path);
		return fault(report, VERIFY_TAMPERED, err.text);
	}
	if (hash_file(path, &bytes, &hash, &err) < 0)
		return fault(report, VERIFY_USAGE, err.text);
	bool same = bytes == file->bytes && hash_equal(&hash, &file->hash);
	if (!same || file->state == VERIFY_FILE_NOT_CHECKED)
		file->state = same ? VERIFY_FILE_SAME : VERIFY_FILE_OTHER;
	if (same)
		return 0;
	err_set(&err, "%s is not what was released", path);
	return fault(report, VERIFY_TAMPERED, err.text);
}

void verify_receipt_clear(struct verify_receipt *report)
{
	for (size_t i = 0; i < report->nfiles; i++)
		free(report->files[i].name);
	free(report->files);
	report->files = NULL;
	report->nfiles = 0;
}
