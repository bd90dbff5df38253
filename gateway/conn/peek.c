/*
 * peek - count what is refused, also where libssh would not tell.
 *
 * Runs in sekisho-conn, inside libssh's packet handlers. Reads bytes that the
 * client sent; changes none of them. Everything is passed on to libssh, which
 * refuses what our callbacks do not accept.
 */
#include "gateway/conn/peek.h"

#include <libssh/callbacks.h>
#include <string.h>

enum {
	PACKET_MIN = 1024, /* a client that takes less per packet is cut */
	FIRST_PACKETS = 3, /* that bring the first keys about */
};

enum where { CHANNEL_OPEN = 1, CHANNEL_REQUEST, GLOBAL_REQUEST };

static const char eow[] = "eow@openssh.com";

static const struct {
	enum where where;
	const char *name;
	const char *kind;
} asked[] = {
#define ASKED(where, name, kind) { where, name, kind },
#include "gateway/conn/refusals.def"
#undef ASKED
};

/* libssh's handlers have no place for an argument of ours. */
static struct conn *watched;
static bool end_of_write, exchanged;

struct ssh_signature_struct;

int __real_ssh_packet_channel_open(ssh_session, uint8_t, ssh_buffer, void *);
int __wrap_ssh_packet_channel_open(ssh_session, uint8_t, ssh_buffer, void *);
int __real_channel_rcv_request(ssh_session, uint8_t, ssh_buffer, void *);
int __wrap_channel_rcv_request(ssh_session, uint8_t, ssh_buffer, void *);
int __real_ssh_packet_global_request(ssh_session, uint8_t, ssh_buffer, void *);
int __wrap_ssh_packet_global_request(ssh_session, uint8_t, ssh_buffer, void *);
int __real_ssh_packet_newkeys(ssh_session, uint8_t, ssh_buffer, void *);
int __wrap_ssh_packet_newkeys(ssh_session, uint8_t, ssh_buffer, void *);
int __real_ssh_pki_signature_verify(ssh_session, struct ssh_signature_struct *,
				    ssh_key, const unsigned char *, size_t);
int __wrap_ssh_pki_signature_verify(ssh_session, struct ssh_signature_struct *,
				    ssh_key, const unsigned char *, size_t);

void peek_begin(struct conn *conn)
{
	watched = conn;
}

bool peek_end_of_write(void)
{
	return end_of_write;
}

static bool get_u32(const uint8_t **at, size_t *left, uint32_t *value)
{
	const uint8_t *p = *at;

	if (*left < 4)
		return false;
	*value = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		 (uint32_t)p[2] << 8 | p[3];
	*at += 4;
	*left -= 4;
	return true;
}

static bool get_string(const uint8_t **at, size_t *left, const uint8_t **text,
		       uint32_t *len)
{
	if (!get_u32(at, left, len) || *len > *left)
		return false;
	*text = *at;
	*at += *len;
	*left -= *len;
	return true;
}

/* Count the request if the table does not let it through. */
static void judge(enum where where, const uint8_t *name, uint32_t len)
{
	const char *kind = "other";

	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
		if (asked[i].where == where && strlen(asked[i].name) == len &&
		    memcmp(asked[i].name, name, len) == 0)
			kind = asked[i].kind;
	if (kind[0] != '\0')
		conn_refuse(watched, kind);
}

int __wrap_ssh_packet_channel_open(ssh_session session, uint8_t type,
				   ssh_buffer packet, void *user)
{
	const uint8_t *at = ssh_buffer_get(packet), *name = NULL;
	size_t left = ssh_buffer_get_len(packet);
	uint32_t len = 0, sender, window, max;

	if (!get_string(&at, &left, &name, &len) ||
	    !get_u32(&at, &left, &sender) || !get_u32(&at, &left, &window) ||
	    !get_u32(&at, &left, &max) || max < PACKET_MIN) {
		watched->ending = true;
		return SSH_PACKET_USED;
	}
	judge(CHANNEL_OPEN, name, len);
	return __real_ssh_packet_channel_open(session, type, packet, user);
}

int __wrap_channel_rcv_request(ssh_session session, uint8_t type,
			       ssh_buffer packet, void *user)
{
	const uint8_t *at = ssh_buffer_get(packet), *name = NULL;
	size_t left = ssh_buffer_get_len(packet);
	uint32_t channel, len = 0;

	if (get_u32(&at, &left, &channel) &&
	    get_string(&at, &left, &name, &len))
		judge(CHANNEL_REQUEST, name, len);
	end_of_write =
		name && len == strlen(eow) && memcmp(name, eow, len) == 0;
	int done = __real_channel_rcv_request(session, type, packet, user);
	end_of_write = false;
	return done;
}

int __wrap_ssh_packet_global_request(ssh_session session, uint8_t type,
				     ssh_buffer packet, void *user)
{
	const uint8_t *at = ssh_buffer_get(packet), *name = NULL;
	size_t left = ssh_buffer_get_len(packet);
	uint32_t len = 0;

	if (get_string(&at, &left, &name, &len))
		judge(GLOBAL_REQUEST, name, len);
	return __real_ssh_packet_global_request(session, type, packet, user);
}

/*
 * Before the first keys an honest client sends KEXINIT, its half of the
 * exchange, and this. What is more was slipped in: strict key exchange ends
 * the line there (openssh-portable, PROTOCOL 1.10), and libssh does not.
 */
int __wrap_ssh_packet_newkeys(ssh_session session, uint8_t type,
			      ssh_buffer packet, void *user)
{
	if (!exchanged && watched->packets.in_packets != FIRST_PACKETS) {
		watched->ending = true;
		return SSH_PACKET_USED;
	}
	exchanged = true;
	return __real_ssh_packet_newkeys(session, type, packet, user);
}

/* No honest client sends a wrong signature, and libssh never answers one. */
int __wrap_ssh_pki_signature_verify(ssh_session session,
				    struct ssh_signature_struct *signature,
				    ssh_key key, const unsigned char *data,
				    size_t len)
{
	int done = __real_ssh_pki_signature_verify(session, signature, key,
						   data, len);

	if (done != SSH_OK)
		watched->ending = true;
	return done;
}
