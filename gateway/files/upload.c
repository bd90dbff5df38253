/*
 * upload - a file that is sent in appears whole or not at all.
 *
 * Runs in sekisho-files. Bytes go to a hidden file in the top folder, which
 * is locked while it is being written; a clean close gives it its name, after
 * the record is durable. What a broken channel leaves, it removes; what a
 * killed process leaves, the next one does.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/files/server.h"

static int make_temporary(struct handle *h)
{
	unsigned char random[8];
	const struct view_top *top = h->path.top;

	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		return -1;
	snprintf(h->temporary, sizeof h->temporary, VIEW_HIDDEN);
	for (size_t i = 0; i < sizeof random; i++)
		snprintf(h->temporary + sizeof VIEW_HIDDEN - 1 + 2 * i, 3,
			 "%02x", random[i]);
	h->fd = openat(top->folder, h->temporary,
		       O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		       0660);
	if (h->fd < 0)
		return -1;
	return flock(h->fd, LOCK_EX | LOCK_NB);
}

/* Room for a file that is to be so large. */
static enum outcome grow(struct server *s, struct handle *h, uint64_t size)
{
	if (size > FILE_LIMIT)
		return OUTCOME_TOO_LARGE;
	if (size <= h->size)
		return OUTCOME_DONE;
	enum outcome outcome = server_room(s, size - h->size, 0);
	if (outcome == OUTCOME_DONE)
		h->size = size;
	return outcome;
}

/* A file that is opened without being cut keeps what it has. */
static enum outcome copy_old(struct server *s, struct handle *h)
{
	static uint8_t part[64 * 1024];
	AUTO_FD int old = view_open(&h->path, O_RDONLY | O_NONBLOCK);
	off_t at = 0;

	if (old < 0)
		return outcome_errno();
	for (;;) {
		ssize_t n = pread(old, part, sizeof part, at);

		if (n <= 0)
			return n < 0 ? outcome_errno() : OUTCOME_DONE;
		enum outcome outcome = grow(s, h, (uint64_t)(at + n));
		if (outcome != OUTCOME_DONE)
			return outcome;
		if (pwrite(h->fd, part, (size_t)n, at) != n)
			return OUTCOME_NO_SPACE;
		at += n;
	}
}

static enum outcome may_open(const struct view_path *path, uint32_t flags,
			     bool *old)
{
	const char *name;
	struct stat st;
	AUTO_FD int parent = view_parent(path, &name);

	*old = false;
	if (!path->top || !path->top->writable)
		return OUTCOME_READ_ONLY;
	if (parent < 0)
		return outcome_errno();
	if (!view_name_good(name))
		return OUTCOME_BAD_NAME;
	if (view_stat(path, &st) == 0) {
		if (!S_ISREG(st.st_mode))
			return OUTCOME_FAILED;
		*old = (flags & OPEN_TRUNC) == 0;
		return flags & OPEN_EXCL ? OUTCOME_EXISTS : OUTCOME_DONE;
	}
	if (errno != ENOENT)
		return outcome_errno();
	return flags & OPEN_CREAT ? OUTCOME_DONE : OUTCOME_MISSING;
}

static enum outcome prepare(struct server *s, struct handle *h, bool old)
{
	enum outcome outcome = server_room(s, 0, 1);

	if (outcome != OUTCOME_DONE)
		return outcome;
	if (make_temporary(h) < 0)
		return outcome_errno();
	if (transfer_init(&h->transfer, s->sha256, &s->err) < 0 ||
	    files_name(&s->trail, &h->path, &h->name, &s->err) < 0)
		return OUTCOME_BROKEN;
	return old ? copy_old(s, h) : OUTCOME_DONE;
}

enum outcome upload_open(struct server *s, const struct view_path *path,
			 uint32_t flags)
{
	bool old;
	enum outcome outcome = may_open(path, flags, &old);

	if (outcome != OUTCOME_DONE)
		return outcome;
	struct handle *h = handle_new(s, HANDLE_WRITE);
	if (!h)
		return OUTCOME_TOO_MANY;
	view_path_copy(&h->path, path);
	h->append = (flags & OPEN_APPEND) != 0;
	h->exclusive = (flags & OPEN_EXCL) != 0;
	outcome = prepare(s, h, old);
	if (outcome != OUTCOME_DONE) {
		if (h->temporary[0])
			unlinkat(h->path.top->folder, h->temporary, 0);
		handle_free(h);
		return outcome;
	}
	handle_answer(s, h);
	return OUTCOME_ANSWERED;
}

enum outcome upload_write(struct server *s, struct handle *h, uint64_t offset,
			  const uint8_t *bytes, size_t len)
{
	struct stat st;
	size_t done = 0;

	if (h->append && fstat(h->fd, &st) == 0)
		offset = (uint64_t)st.st_size;
	if (offset > FILE_LIMIT || len > FILE_LIMIT - offset) {
		h->broken = true;
		return OUTCOME_TOO_LARGE;
	}
	enum outcome outcome = grow(s, h, offset + len);
	if (outcome != OUTCOME_DONE) {
		h->broken = true;
		return outcome;
	}
	while (done < len) {
		ssize_t n = pwrite(h->fd, bytes + done, len - done,
				   (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			h->broken = true;
			return outcome_errno();
		}
		done += (size_t)n;
	}
	if (transfer_add(&h->transfer, offset, bytes, len, &s->err) < 0)
		return OUTCOME_BROKEN;
	return OUTCOME_DONE;
}

enum outcome upload_resize(struct server *s, struct handle *h, uint64_t size)
{
	enum outcome outcome = grow(s, h, size);

	if (outcome != OUTCOME_DONE)
		return outcome;
	if (ftruncate(h->fd, (off_t)size) < 0)
		return outcome_errno();
	if (size != h->transfer.next)
		h->transfer.ordered = false;
	return OUTCOME_DONE;
}

static int record(struct server *s, const struct handle *h,
		  enum audit_result result, const char *sha256, bool whole)
{
	struct files_moved moved = {
		.event = "files.write",
		.result = result,
		.top = h->path.top->name,
		.name = &h->name,
		.bytes = h->transfer.bytes,
		.sha256 = sha256,
		.whole = whole,
	};

	return files_trail_moved(&s->trail, &moved, &s->err);
}

int upload_drop(struct server *s, struct handle *h)
{
	unlinkat(h->path.top->folder, h->temporary, 0);
	int done = record(s, h, AUDIT_ERROR, "-", false);
	handle_free(h);
	return done;
}

static enum outcome dropped(struct server *s, struct handle *h,
			    enum outcome why)
{
	return upload_drop(s, h) < 0 ? OUTCOME_BROKEN : why;
}

enum outcome upload_close(struct server *s, struct handle *h)
{
	const char *name;
	char sha256[65];
	bool whole;

	if (h->broken || fdatasync(h->fd) < 0)
		return dropped(s, h, OUTCOME_FAILED);
	if (transfer_end(&h->transfer, s->sha256, h->fd, sha256, &whole,
			 &s->err) < 0)
		return OUTCOME_BROKEN;
	AUTO_FD int parent = view_parent(&h->path, &name);
	if (parent < 0)
		return dropped(s, h, OUTCOME_MISSING);
	if (record(s, h, AUDIT_OK, sha256, whole) < 0)
		return OUTCOME_BROKEN;
	if (renameat2(h->path.top->folder, h->temporary, parent, name,
		      h->exclusive ? RENAME_NOREPLACE : 0) < 0)
		return dropped(s, h, outcome_errno());
	s->trail.writes++;
	handle_free(h);
	return OUTCOME_DONE;
}

bool upload_under_way(const struct server *s, const struct view_path *path)
{
	for (int i = 0; i < HANDLES; i++)
		if (s->handles[i].kind == HANDLE_WRITE &&
		    strcmp(s->handles[i].path.text, path->text) == 0)
			return true;
	return false;
}

static void sweep_one(const struct view_top *top, const char *name)
{
	AUTO_FD int fd = openat(top->folder, name,
				O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlinkat(top->folder, name, 0);
}

void upload_sweep(const struct view_top *top)
{
	int fd = openat(top->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!dir) {
		own_close(&fd);
		return;
	}
	while ((entry = readdir(dir)))
		if (strncmp(entry->d_name, VIEW_HIDDEN,
			    sizeof VIEW_HIDDEN - 1) == 0)
			sweep_one(top, entry->d_name);
	closedir(dir);
}
