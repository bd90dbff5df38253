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

struct watch_session *watch_session_get(struct watch_session **list,
					const char *session, const char *permit,
					const char *actor)
{
	struct watch_session *s = *list;

	while (s && strcmp(s->session, session) != 0)
		s = s->after;
	if (!s) {
		s = calloc(1, sizeof *s);
		if (!s)
			return NULL;
		snprintf(s->session, ID_SIZE, "%s", session);
		snprintf(s->permit, ID_SIZE, "%s", permit);
		snprintf(s->actor, ID_SIZE, "%s", actor);
		s->after = *list;
		*list = s;
	}
	s->listeners++;
	return s;
}

static int report(const struct watch_session *s, int number, uint32_t count,
		  struct watch_trail *trail, int64_t now, struct err *err)
{
	struct audit_record record;

	audit_begin(&record, "tripwire", AUDIT_DENY);
	memcpy(record.actor, s->actor, ID_SIZE);
	memcpy(record.session, s->session, ID_SIZE);
	memcpy(record.permit, s->permit, ID_SIZE);
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

static int report_due(struct watch_session *s, int64_t now,
		      struct watch_trail *trail, struct err *err)
{
	int number = 0;
	uint32_t count = 0;

	while (!watch_trail_full(trail) &&
	       watch_tally_due(&s->tally, now, s->listeners == 0, &number,
			       &count))
		if (report(s, number, count, trail, now, err) < 0)
			return -1;
	s->next = watch_tally_next(&s->tally);
	return 0;
}

int watch_session_report(struct watch_session **list, int64_t now,
			 struct watch_trail *trail, int *wait, struct err *err)
{
	*wait = -1;
	for (struct watch_session **at = list; *at;) {
		struct watch_session *s = *at;
		bool over = s->listeners == 0;

		if (s->next != 0 && (over || s->next <= now) &&
		    report_due(s, now, trail, err) < 0)
			return -1;
		if (over && s->next == 0) {
			*at = s->after;
			free(s);
			continue;
		}
		int left = s->next == 0 || watch_trail_full(trail) ? -1
			   : s->next <= now			   ? 1
					    : (int)(s->next - now);
		if (left >= 0 && (*wait < 0 || left < *wait))
			*wait = left;
		at = &s->after;
	}
	return 0;
}
