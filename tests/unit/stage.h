/*
 * stage - run one real program, with the test as its supervisor and audit.
 *
 * The program is the built one, confined as always; the test holds the other
 * ends. Needs root, since a program gives root away first.
 */
#ifndef TESTS_UNIT_STAGE_H
#define TESTS_UNIT_STAGE_H

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit/client.h"
#include "gateway/base/msg.h"
#include "gateway/base/process.h"
#include "tests/unit/tap.h"

enum { STAGE_UID = 64321 };

struct stage {
	pid_t pid;
	int link, audit, program_audit;
	struct msg m;	 /* START, then whatever came last */
	char line[4096]; /* the last record, "event result key=value ..." */
	uint32_t ref;
};

/* A folder below the test's own that the program's uid may write in. */
static inline int stage_folder(const char *name)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", tap_folder(), name);
	CHECK(mkdir(path, 0700) == 0);
	CHECK(chown(path, STAGE_UID, STAGE_UID) == 0);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(fd >= 0);
	return fd;
}

/* Start a command that becomes the program, and begin its START; the test puts
 * its further fields. */
static inline void stage_command(struct stage *s, char *const command[],
				 int root)
{
	struct err err;
	int link[2], audit[2];

	CHECK(msg_pair(link, &err) == 0 && msg_pair(audit, &err) == 0);
	s->pid = fork();
	if (s->pid == 0) {
		dup2(link[1], PROCESS_LINK);
		close_range(PROCESS_LINK + 1, ~0u, 0);
		execv(command[0], command);
		perror(command[0]);
		_exit(127);
	}
	close(link[1]);
	s->link = link[0];
	s->audit = audit[0];
	s->program_audit = audit[1];
	msg_start(&s->m, MSG_START, 0);
	msg_put_u32(&s->m, STAGE_UID);
	msg_put_u32(&s->m, STAGE_UID);
	msg_put_fd(&s->m, root);
}

static inline void stage_start(struct stage *s, const char *program, int root)
{
	char *path = strdup(program);

	stage_command(s, (char *[]){ path, NULL }, root);
	free(path);
}

static inline bool stage_readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

/* Processor time that it spent, in hundredths of a second. */
static inline long stage_ticks(pid_t pid)
{
	char path[64], text[1024];
	unsigned long user = 0, system = 0;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof text - 1);
	close(fd);
	CHECK(n > 0);
	text[n] = '\0';
	CHECK(sscanf(strrchr(text, ')') + 1,
		     " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
		     &user, &system) == 2);
	return (long)(user + system);
}

/* The next message of the program; its type, or MSG_NONE when it is gone. */
static inline unsigned int stage_hear(struct stage *s)
{
	struct err err;

	if (!stage_readable(s->link, 8000) ||
	    msg_receive(s->link, &s->m, &err) != 1)
		return MSG_NONE;
	return s->m.type;
}

/* Send START and the link to audit. The program's answer is not awaited. */
static inline void stage_send(struct stage *s)
{
	struct err err;

	CHECK(msg_send(s->link, &s->m, &err) == 0);
	msg_start(&s->m, MSG_LINK_AUDIT, 0);
	msg_put_fd(&s->m, s->program_audit);
	CHECK(msg_send(s->link, &s->m, &err) == 0);
	close(s->program_audit);
}

/* A vault that keeps whatever it is handed, until the program ends. */
static inline void stage_vault(struct stage *s)
{
	static struct msg m;
	struct err err;
	int pair[2];

	CHECK(msg_pair(pair, &err) == 0);
	msg_start(&m, MSG_LINK_VAULT, 0);
	msg_put_fd(&m, pair[1]);
	CHECK(msg_send(s->link, &m, &err) == 0);
	if (fork() == 0) {
		dup2(pair[0], 3);
		close_range(4, ~0u, 0);
		while (msg_receive(3, &m, &err) == 1) {
			msg_start(&m, MSG_OPENING_KEPT, m.ref);
			msg_put_u8(&m, 1);
			msg_send(3, &m, &err);
		}
		_exit(0);
	}
	close(pair[0]);
	close(pair[1]);
}

static inline void stage_read_fields(struct msg *m, char *line, size_t size)
{
	char text[1024];
	size_t used = strlen(line), len;

	for (uint32_t n = msg_get_u32(m); n > 0 && !m->bad; n--) {
		msg_get_str(m, text, sizeof text);
		used += (size_t)snprintf(line + used, size - used,
					 " %s=", text);
		if (msg_get_u8(m) == AUDIT_KIND_TEXT) {
			msg_get_str(m, text, sizeof text);
			used += (size_t)snprintf(line + used, size - used, "%s",
						 text);
		} else {
			used += (size_t)snprintf(line + used, size - used,
						 "%lld",
						 (long long)msg_get_u64(m));
		}
	}
	msg_get_bytes(m, &len);
}

/* Receive one record into s->line without answering. False: none in ms. */
static inline bool stage_record(struct stage *s, int ms)
{
	char part[64];
	struct err err;
	size_t used = 0;

	if (!stage_readable(s->audit, ms) ||
	    msg_receive(s->audit, &s->m, &err) != 1)
		return false;
	CHECK_INT(s->m.type, MSG_RECORD);
	s->ref = s->m.ref;
	for (int i = 0; i < 6; i++) {
		msg_get_str(&s->m, part, sizeof part);
		if (i < 5)
			used += (size_t)snprintf(s->line + used,
						 sizeof s->line - used, "%s%s",
						 i ? " " : "", part);
	}
	stage_read_fields(&s->m, s->line, sizeof s->line);
	CHECK(msg_done(&s->m));
	return true;
}

/* Say that the last record is durable. */
static inline void stage_durable(struct stage *s)
{
	struct err err;

	msg_start(&s->m, MSG_RECORDED, s->ref);
	msg_put_u64(&s->m, 1);
	msg_send(s->audit, &s->m, &err);
}

/* The value of a field of the last record, in a static buffer; or "". */
static inline const char *stage_field(const struct stage *s, const char *key)
{
	static char value[1024];
	char look[64];

	snprintf(look, sizeof look, " %s=", key);
	const char *at = strstr(s->line, look);
	value[0] = '\0';
	if (at)
		sscanf(at + strlen(look), "%1000s", value);
	return value;
}

/* The program's exit status, or 1000 + signal. */
static inline int stage_end(const struct stage *s)
{
	int status = 0;

	if (waitpid(s->pid, &status, 0) != s->pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status)
				 : 1000 + WTERMSIG(status);
}

#endif
