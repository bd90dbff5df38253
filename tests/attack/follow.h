/*
 * follow - read what a shell of a sandbox prints, and stand in for the watcher.
 *
 * Header only, as stage.h.
 */
#ifndef TESTS_ATTACK_FOLLOW_H
#define TESTS_ATTACK_FOLLOW_H

#include <linux/seccomp.h>
#include <sys/ioctl.h>

#include "tests/attack/stage.h"

enum { FOLLOW_SILENCE = 60000 /* ms */ };

/* As the watcher does: look, and refuse. */
static inline void follow_refuse(int listener, void (*on_call)(int number))
{
	struct seccomp_notif call;
	struct seccomp_notif_resp answer;

	memset(&call, 0, sizeof call);
	memset(&answer, 0, sizeof answer);
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0)
		return;
	if (on_call)
		on_call(call.data.nr);
	answer.id = call.id;
	answer.error = -EPERM;
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

static inline void follow_take(char line[512], size_t *used, const char *bytes,
			       size_t len, void (*on_line)(const char *))
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '\r')
			continue;
		if (bytes[i] == '\n' || *used == 500) {
			line[*used] = '\0';
			if (on_line)
				on_line(line);
			*used = 0;
		} else {
			line[(*used)++] = bytes[i];
		}
	}
}

/* To the end of what is printed, or until nothing happens for a minute. Each
 * may be NULL. */
static inline void follow(const struct stage_shell *shell,
			  void (*on_line)(const char *line),
			  void (*on_call)(int number))
{
	struct pollfd fds[] = {
		{ .fd = shell->out >= 0 ? shell->out : shell->in,
		  .events = POLLIN },
		{ .fd = shell->listener, .events = POLLIN },
	};
	char bytes[4096], line[512];
	size_t used = 0;

	while (poll(fds, 2, FOLLOW_SILENCE) > 0) {
		if (fds[1].revents & POLLIN)
			follow_refuse(shell->listener, on_call);
		else if (fds[1].revents)
			fds[1].fd = -1;
		if (!fds[0].revents)
			continue;
		ssize_t len = read(fds[0].fd, bytes, sizeof bytes);
		if (len <= 0)
			return;
		follow_take(line, &used, bytes, (size_t)len, on_line);
	}
}

static inline void follow_close(struct stage_shell *shell)
{
	own_close(&shell->listener);
	own_close(&shell->in);
	own_close(&shell->out);
	own_close(&shell->errors);
}

#endif
