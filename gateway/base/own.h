/*
 * own - locals own what they hold; handing over has a verb.
 *
 *	AUTO_FD int dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
 *	...
 *	return take_fd(&dir);
 */
#ifndef GATEWAY_BASE_OWN_H
#define GATEWAY_BASE_OWN_H

#include <stdlib.h>
#include <unistd.h>

static inline void own_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static inline void own_free(void *pointer)
{
	free(*(void **)pointer);
}

#define AUTO_FD	  __attribute__((cleanup(own_close)))
#define AUTO_FREE __attribute__((cleanup(own_free)))

/* The descriptor, now the caller's; the variable holds none. */
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#define ARRAY_LEN(a) (sizeof(a) / sizeof *(a))

#endif
