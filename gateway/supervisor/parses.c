/*
 * parses - see parses.h. Runs in the supervisor, which passes the file on and
 * reads neither it nor the pipe.
 */
#include "gateway/supervisor/parses.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/supervisor/services.h"

/* Of one check (a compare and one parse at a time) or of one view. */
static const struct plan limits = {
	.memory_bytes = 512ull << 20,
	.processes = 8,
	.cpu_percent = 100,
};

void frozen_get(struct msg *m, struct frozen *frozen)
{
	size_t len;

	msg_get_str(m, frozen->name, sizeof frozen->name);
	const uint8_t *sha256 = msg_get_bytes(m, &len);
	if (!sha256 || len != SHA256_SIZE)
		m->bad = true;
	else
		memcpy(frozen->sha256, sha256, SHA256_SIZE);
}

int parses_limit(struct gateway *gateway, struct cgroup *group,
		 const char *kind, uint64_t number, struct err *err)
{
	char name[ID_SIZE];

	snprintf(name, sizeof name, "%s-%" PRIu64, kind, number);
	return cgroup_open(group, gateway->settings->instance, name, &limits,
			   err);
}

/* Both ends block: a parse waits for whoever reads. */
static int make_pipe(int ends[2], struct err *err)
{
	return pipe2(ends, O_CLOEXEC) < 0 ? err_sys(err, "pipe") : 0;
}

int parses_nothing(struct err *err)
{
	int ends[2];

	if (make_pipe(ends, err) < 0)
		return -1;
	close(ends[1]);
	return ends[0];
}

int parses_start(struct gateway *gateway, struct child *child,
		 const struct cgroup *group, const struct frozen *frozen,
		 int file, struct err *err)
{
	uint32_t uid = lease_take(&gateway->leases, err);
	struct msg m;
	int ends[2];

	if (uid == 0 || make_pipe(ends, err) < 0)
		return -1;
	AUTO_FD int reading = ends[0];
	AUTO_FD int writing = ends[1];
	if (child_start(child, gateway->loop, gateway->settings->programs,
			"sekisho-parse", err) < 0)
		return -1;
	/* It waits for START, so it has seen nothing before it is limited. */
	if (cgroup_add(group, child->pid, err) < 0) {
		child_end(child);
		return -1;
	}
	start_begin(&m, uid, uid, gateway->tree.folders[TREE_EMPTY]);
	msg_put_str(&m, frozen->name);
	msg_put_u64(&m, frozen->size);
	msg_put_fd(&m, file);
	msg_put_fd(&m, writing);
	child_send(child, &m);
	return take_fd(&reading);
}
