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

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void ask_late(struct result *result)
{
	result_error(result, RESULT_FAILED, TEXT_ASK_LATE, NULL, NULL, NULL);
	result_hint(result, TEXT_ASK_AGAIN, NULL, NULL);
}

int ask_send(int link, const struct command *command, uint32_t *ref,
	     struct err *err)
{
	static uint32_t last_ref;
	struct msg m;

	*ref = ++last_ref;
	msg_start(&m, MSG_ASK, *ref);
	msg_put_str(&m, command_word(command, 0));
	msg_put_u32(&m, command->n > 0 ? command->n - 1 : 0);
	for (unsigned int i = 1; i < command->n; i++)
		msg_put_str(&m, command->words[i]);
	return msg_send(link, &m, err);
}

int ask_take(int link, uint32_t *ref, struct result *result, struct err *err)
{
	static struct msg m;
	int got = msg_receive(link, &m, err);
	bool meant = got > 0 && m.type == MSG_ANSWER;

	if (got == 0 && errno == EAGAIN)
		return 0;
	if (got == 0)
		return err_set(err, "policy ended the link");
	if (got < 0)
		return -1;
	*ref = m.ref;
	if (meant && result_get(&m, result) < 0) {
		msg_clear(&m);
		return err_set(err, "policy sent a malformed ANSWER");
	}
	msg_clear(&m);
	return meant;
}

int ask(int link, const struct command *command, unsigned int seconds,
	struct result *result, struct err *err)
{
	int64_t until = now_ms() + (int64_t)seconds * 1000;
	uint32_t ref, answered;

	if (ask_send(link, command, &ref, err) < 0)
		return -1;
	for (;;) {
		struct pollfd wait = { .fd = link, .events = POLLIN };
		int64_t left = until - now_ms();
		int n = left > 0 ? poll(&wait, 1, (int)left) : 0;

		if (n == 0) {
			ask_late(result);
			return 0;
		}
		if (n < 0 && errno != EINTR)
			return err_sys(err, "poll");
		int got = n > 0 ? ask_take(link, &answered, result, err) : 0;
		if (got < 0)
			return -1;
		if (got > 0 && answered == ref)
			return 0;
	}
}
