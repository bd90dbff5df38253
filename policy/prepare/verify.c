/*
 * verify - re-read and re-count a bundle.
 *
 * Runs in sekisho-prepare, at the custodian's or where a gateway takes the
 * bundle in. Distrusts every byte until the signature has vouched for the
 * manifest, and every file until its hash has.
 */
#include "policy/prepare/verify.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "audit/base64.h"
#include "gateway/base/own.h"
#include "policy/prepare/database.h"
#include "policy/prepare/need.h"

static const char pseudonyms[] = "index/pseudonyms";

static int beneath(int folder, const char *path, uint64_t flags)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | flags,
				.resolve = RESOLVE_BENEATH |
					   RESOLVE_NO_SYMLINKS |
					   RESOLVE_NO_XDEV };

	return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

int verify_open(int folder, const char *path, struct fault *fault)
{
	AUTO_FD int fd = beneath(folder, path, O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fault_sys(fault, path);
	if (!S_ISREG(st.st_mode))
		return fault_say(fault, FAULT_BUNDLE, path);
	return take_fd(&fd);
}

static char *read_small(int folder, const char *path, size_t most, size_t *len,
			struct fault *fault)
{
	AUTO_FD int fd = verify_open(folder, path, fault);
	char self[64];

	if (fd < 0)
		return NULL;
	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	return (char *)disk_read(AT_FDCWD, self, most, len, fault);
}

static int check_signature(struct verified *v, const char *public,
			   struct fault *fault)
{
	uint8_t key[KEY_BYTES], signature[SIGNATURE_BYTES];
	char id[KEY_ID];

	if (keys_read_public(public, key, fault) < 0)
		return -1;
	v->text = read_small(v->folder, "manifest.json", MANIFEST_MOST,
			     &v->text_len, fault);
	if (!v->text)
		return -1;
	v->signature = read_small(v->folder, "manifest.sig", SIGNATURE_LINE,
				  &v->signature_len, fault);
	if (!v->signature)
		return -1;
	if (v->signature_len != SIGNATURE_LINE ||
	    v->signature[SIGNATURE_LINE - 1] != '\n' ||
	    base64_decode(signature, sizeof signature, v->signature,
			  SIGNATURE_LINE - 1) != SIGNATURE_BYTES ||
	    !keys_verify(key, v->text, v->text_len, signature))
		return fault_say(fault, FAULT_SIGNATURE, "manifest.sig");
	if (manifest_read(&v->manifest, v->text, v->text_len, fault) < 0)
		return -1;
	keys_id(key, id);
	return strcmp(id, v->manifest.key_id) == 0
		       ? 0
		       : fault_say(fault, FAULT_SIGNATURE, "key_id");
}

static int check_file(const struct verified *v,
		      const struct manifest_file *file, struct fault *fault)
{
	AUTO_FD int fd = verify_open(v->folder, file->path, fault);
	char hash[HASH_HEX];
	uint64_t bytes;

	if (fd < 0 || disk_go_on(fault) < 0 ||
	    disk_hash(fd, file->path, hash, &bytes, fault) < 0)
		return -1;
	return bytes == file->bytes && strcmp(hash, file->hash) == 0
		       ? 0
		       : fault_say(fault, FAULT_BUNDLE, file->path);
}

static bool is_listed(const struct manifest *manifest, const char *path)
{
	for (uint32_t i = 0; i < manifest->nfiles; i++)
		if (strcmp(manifest->files[i].path, path) == 0)
			return true;
	return strcmp(path, "manifest.json") == 0 ||
	       strcmp(path, "manifest.sig") == 0 || strcmp(path, "data") == 0 ||
	       strcmp(path, "index") == 0;
}

/* Nothing lies in the folder that the manifest does not list. */
static int check_folder(const struct verified *v, const char *name,
			struct fault *fault)
{
	int fd = beneath(v->folder, name, O_DIRECTORY);
	DIR *all = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *one;
	int done = 0;

	if (!all) {
		fault_sys(fault, name);
		own_close(&fd);
		return -1;
	}
	while (done == 0 && (one = readdir(all))) {
		char path[BUNDLE_PATH + 8];

		if (strcmp(one->d_name, ".") == 0 ||
		    strcmp(one->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof path, "%s%s%.190s",
			 strcmp(name, ".") == 0 ? "" : name,
			 strcmp(name, ".") == 0 ? "" : "/", one->d_name);
		if (!is_listed(&v->manifest, path))
			done = fault_say(fault, FAULT_BUNDLE, path);
	}
	closedir(all);
	return done;
}

static int count_records(int fd, const char *name, uint64_t *rows,
			 struct fault *fault)
{
	AUTO_FREE char *bytes = need(CSV_BLOCK + CSV_SLACK, 1);
	AUTO_FREE struct csv_field *fields = need(CSV_COLUMNS, sizeof *fields);
	struct block block = { .bytes = bytes };
	struct csv csv = { .separator = ',' };
	struct input input;
	long n = 0, columns = 0;

	*rows = 0;
	int more = input_again(&input, fd, name, fault);
	while (more == 0 && (more = input_block(&input, &block, fault)) > 0) {
		csv_begin(&csv, block.bytes, block.len, 1);
		while ((n = csv_record(&csv, fields, CSV_COLUMNS, fault)) > 0) {
			columns = (*rows)++ ? columns : n;
			if (n != columns)
				break;
		}
		more = n == 0 ? 0 : fault_say(fault, FAULT_BUNDLE, name);
	}
	input_close(&input);
	*rows -= *rows > 0; /* the header */
	return more < 0 ? -1 : 0;
}

static int check_rows(const struct verified *v,
		      const struct manifest_source *source, struct fault *fault)
{
	char path[BUNDLE_PATH], database[64];
	uint64_t rows = 0;

	snprintf(path, sizeof path, "data/%s.csv", source->name);
	AUTO_FD int fd = verify_open(v->folder, path, fault);
	if (fd < 0 || count_records(fd, path, &rows, fault) < 0)
		return -1;
	if (rows != source->rows)
		return fault_say(fault, FAULT_BUNDLE, path);
	snprintf(path, sizeof path, "data/%s.db", v->manifest.dataset);
	AUTO_FD int db = verify_open(v->folder, path, fault);
	if (db < 0)
		return -1;
	snprintf(database, sizeof database, "/proc/self/fd/%d", db);
	if (database_rows(database, source->name, &rows, fault) < 0)
		return -1;
	return rows == source->rows ? 0 : fault_say(fault, FAULT_BUNDLE, path);
}

static int check_index(const struct verified *v, struct fault *fault)
{
	AUTO_FD int fd = verify_open(v->folder, pseudonyms, fault);
	uint8_t piece[4096][PSEUDONYM_BYTES], last[PSEUDONYM_BYTES];
	bool any = false;
	ssize_t n;

	if (fd < 0)
		return -1;
	while ((n = read(fd, piece, sizeof piece)) > 0) {
		if (n % PSEUDONYM_BYTES)
			return fault_say(fault, FAULT_BUNDLE, pseudonyms);
		for (ssize_t i = 0; i < n / PSEUDONYM_BYTES; i++) {
			if (any && memcmp(last, piece[i], sizeof last) >= 0)
				return fault_say(fault, FAULT_BUNDLE,
						 pseudonyms);
			memcpy(last, piece[i], sizeof last);
			any = true;
		}
	}
	return n < 0 ? fault_sys(fault, pseudonyms) : 0;
}

static int check_all(struct verified *v, const char *public,
		     struct fault *fault)
{
	if (check_signature(v, public, fault) < 0)
		return -1;
	for (uint32_t i = 0; i < v->manifest.nfiles; i++)
		if (check_file(v, &v->manifest.files[i], fault) < 0)
			return -1;
	if (check_folder(v, ".", fault) < 0 ||
	    check_folder(v, "data", fault) < 0 ||
	    check_folder(v, "index", fault) < 0)
		return -1;
	for (uint32_t i = 0; i < v->manifest.nsources; i++)
		if (check_rows(v, &v->manifest.sources[i], fault) < 0)
			return -1;
	return check_index(v, fault);
}

int verify_bundle(struct verified *verified, const char *path,
		  const char *public, struct fault *fault)
{
	memset(verified, 0, sizeof *verified);
	verified->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (verified->folder < 0)
		return fault_sys(fault, path);
	return check_all(verified, public, fault);
}

void verify_clear(struct verified *verified)
{
	own_close(&verified->folder);
	free(verified->text);
	free(verified->signature);
	verified->text = verified->signature = NULL;
}
