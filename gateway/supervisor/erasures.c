/*
 * erasures - see erasures.h. Runs in the supervisor, which opens what is to
 * go and reads none of it: sekisho-erase does the work, as the owner.
 */
#include "gateway/supervisor/erasures.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/supervisor/orders.h"
#include "gateway/supervisor/permit_keys.h"
#include "gateway/supervisor/services.h"
#include "gateway/supervisor/sessions.h"
#include "gateway/supervisor/trail.h"

struct erasure {
	struct erasure *next;
	struct gateway *gateway;
	uint64_t order;
	char permit[ID_SIZE];
	const struct way *way;
	struct ask ask;
	bool key_gone;
	struct child eraser;
	bool said;		 /* it is done with this one */
	int folder;		 /* what is being erased is in here ... */
	char name[NAME_MAX + 1]; /* ... under this name */
	uint64_t files, bytes;
	uint32_t ref; /* of the record; 0: not yet */
};

/* One class of retention.def. 1: nothing of it is left; 0: something is under
 * way or must be waited for; -1. */
struct way {
	const char *class;
	int (*step)(struct erasure *, struct err *);
};

static void go_on(struct erasure *erasure);

static void erasure_free(struct erasure *erasure)
{
	struct erasure **at = &erasure->gateway->erasures;

	while (*at != erasure)
		at = &(*at)->next;
	*at = erasure->next;
	ask_forget(erasure->gateway, &erasure->ask);
	child_end(&erasure->eraser);
	own_close(&erasure->folder);
	free(erasure);
}

/* Policy orders it again after a while. */
static void fail(struct erasure *erasure, const char *why)
{
	note("%s of permit %s: %s", erasure->way->class, erasure->permit, why);
	order_done(erasure->gateway, erasure->order, false, why);
	erasure_free(erasure);
}

static void put_on_record(struct erasure *erasure)
{
	char event[2 * ID_SIZE];
	struct audit_record record;

	snprintf(event, sizeof event, "erase.%s", erasure->way->class);
	audit_begin(&record, event, AUDIT_OK);
	snprintf(record.permit, sizeof record.permit, "%s", erasure->permit);
	audit_number(&record, "files", (int64_t)erasure->files);
	audit_number(&record, "bytes", (int64_t)erasure->bytes);
	erasure->ref = trail_write(erasure->gateway, &record);
}

/* --- One process that erases -------------------------------------------------- */

static void eraser_heard(struct child *child, struct msg *m)
{
	struct erasure *erasure = child->owner;

	if (m->type == MSG_READY)
		return;
	uint64_t files = msg_get_u64(m), bytes = msg_get_u64(m);
	if (m->type != MSG_ERASED || !msg_done(m) || erasure->said) {
		child_kill(child);
		return;
	}
	erasure->said = true;
	erasure->files += files;
	erasure->bytes += bytes;
}

/* The name goes when what it named is gone. */
static void eraser_gone(struct child *child)
{
	struct erasure *erasure = child->owner;
	struct stat st;
	struct err err;

	if (!erasure->said) {
		fail(erasure, child->why);
		return;
	}
	if (fstatat(erasure->folder, erasure->name, &st, AT_SYMLINK_NOFOLLOW) <
		    0 ||
	    unlinkat(erasure->folder, erasure->name,
		     S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0) < 0 ||
	    fsync(erasure->folder) < 0) {
		err_sys(&err, "remove what was erased");
		fail(erasure, err.text);
		return;
	}
	go_on(erasure);
}

/* what: the thing itself, open, which is folder's name; it stays ours. */
static int start_eraser(struct erasure *erasure, int folder, const char *name,
			int what, struct err *err)
{
	struct gateway *gateway = erasure->gateway;
	struct stat st;
	struct msg m;

	if (fstat(what, &st) < 0)
		return err_sys(err, "look at what is to be erased");
	bool is_file = S_ISREG(st.st_mode);
	uint32_t uid = is_file ? lease_take(&gateway->leases, err) : st.st_uid;
	if (uid == 0)
		return err_set(err, "what is to be erased has no owner");
	own_close(&erasure->folder);
	erasure->folder = fcntl(folder, F_DUPFD_CLOEXEC, 0);
	snprintf(erasure->name, sizeof erasure->name, "%s", name);
	erasure->said = false;
	if (child_start(&erasure->eraser, gateway->loop,
			gateway->settings->programs, "sekisho-erase", err) < 0)
		return -1;
	start_begin(&m, uid, uid,
		    is_file ? gateway->tree.folders[TREE_EMPTY] : what);
	msg_put_u8(&m, is_file);
	if (is_file)
		msg_put_fd(&m, what);
	child_send(&erasure->eraser, &m);
	return 0;
}

/* --- The classes ---------------------------------------------------------------- */

static void key_answered(struct ask *ask, struct msg *m)
{
	struct erasure *erasure = ask->owner;
	struct err err;

	if (permit_key_ended(m, &err) < 0) {
		fail(erasure, err.text);
		return;
	}
	erasure->key_gone = true;
	go_on(erasure);
}

static int step_KEY(struct erasure *erasure, struct err *err)
{
	(void)err;
	if (erasure->key_gone)
		return 1;
	erasure->ask.answered = key_answered;
	/* If it cannot be asked now it is asked in a second. */
	permit_key_end(erasure->gateway, &erasure->ask, erasure->permit);
	return 0;
}

/* Opens the name in folder. 1; 0: there is none; -1. */
static int open_there(int folder, const char *name, int flags, int *fd,
		      struct err *err)
{
	*fd = openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC);
	if (*fd >= 0)
		return 1;
	return errno == ENOENT ? 0 : err_sys(err, "open what is to be erased");
}

static int step_WORKSPACE(struct erasure *erasure, struct err *err)
{
	int folder = erasure->gateway->tree.folders[TREE_WORKSPACES];
	char name[ID_SIZE + 8];
	AUTO_FD int image = -1;

	snprintf(name, sizeof name, "%s.img", erasure->permit);
	int found = open_there(folder, name, O_RDWR, &image, err);
	if (found <= 0)
		return found < 0 ? -1 : 1;
	/* The loop device of a session that just ended may still have it. */
	if (flock(image, LOCK_EX | LOCK_NB) < 0)
		return 0;
	return start_eraser(erasure, folder, name, image, err);
}

/* A folder that is empty just goes. It may be root's still, if a supervisor
 * died before it gave it away, and nobody could erase it. */
static bool went(int folder, const char *name)
{
	return unlinkat(folder, name, AT_REMOVEDIR) == 0;
}

static int step_TRANSFERS(struct erasure *erasure, struct err *err)
{
	int folder = erasure->gateway->tree.folders[TREE_IMPORT];
	AUTO_FD int permit = -1;
	int found = open_there(folder, erasure->permit, O_RDONLY | O_DIRECTORY,
			       &permit, err);

	if (found <= 0)
		return found < 0 ? -1 : 1;
	if (went(folder, erasure->permit))
		return 1;
	return start_eraser(erasure, folder, erasure->permit, permit, err);
}

/* Any name in the folder; "": it is empty. 0 or -1. */
static int any_name(int folder, char *name, size_t size, struct err *err)
{
	int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = again < 0 ? NULL : fdopendir(again);
	const struct dirent *entry;

	name[0] = '\0';
	if (!dir) {
		own_close(&again);
		return err_sys(err, "list recordings");
	}
	while (!name[0] && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			snprintf(name, size, "%s", entry->d_name);
	closedir(dir);
	return 0;
}

/* Each recording belongs to the uid that its recorder had. */
static int step_RECORDINGS(struct erasure *erasure, struct err *err)
{
	int folder = erasure->gateway->tree.folders[TREE_RECORDINGS];
	char name[NAME_MAX + 1];
	AUTO_FD int permit = -1;
	AUTO_FD int recording = -1;
	int found = open_there(folder, erasure->permit, O_RDONLY | O_DIRECTORY,
			       &permit, err);

	if (found <= 0)
		return found < 0 ? -1 : 1;
	do {
		if (any_name(permit, name, sizeof name, err) < 0)
			return -1;
	} while (name[0] && went(permit, name));
	if (!name[0] && unlinkat(folder, erasure->permit, AT_REMOVEDIR) < 0)
		return err_sys(err, "remove the folder of recordings");
	if (!name[0])
		return 1;
	if (open_there(permit, name, O_RDONLY | O_DIRECTORY, &recording, err) <=
	    0)
		return err_set(err, "a recording is not a folder");
	return start_eraser(erasure, permit, name, recording, err);
}

static const struct way ways[] = {
#define RETENTION(name, class, days, what) { class, step_##name },
#include "gateway/base/retention.def"
#undef RETENTION
};

/* --- From order to answer ----------------------------------------------------- */

static bool has_sessions(const struct gateway *gateway, const char *permit)
{
	const struct session *session = gateway->sessions;

	while (session && strcmp(session->plan.permit, permit) != 0)
		session = session->next;
	return session != NULL;
}

static void go_on(struct erasure *erasure)
{
	struct gateway *gateway = erasure->gateway;
	struct err err = { "" };

	if (erasure->ref || erasure->ask.ref || erasure->eraser.program)
		return;
	if (has_sessions(gateway, erasure->permit)) {
		sessions_end_matching(gateway, "", erasure->permit, "",
				      "the permit was closed", "");
		return;
	}
	int done = erasure->way->step(erasure, &err);
	if (done > 0)
		put_on_record(erasure);
	else if (done < 0)
		fail(erasure, err.text);
}

static const struct way *way_of(const char *class)
{
	for (size_t i = 0; i < ARRAY_LEN(ways); i++)
		if (strcmp(ways[i].class, class) == 0)
			return &ways[i];
	return NULL;
}

int erasures_order(struct gateway *gateway, uint64_t order, struct msg *m,
		   struct err *err)
{
	char permit[ID_SIZE], class[ID_SIZE];

	msg_get_str(m, permit, sizeof permit);
	msg_get_str(m, class, sizeof class);
	if (!msg_done(m) || !id_valid(permit) || !way_of(class))
		return err_set(err, "the order is malformed");
	struct erasure *erasure = calloc(1, sizeof *erasure);
	if (!erasure)
		return err_set(err, "out of memory");
	erasure->gateway = gateway;
	erasure->order = order;
	memcpy(erasure->permit, permit, sizeof permit);
	erasure->way = way_of(class);
	erasure->folder = -1;
	erasure->ask.owner = erasure->eraser.owner = erasure;
	erasure->eraser.heard = eraser_heard;
	erasure->eraser.gone = eraser_gone;
	erasure->next = gateway->erasures;
	gateway->erasures = erasure;
	return 1; /* erasures_tend() begins */
}

void erasures_tend(struct gateway *gateway)
{
	struct erasure *next;

	for (struct erasure *erasure = gateway->erasures; erasure;
	     erasure = next) {
		next = erasure->next;
		go_on(erasure);
	}
}

void erasures_recorded(struct gateway *gateway, uint32_t ref)
{
	struct erasure *next;

	for (struct erasure *erasure = gateway->erasures; erasure;
	     erasure = next) {
		next = erasure->next;
		if (!erasure->ref || erasure->ref > ref)
			continue;
		order_done(gateway, erasure->order, true, "");
		erasure_free(erasure);
	}
}

bool erasures_own(const struct gateway *gateway, pid_t pid)
{
	for (const struct erasure *erasure = gateway->erasures; erasure;
	     erasure = erasure->next)
		if (erasure->eraser.pid == pid)
			return true;
	return false;
}

void erasures_end(struct gateway *gateway)
{
	while (gateway->erasures)
		erasure_free(gateway->erasures);
}
