/*
 * spawner - see spawner.h. Runs in the supervisor.
 */
#include "gateway/supervisor/spawner.h"

#include <fcntl.h>
#include <stdio.h>

#include "gateway/base/own.h"
#include "gateway/supervisor/sessions.h"
#include "gateway/supervisor/trail.h"

static void heard(struct child *child, struct msg *m)
{
	if (m->type == MSG_READY)
		return;
	note("%s: may not send %s", child->program, msg_name(m->type));
	child_end(child);
	child->gone(child);
}

/* Its sandboxes died with it. Another one cannot be started by this process,
 * whose filter it would inherit: only a new life has one. */
static void gone(struct child *child)
{
	struct gateway *gateway = child->owner;
	struct audit_record record;
	char why[400];

	if (gateway->ending[0])
		return;
	audit_begin(&record, "admin.crash", AUDIT_ERROR);
	audit_text(&record, "program", "sekisho-spawn");
	audit_text(&record, "why", child->why);
	trail_write(gateway, &record);
	snprintf(why, sizeof why, "sekisho-spawn ended: %s", child->why);
	gateway_end(gateway, gateway->site.known || gateway->again, why);
	gateway->refused = !gateway->failed;
	sessions_end_all(gateway, "a protection stopped");
}

int spawner_start(struct gateway *gateway, struct err *err)
{
	const char *folder = gateway->settings->programs;
	struct child *child = &gateway->spawner;
	AUTO_FD int programs = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct msg m;

	if (programs < 0)
		return err_sys(err, "open folder %s", folder);
	child->owner = gateway;
	child->heard = heard;
	child->gone = gone;
	if (child_start(child, gateway->loop, folder, "sekisho-spawn", err) < 0)
		return -1;
	msg_start(&m, MSG_SPAWN_START, 0);
	msg_put_fd(&m, programs);
	child_send(child, &m);
	return 0;
}

int spawner_box(struct gateway *gateway, struct child *box, struct err *err)
{
	struct msg m;
	int pair[2];

	if (!gateway->spawner.program)
		return err_set(err, "sekisho-spawn does not run");
	if (msg_pair(pair, err) < 0)
		return -1;
	AUTO_FD int theirs = pair[1];
	if (child_adopt(box, gateway->loop, "sekisho-box", pair[0], err) < 0)
		return -1;
	msg_start(&m, MSG_SPAWN_BOX, 0);
	msg_put_fd(&m, theirs);
	child_send(&gateway->spawner, &m);
	return 0;
}
