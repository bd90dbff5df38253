#include "policy/airlock/store/jobs.h"

#include <string.h>
#include <time.h>

#include "gateway/base/visible.h"

enum {
	WHY = 200,
	SLICE = 10 /* ms of steps before the links are looked at again */
};

void jobs_refuse(struct msg *answer, const struct err *why)
{
	char text[WHY];

	visible_text(text, sizeof text, why->text, strlen(why->text));
	msg_put_u8(answer, 0);
	msg_put_str(answer, text);
}

bool jobs_room(const struct jobs *jobs, enum asker_id asker)
{
	static const size_t most[ASKERS] = {
		[ASKER_SUPERVISOR] = JOBS_SUPERVISOR,
		[ASKER_POLICY] = JOBS_POLICY,
	};

	return jobs->of[asker] < most[asker];
}

void jobs_add(struct jobs *jobs, struct job *job)
{
	jobs->at[jobs->n++] = job;
	jobs->of[job->asker]++;
}

/* Those after it move up: whoever came first is asked first. */
static void drop(struct jobs *jobs, size_t i)
{
	struct job *job = jobs->at[i];

	jobs->n--;
	jobs->of[job->asker]--;
	memmove(&jobs->at[i], &jobs->at[i + 1],
		(jobs->n - i) * sizeof(struct job *));
	if (i < jobs->next)
		jobs->next--;
	job->free(job);
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int jobs_step(struct jobs *jobs, struct asker askers[static ASKERS], bool *more,
	      struct err *err)
{
	static struct msg m;
	int64_t until = now() + SLICE;
	size_t left = jobs->n;

	for (*more = false; left > 0 && now() <= until; left--) {
		if (jobs->next >= jobs->n)
			jobs->next = 0;
		struct job *job = jobs->at[jobs->next];

		msg_start(&m, MSG_NONE, job->ref);
		enum job_end end = job->step(job, &m, err);
		if (end == JOB_BROKEN)
			return -1;
		*more |= end != JOB_WAITS;
		jobs->next++;
		if (end == JOB_OVER) {
			if (m.type != MSG_NONE)
				asker_send(&askers[job->asker], &m);
			drop(jobs, jobs->next - 1);
		}
	}
	*more |= left > 0;
	return 0;
}

void jobs_let_go(struct jobs *jobs, const char *session)
{
	for (size_t i = 0; i < jobs->n; i++)
		if (jobs->at[i]->let_go)
			jobs->at[i]->let_go(jobs->at[i], session);
}

int jobs_heard(struct jobs *jobs, struct msg *m, struct err *err)
{
	for (size_t i = 0; i < jobs->n; i++) {
		struct job *job = jobs->at[i];

		if (!job->heard || job->asked == 0 || job->asked != m->ref)
			continue;
		job->asked = 0;
		return job->heard(job, m, err) == JOB_BROKEN ? -1 : 0;
	}
	return err_set(err, "audit said %s to nobody", msg_name(m->type));
}

void jobs_forget(struct jobs *jobs, enum asker_id asker)
{
	for (size_t i = jobs->n; i > 0; i--)
		if (jobs->at[i - 1]->asker == asker)
			drop(jobs, i - 1);
}
