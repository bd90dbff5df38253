#include "audit/events.h"

#include <string.h>

#include "gateway/base/own.h"

static const struct event events[] = {
#define EVENT(name, writers, fields, meaning)                                  \
	{ name, writers, fields, meaning },
#include "audit/events.def"
#undef EVENT
};

/* Names, or beginnings that end in a dot. */
static const char *const barriers[] = {
	"log.genesis", "log.recovered", "log.key", "policy.",
	"permit.",     "release.",	"key.",
};

const struct event *event_at(size_t i)
{
	return i < ARRAY_LEN(events) ? &events[i] : NULL;
}

const struct event *event_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(events); i++)
		if (strcmp(events[i].name, name) == 0)
			return &events[i];
	return NULL;
}

bool event_allowed(const struct event *event, const char *writer)
{
	size_t len = strlen(writer);
	const char *at = event->writers;

	if (len == 0)
		return false;
	while (*at) {
		size_t word = strcspn(at, ", ");

		if (word == len && memcmp(at, writer, len) == 0)
			return true;
		at += word;
		at += strspn(at, ", ");
	}
	return false;
}

bool event_is_barrier(const struct event *event)
{
	for (size_t i = 0; i < ARRAY_LEN(barriers); i++) {
		size_t len = strlen(barriers[i]);

		if (barriers[i][len - 1] == '.'
			    ? strncmp(event->name, barriers[i], len) == 0
			    : strcmp(event->name, barriers[i]) == 0)
			return true;
	}
	return false;
}

bool event_writer_orders(const char *writer)
{
	return strcmp(writer, "policy") == 0;
}

bool event_writer_proves(const char *writer)
{
	return strcmp(writer, "store") == 0;
}

bool event_writer_controls(const char *writer)
{
	static const char *const names[] = { "supervisor", "policy", "store" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(writer, names[i]) == 0)
			return true;
	return false;
}
