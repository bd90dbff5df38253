/* links: sandbox gateway/base; */
/*
 * The filters as the programs have them, one over the other as processes
 * inherit them: who starts a program must not take away what its own list
 * gives, nor hide what it reports.
 *
 * Answers as the kernel does: of all filters the strictest counts, of equal
 * ones the newest.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/filter.h"
#include "gateway/base/msg.h"
#include "gateway/base/own.h"
#include "sandbox/syscalls.h"
#include "tests/unit/tap.h"

enum { CALLS = 520, CODE = 4096, VALUES = 512, LAYERS = 4, LISTS = 64 };

struct list {
	char name[64];
	struct sock_filter code[CODE];
	struct filter filter;
};

/* --- The compiled lists ------------------------------------------------------ */

static struct list *load(const char *name)
{
	static struct list lists[LISTS];
	struct list *list = lists;
	unsigned int code, jt, jf, k;
	char path[160], line[128];

	while (list->name[0] && strcmp(list->name, name) != 0)
		CHECK(++list < lists + LISTS);
	if (list->name[0])
		return list;
	snprintf(path, sizeof path, "build/gen/filter/%s.c", name);
	FILE *file = fopen(path, "re");
	if (!file) {
		perror(path);
		exit(1);
	}
	snprintf(list->name, sizeof list->name, "%s", name);
	while (fgets(line, sizeof line, file))
		if (sscanf(line, " { 0x%x, %u, %u, 0x%x }", &code, &jt, &jf,
			   &k) == 4) {
			CHECK(list->filter.len < CODE);
			list->code[list->filter.len++] = (struct sock_filter){
				(uint16_t)code, (uint8_t)jt, (uint8_t)jf, k
			};
		}
	fclose(file);
	CHECK(list->filter.len > 10);
	list->filter.code = list->code;
	return list;
}

static bool looked; /* at an argument, since it was last set to false */

static uint32_t word(const struct seccomp_data *data, uint32_t offset)
{
	uint32_t value;

	looked |= offset >= offsetof(struct seccomp_data, args);
	CHECK(offset % 4 == 0 && offset < sizeof *data);
	memcpy(&value, (const char *)data + offset, sizeof value);
	return value;
}

static bool jumps(const struct sock_filter *op, uint32_t a)
{
	switch (op->code) {
	case BPF_JMP | BPF_JEQ | BPF_K:
		return a == op->k;
	case BPF_JMP | BPF_JGE | BPF_K:
		return a >= op->k;
	case BPF_JMP | BPF_JGT | BPF_K:
		return a > op->k;
	case BPF_JMP | BPF_JSET | BPF_K:
		return a & op->k;
	}
	CHECK(false); /* an instruction that this test does not know */
	return false;
}

static uint32_t answer(const struct list *list, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t i = 0; i < list->filter.len; i++) {
		const struct sock_filter *op = &list->code[i];

		if (op->code == (BPF_RET | BPF_K))
			return op->k;
		if (op->code == (BPF_LD | BPF_W | BPF_ABS))
			a = word(data, op->k);
		else if (op->code == (BPF_ALU | BPF_AND | BPF_K))
			a &= op->k;
		else if (op->code == (BPF_JMP | BPF_JA))
			i += op->k;
		else
			i += jumps(op, a) ? op->jt : op->jf;
	}
	CHECK(false); /* a list without an end */
	return 0;
}

/* One over the other: newest first, as the kernel asks them; NULL ends. */
struct layers {
	const struct list *list[LAYERS + 1];
};

static uint32_t strictest(const struct layers *layers,
			  const struct seccomp_data *data)
{
	uint32_t least = SECCOMP_RET_ALLOW;

	for (int i = 0; layers->list[i]; i++) {
		uint32_t said = answer(layers->list[i], data);

		/* kill is the most negative of signed numbers */
		if ((int32_t)(said & SECCOMP_RET_ACTION_FULL) <
		    (int32_t)(least & SECCOMP_RET_ACTION_FULL))
			least = said;
	}
	return least;
}

static uint32_t values[VALUES];
static size_t nvalues;

static void add_value(uint32_t value)
{
	for (size_t i = 0; i < nvalues; i++)
		if (values[i] == value)
			return;
	CHECK(nvalues < VALUES);
	values[nvalues++] = value;
}

/* What the list compares arguments with, and what is next to it. */
static void learn_values(const struct list *list)
{
	uint32_t loaded = 0;

	add_value(0);
	add_value(UINT32_MAX);
	for (size_t i = 0; i < list->filter.len; i++) {
		const struct sock_filter *op = &list->code[i];

		if (op->code == (BPF_LD | BPF_W | BPF_ABS))
			loaded = op->k;
		else if (loaded >= offsetof(struct seccomp_data, args) &&
			 op->code != (BPF_RET | BPF_K)) {
			add_value(op->k);
			add_value(op->k | 1);
		}
	}
}

/* All together must answer as own does alone. */
static void check_call(const struct layers *layers, const struct list *own,
		       const struct seccomp_data *data, bool allowed_only)
{
	uint32_t alone = answer(own, data);
	uint32_t all = strictest(layers, data);

	if (allowed_only && alone != SECCOMP_RET_ALLOW)
		return;
	if (all == alone)
		return;
	fprintf(stderr, "# %s, call %d (0x%llx, 0x%llx)\n", own->name, data->nr,
		data->args[0], data->args[1]);
	CHECK_INT(all, alone);
}

static void vary_arguments(const struct layers *layers, const struct list *own,
			   struct seccomp_data *data, bool allowed_only)
{
	for (size_t v = 0; v < nvalues; v++)
		for (int arg = 0; arg < 6; arg++) {
			memset(data->args, 0, sizeof data->args);
			data->args[arg] = values[v];
			check_call(layers, own, data, allowed_only);
			data->args[arg] |= UINT64_C(1) << 40;
			check_call(layers, own, data, allowed_only);
		}
}

static void check_layers(const struct layers *layers, const struct list *own,
			 bool allowed_only)
{
	struct seccomp_data data = { .arch = AUDIT_ARCH_X86_64 };

	nvalues = 0;
	for (int i = 0; layers->list[i]; i++)
		learn_values(layers->list[i]);
	for (data.nr = 0; data.nr < CALLS; data.nr++) {
		memset(data.args, 0, sizeof data.args);
		looked = false;
		check_call(layers, own, &data, allowed_only);
		if (looked)
			vary_arguments(layers, own, &data, allowed_only);
	}
}

TEST(sandbox, "in a sandbox, guard, spawner and init change none of the user "
	      "filter's answers")
{
	const struct list *user = load("user");
	struct layers layers = { { user, load("sekisho-init"),
				   load("sekisho-spawn"), load("sekishod") } };

	check_layers(&layers, user, false);
}

TEST(init, "guard and spawner change none of init's answers")
{
	const struct list *init = load("sekisho-init");
	struct layers layers = { { init, load("sekisho-spawn"),
				   load("sekishod") } };

	check_layers(&layers, init, false);
}

/* Not the sandbox's, nor what people start themselves. */
static bool is_service(const char *name)
{
	static const char *const others[] = {
		"sekishod",	   "sekisho-spawn",
		"sekisho-init",	   "supervisor",
		"sekisho-prepare", "sekisho-witness",
		"sekisho-tiles",   "user",
	};

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (strcmp(name, others[i]) == 0)
			return false;
	return true;
}

TEST(services, "guard and supervisor change none of a service's answers")
{
	const struct list *supervisor = load("supervisor");
	const struct list *guard = load("sekishod");
	DIR *dir = opendir("build/gen/filter");
	struct dirent *entry;
	unsigned int seen = 0;

	CHECK(dir);
	while ((entry = readdir(dir))) {
		char *dot = strrchr(entry->d_name, '.');

		if (!dot || strcmp(dot, ".c") != 0)
			continue;
		*dot = '\0';
		if (!is_service(entry->d_name))
			continue;
		const struct list *service = load(entry->d_name);
		struct layers layers = { { service, supervisor, guard } };

		check_layers(&layers, service, false);
		seen++;
	}
	closedir(dir);
	CHECK(seen >= 9);
}

TEST(guard, "the guard takes nothing from supervisor and spawner")
{
	const struct list *guard = load("sekishod");
	const struct list *spawner = load("sekisho-spawn");
	const struct list *supervisor = load("supervisor");
	struct layers under = { { spawner, guard } };

	check_layers(&under, spawner, true);
	under.list[0] = supervisor;
	check_layers(&under, supervisor, true);
}

/* --- What each may and may not ------------------------------------------------ */

static uint32_t ask(const struct list *list, int call, uint64_t first)
{
	struct seccomp_data data = { .nr = call,
				     .arch = AUDIT_ARCH_X86_64,
				     .args = { first } };

	return answer(list, &data) & SECCOMP_RET_ACTION_FULL;
}

/* list: g guard, s supervisor, b spawner and box; first: the first argument */
static const struct {
	const char *lists;
	int call;
	uint64_t first;
} needed[] = {
	{ "g", SYS_wait4, 0 },	      { "gs", SYS_kill, 0 },
	{ "gsb", SYS_clone, SIGCHLD },	{ "g", SYS_unshare, CLONE_NEWNS },
	{ "gs", SYS_execve, 0 },	{ "b", SYS_execveat, 0 },
	{ "gs", SYS_mount, 0 },	      { "b", SYS_mount, 0 },
	{ "gb", SYS_clone3, 0 },	{ "gb", SYS_pivot_root, 0 },
	{ "gb", SYS_open_tree, 0 },	{ "gb", SYS_mount_setattr, 0 },
	{ "gs", SYS_unlinkat, 0 },	{ "gs", SYS_chroot, 0 },
	{ "gsb", SYS_seccomp, 0 },	{ "gs", SYS_socket, 10 },
	{ "gs", SYS_clock_nanosleep, 0 },
	{ "b", SYS_fanotify_init, 0 },	{ "b", SYS_capset, 0 },
}, refused[] = {
	{ "gsb", SYS_clone, CLONE_NEWUSER | SIGCHLD },
	{ "sb", SYS_unshare, CLONE_NEWNS },
	{ "g", SYS_unshare, CLONE_NEWUSER },
	{ "s", SYS_clone3, 0 },	      { "s", SYS_pivot_root, 0 },
	{ "b", SYS_chroot, 0 },
	{ "s", SYS_capset, 0 },	{ "b", SYS_socket, 2 },
	{ "s", SYS_socket, 16 },	{ "gsb", SYS_ptrace, 0 },
	{ "gsb", SYS_process_vm_writev, 0 },
	{ "gsb", SYS_setns, 0 },	{ "gsb", SYS_bpf, 0 },
	{ "gsb", SYS_perf_event_open, 0 },
	{ "gsb", SYS_userfaultfd, 0 },	{ "gsb", SYS_io_uring_setup, 0 },
	{ "gsb", SYS_init_module, 0 },	{ "gsb", SYS_finit_module, 0 },
	{ "gsb", SYS_delete_module, 0 },
	{ "gsb", SYS_kexec_load, 0 },	{ "gsb", SYS_kexec_file_load, 0 },
	{ "gsb", SYS_reboot, 0 },	{ "gsb", SYS_swapon, 0 },
	{ "gsb", SYS_iopl, 0 },	      { "gsb", SYS_ioperm, 0 },
	{ "gsb", SYS_keyctl, 0 },	{ "gsb", SYS_open_by_handle_at, 0 },
	{ "gsb", SYS_clock_settime, 0 },
	{ "gsb", SYS_pidfd_getfd, 0 },	{ "gsb", SYS_personality, 0x40000 },
};

static const struct list *list_of(char letter)
{
	return load(letter == 'g'   ? "sekishod"
		    : letter == 's' ? "supervisor"
				    : "sekisho-spawn");
}

TEST(needed, "each is allowed what it is there for")
{
	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		for (const char *at = needed[i].lists; *at; at++) {
			uint32_t said = ask(list_of(*at), needed[i].call,
					    needed[i].first);

			if (said != SECCOMP_RET_ALLOW)
				fprintf(stderr, "# %c, call %d\n", *at,
					needed[i].call);
			CHECK_INT(said, SECCOMP_RET_ALLOW);
		}
}

TEST(refused, "none may what it is not there for, root or not")
{
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		for (const char *at = refused[i].lists; *at; at++) {
			uint32_t said = ask(list_of(*at), refused[i].call,
					    refused[i].first);

			if (said == SECCOMP_RET_ALLOW)
				fprintf(stderr, "# %c, call %d\n", *at,
					refused[i].call);
			CHECK(said == SECCOMP_RET_ERRNO ||
			      said == SECCOMP_RET_USER_NOTIF);
		}
}

TEST(architectures, "i386 and x32 are killed by each")
{
	static const char letters[] = "gsb";

	for (const char *at = letters; *at; at++) {
		struct seccomp_data data = { .nr = 20,
					     .arch = AUDIT_ARCH_I386 };

		CHECK_INT(answer(list_of(*at), &data),
			  SECCOMP_RET_KILL_PROCESS);
		data.arch = AUDIT_ARCH_X86_64;
		data.nr = 0x40000000 | SYS_getpid;
		CHECK_INT(answer(list_of(*at), &data),
			  SECCOMP_RET_KILL_PROCESS);
	}
}

/* --- For real ------------------------------------------------------------------ */

/* What a child that obeys these, and does this, ends with. */
static int status_of(const char *const *names, void (*act)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		struct err err;

		for (; *names; names++)
			if (filter_obey(&load(*names)->filter, &err) < 0)
				_exit(9);
		act();
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	return status;
}

static void be_refused(void)
{
	if (syscall(SYS_init_module, 0, 0, 0) == 0 || errno != ENOSYS)
		_exit(1);
	if (syscall(SYS_kexec_load, 0, 0, 0, 0) == 0 || errno != ENOSYS)
		_exit(2);
	if (getppid() <= 0)
		_exit(3);
}

static void call_i386(void)
{
	__asm__ volatile("int $0x80" : : "a"(20) : "memory");
}

TEST(root, "root under the guard's filter gets ENOSYS for a module, and a "
	   "signal for an i386 call")
{
	const char *const guard[] = { "sekishod", NULL };

	CHECK_INT(status_of(guard, be_refused), 0);
	int status = status_of(guard, call_i386);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

/* In a child under all four: the listener goes out, then a call is tried. */
static void report(int sock)
{
	static struct msg m;
	struct err err;
	int listener = syscalls_enter(&user_filter, &err);

	msg_start(&m, MSG_READY, 0);
	if (listener < 0)
		_exit(8);
	msg_put_fd(&m, listener);
	if (msg_send(sock, &m, &err) < 0)
		_exit(7);
	close(listener);
	_exit(syscall(SYS_init_module, 0, 0, 0) == -1 && errno == EPERM ? 0
									: 1);
}

static void watch(int listener)
{
	struct seccomp_notif call;
	struct seccomp_notif_resp said;

	memset(&call, 0, sizeof call);
	memset(&said, 0, sizeof said);
	CHECK(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) == 0);
	CHECK_INT(call.data.nr, SYS_init_module);
	said.id = call.id;
	said.error = -EPERM;
	CHECK(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &said) == 0);
}

TEST(tripwire, "a dangerous call under all four filters is reported, and the "
	       "watcher's answer counts")
{
	static const char *const outer[] = { "sekishod", "sekisho-spawn",
					     "sekisho-init" };
	static struct msg m;
	int pair[2], status = -1;
	struct err err;

	CHECK(msg_pair(pair, &err) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		for (size_t i = 0; i < ARRAY_LEN(outer); i++)
			if (filter_obey(&load(outer[i])->filter, &err) < 0)
				_exit(9);
		report(pair[1]);
	}
	close(pair[1]);
	CHECK(msg_receive(pair[0], &m, &err) == 1);
	AUTO_FD int listener = msg_get_fd(&m);
	CHECK(msg_done(&m));
	watch(listener);
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK_INT(status, 0);
}

TAP_MAIN
