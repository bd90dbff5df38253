/*
 * aides - see aides.h. Runs in the supervisor; an aide may only say READY.
 */
#include "gateway/supervisor/aides.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/supervisor/areas.h"
#include "gateway/supervisor/conns.h"
#include "gateway/supervisor/orders.h"
#include "gateway/supervisor/services.h"
#include "gateway/supervisor/trail.h"
#include "gateway/supervisor/vault.h"
#include "gateway/supervisor/views.h"

struct aide {
	struct aide *next;
	struct gateway *gateway;
	uint32_t conn, channel;
	uint64_t order;
	uint32_t desk;	    /* its number with policy; 0: a file server */
	int wire;	    /* the client's end, until the aide serves */
	const char *vaults; /* what it is to the vault; NULL: nothing */
	char actor[ID_SIZE], permit[ID_SIZE];
	struct child child;
};

static void aide_free(struct aide *aide)
{
	struct aide **at = &aide->gateway->aides;

	while (*at != aide)
		at = &(*at)->next;
	*at = aide->next;
	if (aide->desk)
		views_desk_gone(aide->gateway, aide->desk);
	child_end(&aide->child);
	own_close(&aide->wire);
	free(aide);
}

static void heard(struct child *child, struct msg *m)
{
	struct aide *aide = child->owner;
	struct gateway *gateway = aide->gateway;
	struct conn *conn = conns_find(gateway, aide->conn);

	if (m->type == MSG_READY && conn) {
		conns_channel(conn, aide->channel, aide->wire);
		own_close(&aide->wire);
		order_done(gateway, aide->order, true, "");
		return;
	}
	if (m->type != MSG_READY)
		note("%s: may not send %s", child->program, msg_name(m->type));
	aide_free(aide);
}

static void gone(struct child *child)
{
	struct aide *aide = child->owner;

	if (strcmp(child->why, "exit status 0") != 0)
		note("a desk or file server ended: %s", child->why);
	if (aide->wire >= 0)
		order_done(aide->gateway, aide->order, false, child->why);
	aide_free(aide);
}

static int begin(struct gateway *gateway, const struct desk_setup *setup,
		 bool files, struct msg *m, struct err *err)
{
	uint32_t uid = lease_take(&gateway->leases, err);

	if (uid == 0)
		return -1;
	start_begin(m, uid, areas_group(gateway, setup, files, uid),
		    gateway->tree.folders[TREE_EMPTY]);
	return 0;
}

static int link_audit(struct gateway *gateway, struct child *child,
		      const char *writer, const struct desk_setup *setup,
		      struct err *err)
{
	struct trail_name name = { writer, setup->actor, setup->session,
				   setup->permit };

	return trail_link(gateway, child, &name, err);
}

/* A desk asks policy; policy is told who asks. */
static int link_policy(struct gateway *gateway, struct child *child,
		       const struct desk_setup *setup, struct err *err)
{
	struct msg m;
	int pair[2];

	if (msg_pair(pair, err) < 0)
		return -1;
	AUTO_FD int policy = pair[0];
	AUTO_FD int desk = pair[1];
	msg_start(&m, MSG_PEER_DESK, 0);
	msg_put_u32(&m, ++gateway->next_desk);
	msg_put_str(&m, setup->person);
	msg_put_str(&m, setup->role);
	msg_put_str(&m, setup->session);
	msg_put_str(&m, setup->permit);
	msg_put_str(&m, setup->lang);
	msg_put_fd(&m, policy);
	services_send(gateway, SERVICE_POLICY, &m);
	msg_start(&m, MSG_LINK_POLICY, 0);
	msg_put_fd(&m, desk);
	child_send(child, &m);
	return 0;
}

/* An auditor's desk asks the search index. */
static int link_index(struct gateway *gateway, struct child *child,
		      struct err *err)
{
	struct msg m;
	int pair[2];

	if (msg_pair(pair, err) < 0)
		return -1;
	AUTO_FD int index = pair[0];
	AUTO_FD int desk = pair[1];
	msg_start(&m, MSG_SEEKER, 0);
	msg_put_fd(&m, index);
	services_send(gateway, SERVICE_INDEX, &m);
	msg_start(&m, MSG_LINK_INDEX, 0);
	msg_put_fd(&m, desk);
	child_send(child, &m);
	return 0;
}

/* What is behind commitments, auditors read. */
static bool is_auditor(const struct desk_setup *setup)
{
	return strcmp(setup->role, "auditor") == 0;
}

static int link_vault(struct aide *aide, struct err *err)
{
	struct trail_name name = { aide->vaults, aide->actor, "-",
				   aide->permit };

	if (!aide->vaults)
		return 0;
	return vault_link(aide->gateway, &aide->child, &name, err);
}

int aides_link_vault(struct gateway *gateway, struct err *err)
{
	for (struct aide *aide = gateway->aides; aide; aide = aide->next)
		if (link_vault(aide, err) < 0)
			return -1;
	return 0;
}

static void name_to_vault(struct aide *aide, const char *writer,
			  const struct desk_setup *setup)
{
	aide->vaults = writer;
	memcpy(aide->actor, setup->actor, ID_SIZE);
	memcpy(aide->permit, setup->permit, ID_SIZE);
	if (!aide->permit[0])
		memcpy(aide->permit, "-", 2);
}

static int start_desk(struct gateway *gateway, struct child *child,
		      const struct desk_setup *setup, bool session, int fd,
		      struct err *err)
{
	const int *folders = gateway->tree.folders;
	/* Auditors read the log's folder through its group. */
	bool auditor = is_auditor(setup);
	struct msg m;

	if (begin(gateway, setup, false, &m, err) < 0 ||
	    child_start(child, gateway->loop, gateway->settings->programs,
			"sekisho-desk", err) < 0)
		return -1;
	msg_put_u8(&m, session);
	msg_put_str(&m, setup->person);
	msg_put_str(&m, setup->actor);
	msg_put_str(&m, setup->role);
	msg_put_str(&m, setup->session);
	msg_put_str(&m, setup->permit);
	msg_put_str(&m, setup->lang);
	msg_put_u8(&m, setup->tty);
	msg_put_u32(&m, setup->cols);
	msg_put_u32(&m, setup->rows);
	msg_put_str(&m, setup->command);
	msg_put_fd(&m, fd);
	msg_put_fd(&m, folders[auditor ? TREE_AUDIT : TREE_EMPTY]);
	child_send(child, &m);
	if (link_audit(gateway, child, "desk", setup, err) < 0 ||
	    (auditor && link_index(gateway, child, err) < 0))
		return -1;
	return link_policy(gateway, child, setup, err);
}

int aides_session_desk(struct gateway *gateway, struct child *child,
		       const struct desk_setup *setup, int listener,
		       struct err *err)
{
	return start_desk(gateway, child, setup, true, listener, err);
}

static int start_files(struct gateway *gateway, struct child *child,
		       const struct desk_setup *setup, int fd, struct err *err)
{
	struct areas areas;
	struct msg m;

	if (areas_open(gateway, setup, &areas, err) < 0 ||
	    begin(gateway, setup, true, &m, err) < 0 ||
	    child_start(child, gateway->loop, gateway->settings->programs,
			"sekisho-files", err) < 0) {
		areas_close(&areas);
		return -1;
	}
	msg_put_str(&m, setup->person);
	msg_put_str(&m, setup->actor);
	msg_put_str(&m, setup->role);
	msg_put_str(&m, setup->permit);
	msg_put_str(&m, setup->lang);
	msg_put_fd(&m, fd);
	areas_put(&areas, &m);
	child_send(child, &m);
	areas_close(&areas);
	return link_audit(gateway, child, "files", setup, err);
}

static struct aide *aide_new(struct gateway *gateway, uint64_t order,
			     uint32_t conn, uint32_t channel, struct err *err)
{
	struct aide *aide = calloc(1, sizeof *aide);

	if (!aide) {
		err_set(err, "out of memory");
		return NULL;
	}
	*aide = (struct aide){ .next = gateway->aides,
			       .gateway = gateway,
			       .conn = conn,
			       .channel = channel,
			       .order = order,
			       .wire = -1 };
	aide->child.owner = aide;
	aide->child.heard = heard;
	aide->child.gone = gone;
	gateway->aides = aide;
	return aide;
}

static int start_aide(struct gateway *gateway, struct aide *aide, bool desk,
		      const struct desk_setup *setup, struct err *err)
{
	int pair[2];

	if (msg_pair(pair, err) < 0)
		return -1;
	AUTO_FD int theirs = pair[0];
	aide->wire = pair[1];
	if (!desk || is_auditor(setup))
		name_to_vault(aide, desk ? "desk" : "files", setup);
	if (!desk) {
		if (start_files(gateway, &aide->child, setup, theirs, err) < 0)
			return -1;
		return link_vault(aide, err);
	}
	if (start_desk(gateway, &aide->child, setup, false, theirs, err) < 0)
		return -1;
	aide->desk = gateway->next_desk;
	return link_vault(aide, err);
}

static int serve(struct gateway *gateway, struct aide *aide, bool desk,
		 const struct desk_setup *setup, struct err *err)
{
	if (!aide)
		return -1;
	if (!conns_find(gateway, aide->conn))
		err_set(err, "the connection is gone");
	else if (start_aide(gateway, aide, desk, setup, err) == 0)
		return 0;
	aide_free(aide);
	return -1;
}

int aides_desk(struct gateway *gateway, uint64_t order, uint32_t conn,
	       uint32_t channel, const struct desk_setup *setup,
	       struct err *err)
{
	return serve(gateway, aide_new(gateway, order, conn, channel, err),
		     true, setup, err);
}

int aides_files(struct gateway *gateway, uint64_t order, uint32_t conn,
		uint32_t channel, const struct desk_setup *setup,
		struct err *err)
{
	return serve(gateway, aide_new(gateway, order, conn, channel, err),
		     false, setup, err);
}

struct child *aides_find_desk(struct gateway *gateway, uint32_t desk)
{
	struct aide *aide = gateway->aides;

	while (aide && (aide->desk != desk || !aide->child.ready))
		aide = aide->next;
	return desk && aide ? &aide->child : NULL;
}

void aides_end(struct gateway *gateway)
{
	while (gateway->aides)
		aide_free(gateway->aides);
}

bool aides_own(const struct gateway *gateway, pid_t pid)
{
	const struct aide *aide = gateway->aides;

	while (aide && aide->child.pid != pid)
		aide = aide->next;
	return aide;
}
