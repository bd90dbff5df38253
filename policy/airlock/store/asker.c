#include "policy/airlock/store/asker.h"

#include "gateway/base/own.h"

void asker_init(struct asker *asker, int link)
{
	asker->link = link;
	asker->lost = false;
	mailbox_init(&asker->mailbox);
}

void asker_clear(struct asker *asker)
{
	own_close(&asker->link);
	mailbox_clear(&asker->mailbox);
	asker->lost = false;
}

void asker_send(struct asker *asker, const struct msg *m)
{
	struct err err;

	if (asker->link >= 0 && !asker->lost &&
	    mailbox_send(&asker->mailbox, asker->link, m, &err) < 0)
		asker->lost = true;
}

struct pollfd asker_poll(const struct asker *asker, bool reads)
{
	bool waiting = mailbox_waiting(&asker->mailbox);

	/* Without events poll() still tells that the link is closed, which
	 * would be found again and again while it is not read. */
	return (struct pollfd){
		.fd = reads || waiting ? asker->link : -1,
		.events =
			(short)((reads ? POLLIN : 0) | (waiting ? POLLOUT : 0)),
	};
}

bool asker_readable(struct asker *asker, const struct pollfd *found)
{
	struct err err;

	if (found->revents & POLLOUT &&
	    mailbox_flush(&asker->mailbox, asker->link, &err) < 0)
		asker->lost = true;
	if (!(found->events & POLLIN)) {
		asker->lost |= found->revents & (POLLERR | POLLHUP);
		return false;
	}
	return found->revents & (POLLIN | POLLERR | POLLHUP);
}
