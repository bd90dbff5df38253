/*
 * ask - ask policy and wait.
 *
 * Runs in sekisho-desk and sekishoctl. The answer is trusted to come from
 * policy, its bytes are not trusted to be well formed.
 */
#include "gateway/desk/ask.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

enum { PATIENCE_MS = 30000 };

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void say_late(struct result *result)
{
	result_error(result, RESULT_FAILED, TEXT_ASK_LATE, NULL, NULL, NULL);
	result_hint(result, TEXT_ASK_AGAIN, NULL, NULL);
}

/* 1: the answer to ref is in result; 0: something else; -1: err. */
static int take_answer(int link, uint32_t ref, struct result *result,
		       struct err *err)
{
	static struct msg m;
	int got = msg_receive(link, &m, err);
	bool meant = got > 0 && m.type == MSG_ANSWER && m.ref == ref;

	if (got == 0 && errno == EAGAIN)
		return 0;
	if (got == 0)
		return err_set(err, "policy ended the link");
	if (got < 0)
		return -1;
	if (meant && result_get(&m, result) < 0) {
		msg_clear(&m);
		return err_set(err, "policy sent a malformed ANSWER");
	}
	msg_clear(&m);
	return meant;
}

int ask(int link, const struct command *command, struct result *result,
	struct err *err)
{
	static uint32_t last_ref;
	uint32_t ref = ++last_ref;
	int64_t until = now_ms() + PATIENCE_MS;
	struct msg m;

	msg_start(&m, MSG_ASK, ref);
	msg_put_str(&m, command_word(command, 0));
	msg_put_u32(&m, command->n > 0 ? command->n - 1 : 0);
	for (unsigned int i = 1; i < command->n; i++)
		msg_put_str(&m, command->words[i]);
	if (msg_send(link, &m, err) < 0)
		return -1;
	for (;;) {
		struct pollfd wait = { .fd = link, .events = POLLIN };
		int64_t left = until - now_ms();
		int n = left > 0 ? poll(&wait, 1, (int)left) : 0;

		if (n == 0) {
			say_late(result);
			return 0;
		}
		if (n < 0 && errno != EINTR)
			return err_sys(err, "poll");
		int got = n > 0 ? take_answer(link, ref, result, err) : 0;
		if (got != 0)
			return got < 0 ? -1 : 0;
	}
}
