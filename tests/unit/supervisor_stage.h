/*
 * supervisor_stage - a supervisor in the test's own process, with real forked
 * children. The test itself is store and policy: it holds the other ends.
 *
 * The children are this test program again, under the names of the programs
 * (links in a folder of the test's own): fake_main() is called there first.
 */
#ifndef TESTS_UNIT_SUPERVISOR_STAGE_H
#define TESTS_UNIT_SUPERVISOR_STAGE_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/process.h"
#include "gateway/supervisor/services.h"
#include "gateway/supervisor/store.h"
#include "sandbox/cgroup.h"
#include "tests/unit/tap.h"

static struct gateway gateway;
static struct settings stage_settings;
static struct msg in; /* what policy or the store heard last */
static int policy_end, store_end;

/* In a child under the name of a program of ours. */
void fake_main(const char *program);

__attribute__((constructor)) static void maybe_fake(void)
{
	if (strncmp(program_invocation_short_name, "sekisho-", 8) != 0)
		return;
	fake_main(program_invocation_short_name);
	_exit(0);
}

static void stage_gone(struct child *child)
{
	(void)child;
}

/* A service that the test plays. Its process only waits to be killed. */
static int stage_service(enum service_id id, const char *program)
{
	struct child *child = &gateway.services[id];
	struct err err;
	int pair[2];

	CHECK(msg_pair(pair, &err) == 0);
	child->pid = fork();
	if (child->pid == 0) {
		for (;;)
			pause();
	}
	child->program = program;
	child->link = pair[0];
	child->loop = gateway.loop;
	child->ready = true;
	mailbox_init(&child->mailbox);
	child->gone = stage_gone;
	return pair[1];
}

static int stage_open(const char *name)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", tap_folder(), name);
	CHECK(mkdir(path, 0755) == 0);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(fd >= 0);
	return fd;
}

static void stage_begin(void)
{
	static const char *const programs[] = { "sekisho-compare",
						"sekisho-parse",
						"sekisho-desk" };
	static char folder[400];
	char self[512] = "", path[512];
	struct err err;

	if (geteuid() != 0)
		SKIP("needs root");
	CHECK(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
	snprintf(folder, sizeof folder, "%s/programs", tap_folder());
	close(stage_open("programs"));
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, programs[i]);
		CHECK(symlink(self, path) == 0);
	}
	stage_settings.programs = folder;
	snprintf(stage_settings.instance, sizeof stage_settings.instance,
		 "unit%d", (int)getpid());
	gateway.settings = &stage_settings;
	gateway.trail = -1;
	gateway.loop = loop_open(&err);
	CHECK(gateway.loop >= 0);
	gateway.tree.folders[TREE_EMPTY] = stage_open("empty");
	gateway.tree.folders[TREE_DATASETS] = stage_open("datasets");
	CHECK(lease_open(&gateway.leases, stage_open("site"), 0x70000000,
			 &err) == 0);
	policy_end = stage_service(SERVICE_POLICY, "sekisho-policy");
	store_end = stage_service(SERVICE_STORE, "sekisho-store");
}

/* Nothing is left in the cgroups. */
static void stage_end(void)
{
	struct err err;

	CHECK(cgroup_sweep(stage_settings.instance, &err) == 0);
	kill(gateway.services[SERVICE_POLICY].pid, SIGKILL);
	kill(gateway.services[SERVICE_STORE].pid, SIGKILL);
}

static bool stage_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

/* Let the supervisor work until the peer hears something, which is then in
 * "in". Its type; MSG_NONE: nothing for so long. */
static unsigned int stage_hear(int end, int milliseconds)
{
	struct err err;

	for (int waited = 0; !stage_readable(end); waited += 10) {
		if (waited >= milliseconds)
			return MSG_NONE;
		CHECK(loop_turn(gateway.loop, 10, &err) == 0);
	}
	CHECK(msg_receive(end, &in, &err) == 1);
	return in.type;
}

/* The supervisor's answer to an order, as policy hears it; skips others. */
static inline bool stage_done(uint64_t order, char why[200])
{
	unsigned int type;

	while ((type = stage_hear(policy_end, 5000)) != MSG_NONE) {
		if (type != MSG_ORDER_DONE) {
			msg_clear(&in);
			continue;
		}
		CHECK_INT(msg_get_u64(&in), order);
		bool ok = msg_get_u8(&in) == 1;
		msg_get_str(&in, why, 200);
		CHECK(msg_done(&in));
		return ok;
	}
	snprintf(why, 200, "never answered");
	return false;
}

/* As the store: answer HAND, which is in "in", with text as the file, or with
 * no file for NULL. */
static inline void stage_hand(const char *text)
{
	static struct msg m;
	FILE *file = tmpfile();

	CHECK(file != NULL);
	if (text)
		fputs(text, file);
	fflush(file);
	rewind(file);
	msg_start(&m, MSG_HANDED, in.ref);
	msg_put_u8(&m, text != NULL);
	if (text)
		msg_put_fd(&m, dup(fileno(file)));
	fclose(file);
	/* Received by us as the supervisor would have it. */
	m.pos = MSG_HEADER;
	CHECK(store_heard(&gateway, &m));
	msg_clear(&m);
}

#endif
