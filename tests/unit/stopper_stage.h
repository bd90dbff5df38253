/*
 * stopper_stage - a real program under build/tool/stopper: it dies at one of
 * its system calls, or the call fails, or its calls are counted.
 */
#ifndef TESTS_UNIT_STOPPER_STAGE_H
#define TESTS_UNIT_STOPPER_STAGE_H

#include <stdlib.h>

#include "tests/unit/stage.h"

/* Start it under the stopper with this option (value may be NULL), tell it what
 * it needs; it may be dead before. A descriptor with what the stopper prints,
 * for stopper_end(). */
static inline int stopper_begin(struct stage *s, const char *program,
				const char *option, const char *value, int root)
{
	const char *command[] = { "build/tool/stopper",
				  "--only",
				  option,
				  value ? value : program,
				  value ? program : NULL,
				  NULL };
	int pipes[2], console = fcntl(1, F_DUPFD_CLOEXEC, 10);
	struct err err;

	CHECK(console >= 0 && pipe2(pipes, O_CLOEXEC) == 0);
	CHECK(dup2(pipes[1], 1) == 1);
	stage_command(s, (char **)(uintptr_t)command, root);
	CHECK(dup2(console, 1) == 1);
	close(console);
	close(pipes[1]);
	msg_send(s->link, &s->m, &err);
	msg_start(&s->m, MSG_LINK_AUDIT, 0);
	msg_put_fd(&s->m, s->program_audit);
	msg_send(s->link, &s->m, &err);
	close(s->program_audit);
	return pipes[0];
}

/* Let go of it, dead or not. What the stopper printed, as a number. */
static inline unsigned long stopper_end(struct stage *s, int printed)
{
	char text[32] = "";
	struct err err;
	int status;

	msg_start(&s->m, MSG_STOP, 0);
	msg_send(s->link, &s->m, &err);
	CHECK(waitpid(s->pid, &status, 0) == s->pid);
	CHECK(read(printed, text, sizeof text - 1) >= 0);
	close(printed);
	close(s->link);
	close(s->audit);
	return strtoul(text, NULL, 10);
}

#endif
