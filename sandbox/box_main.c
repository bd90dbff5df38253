/*
 * sekisho-box - build one sandbox, hand it over, end.
 *
 * Started by sekisho-spawn for each session, as root, with the spawner's few
 * capabilities and under its filter. It reads one BUILD from the supervisor,
 * parses nothing that a researcher wrote, and lives for a few milliseconds.
 */
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/process.h"
#include "sandbox/birth.h"
#include "sandbox/marks.h"

/* Not process_fail(), which belongs to programs with a filter. */
_Noreturn static void fail(const struct err *why)
{
	static struct msg m;
	struct err ignored;

	note("%s", why->text);
	msg_start(&m, MSG_FAILED, 0);
	msg_put_str(&m, why->text);
	msg_send(PROCESS_LINK, &m, &ignored);
	_exit(1);
}

/* The filter is the spawner's; without one, somebody else started us. */
static int check_confined(struct err *err)
{
	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != SECCOMP_MODE_FILTER)
		return err_set(err, "started without the spawner's filter");
	return 0;
}

static int receive(struct build *build, struct err *err)
{
	static struct msg m;
	int got = msg_receive(PROCESS_LINK, &m, err);

	if (got == 0)
		return err_set(err, "started by hand; sekishod starts this");
	if (got < 0)
		return err_within(err, "started by hand? sekishod starts this");
	return build_get(build, &m, err);
}

static int answer(const struct birth *birth, const struct trees *trees,
		  const struct marks *marks, struct err *err)
{
	static struct msg m;

	msg_start(&m, MSG_BUILT, 0);
	msg_put_fd(&m, birth->pidfd);
	msg_put_fd(&m, birth->control);
	msg_put_fd(&m, trees->desk);
	marks_put(marks, &m);
	return msg_send(PROCESS_LINK, &m, err);
}

int main(void)
{
	static struct build build;
	static struct trees trees;
	static struct marks marks;
	struct birth birth;
	struct err err;

	umask(0);
	if (check_confined(&err) < 0 || receive(&build, &err) < 0 ||
	    build_enter_cgroups(&build, &err) < 0 || /* limits come first */
	    trees_prepare(&trees, &build, &err) < 0 ||
	    marks_set(&marks, &trees, build.uid_root, &err) < 0 ||
	    birth_give(&birth, &build, &trees, &err) < 0 ||
	    answer(&birth, &trees, &marks, &err) < 0)
		fail(&err);
	return 0;
}
