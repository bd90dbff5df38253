/*
 * datasets - see datasets.h. Runs in the supervisor, which opens folders and
 * reads nothing in them.
 */
#include "gateway/supervisor/datasets.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "gateway/supervisor/services.h"
#include "gateway/supervisor/trail.h"
#include "sandbox/beneath.h"

/* The first hashing of a large dataset takes its time; later ones do not. */
enum { CHECK_SECONDS = 300 };

static void ask_next(struct session *session);

bool datasets_hash(const char *text)
{
	return strlen(text) == HASH_TEXT_SIZE - 1 &&
	       strspn(text, "0123456789abcdef") == HASH_TEXT_SIZE - 1;
}

/* Something in the folder of a delivery, "." for the folder itself. */
static int open_in(const struct gateway *gateway,
		   const struct plan_dataset *dataset, const char *what,
		   int flags, struct err *err)
{
	char path[ID_SIZE + HASH_TEXT_SIZE + 32];

	if (!datasets_hash(dataset->manifest))
		return err_set(err,
			       "dataset '%s': the policy names no manifest",
			       dataset->name);
	snprintf(path, sizeof path, "%s/%s/%s", dataset->name,
		 dataset->manifest, what);
	int fd = beneath_open(gateway->tree.folders[TREE_DATASETS], path, flags,
			      err);
	if (fd < 0)
		return err_within(err, "dataset '%s'", dataset->name);
	return fd;
}

int datasets_data(const struct gateway *gateway,
		  const struct plan_dataset *dataset, struct err *err)
{
	return open_in(gateway, dataset, "data", O_PATH | O_DIRECTORY, err);
}

int datasets_pseudonyms(const struct gateway *gateway,
			const struct plan_dataset *dataset, struct err *err)
{
	return open_in(gateway, dataset, "index/pseudonyms",
		       O_RDONLY | O_NONBLOCK | O_NOCTTY, err);
}

static const struct plan_dataset *current(const struct session *session)
{
	return &session->plan.datasets[session->ndatasets];
}

static void put_on_record(struct session *session, enum audit_result result,
			  const char *why)
{
	struct audit_record record;

	session_record(session, "dataset.mount", result, &record);
	audit_text(&record, "dataset", current(session)->name);
	audit_text(&record, "manifest", current(session)->manifest);
	audit_text(&record, "why", why);
	session->datasets_ref = trail_write(session->gateway, &record);
}

static void refuse(struct session *session, const char *why, enum text_id told)
{
	put_on_record(session, AUDIT_DENY, why);
	session->datasets_ref = 0;
	note("%s: dataset %s: %s", session->plan.session,
	     current(session)->name, why);
	session_refuse(session, "a dataset is not what the permit says", told,
		       current(session)->name);
}

static void answered(struct ask *ask, struct msg *m)
{
	struct session *session = ask->owner;
	char why[200];

	if (!m) {
		refuse(session, "the store stopped while it compared",
		       TEXT_DATASET_NOT_COMPARED);
		return;
	}
	bool ok = msg_get_u8(m) == 1;
	msg_get_str(m, why, sizeof why);
	if (!msg_done(m) || !ok) {
		refuse(session, m->bad ? "the answer was malformed" : why,
		       TEXT_DATASET_DIFFERS);
		return;
	}
	put_on_record(session, AUDIT_OK, "");
	session->ndatasets++;
	ask_next(session);
}

static void ask_next(struct session *session)
{
	struct gateway *gateway = session->gateway;
	const struct plan_dataset *dataset = current(session);
	struct err err;
	struct msg m;

	if (session->ndatasets == session->plan.ndatasets)
		return; /* sessions_recorded() goes on */
	if (!dataset->manifest[0]) {
		refuse(session, "the policy names no manifest",
		       TEXT_DATASET_NO_MANIFEST);
		return;
	}
	AUTO_FD int folder =
		open_in(gateway, dataset, ".", O_RDONLY | O_DIRECTORY, &err);
	if (folder < 0) {
		refuse(session, err.text, TEXT_DATASET_DIFFERS);
		return;
	}
	ask_begin(gateway, &session->ask, &m, MSG_CHECK_DATASET);
	msg_put_str(&m, dataset->name);
	msg_put_str(&m, dataset->manifest);
	msg_put_fd(&m, folder);
	services_send(gateway, SERVICE_STORE, &m);
}

void datasets_check(struct session *session)
{
	if (session->plan.ndatasets == 0) {
		session_build(session);
		return;
	}
	session->deadline = gateway_now() + CHECK_SECONDS;
	session->ask.answered = answered;
	ask_next(session);
}
