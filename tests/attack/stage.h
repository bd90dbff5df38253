/*
 * stage - build sandboxes with sekisho-spawn and sekisho-box, for tests that
 * stand in for the supervisor.
 *
 * Header only, since each test program is one file. Needs root. All mounts
 * are made in a mount namespace of the test's own and end with it.
 */
#ifndef TESTS_ATTACK_STAGE_H
#define TESTS_ATTACK_STAGE_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "sandbox/build.h"
#include "sandbox/cgroup.h"
#include "sandbox/program.h"
#include "sandbox/toolset.h"
#include "sandbox/fscrypt.h"
#include "sandbox/workspace.h"

struct stage {
	char folder[200]; /* toolsets/, workspaces/, datasets/, mounts */
	char bin[200];	  /* our programs */
	char instance[40];
	char toolset[300], workspace[300], program[300]; /* mount points */
	struct plan plan;
	unsigned int sessions;
	pid_t spawner;
	int spawner_link;
};

struct stage_session {
	struct cgroup cgroup;
	int box; /* our end of the box's link, until it has ended */
	int pidfd, control, desk;
	int group; /* of fanotify */
	uint32_t ntrees;
	struct stage_tree {
		char at[TREE_PATH];
		uint64_t mount;
	} trees[TREES];
};

struct stage_shell {
	int listener, in, out, errors; /* tty: in is the master */
};

static inline void stage_fail(const char *what, const struct err *err)
{
	printf("Bail out! %s: %s\n", what, err ? err->text : strerror(errno));
	exit(1);
}

static inline int stage_open(const char *folder, const char *name, int flags)
{
	char path[400];
	int fd;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		stage_fail(path, NULL);
	return fd;
}

static inline void stage_plan(struct plan *plan)
{
	memset(plan, 0, sizeof *plan);
	strcpy(plan->session, "s0000000000000001");
	strcpy(plan->permit, "P-test");
	strcpy(plan->person, "tester");
	strcpy(plan->actor, "a-test");
	strcpy(plan->lang, "en");
	strcpy(plan->toolset, "test");
	plan->workspace_bytes = 32 << 20;
	plan->workspace_inodes = 4096;
	plan->memory_bytes = 256 << 20;
	plan->processes = 64;
	plan->cpu_percent = 200;
	plan->ndatasets = 1;
	strcpy(plan->datasets[0].name, "sample");
}

/* As the supervisor starts it: descriptor 3 and nothing else. */
static inline void stage_spawner(struct stage *stage)
{
	static struct msg m;
	char path[300];
	char *const argv[] = { path, NULL };
	char *const environment[] = { NULL };
	int pair[2];
	struct err err;
	AUTO_FD int programs = stage_open(stage->bin, ".", O_PATH);

	snprintf(path, sizeof path, "%s/sekisho-spawn", stage->bin);
	if (msg_pair(pair, &err) < 0)
		stage_fail("spawner", &err);
	stage->spawner = fork();
	if (stage->spawner == 0) {
		if (pair[1] != PROCESS_LINK)
			dup2(pair[1], PROCESS_LINK);
		else
			fcntl(pair[1], F_SETFD, 0);
		close_range(PROCESS_LINK + 1, ~0U, 0);
		execve(path, argv, environment);
		_exit(127);
	}
	close(pair[1]);
	stage->spawner_link = pair[0];
	msg_start(&m, MSG_SPAWN_START, 0);
	msg_put_fd(&m, programs);
	if (msg_send(pair[0], &m, &err) < 0 ||
	    msg_receive(pair[0], &m, &err) <= 0 || m.type != MSG_READY)
		stage_fail("spawner", &err);
}

/* folder holds toolsets/test.erofs, workspaces, datasets/sample, mt, mw, mp. */
static inline void stage_set(struct stage *stage, const char *folder,
			     const char *bin)
{
	static const uint8_t key[FSCRYPT_KEY] = "any key of thirty-two bytes";
	const struct plan *plan = &stage->plan;
	struct workspace workspace = { .key = key };
	struct err err;

	memset(stage, 0, sizeof *stage);
	snprintf(stage->folder, sizeof stage->folder, "%s", folder);
	snprintf(stage->bin, sizeof stage->bin, "%s", bin);
	snprintf(stage->instance, sizeof stage->instance, "test%d", getpid());
	snprintf(stage->toolset, sizeof stage->toolset, "%s/mt", folder);
	snprintf(stage->workspace, sizeof stage->workspace, "%s/mw", folder);
	snprintf(stage->program, sizeof stage->program, "%s/mp", folder);
	stage_plan(&stage->plan);
	workspace.permit = plan->permit;
	workspace.bytes = plan->workspace_bytes;
	workspace.inodes = plan->workspace_inodes;
	workspace.encryption = ENCRYPTION_WHEN_POSSIBLE;
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		stage_fail("a mount namespace", NULL);

	AUTO_FD int toolsets = stage_open(folder, "toolsets", O_RDONLY);
	AUTO_FD int images = stage_open(folder, "workspaces", O_RDONLY);

	AUTO_FD int program = stage_open(bin, "sekisho", O_RDONLY);

	if (toolset_mount(toolsets, "test", stage->toolset, &err) < 0 ||
	    program_mount(program, stage->program, &err) < 0 ||
	    workspace_mount(images, &workspace, false, stage->workspace, &err) <
		    0 ||
	    workspace_person(stage->workspace, plan->actor, &err) < 0)
		stage_fail("stage", &err);
	stage_spawner(stage);
}

static inline void stage_strike(struct stage *stage)
{
	struct err err;

	close(stage->spawner_link);
	waitpid(stage->spawner, NULL, 0);
	if (cgroup_sweep(stage->instance, &err) < 0)
		printf("# %s\n", err.text);
	if (workspace_unmount(stage->workspace, &err) < 0)
		printf("# %s\n", err.text);
	umount2(stage->toolset, MNT_DETACH);
	umount2(stage->program, MNT_DETACH);
}

/* Let the spawner start a box; s->box is our end of its link. 0 or -1. */
static inline int stage_box(struct stage *stage, struct stage_session *s,
			    struct err *err)
{
	static struct msg m;
	int pair[2];

	if (msg_pair(pair, err) < 0)
		return -1;

	AUTO_FD int theirs = pair[1];

	s->box = pair[0];
	msg_start(&m, MSG_SPAWN_BOX, 0);
	msg_put_fd(&m, theirs);
	return msg_send(stage->spawner_link, &m, err);
}

/* The next session's cgroup, and BUILD for the box that stage_box() made. */
static inline int stage_build(struct stage *stage, struct stage_session *s,
			      struct err *err)
{
	static struct msg m;
	struct plan plan = stage->plan;
	int fds[8];
	unsigned int n;

	snprintf(plan.session, sizeof plan.session, "s%016x",
		 ++stage->sessions);
	if (cgroup_open(&s->cgroup, stage->instance, plan.session, &plan, err) <
		    0 ||
	    (n = cgroup_procs(&s->cgroup, fds, err)) == 0)
		return -1;

	AUTO_FD int toolset = open(stage->toolset, O_PATH | O_CLOEXEC);
	AUTO_FD int workspace = open(stage->workspace, O_PATH | O_CLOEXEC);
	AUTO_FD int init = stage_open(stage->bin, "sekisho-init", O_PATH);
	AUTO_FD int client = stage_open(stage->program, PROGRAM_FILE, O_PATH);
	AUTO_FD int data = stage_open(stage->folder, "datasets/sample", O_PATH);

	msg_start(&m, MSG_BUILD, 0);
	plan_put(&m, &plan);
	msg_put_u32(&m, 2000000 + 2 * stage->sessions);
	msg_put_u32(&m, 2000001 + 2 * stage->sessions);
	msg_put_u32(&m, n);
	msg_put_u8(&m, 1);
	msg_put_fd(&m, toolset);
	msg_put_fd(&m, workspace);
	msg_put_fd(&m, init);
	msg_put_fd(&m, client);
	for (unsigned int i = 0; i < n; i++)
		msg_put_fd(&m, fds[i]);
	for (uint32_t i = 0; i < plan.ndatasets; i++)
		msg_put_fd(&m, data);

	int done = msg_send(s->box, &m, err);

	for (unsigned int i = 0; i < n; i++)
		close(fds[i]);
	return done;
}

static inline void stage_trees(struct stage_session *s, struct msg *m)
{
	uint32_t n = msg_get_u32(m);

	for (s->ntrees = 0; s->ntrees < n && s->ntrees < TREES; s->ntrees++) {
		struct stage_tree *tree = &s->trees[s->ntrees];

		msg_get_str(m, tree->at, sizeof tree->at);
		tree->mount = msg_get_u64(m);
	}
}

/* 0 when it is built; -1, and err is what the box said. */
static inline int stage_built(struct stage_session *s, struct err *err)
{
	static struct msg m;
	int got = msg_receive(s->box, &m, err);

	s->pidfd = s->control = s->desk = s->group = -1;
	if (got <= 0)
		return got < 0 ? -1 : err_set(err, "the box died");
	if (m.type == MSG_FAILED) {
		msg_get_str(&m, err->text, sizeof err->text);
	} else {
		s->pidfd = msg_get_fd(&m);
		s->control = msg_get_fd(&m);
		s->desk = msg_get_fd(&m);
		s->group = msg_get_fd(&m);
		stage_trees(s, &m);
		if (m.type != MSG_BUILT || !msg_done(&m))
			return err_set(err, "malformed BUILT");
	}
	return s->pidfd < 0 ? -1 : 0;
}

static inline int stage_begin(struct stage *stage, struct stage_session *s,
			      struct err *err)
{
	if (stage_box(stage, s, err) < 0 || stage_build(stage, s, err) < 0 ||
	    stage_built(s, err) < 0)
		return -1;
	/* Nobody answers, so nothing may be asked; closing takes longer. */
	if (fanotify_mark(s->group, FAN_MARK_FLUSH | FAN_MARK_MOUNT, 0,
			  AT_FDCWD, NULL) < 0 ||
	    fanotify_mark(s->group, FAN_MARK_FLUSH | FAN_MARK_FILESYSTEM, 0,
			  AT_FDCWD, NULL) < 0)
		return err_sys(err, "watch nothing");
	return 0;
}

/* Wait until nothing of the session runs, and remove what is left of it. */
static inline void stage_sweep(struct stage_session *s)
{
	static struct msg m;
	struct err err;

	while (s->box >= 0 && msg_receive(s->box, &m, &err) > 0)
		printf("# the box said more\n");
	own_close(&s->box);
	for (int i = 0; i < 200 && cgroup_populated(&s->cgroup); i++)
		usleep(5000);
	if (cgroup_remove(&s->cgroup, &err) < 0)
		printf("# %s\n", err.text);
}

static inline void stage_end(struct stage_session *s)
{
	struct pollfd ended = { .fd = s->pidfd, .events = POLLIN };
	struct err err;

	close(s->control);
	close(s->desk);
	own_close(&s->group);
	if (cgroup_kill(&s->cgroup, &err) < 0)
		printf("# %s\n", err.text);
	poll(&ended, 1, 5000);
	close(s->pidfd);
	stage_sweep(s);
}

static inline int stage_spawn(const struct stage_session *s, bool tty,
			      const char *const *argv,
			      struct stage_shell *shell, struct err *err)
{
	static struct msg m;
	uint32_t n = 0;

	while (argv[n])
		n++;
	msg_start(&m, MSG_SPAWN, 0);
	msg_put_u32(&m, 7);
	msg_put_u8(&m, tty);
	msg_put_u32(&m, 80);
	msg_put_u32(&m, 24);
	msg_put_u32(&m, n);
	for (uint32_t i = 0; i < n; i++)
		msg_put_str(&m, argv[i]);
	msg_put_u32(&m, 2);
	msg_put_str(&m, "PATH=/usr/bin");
	msg_put_str(&m, "HOME=/home/researcher");
	if (msg_send(s->control, &m, err) < 0)
		return -1;
	if (msg_receive(s->control, &m, err) <= 0)
		return err_set(err, "init is gone");
	if (m.type == MSG_FAILED) {
		msg_get_str(&m, err->text, sizeof err->text);
		return -1;
	}
	if (m.type != MSG_SPAWNED)
		return err_set(err, "init said %s", msg_name(m.type));
	msg_get_u32(&m);
	shell->listener = msg_get_fd(&m);
	shell->in = msg_get_fd(&m);
	shell->out = tty ? -1 : msg_get_fd(&m);
	shell->errors = tty ? -1 : msg_get_fd(&m);
	return msg_done(&m) ? 0 : err_set(err, "malformed SPAWNED");
}

/* Wait for EXITED; its status as wait gives it, or -1. */
static inline int stage_exited(const struct stage_session *s, struct err *err)
{
	static struct msg m;

	if (msg_receive(s->control, &m, err) <= 0 || m.type != MSG_EXITED)
		return err_set(err, "init did not say EXITED");
	msg_get_u32(&m);
	return (int)msg_get_u32(&m);
}

#endif
