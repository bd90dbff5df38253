#include "sandbox/watch_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

static const struct {
	int number;
	const char *name;
} calls[] = {
#define CALL(name)		  { SYS_##name, #name },
#define CALL_NUMBER(name, number) { number, #name },
#include "sandbox/watch_calls.def"
#undef CALL
#undef CALL_NUMBER
};

const char *watch_call_name(int number)
{
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		if (calls[i].number == number)
			return calls[i].name;
	return "unlisted";
}

struct watch_session *watch_session_find(struct watch_session *list,
					 const char *session)
{
	while (list && strcmp(list->session, session) != 0)
		list = list->after;
	return list;
}

struct watch_session *watch_session_get(struct watch_session **list,
					struct msg *m)
{
	char session[ID_SIZE], permit[ID_SIZE], actor[ID_SIZE];
	struct watch_session *s;

	msg_get_str(m, session, sizeof session);
	msg_get_str(m, permit, sizeof permit);
	msg_get_str(m, actor, sizeof actor);
	s = watch_session_find(*list, session);
	if (s)
		return s;
	s = calloc(1, sizeof *s);
	if (!s)
		return NULL;
	memcpy(s->session, session, ID_SIZE);
	memcpy(s->permit, permit, ID_SIZE);
	memcpy(s->actor, actor, ID_SIZE);
	s->group = (struct watch_source){ AT_GROUP, -1, s };
	s->after = *list;
	*list = s;
	return s;
}

void watch_session_charge(struct watch_session *s,
			  const struct watch_limits *limits, int64_t now,
			  int64_t day)
{
	int64_t rest = watch_rate_take(&s->rate, limits->a_second, now);

	if (rest > s->rest)
		s->rest = rest;
	watch_account_add(s->account, day);
	s->spent = watch_account_spent(s->account, limits->a_day, day);
}

void watch_session_record(const struct watch_session *s, const char *event,
			  enum audit_result result, struct audit_record *record)
{
	audit_begin(record, event, result);
	memcpy(record->actor, s->actor, ID_SIZE);
	memcpy(record->session, s->session, ID_SIZE);
	memcpy(record->permit, s->permit, ID_SIZE);
}

const struct watch_place *watch_session_place(const struct watch_session *s,
					      uint64_t mount)
{
	for (unsigned int i = 0; i < s->nplaces; i++)
		if (s->places[i].mount == mount)
			return &s->places[i];
	return NULL;
}

static int report(const struct watch_session *s, int number, uint32_t count,
		  struct watch_trail *trail, int64_t now, struct err *err)
{
	struct audit_record record;

	watch_session_record(s, "tripwire", AUDIT_DENY, &record);
	audit_text(&record, "call", watch_call_name(number));
	audit_number(&record, "number", number);
	audit_number(&record, "count", count);
	return watch_trail_send(trail, now, &record, err);
}

int watch_session_attempt(struct watch_session *s, int number, int64_t now,
			  struct watch_trail *trail, struct err *err)
{
	bool first = watch_tally_add(&s->tally, number, now);

	s->next = watch_tally_next(&s->tally);
	return first ? report(s, number, 1, trail, now, err) : 0;
}

/* Nothing of it will arrive any more. */
static bool is_over(const struct watch_session *s)
{
	return s->listeners == 0 && s->group.fd < 0;
}

static int report_due(struct watch_session *s, int64_t now,
		      struct watch_trail *trail, struct err *err)
{
	int number = 0;
	uint32_t count = 0;

	while (!watch_trail_full(trail) &&
	       watch_tally_due(&s->tally, now, is_over(s), &number, &count))
		if (report(s, number, count, trail, now, err) < 0)
			return -1;
	s->next = watch_tally_next(&s->tally);
	return 0;
}

/* The sooner of two times from now, in ms; 0: never. */
static void sooner(int64_t now, int64_t then, int *wait)
{
	int left = then <= now ? 1 : (int)(then - now);

	if (then != 0 && (*wait < 0 || left < *wait))
		*wait = left;
}

int watch_session_report(struct watch_session **list, int64_t now,
			 struct watch_trail *trail, int *wait, struct err *err)
{
	*wait = -1;
	for (struct watch_session **at = list; *at;) {
		struct watch_session *s = *at;
		bool over = is_over(s);

		if (s->next != 0 && (over || s->next <= now) &&
		    report_due(s, now, trail, err) < 0)
			return -1;
		if (over && s->next == 0) {
			*at = s->after;
			free(s);
			continue;
		}
		if (!watch_trail_full(trail))
			sooner(now, s->next, wait);
		sooner(now, s->rest, wait);
		at = &s->after;
	}
	return 0;
}
