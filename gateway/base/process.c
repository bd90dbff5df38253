#include "gateway/base/process.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "gateway/base/filter.h"
#include "gateway/base/own.h"

int process_start(struct process *process, struct msg *start, struct err *err)
{
	int got = msg_receive(PROCESS_LINK, start, err);

	if (got == 0)
		return err_set(err, "started by hand; sekishod starts this");
	if (got < 0)
		return err_within(err, "started by hand? sekishod starts this");
	if (start->type != MSG_START)
		return err_set(err, "expected START, got %s",
			       msg_name(start->type));
	process->uid = msg_get_u32(start);
	process->gid = msg_get_u32(start);
	process->root = msg_get_fd(start);
	if (start->bad || process->uid == 0 || process->gid == 0)
		return err_set(err, "malformed START");
	return 0;
}

static int enter_root(struct process *process, struct err *err)
{
	int done = fchdir(process->root) < 0 || chroot(".") < 0 ? -1 : 0;

	if (done < 0)
		return err_sys(err, "enter the root folder");
	own_close(&process->root);
	return 0;
}

static int drop_ids(const struct process *process, struct err *err)
{
	gid_t gid = process->gid;
	uid_t uid = process->uid;

	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 ||
	    setresuid(uid, uid, uid) < 0)
		return err_sys(err, "become uid %u", uid);
	if (setuid(0) == 0 || geteuid() != uid || getegid() != gid)
		die("could go back to root after dropping it");
	return 0;
}

/* Changing ids clears the parent-death signal, so it is set after. */
static int tie(struct err *err)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return err_sys(err, "prctl");
	return 0;
}

int process_confine(struct process *process, struct err *err)
{
	/* Each step takes away what the steps after it no longer need. */
	if (enter_root(process, err) < 0 || drop_ids(process, err) < 0 ||
	    tie(err) < 0 || filter_obey(&program_filter, err) < 0)
		return -1;
	return 0;
}

int process_ready(struct err *err)
{
	struct msg m;

	msg_start(&m, MSG_READY, 0);
	return msg_send(PROCESS_LINK, &m, err);
}

_Noreturn void process_fail(const struct err *err)
{
	struct msg m;
	struct err ignored;

	note("%s", err->text);
	msg_start(&m, MSG_FAILED, 0);
	msg_put_str(&m, err->text);
	msg_send(PROCESS_LINK, &m, &ignored);
	_exit(1);
}
