/* links: audit gateway/base; */
/*
 * The real sekisho-watch, and children that make dangerous calls under a
 * filter that sends mount and setns to it.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "audit/client.h"
#include "tests/unit/stage.h"

static struct stage stage;

static void start(void)
{
	if (geteuid() != 0)
		SKIP("needs root");
	int root = stage_folder("root");
	stage_start(&stage, "build/bin/sekisho-watch", root);
	stage_send(&stage);
	CHECK_INT(stage_hear(&stage), MSG_READY);
}

/* Install the filter; the listener's descriptor. */
static int listen_here(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mount, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setns, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof code / sizeof *code, code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

/* A child that tries as many mounts as the test writes to *go, and says with
 * which errno the last failed. */
static pid_t child(const char *session, int *go)
{
	int pair[2];
	struct err err;
	struct msg m;

	CHECK(msg_pair(pair, &err) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		int listener = listen_here();
		uint32_t n;

		if (listener < 0)
			_exit(9);
		msg_start(&m, MSG_WATCH, 0);
		msg_put_str(&m, session);
		msg_put_str(&m, "P-1");
		msg_put_str(&m, "a-7");
		msg_put_fd(&m, listener);
		msg_send(pair[1], &m, &err);
		close(listener);
		close(pair[0]);
		while (read(pair[1], &n, sizeof n) == sizeof n) {
			uint32_t last = 0;

			for (; n > 0; n--) {
				errno = 0;
				long r = mount("none", "/nowhere", "tmpfs", 0,
					       NULL);
				last = r < 0 ? (uint32_t)errno : 0;
			}
			if (write(pair[1], &last, sizeof last) < 0)
				_exit(8);
		}
		_exit(0);
	}
	CHECK(msg_receive(pair[0], &m, &err) == 1);
	/* Passing on what a child made is the supervisor's part. */
	CHECK(msg_send(stage.link, &m, &err) == 0);
	msg_clear(&m);
	close(pair[1]);
	*go = pair[0];
	return pid;
}

static void attempt(int go, uint32_t n)
{
	CHECK(write(go, &n, sizeof n) == sizeof n);
}

static uint32_t outcome(int go)
{
	uint32_t last = 0;

	CHECK(stage_readable(go, 5000));
	CHECK(read(go, &last, sizeof last) == sizeof last);
	return last;
}

TEST(denied, "a denied call is a record, then EPERM")
{
	int go;

	start();
	child("s1", &go);
	attempt(go, 1);
	CHECK(stage_record(&stage, 3000));
	CHECK_STR(stage.line, "tripwire deny a-7 s1 P-1 call=mount number=165 "
			      "count=1");
	stage_durable(&stage);
	CHECK_INT(outcome(go), EPERM);
}

TEST(repeats, "a thousand attempts are two records that add up")
{
	int go;
	long long sum = 0;

	start();
	child("s1", &go);
	attempt(go, 1000);
	CHECK_INT(outcome(go), EPERM);
	close(go); /* the child ends, its listener with it */
	for (int i = 0; sum < 1000; i++) {
		CHECK(i < 4);
		CHECK(stage_record(&stage, 3000));
		sum += atoll(stage_field(&stage, "count"));
		stage_durable(&stage);
	}
	CHECK_INT(sum, 1000);
	CHECK(!stage_record(&stage, 1300));
}

TEST(late, "while audit does not answer for a second, denied calls wait")
{
	int go;

	start();
	child("s1", &go);
	attempt(go, 1);
	CHECK_INT(outcome(go), EPERM);
	CHECK(stage_record(&stage, 1000));
	uint32_t ref = stage.ref;
	sleep(2);
	attempt(go, 1);
	CHECK(!stage_readable(go, 700));
	stage.ref = ref;
	stage_durable(&stage);
	CHECK_INT(outcome(go), EPERM);
}

TEST(two, "two sessions are told apart")
{
	int one, two;

	start();
	child("s1", &one);
	child("s2", &two);
	attempt(two, 1);
	CHECK(stage_record(&stage, 3000));
	CHECK(strstr(stage.line, " s2 P-1 "));
	stage_durable(&stage);
	attempt(one, 1);
	CHECK(stage_record(&stage, 3000));
	CHECK(strstr(stage.line, " s1 P-1 "));
	stage_durable(&stage);
	CHECK_INT(outcome(one), EPERM);
	CHECK_INT(outcome(two), EPERM);
}

TEST(killed, "a caller that is killed while it waits harms nobody")
{
	int one, two;
	uint32_t n = 1;

	start();
	pid_t pid = child("s1", &one);
	child("s2", &two);
	CHECK(kill(stage.pid, SIGSTOP) == 0);
	CHECK(write(one, &n, sizeof n) == sizeof n);
	usleep(100000);
	CHECK(kill(pid, SIGKILL) == 0);
	CHECK(kill(stage.pid, SIGCONT) == 0);
	attempt(two, 1);
	CHECK_INT(outcome(two), EPERM);
}

TEST(dead, "when the watcher dies, denied calls still fail")
{
	int go;

	start();
	child("s1", &go);
	CHECK(kill(stage.pid, SIGKILL) == 0);
	attempt(go, 1);
	CHECK_INT(outcome(go), ENOSYS);
}

TEST(no_audit, "without audit the watcher ends")
{
	start();
	shutdown(stage.audit, SHUT_RDWR);
	CHECK_INT(stage_hear(&stage), MSG_FAILED);
	CHECK_INT(stage_end(&stage), 1);
}

TAP_MAIN
