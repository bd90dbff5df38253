#include "policy/shown_mounts.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/own.h"

enum { LINE = 1024, DATA_PATH = ID_SIZE + 8, MOST = 40 };

/* One mount that is planned; found is set when the kernel lists it. */
struct planned {
	char at[DATA_PATH];
	const char *type, *attributes;
	bool found;
};

static const struct planned fixed[] = {
#define MOUNT(at, type, attributes) { at, type, attributes, false },
#include "policy/planned.def"
#undef MOUNT
};

static size_t plan_mounts(const struct plan *plan, struct planned *list)
{
	size_t n = ARRAY_LEN(fixed);

	memcpy(list, fixed, sizeof fixed);
	for (uint32_t i = 0; i < plan->ndatasets; i++, n++) {
		snprintf(list[n].at, DATA_PATH, "/data/%s",
			 plan->datasets[i].name);
		list[n].type = "overlay";
		list[n].attributes = "ro,nosuid,nodev,noexec";
		list[n].found = false;
	}
	return n;
}

/* The words of options that bound what can be done, in one order. */
static void bounds(const char *options, char *out, size_t size)
{
	static const char *const words[] = { "ro", "rw", "nosuid", "nodev",
					     "noexec" };
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t len = strlen(words[i]);

		for (const char *at = options; at; at = strchr(at, ',')) {
			at += *at == ',';
			if (strncmp(at, words[i], len) == 0 &&
			    (at[len] == ',' || at[len] == '\0'))
				used += (size_t)snprintf(
					out + used, size - used, "%s%s",
					used ? "," : "", words[i]);
		}
	}
}

/* A line of mountinfo (proc(5)): where, with which options, of which type. */
static bool read_mount(char *line, char **at, char **options, char **type)
{
	char *rest = line, *word = NULL;

	for (int i = 0; i < 5; i++)
		word = strsep(&rest, " ");
	*at = word;
	*options = strsep(&rest, " ");
	while (rest && (word = strsep(&rest, " ")) && strcmp(word, "-") != 0)
		;
	*type = strsep(&rest, " ");
	return *at && *options && *type;
}

static void one(struct view_rows *rows, struct planned *list, size_t n,
		char *line)
{
	char *at, *options, *type, bound[64];
	char item[DATA_PATH + 16], found[128], planned[128] = "";

	if (!read_mount(line, &at, &options, &type))
		return;
	bounds(options, bound, sizeof bound);
	snprintf(item, sizeof item, "mount.%.70s", at);
	snprintf(found, sizeof found, "%.40s %s", type, bound);
	for (size_t i = 0; i < n; i++)
		if (!list[i].found && strcmp(list[i].at, at) == 0) {
			list[i].found = true;
			snprintf(planned, sizeof planned, "%s %s", list[i].type,
				 list[i].attributes);
			break;
		}
	shown_row(rows, item, found, planned);
}

void shown_mounts(struct view_rows *rows)
{
	const char *lines = measured_text(rows->measured, rows->init, "mounts");
	struct planned list[ARRAY_LEN(fixed) + PLAN_DATASETS];
	size_t n = plan_mounts(rows->plan, list);
	char line[LINE], item[DATA_PATH + 16], planned[128];

	while (measured_line(&lines, line, sizeof line))
		one(rows, list, n, line);
	for (size_t i = 0; i < n; i++) {
		if (list[i].found)
			continue;
		snprintf(item, sizeof item, "mount.%.70s", list[i].at);
		snprintf(planned, sizeof planned, "%s %s", list[i].type,
			 list[i].attributes);
		shown_row(rows, item, "", planned);
	}
}
