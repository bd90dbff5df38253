/*
 * views - see views.h. Runs in the supervisor. A desk looks at one file at a
 * time: a new view ends the one before.
 */
#include "gateway/supervisor/views.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/supervisor/aides.h"
#include "gateway/supervisor/orders.h"
#include "gateway/supervisor/parses.h"
#include "gateway/supervisor/services.h"
#include "gateway/supervisor/store.h"

enum { VIEW_SECONDS = 300 };

struct view {
	struct view *next;
	struct gateway *gateway;
	uint64_t order; /* 0: it was answered */
	uint32_t desk;
	uint64_t number;
	struct frozen file;
	time_t deadline;
	struct cgroup group;
	bool has_group;
	struct child parse;
	struct ask ask;
};

static void view_free(struct view *view, const char *why)
{
	struct gateway *gateway = view->gateway;
	struct view **at = &gateway->views;
	struct err err;

	while (*at != view)
		at = &(*at)->next;
	*at = view->next;
	ask_forget(gateway, &view->ask);
	child_end(&view->parse);
	if (view->has_group && cgroup_remove(&view->group, &err) < 0)
		note("%s", err.text);
	if (view->order)
		order_done(gateway, view->order, false, why);
	free(view);
}

static void heard(struct child *child, struct msg *m)
{
	if (m->type == MSG_READY)
		return;
	note("%s: may not send %s", child->program, msg_name(m->type));
	view_free(child->owner, "parse broke the rules");
}

/* The desk sees by the stream whether it is whole. */
static void gone(struct child *child)
{
	if (strcmp(child->why, "exit status 0") != 0)
		note("a parse for a desk ended: %s", child->why);
	view_free(child->owner, child->why);
}

static int show(struct view *view, int file, struct err *err)
{
	struct gateway *gateway = view->gateway;
	struct child *desk = aides_find_desk(gateway, view->desk);
	struct msg m;

	if (!desk)
		return err_set(err, "the desk is gone");
	if (parses_limit(gateway, &view->group, "view", view->number, err) < 0)
		return -1;
	view->has_group = true;
	AUTO_FD int parsed = parses_start(gateway, &view->parse, &view->group,
					  &view->file, file, err);
	if (parsed < 0)
		return -1;
	msg_start(&m, MSG_VIEW, 0);
	msg_put_u64(&m, view->number);
	msg_put_fd(&m, parsed);
	child_send(desk, &m);
	order_done(gateway, view->order, true, "");
	view->order = 0;
	return 0;
}

static void handed(struct ask *ask, struct msg *m)
{
	struct view *view = ask->owner;
	struct err err;

	if (!m) {
		view_free(view, "the store stopped");
		return;
	}
	bool ok = msg_get_u8(m) == 1;
	AUTO_FD int file = ok ? msg_get_fd(m) : -1;
	if (!msg_done(m) || file < 0)
		view_free(view, "the store does not have this file");
	else if (show(view, file, &err) < 0)
		view_free(view, err.text);
}

static struct view *view_new(struct gateway *gateway, uint64_t order)
{
	struct view *view = calloc(1, sizeof *view);

	if (!view)
		return NULL;
	view->gateway = gateway;
	view->order = order;
	view->deadline = gateway_now() + VIEW_SECONDS;
	view->parse.owner = view->ask.owner = view;
	view->parse.heard = heard;
	view->parse.gone = gone;
	view->ask.answered = handed;
	view->next = gateway->views;
	gateway->views = view;
	return view;
}

/* What the order says, and whether it can be done now. */
static int read_order(struct view *view, struct msg *m, struct err *err)
{
	uint32_t desk = msg_get_u32(m);

	view->number = msg_get_u64(m);
	frozen_get(m, &view->file);
	view->file.size = msg_get_u64(m);
	if (!msg_done(m))
		return err_set(err, "the order is malformed");
	if (!store_serves(view->gateway))
		return err_set(err, "the store of files does not run; try "
				    "again in a moment");
	if (!aides_find_desk(view->gateway, desk))
		return err_set(err, "the desk is gone");
	views_desk_gone(view->gateway, desk);
	view->desk = desk;
	return 0;
}

int views_order(struct gateway *gateway, uint64_t order, struct msg *m,
		struct err *err)
{
	struct view *view = view_new(gateway, order);
	struct msg question;

	if (!view)
		return err_set(err, "out of memory");
	if (read_order(view, m, err) < 0) {
		view->order = 0; /* the caller answers */
		view_free(view, "");
		return -1;
	}
	ask_begin(gateway, &view->ask, &question, MSG_HAND);
	msg_put_bytes(&question, view->file.sha256, SHA256_SIZE);
	services_send(gateway, SERVICE_STORE, &question);
	return 1;
}

void views_desk_gone(struct gateway *gateway, uint32_t desk)
{
	struct view *next;

	for (struct view *view = gateway->views; view; view = next) {
		next = view->next;
		if (view->desk == desk)
			view_free(view, "the desk looks at something else");
	}
}

void views_tend(struct gateway *gateway, time_t now)
{
	struct view *next;

	for (struct view *view = gateway->views; view; view = next) {
		next = view->next;
		if (now > view->deadline)
			view_free(view, "it took too long");
	}
}

void views_end(struct gateway *gateway)
{
	while (gateway->views)
		view_free(gateway->views, "the gateway is stopping");
}

bool views_own(const struct gateway *gateway, pid_t pid)
{
	const struct view *view = gateway->views;

	while (view && view->parse.pid != pid)
		view = view->next;
	return view;
}
