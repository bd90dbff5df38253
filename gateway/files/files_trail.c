#include "gateway/files/files_trail.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "gateway/base/own.h"

enum { VAULT_MS = 2000 };

/* Of a name that its person chose. */
static int commit(const struct files_trail *trail, const char *field,
		  const struct view_path *path, char out[COMMIT_TEXT],
		  struct err *err)
{
	const struct vault_text text = { trail->permit, field, path->text };

	return vault_commit(trail->vault, &text, out, err);
}

int files_name(const struct files_trail *trail, const struct view_path *path,
	       struct files_name *name, struct err *err)
{
	name->clear = trail->auditor && path->top && !path->top->writable;
	if (!name->clear)
		return commit(trail, "name", path, name->text, err);
	snprintf(name->text, sizeof name->text, "%.390s", path->text);
	return 0;
}

static void begin(const struct files_trail *trail, struct audit_record *record,
		  const char *event, enum audit_result result)
{
	audit_begin(record, event, result);
	memcpy(record->actor, trail->actor, ID_SIZE);
	memcpy(record->permit, trail->permit, ID_SIZE);
}

int files_trail_open(const struct files_trail *trail, const struct view *view,
		     struct err *err)
{
	struct audit_record record;
	char names[400] = "";
	size_t used = 0;

	begin(trail, &record, "files.open", AUDIT_OK);
	for (unsigned int i = 0; i < view->n && used < sizeof names; i++)
		used += (size_t)snprintf(names + used, sizeof names - used,
					 "%s%s", i ? "," : "",
					 view->tops[i].name);
	audit_text(&record, "view", names);
	return audit_write(trail->link, &record, NULL, err);
}

int files_trail_close(const struct files_trail *trail, struct err *err)
{
	struct audit_record record;

	vault_client_finish(trail->vault, VAULT_MS);
	if (vault_lost(trail->vault, &record) &&
	    audit_write(trail->link, &record, NULL, err) < 0)
		return -1;
	begin(trail, &record, "files.close", AUDIT_OK);
	audit_number(&record, "stats", trail->stats);
	audit_number(&record, "lists", trail->lists);
	audit_number(&record, "reads", trail->reads);
	audit_number(&record, "writes", trail->writes);
	audit_number(&record, "changes", trail->changes);
	audit_number(&record, "refused", trail->refused);
	return audit_write(trail->link, &record, NULL, err);
}

int files_trail_moved(const struct files_trail *trail,
		      const struct files_moved *moved, struct err *err)
{
	struct audit_record record;

	begin(trail, &record, moved->event, moved->result);
	audit_text(&record, "view", moved->top);
	audit_text(&record, moved->name->clear ? "path" : "name_commit",
		   moved->name->text);
	audit_text(&record, "phase",
		   !moved->sha256	       ? "begin"
		   : moved->result == AUDIT_OK ? "done"
					       : "broken");
	if (moved->sha256) {
		audit_number(&record, "bytes", (int64_t)moved->bytes);
		audit_text(&record, "sha256", moved->sha256);
		audit_number(&record, "whole", moved->whole);
	}
	return audit_write(trail->link, &record, NULL, err);
}

static const char *const places[] = {
#define PLACE(name) #name,
#include "gateway/files/places.def"
#undef PLACE
	"other",
};

/* Its number in the table; the last for any other. */
static size_t place_of(const struct view_path *path)
{
	size_t len = strcspn(path->text, "/");
	size_t i = 0;

	while (i < ARRAY_LEN(places) - 1 &&
	       (strlen(places[i]) != len ||
		memcmp(places[i], path->text, len) != 0))
		i++;
	return i;
}

int files_trail_refused(struct files_trail *trail, const struct view_path *path,
			struct err *err)
{
	struct audit_record record;
	size_t place = place_of(path);
	char hash[COMMIT_TEXT];

	trail->refused++;
	if (trail->places & 1u << place)
		return 0;
	trail->places |= 1u << place;
	begin(trail, &record, "files.refused", AUDIT_DENY);
	audit_text(&record, "place", places[place]);
	if (commit(trail, "name", path, hash, err) < 0)
		return -1;
	audit_text(&record, "name_commit", hash);
	return audit_write(trail->link, &record, NULL, err);
}

int files_trail_change(struct files_trail *trail, enum audit_result result,
		       const char *act, const struct view_path *path,
		       const struct view_path *to, struct err *err)
{
	struct audit_record record;
	char hash[COMMIT_TEXT];

	trail->changes += result == AUDIT_OK;
	begin(trail, &record, "files.change", result);
	audit_text(&record, "view", path->top->name);
	audit_text(&record, "act", act);
	if (commit(trail, "name", path, hash, err) < 0)
		return -1;
	audit_text(&record, "name_commit", hash);
	if (to && commit(trail, "to", to, hash, err) < 0)
		return -1;
	if (to)
		audit_text(&record, "to_commit", hash);
	return audit_write(trail->link, &record, NULL, err);
}
