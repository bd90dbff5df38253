/*
 * events - the table of events: which exist, and who may write them.
 */
#ifndef AUDIT_EVENTS_H
#define AUDIT_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

struct event {
	const char *name, *writers, *fields, *meaning;
};

/* Event number i of the table, or NULL behind the last. */
const struct event *event_at(size_t i);

/* The event of that name, or NULL. */
const struct event *event_find(const char *name);

/* May a link of this writer record the event? */
bool event_allowed(const struct event *event, const char *writer);

/* Does a checkpoint have to be signed at once after it? */
bool event_is_barrier(const struct event *event);

/* May a link of this writer put orders to the supervisor into records? */
bool event_writer_orders(const char *writer);

/* Does this writer tell what must be on record even when the disk is nearly
 * full: ends, suspensions, releases? */
bool event_writer_controls(const char *writer);

/* May a link of this writer ask for the proof of an entry? */
bool event_writer_proves(const char *writer);

#endif
