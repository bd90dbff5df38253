/*
 * ocsf - see ocsf.h. Strings of a canonical record are JSON as they stand, so
 * they are passed on with their escapes.
 */
#include "audit/ocsf.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "audit/events.h"
#include "audit/segment.h"
#include "gateway/base/own.h"

enum class {
	CLASS_BASE = 0,
#define CLASS(name, uid, words) CLASS_##name,
#include "audit/ocsf.def"
	CLASSES
};

static const struct {
	unsigned int uid;
	const char *name;
} classes[CLASSES] = {
	[CLASS_BASE] = { 0, "Base Event" },
#define CLASS(name, uid, words) [CLASS_##name] = { uid, words },
#include "audit/ocsf.def"
};

struct row {
	const char *event;
	enum class class;
	unsigned int activity, severity;
	const char *field;
};

static const struct row rows[] = {
#define OCSF(event, class, activity, severity, field)                          \
	{ event, CLASS_##class, activity, severity, field },
#include "audit/ocsf.def"
};

/* The row of the event, else of its family, else that of no event. */
static const struct row *find_row(const char *event, size_t len)
{
	static const struct row base = { "", CLASS_BASE, 99, 2, "" };
	const struct row *best = &base;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t n = strlen(rows[i].event);
		bool family = rows[i].event[n - 1] == '.';

		if ((family ? n < len : n == len) &&
		    memcmp(rows[i].event, event, n) == 0 &&
		    n > strlen(best->event))
			best = &rows[i];
	}
	return best;
}

/* --- Pieces ------------------------------------------------------------------- */

struct writing {
	FILE *out;
	const struct record_view *view;
	const char *origin;
	const struct row *row;
};

/* A string or a number as a string, `other` if the record has none. */
static void put_value(const struct writing *writing, const char *key,
		      const char *other)
{
	const struct canonical_field *field =
		*key ? canonical_find(&writing->view->line, key) : NULL;

	if (field && field->len > 0 &&
	    (field->kind == CANONICAL_STRING ||
	     field->kind == CANONICAL_INTEGER))
		fprintf(writing->out, "\"%.*s\"", (int)field->len,
			field->value);
	else
		fprintf(writing->out, "\"%s\"", other);
}

static void put_user(const struct writing *writing)
{
	fputs("{\"type_id\":99,\"uid\":", writing->out);
	put_value(writing, "actor", "-");
	fputc('}', writing->out);
}

static void put_actor(const struct writing *writing)
{
	fputs(",\"actor\":{\"session\":{\"uid\":", writing->out);
	put_value(writing, "session", "-");
	fputs("},\"user\":", writing->out);
	put_user(writing);
	fputc('}', writing->out);
}

static void put_device(const struct writing *writing)
{
	fprintf(writing->out, ",\"device\":{\"name\":\"%s\",\"type_id\":1}",
		writing->origin);
}

/* Where somebody connected from, or the gateway itself. */
static void put_source(const struct writing *writing)
{
	if (canonical_find(&writing->view->line, "source")) {
		fputs(",\"src_endpoint\":{\"ip\":", writing->out);
		put_value(writing, "source", "-");
		fputc('}', writing->out);
	} else {
		fprintf(writing->out, ",\"src_endpoint\":{\"name\":\"%s\"}",
			writing->origin);
	}
}

static void put_file(const struct writing *writing)
{
	fputs(",\"file\":{\"name\":", writing->out);
	put_value(writing, writing->row->field, "-");
	fputs(",\"type_id\":1}", writing->out);
}

static void put_api(const struct writing *writing)
{
	fputs(",\"api\":{\"operation\":", writing->out);
	put_value(writing, "event", "-");
	fputs("},\"resources\":[{\"name\":", writing->out);
	put_value(writing, writing->row->field, "-");
	fputs("}]", writing->out);
}

static void put_app(const struct writing *writing)
{
	fputs(",\"app\":{\"name\":", writing->out);
	put_value(writing, writing->row->field, "sekishod");
	fputs(",\"vendor_name\":\"Sekisho\"}", writing->out);
}

/* A kernel's number of a process, or our own of a shell. */
static void put_process(const struct writing *writing)
{
	const struct canonical_field *pid =
		canonical_find(&writing->view->line, "pid");

	fputs(",\"process\":{", writing->out);
	if (pid && pid->kind == CANONICAL_INTEGER)
		fprintf(writing->out, "\"pid\":%" PRId64 ",", pid->number);
	fputs("\"uid\":", writing->out);
	put_value(writing, writing->row->field, "-");
	fputc('}', writing->out);
}

/* What the class requires, as the schema has it. */
static void put_class(const struct writing *writing)
{
	FILE *out = writing->out;

	put_actor(writing);
	put_device(writing);
	switch (writing->row->class) {
	case CLASS_FILE:
		put_file(writing);
		return;
	case CLASS_KERNEL:
		fputs(",\"kernel\":{\"name\":", out);
		put_value(writing, writing->row->field, "-");
		fputs(",\"type_id\":2}", out);
		return;
	case CLASS_PROCESS:
		put_process(writing);
		return;
	case CLASS_EVENT_LOG:
		fprintf(out, ",\"log_name\":\"%s\"", writing->origin);
		return;
	case CLASS_AUTHENTICATION:
	case CLASS_AUTHORIZE:
		put_source(writing);
		fputs(",\"user\":", out);
		put_user(writing);
		fprintf(out, writing->row->class == CLASS_AUTHORIZE
				     ? ",\"privileges\":[\"permit\"]"
				     : ",\"service\":{\"name\":\"ssh\"}");
		return;
	case CLASS_APPLICATION:
		put_app(writing);
		return;
	case CLASS_HOSTING:
		put_source(writing);
		put_file(writing);
		return;
	case CLASS_API:
		put_source(writing);
		put_api(writing);
		return;
	case CLASS_BASE:
	case CLASSES:
		return;
	}
}

static void put_metadata(const struct writing *writing)
{
	fprintf(writing->out,
		",\"metadata\":{\"event_code\":\"%.*s\",\"log_name\":\"%s\","
		"\"product\":{\"name\":\"Sekisho\",\"vendor_name\":\"Sekisho\"}"
		",\"sequence\":%" PRIu64 ",\"uid\":\"%s#%" PRIu64
		"\",\"version\":\"1.6.0\"}",
		(int)writing->view->event->len, writing->view->event->value,
		writing->origin, writing->view->index, writing->origin,
		writing->view->index);
}

static void put_status(const struct writing *writing, bool ok)
{
	const struct canonical_field *reason =
		canonical_find(&writing->view->line, "reason");

	fprintf(writing->out, ",\"severity_id\":%u,\"status\":\"%s\"",
		ok ? 1 : writing->row->severity, ok ? "Success" : "Failure");
	if (reason && reason->kind == CANONICAL_STRING && reason->len > 0) {
		fputs(",\"status_detail\":", writing->out);
		put_value(writing, "reason", "-");
	}
	fprintf(writing->out, ",\"status_id\":%d", ok ? 1 : 2);
}

static void put_message(const struct writing *writing)
{
	const struct canonical_field *event = writing->view->event;
	char name[64];

	snprintf(name, sizeof name, "%.*s", (int)event->len, event->value);
	const struct event *known = event_find(name);
	if (known)
		fprintf(writing->out, ",\"message\":\"%s\"", known->meaning);
}

void ocsf_write(FILE *out, const struct found_record *record,
		const char *origin)
{
	const struct record_view *view = &record->view;
	const struct row *row = find_row(view->event->value, view->event->len);
	struct writing writing = { out, view, origin, row };
	unsigned int uid = classes[row->class].uid;
	const struct canonical_field *result =
		canonical_find(&view->line, "result");

	fprintf(out,
		"{\"activity_id\":%u,\"category_uid\":%u,\"class_name\":\"%s\","
		"\"class_uid\":%u,\"type_uid\":%u,\"time\":%" PRId64,
		row->activity, uid / 1000, classes[row->class].name, uid,
		uid * 100 + row->activity, view->time / 1000);
	put_status(&writing, result && record_field_is(result, "ok"));
	put_message(&writing);
	put_metadata(&writing);
	put_class(&writing);
	fprintf(out, ",\"unmapped\":%s}\n", record->line);
}

static bool is_plain(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] < 0x21 || text[i] > 0x7e || text[i] == '"' ||
		    text[i] == '\\')
			return false;
	return len > 0;
}

void ocsf_origin(int log, char out[static OCSF_ORIGIN])
{
	char note[16 * 1024];
	struct err err;
	long len =
		segment_read_small(log, "checkpoint", note, sizeof note, &err);
	size_t name = len > 0 ? strcspn(note, "\n") : 0;

	if (name < OCSF_ORIGIN && is_plain(note, name))
		snprintf(out, OCSF_ORIGIN, "%.*s", (int)name, note);
	else
		snprintf(out, OCSF_ORIGIN, "sekisho");
}
