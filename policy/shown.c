/*
 * shown - see shown.h. Runs in sekisho-policy.
 */
#include "policy/shown.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "policy/model.h"
#include "policy/shown_mounts.h"
#include "policy/shown_rows.h"

/* PROCESS_ROWS: of those that are as planned; others are always shown. */
enum { LINE = 512, LANDLOCK_LEAST = 2, PROCESS_ROWS = 32 };

void shown_row(struct view_rows *rows, const char *item, const char *found,
	       const char *planned)
{
	bool same = strcmp(found, planned) == 0;

	shown_say(rows, item, found, planned, same ? AS_PLANNED : DIFFERS);
}

void shown_say(struct view_rows *rows, const char *item, const char *found,
	       const char *planned, enum shown_state state)
{
	static const char *const words[] = { "differs", "as_planned",
					     "built_in" };

	result_row(rows->result);
	result_text(rows->result, item);
	result_text(rows->result, found);
	result_text(rows->result, planned);
	result_text(rows->result, words[state]);
	rows->count.rows++;
	rows->count.differ += state == DIFFERS;
}

/* --- Namespaces and ids ------------------------------------------------------ */

/* The inode in "mnt mnt:[4026531841]". */
static void inode_of(const char *lines, const char *name, char *out,
		     size_t size)
{
	char line[LINE];
	size_t len = strlen(name);

	out[0] = '\0';
	while (measured_line(&lines, line, sizeof line)) {
		const char *open = strchr(line, '[');

		if (strncmp(line, name, len) == 0 && line[len] == ' ' && open)
			snprintf(out, size, "%.*s", (int)strcspn(open + 1, "]"),
				 open + 1);
	}
}

static void namespaces(struct view_rows *rows)
{
	static const char *const names[] = { "user", "mnt", "pid",   "net",
					     "ipc",  "uts", "cgroup" };
	const char *ours = measured_text(rows->measured, 0, "host");
	const char *its = measured_text(rows->measured, rows->init, "ns");

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char item[40], found[32], host[32], planned[64];

		inode_of(its, names[i], found, sizeof found);
		inode_of(ours, names[i], host, sizeof host);
		snprintf(item, sizeof item, "namespace.%s", names[i]);
		snprintf(planned, sizeof planned, "not %s, the host's", host);
		shown_say(rows, item, found, planned,
			  found[0] && host[0] && strcmp(found, host) != 0
				  ? AS_PLANNED
				  : DIFFERS);
	}
}

/* The lines of a small file, joined. */
static void joined(const char *text, char *out, size_t size)
{
	char line[LINE];
	size_t used = 0;

	out[0] = '\0';
	while (measured_line(&text, line, sizeof line) && used < size)
		used += (size_t)snprintf(out + used, size - used, "%s%s",
					 used ? ", " : "", line);
}

static void id_maps(struct view_rows *rows)
{
	static const char *const maps[] = { "uid_map", "gid_map" };
	char found[128], planned[128];

	snprintf(planned, sizeof planned, "0 %" PRIu32 " 1, 1000 %" PRIu32 " 1",
		 rows->lease, rows->lease + 1);
	for (size_t i = 0; i < ARRAY_LEN(maps); i++) {
		joined(measured_text(rows->measured, rows->init, maps[i]),
		       found, sizeof found);
		shown_row(rows, maps[i], found, planned);
	}
}

/* --- Processes ---------------------------------------------------------------- */

/* What is asked of each: key in status, what PID 1 has, what others have. The
 * ids stand apart. */
static const struct {
	const char *key, *word, *init, *other;
} traits[] = {
	{ "CapInh", "inheritable", "0", "0" },
	{ "CapPrm", "permitted", "1e0", "0" },
	{ "CapEff", "effective", "1e0", "0" },
	{ "CapBnd", "bounding", "1e0", "0" },
	{ "CapAmb", "ambient", "0", "0" },
	{ "NoNewPrivs", "no_new_privs", "1", "1" },
	{ "Seccomp", "seccomp", "2", "2" },
	{ "Seccomp_filters", "filters", "3", "4" },
};

static const char *without_zeros(const char *number)
{
	while (number[0] == '0' && number[1])
		number++;
	return number;
}

static void add(char *out, size_t size, const char *word, const char *value)
{
	size_t used = strlen(out);

	snprintf(out + used, size - used, "%s%s %s", used ? ", " : "", word,
		 value);
}

static void process(struct view_rows *rows, uint32_t pid, const char *status)
{
	bool init = pid == rows->init;
	char item[48], found[LINE] = "", planned[LINE] = "", value[LINE];
	uint32_t id = rows->lease + (init ? 0 : 1);

	for (size_t i = 0; i < ARRAY_LEN(traits); i++) {
		measured_field(status, traits[i].key, value, sizeof value);
		add(found, sizeof found, traits[i].word, without_zeros(value));
		add(planned, sizeof planned, traits[i].word,
		    init ? traits[i].init : traits[i].other);
	}
	add(found, sizeof found, "uid",
	    measured_field(status, "Uid", value, sizeof value));
	add(found, sizeof found, "gid",
	    measured_field(status, "Gid", value, sizeof value));
	add(found, sizeof found, "groups",
	    measured_field(status, "Groups", value, sizeof value));
	snprintf(value, sizeof value,
		 "%" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32, id, id, id,
		 id);
	add(planned, sizeof planned, "uid", value);
	add(planned, sizeof planned, "gid", value);
	add(planned, sizeof planned, "groups", "");
	if (strcmp(measured_text(rows->measured, pid, "ns"),
		   measured_text(rows->measured, rows->init, "ns")) != 0)
		add(found, sizeof found, "namespaces", "of its own");
	if (rows->processes >= PROCESS_ROWS && strcmp(found, planned) == 0) {
		rows->others++;
		return;
	}
	rows->processes++;
	snprintf(item, sizeof item, "process.%" PRIu32, pid);
	shown_row(rows, item, found, planned);
}

/* It was in the session's group when its folder was open: no later process of
 * the same number. */
static bool belongs(const struct measured *measured, uint32_t pid)
{
	const char *group = measured_text(measured, 0, "cgroup");
	const char *at = strstr(measured_text(measured, pid, "cgroup"), group);

	return group[0] && at && at[strlen(group)] == '\n';
}

static void processes(struct view_rows *rows)
{
	const struct measured *measured = rows->measured;

	for (unsigned int i = 0; i < measured->n; i++) {
		const struct piece *piece = &measured->pieces[i];

		if (piece->pid && strcmp(piece->what, "status") == 0 &&
		    belongs(measured, piece->pid))
			process(rows, piece->pid, piece->text);
	}
	if (rows->others) {
		char found[24];

		snprintf(found, sizeof found, "%u more", rows->others);
		shown_say(rows, "process.others", found, "like these",
			  AS_PLANNED);
	}
	if (measured_find(measured, 0, "more"))
		shown_row(rows, "process.more", "not looked at", "");
}

/* "socket:[123]" is a socket, "3 " is its number. */
static void descriptors(struct view_rows *rows)
{
	static const char *const allowed[] = {
#define DESCRIPTOR(target) target,
#include "policy/planned.def"
#undef DESCRIPTOR
	};
	const char *lines = measured_text(rows->measured, rows->init, "fds");
	char line[LINE], item[48];

	while (measured_line(&lines, line, sizeof line)) {
		char *target = strchr(line, ' ');
		enum shown_state state = DIFFERS;

		if (!target)
			continue;
		*target++ = '\0';
		if (strncmp(target, "socket:", 7) == 0)
			target[6] = '\0';
		for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
			if (strcmp(target, allowed[i]) == 0)
				state = AS_PLANNED;
		snprintf(item, sizeof item, "init.fd.%.20s", line);
		shown_say(rows, item, target, "/dev/null, socket, signalfd",
			  state);
	}
}

/* --- Limits ------------------------------------------------------------------- */

/* What the plan says of one limit's file; "" if it says nothing. */
static const char *limit(const struct plan *plan, const char *file, char *out,
			 size_t size)
{
	const uint64_t period = 100000, page = 4096;
	uint64_t quota = plan->cpu_percent * period / 100;

	out[0] = '\0';
	if (strcmp(file, "memory.max") == 0 ||
	    strcmp(file, "memory.limit_in_bytes") == 0 ||
	    strcmp(file, "memory.memsw.limit_in_bytes") == 0)
		snprintf(out, size, "%" PRIu64,
			 plan->memory_bytes / page * page);
	else if (strcmp(file, "memory.swap.max") == 0)
		snprintf(out, size, "0");
	else if (strcmp(file, "pids.max") == 0)
		snprintf(out, size, "%" PRIu32, plan->processes);
	else if (strcmp(file, "cpu.max") == 0)
		snprintf(out, size, "%" PRIu64 " %" PRIu64, quota, period);
	else if (strcmp(file, "cpu.cfs_quota_us") == 0)
		snprintf(out, size, "%" PRIu64, quota);
	else if (strcmp(file, "cpu.cfs_period_us") == 0)
		snprintf(out, size, "%" PRIu64, period);
	return out;
}

static void limits(struct view_rows *rows)
{
	static const char *const kinds[] = { "memory.", "pids.", "cpu." };
	const char *lines = measured_text(rows->measured, 0, "limits");
	char line[LINE], item[80], planned[80];
	bool have[ARRAY_LEN(kinds)] = { false };

	while (measured_line(&lines, line, sizeof line)) {
		char *value = strchr(line, ' ');

		if (!value)
			continue;
		*value++ = '\0';
		snprintf(item, sizeof item, "limit.%.60s", line);
		shown_row(rows, item, value,
			  limit(rows->plan, line, planned, sizeof planned));
		for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
			have[i] |=
				strncmp(line, kinds[i], strlen(kinds[i])) == 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		snprintf(item, sizeof item, "limit.%s*", kinds[i]);
		if (!have[i])
			shown_row(rows, item, "", "a limit");
	}
}

/* --- What the kernel does not say ----------------------------------------------- */

static void bytes_hash(const void *bytes, size_t len, char *out)
{
	struct hash hash = { { 0 } };

	if (EVP_Digest(bytes, len, hash.bytes, NULL, EVP_sha256(), NULL) != 1)
		die("SHA-256 failed");
	hash_text(&hash, out);
}

static void built_in(struct view_rows *rows)
{
	const struct piece *filter = measured_find(rows->measured, 0, "filter");
	const char *abi = measured_text(rows->measured, 0, "landlock");
	const char *lines = measured_text(rows->measured, 0, "landlock.rules");
	char line[LINE], item[80], hash[HASH_TEXT_SIZE] = "";

	if (filter)
		bytes_hash(filter->text, filter->len, hash);
	shown_say(rows, "filter.sha256", hash, "", BUILT_IN);
	shown_say(rows, "landlock.abi", abi, "2 or newer",
		  strtol(abi, NULL, 10) >= LANDLOCK_LEAST ? AS_PLANNED
							  : DIFFERS);
	while (measured_line(&lines, line, sizeof line)) {
		char *rights = strchr(line, ' ');

		if (!rights)
			continue;
		*rights++ = '\0';
		snprintf(item, sizeof item, "landlock.%.60s", line);
		shown_say(rows, item, rights, "", BUILT_IN);
	}
}

static void images(struct view_rows *rows)
{
	const struct plan *plan = rows->plan;
	char item[ID_SIZE + 16];

	snprintf(item, sizeof item, "toolset.%s", plan->toolset);
	shown_say(rows, item, measured_text(rows->measured, 0, "toolset"), "",
		  BUILT_IN);
	for (uint32_t i = 0; i < plan->ndatasets; i++) {
		snprintf(item, sizeof item, "dataset.%s",
			 plan->datasets[i].name);
		shown_say(rows, item, plan->datasets[i].manifest, "", BUILT_IN);
	}
}

static void filter_rules(struct view_rows *rows)
{
	const char *lines = measured_text(rows->measured, 0, "filter.rules");
	char line[LINE], item[24];

	for (unsigned int i = 1; measured_line(&lines, line, sizeof line);
	     i++) {
		snprintf(item, sizeof item, "filter.%u", i);
		shown_say(rows, item, line, "", BUILT_IN);
	}
}

/* --- All of it ------------------------------------------------------------------ */

/* PID 1 of the sandbox is who the mounts were read of. */
static uint32_t find_init(const struct measured *measured)
{
	for (unsigned int i = 0; i < measured->n; i++)
		if (strcmp(measured->pieces[i].what, "mounts") == 0)
			return measured->pieces[i].pid;
	return 0;
}

struct shown shown_fill(struct result *result, const struct plan *plan,
			const struct measured *measured, bool rules)
{
	struct view_rows rows = { .result = result,
				  .plan = plan,
				  .measured = measured,
				  .init = find_init(measured) };

	rows.lease = (uint32_t)strtoul(measured_text(measured, 0, "lease"),
				       NULL, 10);
	result_begin_with(result, RESULT_LIST, TEXT_ANSWER_SHOWN, plan->session,
			  plan->permit);
	result_column(result, "item", RESULT_ID);
	result_column(result, "found", RESULT_TEXT);
	result_column(result, "planned", RESULT_TEXT);
	result_column(result, "state", RESULT_STATE);
	if (rules) {
		filter_rules(&rows);
		return rows.count;
	}
	namespaces(&rows);
	id_maps(&rows);
	shown_mounts(&rows);
	limits(&rows);
	processes(&rows);
	descriptors(&rows);
	built_in(&rows);
	images(&rows);
	return rows.count;
}

const char *shown_hash(const struct result *result, char *out)
{
	AUTO_FREE char *all = malloc(RESULT_MAX * 2);
	size_t used = 0;

	if (!all)
		die("out of memory");
	for (unsigned int i = 0; i < result->nrows; i++)
		for (unsigned int j = 0; j < result->ncolumns; j++) {
			const char *cell = result_cell(result, i, j);
			size_t len = strlen(cell);

			memcpy(all + used, cell, len);
			used += len;
			all[used++] = j + 1 < result->ncolumns ? '\t' : '\n';
		}
	bytes_hash(all, used, out);
	return out;
}
