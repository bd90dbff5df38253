#include "gateway/base/mailbox.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"

struct letter {
	struct letter *next;
	size_t len;
	unsigned int nfds;
	int fds[MSG_FDS];
	uint8_t data[]; /* len of them */
};

static void letter_free(struct letter *letter)
{
	for (unsigned int i = 0; i < letter->nfds; i++)
		close(letter->fds[i]);
	free(letter);
}

void mailbox_init(struct mailbox *mailbox)
{
	*mailbox = (struct mailbox){ .last = &mailbox->first };
}

static void drop_first(struct mailbox *mailbox)
{
	struct letter *letter = mailbox->first;

	mailbox->first = letter->next;
	if (!mailbox->first)
		mailbox->last = &mailbox->first;
	mailbox->bytes -= letter->len;
	letter_free(letter);
}

void mailbox_clear(struct mailbox *mailbox)
{
	while (mailbox->first)
		drop_first(mailbox);
}

bool mailbox_waiting(const struct mailbox *mailbox)
{
	return mailbox->first;
}

static int keep(struct mailbox *mailbox, const struct msg *m, struct err *err)
{
	struct letter *letter;

	if (mailbox->bytes + m->len > MAILBOX_MAX)
		return err_set(err, "send %s: the peer does not read",
			       msg_name(m->type));
	letter = malloc(sizeof *letter + m->len);
	if (!letter)
		return err_set(err, "send %s: out of memory",
			       msg_name(m->type));
	*letter = (struct letter){ .len = m->len };
	memcpy(letter->data, m->data, m->len);
	for (; letter->nfds < m->nfds; letter->nfds++) {
		int fd = fcntl(m->fds[letter->nfds], F_DUPFD_CLOEXEC, 0);

		if (fd < 0) {
			letter_free(letter);
			return err_sys(err, "send %s: keep a descriptor",
				       msg_name(m->type));
		}
		letter->fds[letter->nfds] = fd;
	}
	*mailbox->last = letter;
	mailbox->last = &letter->next;
	mailbox->bytes += m->len;
	return 0;
}

int mailbox_send(struct mailbox *mailbox, int sock, const struct msg *m,
		 struct err *err)
{
	int sent = 0;

	if (m->bad)
		return err_set(err, "%s: message too long", msg_name(m->type));
	if (mailbox_flush(mailbox, sock, err) < 0)
		return -1;
	if (!mailbox_waiting(mailbox))
		sent = msg_try(sock, m, err);
	return sent != 0 ? (sent < 0 ? -1 : 0) : keep(mailbox, m, err);
}

int mailbox_flush(struct mailbox *mailbox, int sock, struct err *err)
{
	static struct msg m;

	while (mailbox->first) {
		const struct letter *letter = mailbox->first;

		if (msg_from_bytes(&m, letter->data, letter->len) < 0)
			return err_set(err, "a kept message is none");
		m.nfds = letter->nfds;
		memcpy(m.fds, letter->fds, sizeof m.fds);
		int sent = msg_try(sock, &m, err);
		m.nfds = 0; /* they are the letter's */
		if (sent <= 0)
			return sent;
		drop_first(mailbox);
	}
	return 0;
}
