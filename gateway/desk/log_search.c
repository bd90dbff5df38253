/*
 * log_search - read segments of the log and keep what is asked for.
 *
 * Runs in sekisho-desk with the log's folder as a descriptor, read-only by
 * file mode. The log may have been tampered with: what is no record is
 * counted, and left to sekisho-verify.
 */
#include "gateway/desk/log_search.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/desk/line.h"

enum { LINE_MAX_SIZE = 65536 };

/* --- Records -------------------------------------------------------------- */

static void add_detail(struct log_entry *entry, const struct line *line)
{
	size_t used = strlen(entry->detail);

	snprintf(entry->detail + used, sizeof entry->detail - used, "%s%s=%s",
		 used > 0 ? " " : "", line->key, line->value);
}

enum { NSHOWN = 12 /* members that are no detail */ };

static void keep_member(struct log_entry *entry, const struct line *line)
{
	const struct {
		const char *key;
		char *into;
		size_t size;
	} known[] = {
		/* of no use to the eye */
		{ "_p", NULL, 0 },
		{ "boot", NULL, 0 },
		{ "mono", NULL, 0 },
		{ "idem", NULL, 0 },
		/* columns of their own */
		{ "_i", entry->index, sizeof entry->index },
		{ "_t", entry->time, sizeof entry->time },
		{ "event", entry->event, sizeof entry->event },
		{ "result", entry->result, sizeof entry->result },
		{ "writer", entry->writer, sizeof entry->writer },
		{ "actor", entry->actor, sizeof entry->actor },
		{ "session", entry->session, sizeof entry->session },
		{ "permit", entry->permit, sizeof entry->permit },
		/* looked at, and details all the same */
		{ "request", entry->request, sizeof entry->request },
		{ "view", entry->view, sizeof entry->view },
		{ "sha256", entry->sha256, sizeof entry->sha256 },
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (strcmp(known[i].key, line->key) != 0)
			continue;
		if (known[i].into)
			snprintf(known[i].into, known[i].size, "%.*s",
				 (int)known[i].size - 1, line->value);
		if (i < NSHOWN)
			return;
		break;
	}
	add_detail(entry, line);
}

static bool is_copy(const struct log_search *search, const char *sha256)
{
	for (unsigned int i = 0; i < search->ncopies; i++)
		if (strcmp(search->copies[i], sha256) == 0)
			return true;
	return false;
}

/* Of the request itself; or somebody fetched what a reviewer saw of it. */
static bool of_request(struct log_search *search, const struct log_entry *entry)
{
	uint64_t number = strtoull(entry->request, NULL, 10);

	if (search->wanted.request == 0)
		return true;
	if (number != search->wanted.request)
		return strcmp(entry->event, "files.read") == 0 &&
		       strcmp(entry->view, "released") == 0 && *entry->sha256 &&
		       is_copy(search, entry->sha256);
	if (strcmp(entry->event, "request.view") == 0 &&
	    search->ncopies < LOG_COPIES && !is_copy(search, entry->sha256))
		memcpy(search->copies[search->ncopies++], entry->sha256,
		       HASH_TEXT_SIZE);
	return true;
}

static bool differs(const char *wanted, const char *value)
{
	return *wanted && strcmp(wanted, value) != 0;
}

static bool matches(struct log_search *search, const struct log_entry *entry)
{
	const struct log_wanted *wanted = &search->wanted;
	int64_t at = strtoll(entry->time, NULL, 10) / 1000000;

	return !differs(wanted->event, entry->event) &&
	       !differs(wanted->session, entry->session) &&
	       !differs(wanted->permit, entry->permit) &&
	       !differs(wanted->actor, entry->actor) &&
	       (wanted->since == 0 || at >= wanted->since) &&
	       (wanted->until == 0 || at < wanted->until) &&
	       of_request(search, entry);
}

int log_entry_read(struct log_entry *entry, const char *text, size_t len)
{
	struct line line;
	int got;

	*entry = (struct log_entry){ 0 };
	line_begin(&line, text, len);
	while ((got = line_next(&line)) > 0)
		keep_member(entry, &line);
	return got;
}

static void read_record(struct log_search *search, const char *text, size_t len)
{
	struct log_entry *entry = &search->entries[search->next];

	if (log_entry_read(entry, text, len) < 0) {
		search->nbad++;
		return;
	}
	if (!matches(search, entry))
		return;
	search->matched++;
	search->next = (search->next + 1) % LOG_RING;
	if (search->nfound < LOG_MOST)
		search->nfound++;
}

/* Records of one segment; a last line without its end is being written. */
static int read_segment(struct log_search *search, int folder, const char *name,
			struct err *err)
{
	AUTO_FD int fd =
		openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "re");
	static char line[LINE_MAX_SIZE + 2];

	if (!file)
		return err_sys(err, "%s", name);
	take_fd(&fd);
	while (fgets(line, sizeof line, file)) {
		size_t len = strlen(line);

		if (len > 0 && line[len - 1] == '\n')
			read_record(search, line, len - 1);
		else if (len + 1 == sizeof line)
			search->nbad++;
	}
	fclose(file);
	return 0;
}

/* --- Segments ------------------------------------------------------------- */

static bool is_segment(const char *name)
{
	return strspn(name, "0123456789") == 20 &&
	       strcmp(name + 20, ".jsonl") == 0;
}

/* Keep the newest names in order, newest first. */
static void keep_segment(struct log_search *search, const char *name)
{
	unsigned int at = search->nsegments;

	while (at > 0 && strcmp(search->segments[at - 1], name) < 0)
		at--;
	if (search->nsegments == LOG_SEGMENTS)
		search->more = true;
	if (at == LOG_SEGMENTS)
		return;
	unsigned int after = search->nsegments - at;
	if (search->nsegments == LOG_SEGMENTS)
		after--;
	else
		search->nsegments++;
	memmove(search->segments[at + 1], search->segments[at],
		after * sizeof search->segments[0]);
	snprintf(search->segments[at], sizeof search->segments[0], "%.26s",
		 name);
}

static int list_segments(struct log_search *search, int folder, struct err *err)
{
	AUTO_FD int fd =
		openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *item;

	if (!dir)
		return err_sys(err, "seg");
	take_fd(&fd);
	while ((item = readdir(dir)))
		if (is_segment(item->d_name))
			keep_segment(search, item->d_name);
	closedir(dir);
	return 0;
}

static bool any(const struct log_wanted *wanted)
{
	return !*wanted->event && !*wanted->session && !*wanted->permit &&
	       !*wanted->actor && wanted->request == 0 && wanted->since == 0 &&
	       wanted->until == 0;
}

/* How many of the newest segments hold enough; then read them in order, so
 * that the ring ends with the last records. Segments count their records, so
 * without a filter two are always enough. */
static int read_segments(struct log_search *search, int folder, struct err *err)
{
	bool unfiltered = any(&search->wanted);
	unsigned int n = search->nsegments;

	if (unfiltered && n > 2)
		n = 2;
	while (n-- > 0)
		if (read_segment(search, folder, search->segments[n], err) < 0)
			return -1;
	if (unfiltered)
		search->more = false;
	return 0;
}

int log_find(struct log_search *search, int folder, struct err *err)
{
	search->next = search->nfound = search->nbad = search->nsegments = 0;
	search->ncopies = 0;
	search->matched = 0;
	search->more = false;
	AUTO_FD int seg = openat(
		folder, "seg", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (seg < 0)
		return err_sys(err, "seg");
	if (list_segments(search, seg, err) < 0)
		return -1;
	return read_segments(search, seg, err);
}

const struct log_entry *log_entry(const struct log_search *search,
				  unsigned int n, unsigned int i)
{
	return &search->entries[(search->next + LOG_RING - n + i) % LOG_RING];
}
