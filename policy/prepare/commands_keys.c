/*
 * commands_keys - make, rotate and end keys; show the journal.
 *
 * Runs in sekisho-prepare as the custodian.
 */
#include <inttypes.h>
#include <stdio.h>

#include "policy/prepare/commands.h"
#include "policy/prepare/custody.h"
#include "policy/prepare/keys.h"
#include "policy/prepare/rotation.h"

void outcome_say(const struct outcome *o, enum text_id id, const char *first,
		 const char *second, const char *third)
{
	char line[2048];

	puts(text_fill(line, sizeof line, o->lang, id, first, second, third));
}

int key_make(struct outcome *o)
{
	char line[KEY_LINE];

	if (keys_make(o->options.out, o->options.wrapping, line, &o->fault) < 0)
		return -1;
	puts(line);
	return 0;
}

static int key_named(struct outcome *o, const char *name)
{
	const struct custody_field field = { "key", name, 0 };
	struct keys keys;
	int done = keys_open(&keys, o->options.keys, &o->fault);

	if (done == 0)
		done = keys_make_permit(&keys, name, &o->fault);
	if (done == 0)
		done = custody_act(keys.folder, "key.made", &field, 1, NULL,
				   &o->fault);
	keys_close(&keys);
	if (done == 0)
		outcome_say(o, TEXT_PREPARE_KEY_MADE, name, NULL, NULL);
	return done;
}

int key_permit(struct outcome *o)
{
	return key_named(o, o->options.permit);
}

int key_linkage(struct outcome *o)
{
	char name[160];

	snprintf(name, sizeof name, "linkage:%.64s", o->options.linkage);
	return key_named(o, name);
}

int key_rotate(struct outcome *o)
{
	struct keys keys;
	uint64_t count = 0;
	char number[24];
	int done = keys_open_alone(&keys, o->options.keys, &o->fault);

	if (done == 0)
		done = rotation_rotate(&keys, o->options.wrapping, &count,
				       &o->fault);
	snprintf(number, sizeof number, "%" PRIu64, count);
	if (done == 0)
		outcome_say(o, TEXT_PREPARE_KEY_ROTATED, number, keys.place,
			    NULL);
	keys_close(&keys);
	return done;
}

int key_destroy(struct outcome *o)
{
	const char *permit = o->options.permit;
	struct keys keys;
	int done = keys_open_alone(&keys, o->options.keys, &o->fault);

	if (done == 0)
		done = rotation_destroy(&keys, permit, o->options.wrapping,
					&o->fault);
	if (done == 0)
		outcome_say(o, TEXT_PREPARE_KEY_DESTROYED, permit, keys.place,
			    NULL);
	keys_close(&keys);
	return done;
}

int journal(struct outcome *o)
{
	struct custody custody = { .fd = -1 };
	struct keys keys;
	int done = keys_open(&keys, o->options.keys, &o->fault);

	if (done == 0)
		done = custody_open(&custody, keys.folder, &o->fault);
	if (done == 0)
		fwrite(custody.text, 1, custody.len, stdout);
	custody_close(&custody);
	keys_close(&keys);
	return done;
}
