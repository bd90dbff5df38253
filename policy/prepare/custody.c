/*
 * custody - append to a chain of lines, and check it.
 *
 * Runs in sekisho-prepare as the custodian. Distrusts whoever edited the file.
 */
#include "policy/prepare/custody.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "audit/canonical.h"
#include "gateway/base/own.h"
#include "policy/prepare/need.h"
#include "policy/prepare/put.h"

static const char name[] = "journal";

enum { JOURNAL_MOST = 64 * 1024 * 1024, ADDED = 5 };

static void hash_line(const char *line, size_t len, char out[static HASH_HEX])
{
	uint8_t hash[HASH_BYTES];

	hash_of(line, len, hash);
	hex_text(hash, sizeof hash, out);
}

static bool text_is(const struct canonical *line, const char *key,
		    const char *text)
{
	const struct canonical_field *field = canonical_find(line, key);

	return field && field->kind == CANONICAL_STRING &&
	       field->len == strlen(text) &&
	       memcmp(field->value, text, field->len) == 0;
}

/* The line after `lines` lines with that head? Then it is counted. */
static bool take_line(struct custody *custody, const char *at, size_t len)
{
	static struct canonical line;

	if (canonical_scan(&line, at, len) < 0)
		return false;
	const struct canonical_field *n = canonical_find(&line, "n");
	if (!n || n->kind != CANONICAL_INTEGER ||
	    n->number != (int64_t)custody->lines + 1 ||
	    !text_is(&line, "prev", custody->head))
		return false;
	custody->lines++;
	hash_line(at, len, custody->head);
	return true;
}

static int check(struct custody *custody, struct fault *fault)
{
	const char *at = custody->text, *end = at + custody->len;

	memset(custody->head, '0', HASH_HEX - 1);
	custody->head[HASH_HEX - 1] = '\0';
	while (at < end) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));

		if (!lf || !take_line(custody, at, (size_t)(lf - at))) {
			fault_say(fault, FAULT_JOURNAL, name);
			fault->line = custody->lines + 1;
			return -1;
		}
		at = lf + 1;
	}
	return 0;
}

int custody_open(struct custody *custody, int folder, struct fault *fault)
{
	*custody =
		(struct custody){ .fd = openat(folder, name,
					       O_RDWR | O_CREAT | O_APPEND |
						       O_NOFOLLOW | O_CLOEXEC,
					       0600) };
	if (custody->fd < 0 || flock(custody->fd, LOCK_EX) < 0 ||
	    fsync(folder) < 0)
		return fault_sys(fault, name);
	custody->text = (char *)disk_read(folder, name, JOURNAL_MOST,
					  &custody->len, fault);
	return custody->text ? check(custody, fault) : -1;
}

void custody_close(struct custody *custody)
{
	own_close(&custody->fd);
	free(custody->text);
	custody->text = NULL;
}

static int by_key(const void *a, const void *b)
{
	const struct custody_field *one = a, *other = b;

	return strcmp(one->key, other->key);
}

/* The line without its LF, as fresh memory. */
static char *line_text(const struct custody *custody, const char *event,
		       const struct custody_field *fields, size_t n,
		       size_t *len)
{
	struct custody_field all[CUSTODY_FIELDS + ADDED] = {
		{ "at", NULL, (uint64_t)time(NULL) },
		{ "event", event, 0 },
		{ "n", NULL, custody->lines + 1 },
		{ "prev", custody->head, 0 },
		{ "uid", NULL, getuid() },
	};
	unsigned int count = 0;
	char *text = NULL;

	n = n < CUSTODY_FIELDS ? n : CUSTODY_FIELDS;
	if (n > 0)
		memcpy(all + ADDED, fields, n * sizeof *fields);
	qsort(all, n + ADDED, sizeof *all, by_key);
	FILE *out = need_stream(&text, len);
	putc('{', out);
	for (size_t i = 0; i < n + ADDED; i++)
		if (all[i].text)
			put_text(out, &count, all[i].key, all[i].text);
		else
			put_number(out, &count, all[i].key, all[i].number);
	putc('}', out);
	need_stream_end(out);
	return text;
}

int custody_note(struct custody *custody, const char *event,
		 const struct custody_field *fields, size_t n,
		 struct fault *fault)
{
	size_t len;
	AUTO_FREE char *line = line_text(custody, event, fields, n, &len);

	hash_line(line, len, custody->head);
	line[len] = '\n'; /* in the place of the stream's NUL */
	if (disk_write(custody->fd, line, len + 1, name, fault) < 0)
		return -1;
	if (fsync(custody->fd) < 0)
		return fault_sys(fault, name);
	custody->lines++;
	return 0;
}

bool custody_has(const struct custody *custody, const char *event,
		 const char *key, const char *text)
{
	static struct canonical line;
	const char *at = custody->text, *end = at + custody->len;

	while (at < end) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));

		if (lf && canonical_scan(&line, at, (size_t)(lf - at)) == 0 &&
		    text_is(&line, "event", event) && text_is(&line, key, text))
			return true;
		at = lf ? lf + 1 : end;
	}
	return false;
}

int custody_act(int folder, const char *event,
		const struct custody_field *fields, size_t n, char *head,
		struct fault *fault)
{
	struct custody custody;
	int done = custody_open(&custody, folder, fault);

	if (done == 0)
		done = custody_note(&custody, event, fields, n, fault);
	if (done == 0 && head)
		memcpy(head, custody.head, HASH_HEX);
	custody_close(&custody);
	return done;
}
