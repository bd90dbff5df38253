/*
 * checks - see checks.h. Runs in the supervisor. Compare and parse may only
 * say READY here; what they find goes to policy, over a link that policy
 * knows by the check's number.
 */
#include "gateway/supervisor/checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/supervisor/datasets.h"
#include "gateway/supervisor/orders.h"
#include "gateway/supervisor/parses.h"
#include "gateway/supervisor/services.h"
#include "gateway/supervisor/store.h"

enum {
	AT_A_TIME = 4,
	CHECK_SECONDS = 300,
	PARSE_SECONDS = 60, /* compare gives up on a silent one earlier */
};

struct check {
	struct check *next;
	struct gateway *gateway;
	uint64_t order, number;
	char permit[ID_SIZE];
	uint32_t k, ndatasets, nfiles, nearlier;
	struct plan_dataset datasets[PLAN_DATASETS];
	struct frozen *files; /* those released earlier come first */
	uint32_t *releases;   /* the release of each of those */
	uint32_t at;	      /* the file that is being parsed */
	bool running;
	time_t deadline, parse_deadline;
	struct cgroup group;
	bool has_group;
	struct child compare, parse;
	struct ask ask; /* for the file at */
};

static void next_file(struct check *check);

static void check_free(struct check *check)
{
	struct gateway *gateway = check->gateway;
	struct check **at = &gateway->checks;
	struct err err;

	while (*at != check)
		at = &(*at)->next;
	*at = check->next;
	ask_forget(gateway, &check->ask);
	child_end(&check->parse);
	child_end(&check->compare);
	if (check->has_group && cgroup_remove(&check->group, &err) < 0)
		note("%s", err.text);
	free(check->files);
	free(check->releases);
	free(check);
}

/* The check has ended, well or not; another may begin. */
static void over(struct check *check, bool ok, const char *why)
{
	struct gateway *gateway = check->gateway;

	if (!ok)
		note("a check failed: %s", why);
	order_done(gateway, check->order, ok, ok ? "" : why);
	check_free(check);
	checks_turn(gateway);
}

/* --- Its processes ---------------------------------------------------------- */

static void compare_heard(struct child *child, struct msg *m)
{
	struct check *check = child->owner;

	if (m->type == MSG_READY)
		next_file(check);
	else
		over(check, false, "compare broke the rules");
}

static void compare_gone(struct child *child)
{
	struct check *check = child->owner;
	bool whole = check->at == check->nfiles && !check->parse.program;

	if (whole && strcmp(child->why, "exit status 0") == 0)
		over(check, true, "");
	else
		over(check, false, child->why);
}

static void parse_heard(struct child *child, struct msg *m)
{
	if (m->type == MSG_READY)
		return;
	note("%s: may not send %s", child->program, msg_name(m->type));
	child_end(child);
	child->gone(child);
}

/* However it ended: compare knows by the stream whether it is whole. */
static void parse_gone(struct child *child)
{
	struct check *check = child->owner;

	if (strcmp(child->why, "exit status 0") != 0)
		note("a parse ended: %s", child->why);
	check->at++;
	next_file(check);
}

/* --- File by file ------------------------------------------------------------ */

static void tell_compare(struct check *check, int parsed)
{
	const struct frozen *file = &check->files[check->at];
	struct msg m;

	if (check->at < check->nearlier) {
		msg_start(&m, MSG_COMPARE_EARLIER, 0);
		msg_put_u32(&m, check->releases[check->at]);
	} else {
		msg_start(&m, MSG_COMPARE, 0);
		msg_put_u32(&m, check->at - check->nearlier + 1);
	}
	msg_put_str(&m, file->name);
	msg_put_u64(&m, file->size);
	msg_put_bytes(&m, file->sha256, sizeof file->sha256);
	msg_put_fd(&m, parsed);
	child_send(&check->compare, &m);
}

/* file: -1 if the store has no such file. */
static void parse(struct check *check, int file)
{
	struct err err = { "the store does not have a file of the check" };
	AUTO_FD int parsed =
		file < 0 ? -1
			 : parses_start(check->gateway, &check->parse,
					&check->group, &check->files[check->at],
					file, &err);

	if (parsed < 0) {
		note("%s", err.text);
		parsed = parses_nothing(&err);
	}
	if (parsed < 0) {
		over(check, false, err.text);
		return;
	}
	check->parse_deadline = gateway_now() + PARSE_SECONDS;
	tell_compare(check, parsed);
	if (check->parse.program)
		return;
	check->at++;
	next_file(check);
}

static void handed(struct ask *ask, struct msg *m)
{
	struct check *check = ask->owner;

	if (!m) {
		over(check, false, "the store stopped");
		return;
	}
	bool ok = msg_get_u8(m) == 1;
	AUTO_FD int file = ok ? msg_get_fd(m) : -1;
	if (!msg_done(m))
		over(check, false, "the store answered nonsense");
	else
		parse(check, file);
}

static void next_file(struct check *check)
{
	struct gateway *gateway = check->gateway;
	struct msg m;

	if (check->at == check->nfiles) {
		msg_start(&m, MSG_COMPARE_ALL, 0);
		child_send(&check->compare, &m);
		return;
	}
	ask_begin(gateway, &check->ask, &m, MSG_HAND);
	msg_put_bytes(&m, check->files[check->at].sha256, SHA256_SIZE);
	services_send(gateway, SERVICE_STORE, &m);
}

/* --- Beginning ---------------------------------------------------------------- */

static int put_datasets(const struct check *check, struct msg *m,
			int fds[PLAN_DATASETS], struct err *err)
{
	msg_put_u32(m, check->ndatasets);
	for (uint32_t i = 0; i < check->ndatasets; i++) {
		fds[i] = datasets_pseudonyms(check->gateway,
					     &check->datasets[i], err);
		if (fds[i] < 0)
			return -1;
		msg_put_str(m, check->datasets[i].name);
		msg_put_fd(m, fds[i]);
	}
	return 0;
}

/* START, with one end of the findings' link; policy gets the other. */
static int introduce(struct check *check, uint32_t uid, struct err *err)
{
	struct gateway *gateway = check->gateway;
	int datasets[PLAN_DATASETS];
	struct msg m;
	int pair[2];

	if (msg_pair(pair, err) < 0)
		return -1;
	AUTO_FD int ours = pair[0];
	AUTO_FD int policys = pair[1];
	for (int i = 0; i < PLAN_DATASETS; i++)
		datasets[i] = -1;
	start_begin(&m, uid, uid, gateway->tree.folders[TREE_EMPTY]);
	msg_put_u64(&m, check->number);
	msg_put_str(&m, check->permit);
	msg_put_u32(&m, check->k);
	int done = put_datasets(check, &m, datasets, err);
	msg_put_fd(&m, ours);
	if (done == 0)
		child_send(&check->compare, &m);
	for (int i = 0; i < PLAN_DATASETS; i++)
		own_close(&datasets[i]);
	if (done < 0)
		return -1;
	msg_start(&m, MSG_PEER_COMPARE, 0);
	msg_put_u64(&m, check->number);
	msg_put_fd(&m, policys);
	services_send(gateway, SERVICE_POLICY, &m);
	return 0;
}

static int start_compare(struct check *check, struct err *err)
{
	struct gateway *gateway = check->gateway;
	uint32_t uid = lease_take(&gateway->leases, err);

	if (uid == 0 || parses_limit(gateway, &check->group, "check",
				     check->number, err) < 0)
		return -1;
	check->has_group = true;
	if (child_start(&check->compare, gateway->loop,
			gateway->settings->programs, "sekisho-compare",
			err) < 0 ||
	    cgroup_add(&check->group, check->compare.pid, err) < 0)
		return -1;
	return introduce(check, uid, err);
}

/* The first that waits, the oldest of all; NULL: none, or enough run. */
static struct check *next_check(const struct gateway *gateway)
{
	struct check *first = NULL;
	int running = 0;

	for (struct check *check = gateway->checks; check; check = check->next)
		if (check->running)
			running++;
		else
			first = first ? first : check;
	return running < AT_A_TIME ? first : NULL;
}

void checks_turn(struct gateway *gateway)
{
	struct check *check;
	struct err err;

	while (store_serves(gateway) && (check = next_check(gateway))) {
		check->running = true;
		check->deadline = gateway_now() + CHECK_SECONDS;
		if (start_compare(check, &err) == 0)
			continue;
		note("a check could not begin: %s", err.text);
		order_done(gateway, check->order, false, err.text);
		check_free(check);
	}
}

/* --- Orders -------------------------------------------------------------------- */

static struct check *check_new(struct gateway *gateway, uint64_t order)
{
	struct check *check = calloc(1, sizeof *check);
	struct check **at = &gateway->checks;

	if (!check)
		return NULL;
	check->gateway = gateway;
	check->order = order;
	check->compare.owner = check->parse.owner = check->ask.owner = check;
	check->compare.heard = compare_heard;
	check->compare.gone = compare_gone;
	check->parse.heard = parse_heard;
	check->parse.gone = parse_gone;
	check->ask.answered = handed;
	while (*at)
		at = &(*at)->next;
	*at = check;
	return check;
}

/* How many follow, each of which takes more than its hash in the order. */
static uint32_t read_count(struct msg *m)
{
	uint32_t n = msg_get_u32(m);

	if (n > MSG_MAX / SHA256_SIZE)
		m->bad = true;
	return m->bad ? 0 : n;
}

/* Room for n more files behind those that were read. */
static void more_files(struct check *check, uint32_t n, struct msg *m)
{
	struct frozen *files = reallocarray(check->files, check->nfiles + n + 1,
					    sizeof *files);

	if (files)
		check->files = files;
	else
		m->bad = true;
}

static void read_file(struct frozen *file, struct msg *m)
{
	frozen_get(m, file);
	file->size = msg_get_u64(m);
}

/* Earlier releases stand behind the files in the order, and come first. */
static void read_earlier(struct check *check, struct msg *m)
{
	uint32_t n = read_count(m);

	more_files(check, n, m);
	check->releases = calloc(n + 1, sizeof *check->releases);
	if (!check->releases)
		m->bad = true;
	if (m->bad)
		return;
	memmove(check->files + n, check->files,
		check->nfiles * sizeof *check->files);
	for (uint32_t i = 0; i < n && !m->bad; i++) {
		check->releases[i] = msg_get_u32(m);
		read_file(&check->files[i], m);
	}
	check->nearlier = n;
	check->nfiles += n;
}

static void read_files(struct check *check, struct msg *m)
{
	uint32_t n = read_count(m);

	more_files(check, n, m);
	for (uint32_t i = 0; i < n && !m->bad; i++)
		read_file(&check->files[check->nfiles++], m);
	read_earlier(check, m);
}

static void read_order(struct check *check, struct msg *m)
{
	check->number = msg_get_u64(m);
	msg_get_str(m, check->permit, sizeof check->permit);
	check->k = msg_get_u32(m);
	check->ndatasets = msg_get_u32(m);
	if (check->ndatasets > PLAN_DATASETS)
		m->bad = true;
	for (uint32_t i = 0; i < check->ndatasets && !m->bad; i++) {
		struct plan_dataset *dataset = &check->datasets[i];

		msg_get_str(m, dataset->name, sizeof dataset->name);
		msg_get_str(m, dataset->manifest, sizeof dataset->manifest);
		if (!id_valid(dataset->name))
			m->bad = true;
	}
	read_files(check, m);
}

int checks_order(struct gateway *gateway, uint64_t order, struct msg *m,
		 struct err *err)
{
	struct check *check = check_new(gateway, order);

	if (!check)
		return err_set(err, "out of memory");
	read_order(check, m);
	if (!msg_done(m)) {
		check_free(check);
		return err_set(err, "the order is malformed");
	}
	checks_turn(gateway);
	return 1;
}

/* --- Time ------------------------------------------------------------------------ */

void checks_tend(struct gateway *gateway, time_t now)
{
	struct check *next;

	for (struct check *check = gateway->checks; check; check = next) {
		next = check->next;
		if (check->running && now > check->deadline) {
			over(check, false, "the check took too long");
			return; /* others may have begun: look again later */
		}
		if (check->parse.program && now > check->parse_deadline) {
			snprintf(check->parse.why, sizeof check->parse.why,
				 "it took too long");
			child_end(&check->parse);
			check->parse.gone(&check->parse);
			return;
		}
	}
}

void checks_end(struct gateway *gateway)
{
	while (gateway->checks)
		check_free(gateway->checks);
}

bool checks_own(const struct gateway *gateway, pid_t pid)
{
	const struct check *check = gateway->checks;

	while (check && check->compare.pid != pid && check->parse.pid != pid)
		check = check->next;
	return check;
}
