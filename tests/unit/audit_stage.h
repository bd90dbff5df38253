/*
 * audit_stage - the built sekisho-audit, with the test as its supervisor and
 * as its writers.
 */
#ifndef TESTS_UNIT_AUDIT_STAGE_H
#define TESTS_UNIT_AUDIT_STAGE_H

#include <signal.h>
#include <sys/socket.h>

#include "audit/client.h"
#include "tests/unit/stage.h"

static const char program[] = "build/bin/sekisho-audit";

static int log_dir, key_dir, anchor_dir;

static inline void folders(void)
{
	log_dir = stage_folder("log");
	key_dir = stage_folder("key");
	anchor_dir = stage_folder("anchor");
}

/* Start audit by this command, whose first word is a path, and tell it what it
 * needs. What it says. */
/* What the site wants behind the proof of an entry. */
static inline void needs(struct stage *s, bool cosigned, const char *witnesses)
{
	struct err err;
	struct msg m;

	msg_start(&m, MSG_NEEDS, 0);
	msg_put_u8(&m, cosigned);
	msg_put_bytes(&m, witnesses, strlen(witnesses));
	msg_send(s->link, &m, &err);
}

/* What audit says of itself: does it take records? All that it was told before
 * is done by then. */
static inline bool stage_alive(struct stage *s)
{
	struct err err;
	struct msg m;

	msg_start(&m, MSG_ALIVE, 0);
	CHECK(msg_send(s->link, &m, &err) == 0);
	CHECK_INT(stage_hear(s), MSG_LOG_IS);
	uint8_t takes = msg_get_u8(&s->m);
	CHECK(msg_done(&s->m));
	return takes == 1;
}

static inline unsigned int run_by(struct stage *s, const char *const *command)
{
	struct err err;

	stage_command(s, (char **)(uintptr_t)command, log_dir);
	msg_put_str(&s->m, "test.example/log");
	msg_put_fd(&s->m, key_dir);
	msg_put_fd(&s->m, anchor_dir);
	msg_send(s->link, &s->m, &err);
	close(s->program_audit);
	close(s->audit);
	unsigned int first = stage_hear(s);
	if (first == MSG_READY)
		needs(s, false, "");
	return first;
}

static inline unsigned int run(struct stage *s)
{
	return run_by(s, (const char *const[]){ program, NULL });
}

static inline int writer(struct stage *s, const char *name, const char *session)
{
	struct err err;
	int pair[2];

	CHECK(msg_pair(pair, &err) == 0);
	msg_start(&s->m, MSG_WRITER, 0);
	msg_put_str(&s->m, name);
	msg_put_str(&s->m, "*");
	msg_put_str(&s->m, session);
	msg_put_str(&s->m, "-");
	msg_put_fd(&s->m, pair[1]);
	CHECK(msg_send(s->link, &s->m, &err) == 0);
	close(pair[1]);
	return pair[0];
}

static inline int stop(struct stage *s)
{
	struct err err;

	msg_start(&s->m, MSG_STOP, 0);
	CHECK(msg_send(s->link, &s->m, &err) == 0);
	return stage_end(s);
}

/* The whole of the log's first segment, or of another file. */
static inline const char *content(const char *name)
{
	static char text[1 << 20];
	int fd = openat(log_dir, name, O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	ssize_t n = read(fd, text, sizeof text - 1);
	CHECK(n >= 0);
	text[n < 0 ? 0 : n] = '\0';
	close(fd);
	return text;
}

static const char segment[] = "seg/00000000000000000000.jsonl";

static inline bool verifies(void)
{
	char folder[600];

	snprintf(folder, sizeof folder, "%s/log", tap_folder());
	pid_t pid = fork();
	if (pid == 0) {
		dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
		execl("build/bin/sekisho-verify", "sekisho-verify", folder,
		      (char *)NULL);
		_exit(127);
	}
	int status = -1;
	waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static inline void refused(struct stage *s, int link, const char *why)
{
	char text[512];
	struct err err;

	CHECK(stage_readable(link, 5000));
	CHECK(msg_receive(link, &s->m, &err) == 1);
	CHECK_INT(s->m.type, MSG_REFUSED);
	msg_get_str(&s->m, text, sizeof text);
	CHECK(strstr(text, why) != NULL);
	CHECK(stage_readable(link, 5000));
	CHECK(msg_receive(link, &s->m, &err) == 0);
	close(link);
}

#endif
