#include "sandbox/build.h"

#include <unistd.h>

#include "gateway/base/own.h"

int build_get(struct build *build, struct msg *m, struct err *err)
{
	if (m->type != MSG_BUILD)
		return err_set(err, "expected BUILD, got %s",
			       msg_name(m->type));
	plan_get(m, &build->plan);
	build->uid_root = msg_get_u32(m);
	build->uid_user = msg_get_u32(m);
	build->ncgroups = msg_get_u32(m);
	uint8_t has_client = msg_get_u8(m);
	build->toolset = msg_get_fd(m);
	build->workspace = msg_get_fd(m);
	build->init = msg_get_fd(m);
	build->client = has_client ? msg_get_fd(m) : -1;
	if (build->ncgroups == 0 || build->ncgroups > BUILD_CGROUPS)
		return err_set(err, "BUILD with %u cgroups", build->ncgroups);
	for (uint32_t i = 0; i < build->ncgroups; i++)
		build->cgroups[i] = msg_get_fd(m);
	for (uint32_t i = 0; i < build->plan.ndatasets; i++)
		build->datasets[i] = msg_get_fd(m);
	if (!msg_done(m))
		return err_set(err, "malformed BUILD");
	if (build->uid_root < 1000 || build->uid_user < 1000 ||
	    build->uid_root == build->uid_user)
		return err_set(err, "uids %u and %u are no lease",
			       build->uid_root, build->uid_user);
	return 0;
}

int build_enter_cgroups(const struct build *build, struct err *err)
{
	for (uint32_t i = 0; i < build->ncgroups; i++)
		if (write(build->cgroups[i], "0", 1) != 1)
			return err_sys(err, "enter cgroup %u", i);
	return 0;
}
