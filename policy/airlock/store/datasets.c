#include "policy/airlock/store/datasets.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "policy/airlock/store/copy.h"
#include "policy/airlock/store/manifest.h"
#include "policy/airlock/store/place.h"

enum {
	DEPTH = 16,	 /* folders within folders */
	ENTRIES = 65536, /* in all of a dataset's folders */
	AT_ONCE = 64	 /* known files looked at in one step */
};

struct datasets {
	struct job job;
	struct known *known;
	char pinned[NAMES_HEX];
	int folder;
	bool listed; /* manifest was read, the folder looked through */
	struct manifest manifest;
	size_t next;	/* of the manifest's files */
	size_t entries; /* seen so far */
	int file;	/* open, being hashed; -1: none */
	struct copy copy;
	struct timespec began;
};

/* --- What must be there ------------------------------------------------------ */

static ssize_t read_upto(int fd, char *bytes, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, bytes + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

static int open_regular(int folder, const char *path, struct err *err)
{
	struct stat st;
	AUTO_FD int fd =
		place_beneath(folder, path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);

	if (fd < 0)
		return err_sys(err, "%s", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(err, "%s: not a regular file", path);
	return take_fd(&fd);
}

static int read_manifest(struct datasets *check, struct err *err)
{
	AUTO_FD int fd = open_regular(check->folder, "manifest.json", err);
	AUTO_FREE char *bytes = malloc(MANIFEST_MAX + 2);
	uint8_t hash[NAMES_HASH];
	char hex[NAMES_HEX];

	if (fd < 0)
		return -1;
	if (!bytes)
		die("out of memory");
	ssize_t len = read_upto(fd, bytes, MANIFEST_MAX + 1);
	if (len < 0)
		return err_sys(err, "manifest.json");
	if (len > MANIFEST_MAX)
		return err_set(err, "manifest.json: larger than 1 MiB");
	if (EVP_Digest(bytes, (size_t)len, hash, NULL, EVP_sha256(), NULL) != 1)
		die("SHA-256 failed");
	names_hex(hex, hash);
	if (strcmp(hex, check->pinned) != 0)
		return err_set(err, "manifest.json is not the one that the "
				    "policy names");
	char *text = bytes;
	bytes = NULL;
	return manifest_read(&check->manifest, text, (size_t)len, err);
}

/* --- What may be there ------------------------------------------------------- */

static int look_through(struct datasets *check, int folder, const char *path,
			struct err *err);

static int look_at(struct datasets *check, int folder, const char *path,
		   struct err *err)
{
	const char *name = strrchr(path, '/');
	struct stat st;

	name = name ? name + 1 : path;
	if (++check->entries > ENTRIES)
		return err_set(err, "more files than a manifest can list");
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "%s", path);
	if (S_ISDIR(st.st_mode)) {
		AUTO_FD int inner =
			place_beneath(folder, name, O_RDONLY | O_DIRECTORY);
		return inner < 0 ? err_sys(err, "%s", path)
				 : look_through(check, inner, path, err);
	}
	if (strcmp(path, "manifest.json") == 0 ||
	    strcmp(path, "manifest.sig") == 0)
		return 0;
	struct manifest_file *file = manifest_find(&check->manifest, path);
	if (!file)
		return err_set(err, "%s: not in the manifest", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, "%s: not a regular file", path);
	file->seen = true;
	return 0;
}

static bool deeper(const char *path)
{
	unsigned int depth = 0;

	for (; *path; path++)
		depth += *path == '/';
	return depth >= DEPTH;
}

/* Every entry of the folder; path is "" for the dataset's own. */
static int look_through(struct datasets *check, int folder, const char *path,
			struct err *err)
{
	AUTO_FD int fd = place_beneath(folder, ".", O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	char inner[NAMES_PATH];
	const struct dirent *entry;
	int done = 0;

	if (!dir)
		return err_sys(err, "folder %s", path);
	take_fd(&fd);
	while (done == 0 && (entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		int n = snprintf(inner, sizeof inner, "%s%s%s", path,
				 *path ? "/" : "", entry->d_name);
		if (n < 0 || (size_t)n >= sizeof inner || deeper(inner))
			done = err_set(err, "%s: folders too deep", path);
		else
			done = look_at(check, folder, inner, err);
	}
	closedir(dir);
	return done;
}

static int list(struct datasets *check, struct err *err)
{
	if (check->pinned[0] == '\0')
		return err_set(err, "the policy names no manifest");
	if (read_manifest(check, err) < 0 ||
	    look_through(check, check->folder, "", err) < 0)
		return -1;
	for (size_t i = 0; i < check->manifest.nfiles; i++)
		if (!check->manifest.files[i].seen)
			return err_set(err, "%s: missing",
				       check->manifest.files[i].path);
	check->listed = true;
	return 0;
}

/* --- Their bytes ------------------------------------------------------------- */

static int compare(const struct manifest_file *file,
		   const uint8_t hash[static NAMES_HASH], struct err *err)
{
	return memcmp(file->hash, hash, NAMES_HASH) == 0
		       ? 0
		       : err_set(err, "%s: not as the manifest says",
				 file->path);
}

/* Open the next file, or be done with it if it is known. */
static int begin_file(struct datasets *check, struct err *err)
{
	const struct manifest_file *file = &check->manifest.files[check->next];

	check->file = open_regular(check->folder, file->path, err);
	if (check->file < 0)
		return -1;
	clock_gettime(CLOCK_REALTIME, &check->began);
	if (copy_begin(&check->copy, check->file, -1) < 0 ||
	    (uint64_t)check->copy.before.st_size != file->bytes)
		return err_set(err, "%s: not as the manifest says", file->path);
	const uint8_t *hash = known_find(check->known, &check->copy.before);
	if (!hash)
		return 0;
	copy_clear(&check->copy);
	own_close(&check->file);
	check->next++;
	return compare(file, hash, err);
}

static int hash_file(struct datasets *check, struct err *err)
{
	const struct manifest_file *file = &check->manifest.files[check->next];
	enum copy_state state = copy_step(&check->copy);

	if (state == COPY_MORE)
		return 0;
	if (state == COPY_CHANGED)
		return err_set(err, "%s: changed while it was read",
			       file->path);
	if (state != COPY_WHOLE)
		return err_set(err, "%s: cannot be read", file->path);
	if (compare(file, check->copy.hash, err) < 0)
		return -1;
	known_add(check->known, &check->copy.before, &check->began,
		  check->copy.hash);
	copy_clear(&check->copy);
	own_close(&check->file);
	check->next++;
	return 0;
}

/* 0: more or all, as next says; -1: no. */
static int go_on(struct datasets *check, struct err *why)
{
	if (!check->listed)
		return list(check, why);
	for (int i = 0; i < AT_ONCE && check->file < 0 &&
			check->next < check->manifest.nfiles;
	     i++)
		if (begin_file(check, why) < 0)
			return -1;
	return check->file < 0 ? 0 : hash_file(check, why);
}

static enum job_end step(struct job *job, struct msg *answer, struct err *err)
{
	struct datasets *check = (struct datasets *)job;
	struct err why = { "" };
	int done = go_on(check, &why);

	(void)err;
	if (done == 0 && (!check->listed || check->file >= 0 ||
			  check->next < check->manifest.nfiles))
		return JOB_MORE;
	msg_start(answer, MSG_DATASET_CHECKED, job->ref);
	if (done < 0) {
		jobs_refuse(answer, &why);
	} else {
		msg_put_u8(answer, 1);
		msg_put_str(answer, "");
	}
	return JOB_OVER;
}

static void release(struct job *job)
{
	struct datasets *check = (struct datasets *)job;

	copy_clear(&check->copy);
	manifest_clear(&check->manifest);
	own_close(&check->file);
	own_close(&check->folder);
	free(check);
}

struct job *datasets_new(struct known *known, const char *pinned, int folder,
			 uint32_t ref)
{
	struct datasets *check = calloc(1, sizeof *check);

	if (!check)
		die("out of memory");
	check->job = (struct job){ .asker = ASKER_SUPERVISOR,
				   .ref = ref,
				   .step = step,
				   .free = release };
	check->known = known;
	check->folder = folder;
	check->file = -1;
	snprintf(check->pinned, sizeof check->pinned, "%s", pinned);
	return &check->job;
}
