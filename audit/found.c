#include "audit/found.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "audit/segment.h"
#include "gateway/base/own.h"

enum { AT_FIRST = 1024 /* bytes: most records are shorter */ };

void found_begin(struct found_reader *reader, int seg)
{
	*reader = (struct found_reader){ .seg = seg, .fd = -1 };
}

void found_end(struct found_reader *reader)
{
	own_close(&reader->fd);
}

static int open_segment(struct found_reader *reader, uint64_t index,
			struct err *err)
{
	uint64_t first = index - index % SEGMENT_ENTRIES;
	char name[SEGMENT_NAME];

	if (reader->fd >= 0 && reader->first == first)
		return 0;
	own_close(&reader->fd);
	segment_name(name, first);
	reader->fd = segment_open(reader->seg, name, O_RDONLY, err);
	reader->first = first;
	return reader->fd < 0 ? -1 : 0;
}

/* The line that begins at offset. 0, or -1. */
static int read_line(int fd, uint64_t offset, struct found_record *record)
{
	for (size_t size = AT_FIRST;; size = sizeof record->line) {
		ssize_t n = pread(fd, record->line, size, (off_t)offset);
		char *end =
			n > 0 ? memchr(record->line, '\n', (size_t)n) : NULL;

		if (end) {
			*end = '\0';
			record->len = (size_t)(end - record->line);
			return 0;
		}
		if (n <= 0 || size == sizeof record->line)
			return -1;
	}
}

int found_read(struct found_reader *reader, const struct found_place *place,
	       const struct query *query, struct found_record *record,
	       struct err *err)
{
	struct err why;

	if (open_segment(reader, place->index, err) < 0)
		return -1;
	if (place->offset > INT64_MAX ||
	    read_line(reader->fd, place->offset, record) < 0 ||
	    record_read(&record->view, record->line, record->len, &why) < 0 ||
	    record->view.index != place->index ||
	    !query_matches(query, &record->view))
		return err_set(err,
			       "the search index is wrong about entry %" PRIu64,
			       place->index);
	return 0;
}
