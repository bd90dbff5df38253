/*
 * serve_read - requests that look: stat, folders, reading.
 *
 * Runs in sekisho-files; see server.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/base/visible.h"
#include "gateway/files/server.h"

enum { ENTRIES = 128 }; /* in one answer to READDIR */

/* Entries of the root and of attributes nobody has: a folder, no time. */
static const struct stat synthetic = { .st_mode = S_IFDIR };

static int look(const struct server *s, const struct view_path *path,
		struct stat *st)
{
	if (view_is_above(&s->view, path)) {
		*st = synthetic;
		return 0;
	}
	return view_stat(path, st);
}

static enum outcome answer_attrs(struct server *s, const struct stat *st,
				 const struct view_path *path)
{
	struct sftp_attrs attrs;

	s->trail.stats++;
	server_attrs(st, path->top && path->top->writable, &attrs);
	sftp_begin(&s->out, SFTP_ATTRS, s->id);
	sftp_put_attrs(&s->out, &attrs);
	sftp_end(&s->out);
	return OUTCOME_ANSWERED;
}

enum outcome serve_stat(struct server *s, struct sftp_in *in)
{
	struct view_path path;
	struct stat st;
	enum outcome outcome = server_path(s, in, &path);

	if (!sftp_done(in))
		return OUTCOME_MALFORMED;
	if (outcome != OUTCOME_ANSWERED)
		return outcome == OUTCOME_BAD_NAME ? OUTCOME_MISSING : outcome;
	if (server_outside(s, &path, &outcome))
		return outcome;
	if (look(s, &path, &st) < 0)
		return errno == ELOOP ? OUTCOME_MISSING : outcome_errno();
	return answer_attrs(s, &st, &path);
}

enum outcome serve_fstat(struct server *s, struct sftp_in *in)
{
	const struct handle *h = handle_get(s, in, HANDLE_FREE);
	struct stat st = synthetic;

	if (!sftp_done(in))
		return OUTCOME_MALFORMED;
	if (!h)
		return OUTCOME_BAD_HANDLE;
	if (h->kind != HANDLE_FOLDER && fstat(h->fd, &st) < 0)
		return outcome_errno();
	if (h->kind == HANDLE_FOLDER && h->list.folder >= 0 &&
	    fstat(h->list.folder, &st) < 0)
		return outcome_errno();
	return answer_attrs(s, &st, &h->path);
}

enum outcome serve_realpath(struct server *s, struct sftp_in *in)
{
	struct view_path path;
	char shown[VIEW_PATH + 1];
	enum outcome outcome = server_path(s, in, &path);

	if (!sftp_done(in))
		return OUTCOME_MALFORMED;
	if (outcome != OUTCOME_ANSWERED)
		return outcome;
	int n = snprintf(shown, sizeof shown, "/%s", path.text);
	sftp_begin(&s->out, SFTP_NAME, s->id);
	sftp_put_u32(&s->out, 1);
	sftp_put_string(&s->out, shown, (size_t)n);
	sftp_put_string(&s->out, shown, (size_t)n);
	sftp_put_u32(&s->out, 0); /* no attributes */
	sftp_end(&s->out);
	return OUTCOME_ANSWERED;
}

/* --- Folders --- */

enum outcome serve_opendir(struct server *s, struct sftp_in *in)
{
	struct view_path path;
	enum outcome outcome = server_path(s, in, &path);

	if (!sftp_done(in))
		return OUTCOME_MALFORMED;
	if (outcome != OUTCOME_ANSWERED)
		return outcome == OUTCOME_BAD_NAME ? OUTCOME_MISSING : outcome;
	if (server_outside(s, &path, &outcome))
		return outcome;
	AUTO_FD int fd = -1;
	if (!view_is_above(&s->view, &path)) {
		fd = view_open(&path, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
		if (fd < 0)
			return outcome_errno();
	}
	struct handle *h = handle_new(s, HANDLE_FOLDER);
	if (!h)
		return OUTCOME_TOO_MANY;
	view_path_copy(&h->path, &path);
	if (fd >= 0 && listing_open(&h->list, take_fd(&fd)) < 0) {
		handle_free(h);
		return OUTCOME_FAILED;
	}
	s->trail.lists++;
	handle_answer(s, h);
	return OUTCOME_ANSWERED;
}

/* A line as of "ls -l", which older clients show as it is. */
static size_t long_name(char *line, size_t size, const char *name,
			const struct sftp_attrs *attrs)
{
	char when[32] = "", shown[400];
	time_t t = attrs->mtime;
	struct tm tm;
	bool folder = S_ISDIR(attrs->mode);

	if (gmtime_r(&t, &tm))
		strftime(when, sizeof when, "%b %d  %Y", &tm);
	visible_text(shown, sizeof shown, name, strlen(name));
	int n = snprintf(line, size, "%c%s    1 -        -        %8llu %s %s",
			 folder ? 'd' : '-',
			 attrs->mode & 0200 ? folder ? "rwxr-xr-x" : "rw-r--r--"
			 : folder	    ? "r-xr-xr-x"
					    : "r--r--r--",
			 (unsigned long long)attrs->size, when, shown);
	return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}

static void put_entry(struct server *s, const char *name, const struct stat *st,
		      bool writable)
{
	struct sftp_attrs attrs;
	char line[512];

	server_attrs(st, writable, &attrs);
	sftp_put_string(&s->out, name, strlen(name));
	sftp_put_string(&s->out, line,
			long_name(line, sizeof line, name, &attrs));
	sftp_put_attrs(&s->out, &attrs);
}

/* Put the next entry. False: there is none. */
static bool next_top(struct server *s, struct handle *h)
{
	const struct view_top *top;
	struct stat st;
	char name[ID_SIZE];

	if (!view_below(&s->view, &h->path, &h->next, name, &top))
		return false;
	if (!top || fstat(top->folder, &st) < 0)
		st = synthetic;
	put_entry(s, name, &st, top && top->writable);
	return true;
}

static bool next_entry(struct server *s, struct handle *h)
{
	const char *name;

	while ((name = listing_next(&h->list))) {
		struct stat st;

		if (strncmp(name, VIEW_HIDDEN, sizeof VIEW_HIDDEN - 1) == 0)
			continue;
		if (fstatat(h->list.folder, name, &st, AT_SYMLINK_NOFOLLOW) <
			    0 ||
		    !view_shows(st.st_mode))
			continue;
		put_entry(s, name, &st, h->path.top->writable);
		return true;
	}
	return false;
}

enum outcome serve_readdir(struct server *s, struct sftp_in *in)
{
	struct handle *h = handle_get(s, in, HANDLE_FOLDER);
	struct sftp_out *out = &s->out;
	uint32_t n = 0;

	if (!sftp_done(in))
		return OUTCOME_MALFORMED;
	if (!h)
		return OUTCOME_BAD_HANDLE;
	sftp_begin(out, SFTP_NAME, s->id);
	size_t count = out->end;
	sftp_put_u32(out, 0);
	while (n < ENTRIES &&
	       (h->list.folder >= 0 ? next_entry(s, h) : next_top(s, h)))
		n++;
	if (n == 0) {
		out->end = out->packet; /* nothing: take the answer back */
		return OUTCOME_AT_END;
	}
	size_t end = out->end;
	out->end = count;
	sftp_put_u32(out, n);
	out->end = end;
	sftp_end(out);
	return OUTCOME_ANSWERED;
}

/* --- Reading --- */

static int record(struct server *s, const struct handle *h, const char *sha256,
		  bool whole)
{
	struct files_moved moved = {
		.event = "files.read",
		.result = AUDIT_OK,
		.top = h->path.top->name,
		.name = &h->name,
		.bytes = h->transfer.bytes,
		.sha256 = sha256,
		.whole = whole,
	};

	return files_trail_moved(&s->trail, &moved, &s->err);
}

static enum outcome read_open(struct server *s, const struct view_path *path)
{
	AUTO_FD int fd = view_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return outcome_errno();
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return OUTCOME_FAILED;
	struct handle *h = handle_new(s, HANDLE_READ);
	if (!h)
		return OUTCOME_TOO_MANY;
	view_path_copy(&h->path, path);
	h->fd = take_fd(&fd);
	/* On record before the client holds anything to read with. */
	if (files_name(&s->trail, path, &h->name, &s->err) < 0 ||
	    transfer_init(&h->transfer, s->sha256, &s->err) < 0 ||
	    record(s, h, NULL, false) < 0)
		return OUTCOME_BROKEN;
	s->trail.reads++;
	handle_answer(s, h);
	return OUTCOME_ANSWERED;
}

enum outcome serve_open(struct server *s, struct sftp_in *in)
{
	struct view_path path;
	struct sftp_attrs ignored;
	enum outcome outcome = server_path(s, in, &path);
	uint32_t flags = sftp_get_u32(in);

	sftp_get_attrs(in, &ignored);
	if (!sftp_done(in))
		return OUTCOME_MALFORMED;
	if (outcome != OUTCOME_ANSWERED)
		return outcome;
	if (server_outside(s, &path, &outcome))
		return outcome;
	if (flags & OPEN_WRITE)
		return upload_open(s, &path, flags);
	return flags & OPEN_READ ? read_open(s, &path) : OUTCOME_UNSUPPORTED;
}

enum outcome serve_read(struct server *s, struct sftp_in *in)
{
	static uint8_t bytes[SFTP_READ];
	struct handle *h = handle_get(s, in, HANDLE_READ);
	uint64_t offset = sftp_get_u64(in);
	uint32_t want = sftp_get_u32(in);
	ssize_t n;

	if (!sftp_done(in))
		return OUTCOME_MALFORMED;
	if (!h)
		return OUTCOME_BAD_HANDLE;
	if (offset > INT64_MAX - SFTP_READ)
		return OUTCOME_AT_END;
	if (want > SFTP_READ)
		want = SFTP_READ;
	do
		n = pread(h->fd, bytes, want, (off_t)offset);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return outcome_errno();
	if (n == 0)
		return OUTCOME_AT_END;
	if (transfer_add(&h->transfer, offset, bytes, (size_t)n, &s->err) < 0)
		return OUTCOME_BROKEN;
	sftp_begin(&s->out, SFTP_DATA, s->id);
	sftp_put_string(&s->out, bytes, (size_t)n);
	sftp_end(&s->out);
	return OUTCOME_ANSWERED;
}

int read_end(struct server *s, struct handle *h)
{
	char sha256[65];
	bool whole;

	if (transfer_end(&h->transfer, s->sha256, h->fd, sha256, &whole,
			 &s->err) < 0)
		return -1;
	return record(s, h, sha256, whole);
}

enum outcome serve_close(struct server *s, struct sftp_in *in)
{
	struct handle *h = handle_get(s, in, HANDLE_FREE);

	if (!sftp_done(in))
		return OUTCOME_MALFORMED;
	if (!h)
		return OUTCOME_BAD_HANDLE;
	if (h->kind == HANDLE_WRITE)
		return upload_close(s, h);
	if (h->kind == HANDLE_READ && read_end(s, h) < 0)
		return OUTCOME_BROKEN;
	handle_free(h);
	return OUTCOME_DONE;
}
