#include "sandbox/watch_files.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/own.h"

enum { REST_TIMES = 3, NAME_SIZE = 4096 };

/* One event, as far as we ask. */
struct event {
	bool exec;
	int32_t pid;
	int file, pidfd; /* owned */
	struct statx is;
	const struct watch_place *place; /* NULL: not of the session */
	bool ours;	      /* the file lies in a tree that only we write */
	char name[NAME_SIZE]; /* beneath its tree; whole if it is ours */
};

int watch_files_init(struct watch_files *files, struct err *err)
{
	files->owed_file = -1;
	for (int i = 0; i < SEEN_PROCESSES; i++)
		files->seen.processes[i].pidfd = -1;
	files->links = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (files->links < 0)
		return err_sys(err, "open /proc/self/fd");
	return vault_client_init(&files->vault, err);
}

/* --- What happened ------------------------------------------------------------ */

/*
 * 1: an event; 0: none. A failure to open the file for us is none either: the
 * kernel has then refused it to the process, too.
 */
static int take(int group, struct event *event, struct err *err)
{
	struct fanotify_event_metadata head;
	struct fanotify_event_info_pidfd info;
	char bytes[sizeof head + sizeof info]; /* room for one and no more */
	ssize_t n = read(group, bytes, sizeof bytes);

	event->file = event->pidfd = -1;
	if (n < 0)
		return 0;
	if (n != (ssize_t)sizeof bytes)
		return err_set(err, "an event of %zd bytes", n);
	memcpy(&head, bytes, sizeof head);
	memcpy(&info, bytes + sizeof head, sizeof info);
	if (head.vers != FANOTIFY_METADATA_VERSION || head.fd < 0 ||
	    info.hdr.info_type != FAN_EVENT_INFO_TYPE_PIDFD)
		return err_set(err, "an event that this program does not know");
	event->exec = head.mask & FAN_OPEN_EXEC_PERM;
	event->pid = head.pid;
	event->file = head.fd;
	event->pidfd = info.pidfd;
	return 1;
}

static bool is_ours(const struct watch_place *place)
{
	return place &&
	       (!*place->at || strcmp(place->at, "usr/local/bin/sekisho") == 0);
}

/* The tree's part is cut off. It is not there if the sandbox is being taken
 * apart: so a name says nothing about its tree, only the mount does. */
static void read_name(const struct watch_files *files, struct event *event)
{
	size_t len = event->place ? strlen(event->place->at) : 0;
	char number[16], path[NAME_SIZE];

	snprintf(number, sizeof number, "%d", event->file);
	ssize_t n = readlinkat(files->links, number, path, sizeof path - 1);
	path[n > 0 ? n : 0] = '\0';
	event->name[0] = '\0';
	if (n <= 0)
		return;
	if (event->ours && len > 0)
		snprintf(event->name, NAME_SIZE, "/%s", event->place->at);
	else if (len > 0 && strncmp(path + 1, event->place->at, len) == 0 &&
		 path[1 + len] == '/')
		snprintf(event->name, NAME_SIZE, "%s", path + 1 + len + 1);
	else
		snprintf(event->name, NAME_SIZE, "%s", path);
}

static int look(const struct watch_files *files, const struct watch_session *s,
		struct event *event, struct err *err)
{
	if (statx(event->file, "", AT_EMPTY_PATH,
		  STATX_BASIC_STATS | STATX_MNT_ID, &event->is) < 0)
		return err_sys(err, "look at an opened file");
	event->place = watch_session_place(s, event->is.stx_mnt_id);
	event->ours = is_ours(event->place);
	read_name(files, event);
	return 0;
}

/* --- Who ---------------------------------------------------------------------- */

static bool lives(int pidfd)
{
	struct pollfd ended = { .fd = pidfd, .events = POLLIN };

	return poll(&ended, 1, 0) == 0;
}

void watch_files_forget(struct watch_files *files)
{
	for (int i = 0; i < SEEN_PROCESSES; i++) {
		struct watch_process *process = &files->seen.processes[i];

		if (process->pidfd < 0 || lives(process->pidfd))
			continue;
		own_close(&process->pidfd);
		process->pid = 0;
	}
}

/* What is remembered of this very process, or NULL: it is gone by now. The
 * kernel gives no number anew while its process lives. */
static struct watch_process *remember(struct watch_files *files,
				      struct event *event)
{
	struct watch_process *process =
		watch_seen_place(&files->seen, event->pid);

	if (process->pid == event->pid && lives(process->pidfd))
		return process;
	own_close(&process->pidfd);
	process->pid = 0;
	if (event->pidfd < 0)
		return NULL;
	*process = (struct watch_process){ .pid = event->pid };
	process->pidfd = take_fd(&event->pidfd);
	return process;
}

/* --- Records ------------------------------------------------------------------ */

static int64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Whoever has much hashed waits, so that others do not. */
static void hash(struct watch_files *files, struct watch_session *s,
		 const struct event *event, char out[65])
{
	int64_t before = clock_ms();

	watch_hash(&files->hashes, event->file, &event->is, event->ours, out);

	int64_t after = clock_ms();

	if (!event->ours && after > before)
		s->rest = after + REST_TIMES * (after - before);
}

static int put_exec(struct watch_files *files, struct watch_session *s,
		    const struct event *event, struct audit_record *record,
		    struct err *err)
{
	const struct watch_place *place = event->place;
	const struct vault_text name = { s->permit, "name", event->name };
	char text[COMMIT_TEXT];

	audit_text(record, "place",
		   !place	? "unknown"
		   : *place->at ? place->at
				: "toolset");
	if (event->ours)
		audit_text(record, "path", event->name);
	else if (vault_commit(&files->vault, &name, text, err) < 0)
		return -1;
	else
		audit_text(record, "name_commit", text);
	audit_number(record, "inode", (int64_t)event->is.stx_ino);
	audit_number(record, "bytes", (int64_t)event->is.stx_size);
	hash(files, s, event, text);
	audit_text(record, "sha256", text);
	return 0;
}

/* Names in a dataset are the custodian's. */
static void put_open(const struct event *event, struct audit_record *record)
{
	const char *at = event->place ? event->place->at : "data/unknown";

	audit_text(record, "dataset",
		   strncmp(at, "data/", 5) == 0 ? at + 5 : at);
	audit_text(record, "file", event->place ? event->name : "unknown");
	audit_number(record, "inode", (int64_t)event->is.stx_ino);
	audit_number(record, "bytes", (int64_t)event->is.stx_size);
}

static int record(struct watch_files *files, struct watch_session *s,
		  const struct event *event, struct audit_record *record,
		  struct err *err)
{
	watch_session_record(s, event->exec ? "exec" : "data.open",
			     event->place ? AUDIT_OK : AUDIT_DENY, record);
	audit_number(record, "pid", event->pid);
	if (event->exec)
		return put_exec(files, s, event, record, err);
	put_open(event, record);
	s->opened_files++;
	s->opened_bytes += event->is.stx_size;
	return 0;
}

/* Is it to be recorded? Every start is; an open once for each program of a
 * process. */
static bool is_news(struct watch_files *files, struct event *event)
{
	struct watch_process *process = remember(files, event);

	if (process && event->exec)
		watch_seen_exec(process);
	return !process || event->exec || !event->place ||
	       watch_seen_first(process, event->is.stx_mnt_id,
				event->is.stx_ino);
}

/* Who was killed meanwhile hears no answer. */
static void answer(int group, int file, bool yes)
{
	struct fanotify_response response = {
		.fd = file,
		.response = yes ? FAN_ALLOW : FAN_DENY,
	};
	ssize_t n = write(group, &response, sizeof response);

	(void)n;
}

void watch_files_pay(struct watch_files *files)
{
	if (!files->owed)
		return;
	answer(files->owed->group.fd, files->owed_file, files->owed_yes);
	watch_files_let(files, files->owed);
}

void watch_files_let(struct watch_files *files, const struct watch_session *s)
{
	if (files->owed != s)
		return;
	files->owed = NULL;
	own_close(&files->owed_file);
}

/* The kernel knows what was taken by the number of its descriptor, which was
 * another process's. */
void watch_files_disown(int group, int most)
{
	for (int file = 0; file < most; file++)
		answer(group, file, false);
}

static int handle(struct watch_files *files, struct watch_session *s,
		  struct event *event, struct watch_trail *trail, bool *made,
		  struct err *err)
{
	struct audit_record news;

	if (look(files, s, event, err) < 0)
		return -1;
	*made = is_news(files, event);
	if (*made && (record(files, s, event, &news, err) < 0 ||
		      watch_trail_send(trail, clock_ms(), &news, err) < 0))
		return -1;
	if (*made && watch_trail_waiting(trail)) {
		files->owed = s;
		files->owed_file = take_fd(&event->file);
		files->owed_yes = event->place;
		return 0;
	}
	answer(s->group.fd, event->file, event->place);
	return 0;
}

int watch_files_event(struct watch_files *files, struct watch_session *s,
		      struct watch_trail *trail, bool *news, struct err *err)
{
	static struct event event;
	int got = take(s->group.fd, &event, err);

	*news = false;
	int done = got > 0 ? handle(files, s, &event, trail, news, err) : got;

	own_close(&event.file);
	own_close(&event.pidfd);
	return done;
}
