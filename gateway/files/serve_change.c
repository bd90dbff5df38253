/*
 * serve_change - requests that change: writing, names, attributes.
 *
 * Runs in sekisho-files; see server.h. An act is durable in the log before
 * it is tried; if it then fails, a second record says so.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/files/server.h"

enum outcome serve_write(struct server *s, struct sftp_in *in)
{
	struct handle *h = handle_get(s, in, HANDLE_WRITE);
	uint64_t offset = sftp_get_u64(in);
	size_t len;
	const uint8_t *bytes = sftp_get_string(in, &len);

	if (!sftp_done(in))
		return OUTCOME_MALFORMED;
	if (!h)
		return OUTCOME_BAD_HANDLE;
	return upload_write(s, h, offset, bytes, len);
}

/*
 * Modes and times of what is sent in are not kept, so asking for them is
 * answered well where clients ask as a matter of course: on an upload that is
 * under way, and on a folder that was just made.
 */
enum outcome serve_setstat(struct server *s, struct sftp_in *in)
{
	struct view_path path;
	struct sftp_attrs attrs;
	struct stat st;
	enum outcome outcome = server_path(s, in, &path);

	sftp_get_attrs(in, &attrs);
	if (!sftp_done(in))
		return OUTCOME_MALFORMED;
	if (outcome != OUTCOME_ANSWERED)
		return outcome;
	if (server_outside(s, &path, &outcome))
		return outcome;
	if (attrs.flags & ATTR_SIZE || !path.top || !path.top->writable)
		return OUTCOME_NO_ATTRIBUTES;
	if (upload_under_way(s, &path) ||
	    (view_stat(&path, &st) == 0 && S_ISDIR(st.st_mode)))
		return OUTCOME_DONE;
	return OUTCOME_NO_ATTRIBUTES;
}

enum outcome serve_fsetstat(struct server *s, struct sftp_in *in)
{
	struct handle *h = handle_get(s, in, HANDLE_FREE);
	struct sftp_attrs attrs;

	sftp_get_attrs(in, &attrs);
	if (!sftp_done(in))
		return OUTCOME_MALFORMED;
	if (!h)
		return OUTCOME_BAD_HANDLE;
	if (h->kind != HANDLE_WRITE)
		return OUTCOME_NO_ATTRIBUTES;
	return attrs.flags & ATTR_SIZE ? upload_resize(s, h, attrs.size)
				       : OUTCOME_DONE;
}

/* Open the folder of a name that may be changed. DONE: well. */
static enum outcome open_parent(struct server *s, const struct view_path *path,
				int *parent, const char **name)
{
	enum outcome outcome;

	if (server_outside(s, path, &outcome))
		return outcome;
	if (!path->top || !path->top->writable)
		return OUTCOME_READ_ONLY;
	*parent = view_parent(path, name);
	return *parent < 0 ? outcome_errno() : OUTCOME_DONE;
}

/* The end of an act that was on record: well, or a second record. */
static enum outcome acted(struct server *s, int result, const char *act,
			  const struct view_path *path)
{
	enum outcome outcome = outcome_errno();

	if (result == 0)
		return OUTCOME_DONE;
	if (files_trail_change(&s->trail, AUDIT_ERROR, act, path, NULL,
			       &s->err) < 0)
		return OUTCOME_BROKEN;
	return outcome;
}

enum act { ACT_REMOVE, ACT_RMDIR, ACT_MKDIR };

static int act_now(enum act act, int parent, const char *name)
{
	switch (act) {
	case ACT_REMOVE:
		return unlinkat(parent, name, 0);
	case ACT_RMDIR:
		return unlinkat(parent, name, AT_REMOVEDIR);
	case ACT_MKDIR:
		break;
	}
	return mkdirat(parent, name, 0770);
}

static enum outcome change(struct server *s, const struct view_path *path,
			   enum act act)
{
	static const char *const words[] = {
		[ACT_REMOVE] = "remove",
		[ACT_RMDIR] = "rmdir",
		[ACT_MKDIR] = "mkdir",
	};
	const char *name = "";
	AUTO_FD int parent = -1;
	struct stat st;
	enum outcome outcome = open_parent(s, path, &parent, &name);

	if (outcome != OUTCOME_DONE)
		return outcome;
	if (act == ACT_MKDIR && !view_name_good(name))
		return OUTCOME_BAD_NAME;
	if (act != ACT_MKDIR && view_stat(path, &st) < 0)
		return outcome_errno();
	if (act == ACT_MKDIR)
		outcome = server_room(s, 0, 1);
	if (outcome != OUTCOME_DONE)
		return outcome;
	if (files_trail_change(&s->trail, AUDIT_OK, words[act], path, NULL,
			       &s->err) < 0)
		return OUTCOME_BROKEN;
	return acted(s, act_now(act, parent, name), words[act], path);
}

static enum outcome change_path(struct server *s, struct sftp_in *in,
				enum act act)
{
	struct view_path path;
	enum outcome outcome = server_path(s, in, &path);
	struct sftp_attrs ignored;

	if (act == ACT_MKDIR)
		sftp_get_attrs(in, &ignored);
	if (!sftp_done(in))
		return OUTCOME_MALFORMED;
	return outcome != OUTCOME_ANSWERED ? outcome : change(s, &path, act);
}

enum outcome serve_remove(struct server *s, struct sftp_in *in)
{
	return change_path(s, in, ACT_REMOVE);
}

enum outcome serve_rmdir(struct server *s, struct sftp_in *in)
{
	return change_path(s, in, ACT_RMDIR);
}

enum outcome serve_mkdir(struct server *s, struct sftp_in *in)
{
	return change_path(s, in, ACT_MKDIR);
}

static enum outcome rename_path(struct server *s, struct sftp_in *in,
				unsigned int flags)
{
	struct view_path from, to;
	const char *from_name = "", *to_name = "";
	AUTO_FD int from_parent = -1;
	AUTO_FD int to_parent = -1;
	struct stat st;
	enum outcome first = server_path(s, in, &from);
	enum outcome second = server_path(s, in, &to);

	if (!sftp_done(in))
		return OUTCOME_MALFORMED;
	if (first != OUTCOME_ANSWERED || second != OUTCOME_ANSWERED)
		return first != OUTCOME_ANSWERED ? first : second;
	first = open_parent(s, &from, &from_parent, &from_name);
	if (first == OUTCOME_DONE)
		first = open_parent(s, &to, &to_parent, &to_name);
	if (first != OUTCOME_DONE)
		return first;
	if (from.top != to.top)
		return OUTCOME_READ_ONLY;
	if (!view_name_good(to_name))
		return OUTCOME_BAD_NAME;
	if (view_stat(&from, &st) < 0)
		return outcome_errno();
	if (files_trail_change(&s->trail, AUDIT_OK, "rename", &from, &to,
			       &s->err) < 0)
		return OUTCOME_BROKEN;
	return acted(
		s, renameat2(from_parent, from_name, to_parent, to_name, flags),
		"rename", &from);
}

/* Version 3: a rename never replaces anything. */
enum outcome serve_rename(struct server *s, struct sftp_in *in)
{
	return rename_path(s, in, RENAME_NOREPLACE);
}

enum outcome serve_links(struct server *s, struct sftp_in *in)
{
	(void)s;
	(void)in;
	return OUTCOME_NO_LINKS;
}

/* What was there under the new name is gone, as with rename(2): so clients
 * save over a file without a moment in which there is none. */
static enum outcome serve_replace(struct server *s, struct sftp_in *in)
{
	return rename_path(s, in, 0);
}

static enum outcome serve_limits(struct server *s, struct sftp_in *in)
{
	(void)in;
	sftp_begin(&s->out, SFTP_EXTENDED_REPLY, s->id);
	sftp_put_u64(&s->out, SFTP_PACKET);
	sftp_put_u64(&s->out, SFTP_READ);
	sftp_put_u64(&s->out, SFTP_READ);
	sftp_put_u64(&s->out, HANDLES);
	sftp_end(&s->out);
	return OUTCOME_ANSWERED;
}

static const struct {
	const char *name, *version;
	enum outcome (*handle)(struct server *s, struct sftp_in *in);
} extensions[] = {
#define EXTENSION(name, version, handle) { name, version, handle },
#include "gateway/files/extensions.def"
#undef EXTENSION
};

void serve_extensions(struct sftp_out *out)
{
	for (size_t i = 0; i < ARRAY_LEN(extensions); i++) {
		sftp_put_string(out, extensions[i].name,
				strlen(extensions[i].name));
		sftp_put_string(out, extensions[i].version,
				strlen(extensions[i].version));
	}
}

enum outcome serve_extended(struct server *s, struct sftp_in *in)
{
	size_t len;
	const uint8_t *name = sftp_get_string(in, &len);

	if (!name)
		return OUTCOME_MALFORMED;
	for (size_t i = 0; i < ARRAY_LEN(extensions); i++)
		if (strlen(extensions[i].name) == len &&
		    memcmp(extensions[i].name, name, len) == 0)
			return extensions[i].handle(s, in);
	return OUTCOME_UNSUPPORTED;
}
