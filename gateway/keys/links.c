/*
 * links - answer the requests in requests.def, one connection at a time.
 *
 * Runs in sekisho-keys. The peers are connection processes and are not
 * trusted: one that was taken over can have exchange hashes signed, at the
 * pace of key exchanges, and nothing else.
 */
#include "gateway/keys/links.h"

#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"

struct request {
	enum msg_type type;
	/* Reads m, puts the answer into it. 0, or -1: the link closes. */
	int (*handler)(struct link *link, struct msg *m,
		       const struct host *host, struct err *err);
	uint32_t most;
};

static int on_host_key(struct link *link, struct msg *m,
		       const struct host *host, struct err *err)
{
	(void)link;
	if (!msg_done(m))
		return err_set(err, "malformed HOST_KEY");
	msg_start(m, MSG_HOST_KEY_IS, m->ref);
	msg_put_bytes(m, host->public, sizeof host->public);
	return 0;
}

static int on_sign(struct link *link, struct msg *m, const struct host *host,
		   struct err *err)
{
	uint8_t hash[HOST_HASH_LEN], signature[HOST_SIGNATURE_LEN];
	size_t len;
	const uint8_t *bytes = msg_get_bytes(m, &len);

	if (!msg_done(m) || len != sizeof hash)
		return err_set(err, "malformed SIGN");
	if (link->allowance == 0)
		return err_set(err, "too many signatures at once");
	link->allowance--;
	memcpy(hash, bytes, sizeof hash);
	if (host_sign(host, hash, signature, err) < 0)
		return -1;
	msg_start(m, MSG_SIGNATURE, m->ref);
	msg_put_bytes(m, signature, sizeof signature);
	return 0;
}

static const struct request requests[] = {
#define REQUEST(name, handler, most) { MSG_##name, handler, most },
#include "gateway/keys/requests.def"
#undef REQUEST
};

_Static_assert(ARRAY_LEN(requests) == ARRAY_LEN(((struct link *)0)->asked),
	       "struct link counts each row");

int links_add(struct links *links, uint32_t conn, int fd, time_t now)
{
	if (links->n == LINKS_MAX || fd < 0) {
		own_close(&fd);
		return -1;
	}
	links->link[links->n] = (struct link){ .conn = conn,
					       .allowance = LINKS_BURST,
					       .filled = now };
	links->at[1 + links->n] = (struct pollfd){ .fd = fd, .events = POLLIN };
	links->n++;
	return 0;
}

/* The last one takes the place of the one that goes. */
static void drop(struct links *links, size_t i)
{
	close(links->at[1 + i].fd);
	links->n--;
	links->link[i] = links->link[links->n];
	links->at[1 + i] = links->at[1 + links->n];
}

static void refill(struct link *link, time_t now)
{
	time_t more = now - link->filled;

	if (more <= 0)
		return;
	link->allowance = more >= LINKS_BURST - (time_t)link->allowance
				  ? LINKS_BURST
				  : link->allowance + (uint32_t)more;
	link->filled = now;
}

static int answer(struct link *link, struct msg *m, const struct host *host,
		  struct err *err)
{
	for (size_t r = 0; r < ARRAY_LEN(requests); r++) {
		if (requests[r].type != m->type)
			continue;
		if (++link->asked[r] > requests[r].most)
			return err_set(err, "%s: asked too often",
				       msg_name(m->type));
		return requests[r].handler(link, m, host, err);
	}
	return err_set(err, "unexpected %s", msg_name(m->type));
}

void links_serve(struct links *links, size_t i, const struct host *host,
		 time_t now)
{
	struct link *link = &links->link[i];
	int fd = links->at[1 + i].fd;
	static struct msg m;
	struct err err;

	int got = msg_receive(fd, &m, &err);
	if (got == 0) {
		drop(links, i);
		return;
	}
	refill(link, now);
	int done = got;
	if (got > 0) {
		bool beside = m.nfds > 0;

		msg_clear(&m);
		done = beside ? err_set(&err, "sent a descriptor")
			      : answer(link, &m, host, &err);
	}
	if (done < 0 || msg_send(fd, &m, &err) < 0) {
		note("connection %u: %s", link->conn, err.text);
		drop(links, i);
	}
}
