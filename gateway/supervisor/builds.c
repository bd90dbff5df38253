/*
 * builds - see builds.h. Runs in the supervisor.
 */
#include "gateway/supervisor/builds.h"

#include <fcntl.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "gateway/supervisor/datasets.h"
#include "gateway/supervisor/mounts.h"
#include "gateway/supervisor/spawner.h"

enum { CGROUP_FDS = 8 };

static int open_program(const struct gateway *gateway, const char *program,
			struct err *err)
{
	AUTO_FD int folder = open(gateway->settings->programs,
				  O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = folder < 0 ? -1
			    : openat(folder, program,
				     O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, "%s/%s", gateway->settings->programs,
			       program);
	return fd;
}

static int put_datasets(const struct session *session, struct msg *m,
			int fds[PLAN_DATASETS], struct err *err)
{
	const struct plan *plan = &session->plan;

	for (uint32_t i = 0; i < plan->ndatasets; i++) {
		fds[i] = datasets_data(session->gateway, &plan->datasets[i],
				       err);
		if (fds[i] < 0)
			return -1;
		msg_put_fd(m, fds[i]);
	}
	return 0;
}

static int open_workspace(struct session *session, const uint8_t *key,
			  struct err *err)
{
	struct workspace workspace = { .key = key };
	int fd = mounts_workspace(session->gateway, &session->plan, &workspace,
				  err);

	session->has_workspace = fd >= 0;
	session->encrypted = workspace.encrypted;
	if (workspace.unfit)
		text_fill(session->told, sizeof session->told,
			  session->plan.lang, TEXT_WORKSPACE_UNFIT,
			  session->plan.permit, NULL, NULL);
	return fd;
}

/* The descriptors in m stay ours and are closed once the box has them. */
static int send_build(struct session *session, const int *cgroups,
		      unsigned int ncgroups, int workspace, struct err *err)
{
	struct gateway *gateway = session->gateway;
	int datasets[PLAN_DATASETS];
	struct msg m;

	AUTO_FD int toolset = mounts_toolset(gateway, session->plan.toolset,
					     session->toolset, err);
	if (toolset < 0)
		return -1;
	AUTO_FD int init = open_program(gateway, "sekisho-init", err);
	AUTO_FD int client = mounts_client(gateway, err);
	if (init < 0 || client < 0)
		return -1;
	msg_start(&m, MSG_BUILD, 0);
	plan_put(&m, &session->plan);
	msg_put_u32(&m, session->uid);
	msg_put_u32(&m, session->uid + 1);
	msg_put_u32(&m, ncgroups);
	msg_put_u8(&m, 1);
	msg_put_fd(&m, toolset);
	msg_put_fd(&m, workspace);
	msg_put_fd(&m, init);
	msg_put_fd(&m, client);
	for (unsigned int i = 0; i < ncgroups; i++)
		msg_put_fd(&m, cgroups[i]);
	for (int i = 0; i < PLAN_DATASETS; i++)
		datasets[i] = -1;
	int done = put_datasets(session, &m, datasets, err);
	if (done == 0)
		child_send(&session->box, &m);
	for (int i = 0; i < PLAN_DATASETS; i++)
		own_close(&datasets[i]);
	return done;
}

int build_begin(struct session *session, const uint8_t *key, struct err *err)
{
	struct gateway *gateway = session->gateway;
	int cgroups[CGROUP_FDS];

	/* The box starts while the rest is made ready. */
	session->uid = lease_take(&gateway->leases, err);
	if (session->uid == 0 || spawner_box(gateway, &session->box, err) < 0 ||
	    cgroup_open(&session->cgroup, gateway->settings->instance,
			session->plan.session, &session->plan, err) < 0)
		return -1;
	session->has_cgroup = true;
	AUTO_FD int workspace = open_workspace(session, key, err);
	if (workspace < 0)
		return -1;
	unsigned int n = cgroup_procs(&session->cgroup, cgroups, err);
	int done =
		n == 0 ? -1 : send_build(session, cgroups, n, workspace, err);
	for (unsigned int i = 0; i < n; i++)
		close(cgroups[i]);
	return done;
}
