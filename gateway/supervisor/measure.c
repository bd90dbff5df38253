/*
 * measure - see measure.h. Runs in the supervisor.
 */
#include "gateway/supervisor/measure.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/supervisor/services.h"
#include "gateway/supervisor/sessions.h"
#include "sandbox/layers.h"

enum { PIECE = 32768, LINK = 256, DESCRIPTORS = 64 };

/* What is being answered. pid 0: a piece about all of the session. */
struct measure {
	struct gateway *gateway;
	uint64_t order;
	uint32_t pid;
};

static void tell(const struct measure *to, const char *what, const void *bytes,
		 size_t len)
{
	static struct msg m;

	msg_start(&m, MSG_MEASURED, 0);
	msg_put_u64(&m, to->order);
	msg_put_u32(&m, to->pid);
	msg_put_str(&m, what);
	msg_put_bytes(&m, bytes, len);
	services_send(to->gateway, SERVICE_POLICY, &m);
}

/* A file as far as it fits; what cannot be read is told as empty. */
static void tell_file(const struct measure *to, int folder, const char *name,
		      const char *what)
{
	AUTO_FD int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	static char text[PIECE];
	size_t used = 0;
	ssize_t n;

	while (fd >= 0 && used < sizeof text &&
	       (n = read(fd, text + used, sizeof text - used)) > 0)
		used += (size_t)n;
	tell(to, what, text, used);
}

/* "name target" a line, for each name of the list. */
static size_t put_link(int folder, const char *name, char *text, size_t size)
{
	char target[LINK];
	ssize_t n = readlinkat(folder, name, target, sizeof target - 1);

	if (n < 0)
		return 0;
	target[n] = '\0';
	int put = snprintf(text, size, "%s %s\n", name, target);
	return put > 0 && (size_t)put < size ? (size_t)put : 0;
}

static void tell_namespaces(const struct measure *to, int process,
			    const char *what)
{
	static const char *const names[] = { "user", "mnt", "pid",   "net",
					     "ipc",  "uts", "cgroup" };
	char text[ARRAY_LEN(names) * 64];
	size_t used = 0;
	AUTO_FD int folder =
		openat(process, "ns", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; folder >= 0 && i < ARRAY_LEN(names); i++)
		used += put_link(folder, names[i], text + used,
				 sizeof text - used);
	tell(to, what, text, used);
}

static void tell_descriptors(const struct measure *to, int process)
{
	char text[DESCRIPTORS * 96];
	size_t used = 0;
	int folder = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = folder < 0 ? NULL : fdopendir(folder);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			used += put_link(folder, entry->d_name, text + used,
					 sizeof text - used);
	tell(to, "fds", text, used);
	if (dir)
		closedir(dir);
}

/* /proc/PID stands for one process and no later one of its number; that it is
 * of the session is for the reader to see in "cgroup". */
static void tell_process(struct measure *to, int proc, uint32_t pid)
{
	char name[16];

	snprintf(name, sizeof name, "%" PRIu32, pid);
	AUTO_FD int process =
		openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (process < 0)
		return; /* it has ended */
	to->pid = pid;
	tell_file(to, process, "cgroup", "cgroup");
	tell_file(to, process, "status", "status");
	tell_namespaces(to, process, "ns");
	to->pid = 0;
}

/* PID 1 of the sandbox, which sees what all of it sees. */
static void tell_init(struct measure *to, int proc, uint32_t pid)
{
	char name[16];

	snprintf(name, sizeof name, "%" PRIu32, pid);
	AUTO_FD int process =
		openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (process < 0)
		return;
	to->pid = pid;
	tell_file(to, process, "mountinfo", "mounts");
	tell_file(to, process, "uid_map", "uid_map");
	tell_file(to, process, "gid_map", "gid_map");
	tell_descriptors(to, process);
	to->pid = 0;
}

/* The number behind a pidfd, as the kernel says it. 0: none. */
static uint32_t number_of(int pidfd)
{
	char path[40], text[512], *at;
	ssize_t n;

	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	text[n > 0 ? n : 0] = '\0';
	at = strstr(text, "\nPid:");
	return at ? (uint32_t)strtoul(at + strlen("\nPid:"), NULL, 10) : 0;
}

static void tell_processes(struct measure *to, const struct session *session,
			   int proc)
{
	pid_t pids[MEASURE_PROCESSES];
	unsigned int n =
		cgroup_members(&session->cgroup, pids, MEASURE_PROCESSES);

	tell_init(to, proc, number_of(session->pidfd));
	for (unsigned int i = 0; i < n; i++)
		tell_process(to, proc, (uint32_t)pids[i]);
	if (n == MEASURE_PROCESSES)
		tell(to, "more", "", 0);
}

/* What is not asked of the kernel: it does not give it out. */
static void tell_layers(const struct measure *to)
{
	const struct filter *filter = layers_filter();
	char abi[16];

	snprintf(abi, sizeof abi, "%d", to->gateway->landlock_abi);
	tell(to, "landlock", abi, strlen(abi));
	tell(to, "landlock.rules", layers_landlock(),
	     strlen(layers_landlock()));
	tell(to, "filter", filter->code, filter->len * sizeof *filter->code);
	tell(to, "filter.rules", layers_rules(), strlen(layers_rules()));
}

static void tell_toolset(const struct measure *to, const struct session *of)
{
	tell(to, "toolset", of->toolset, strlen(of->toolset));
}

/* The guard has the host's namespaces; we have mounts of our own. */
static int open_guard(int proc)
{
	char name[16];

	snprintf(name, sizeof name, "%d", (int)getppid());
	return openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void tell_all(struct measure *to, const struct session *session)
{
	AUTO_FD int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_FD int host = open_guard(proc);
	char text[1024];

	snprintf(text, sizeof text, "%" PRIu32, session->uid);
	tell(to, "lease", text, strlen(text));
	cgroup_limits(&session->cgroup, text, sizeof text);
	tell(to, "limits", text, strlen(text));
	tell(to, "cgroup", session->cgroup.name, strlen(session->cgroup.name));
	tell_namespaces(to, host, "host");
	tell_processes(to, session, proc);
	tell_toolset(to, session);
	tell_layers(to);
}

int measure_order(struct gateway *gateway, uint64_t order, struct msg *m,
		  struct err *err)
{
	struct measure to = { gateway, order, 0 };
	char name[ID_SIZE];

	msg_get_str(m, name, sizeof name);
	if (!msg_done(m))
		return err_set(err, "the order is malformed");
	const struct session *session = sessions_find(gateway, name);
	if (!session || session->state != SESSION_RUNNING)
		return err_set(err, "the session does not run");
	tell_all(&to, session);
	return 0;
}
