/*
 * traps - what must be useless to a sandbox, put where it could find it.
 *
 * Header only, as stage.h. A listening abstract socket of the host, closed
 * with the process; a device node (that of /dev/null) and a setuid copy of the
 * attempts, owned by root of the sandbox, in the shared workspace.
 */
#ifndef TESTS_ATTACK_TRAPS_H
#define TESTS_ATTACK_TRAPS_H

#include <stddef.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "tests/attack/stage.h"

/* The same in children of the process that asked first. */
static inline const char *traps_name(void)
{
	static char name[40];

	if (!*name)
		snprintf(name, sizeof name, "sekisho-attack-%d", getpid());
	return name;
}

static inline void traps_listen(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(traps_name());
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path + 1, traps_name(), len);
	len += offsetof(struct sockaddr_un, sun_path) + 1;
	if (fd < 0 ||
	    bind(fd, (struct sockaddr *)&address, (socklen_t)len) < 0 ||
	    listen(fd, 16) < 0)
		stage_fail("an abstract socket", NULL);
}

static inline void traps_copy(const struct stage *stage, int shared)
{
	struct stat st;
	AUTO_FD int from =
		stage_open(stage->toolset, "usr/bin/attempts", O_RDONLY);
	AUTO_FD int to = openat(shared, "setuid",
				O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);

	if (to < 0 || fstat(from, &st) < 0)
		stage_fail("a setuid file", NULL);
	for (off_t done = 0; done < st.st_size;)
		if (sendfile(to, from, &done, (size_t)(st.st_size - done)) <= 0)
			stage_fail("a setuid file", NULL);
	if (fchmod(to, 04755) < 0)
		stage_fail("a setuid file", NULL);
}

static inline void traps_set(const struct stage *stage)
{
	AUTO_FD int shared =
		stage_open(stage->workspace, "shared", O_RDONLY | O_DIRECTORY);

	traps_listen();
	if (mknodat(shared, "device", S_IFCHR | 0666, makedev(1, 3)) < 0 ||
	    fchmodat(shared, "device", 0666, 0) < 0)
		stage_fail("a device", NULL);
	traps_copy(stage, shared);
}

#endif
