/*
 * search - see search.h. Runs in sekisho-index and sekishoctl.
 */
#include "audit/search/search.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/own.h"

/* --- Segments ----------------------------------------------------------------- */

static int open_segment(const struct search *search, uint64_t first,
			struct err *err)
{
	char name[SEGMENT_NAME];

	segment_name(name, first);
	return segment_open(search->seg, name, O_RDONLY, err);
}

/* Does the file still end with the entry that the index knows? */
static bool fits(struct search *search, uint64_t first)
{
	const struct index_segment *segment = &search->segment;
	char line[CANONICAL_MAX + 1];
	struct stat info;
	struct err err;
	AUTO_FD int fd = open_segment(search, first, &err);
	uint64_t at = segment->offsets[SEGMENT_ENTRIES - 1];

	if (fd < 0 || fstat(fd, &info) < 0 ||
	    (uint64_t)info.st_size != segment->bytes || segment->bytes <= at ||
	    segment->bytes - at > sizeof line)
		return false;
	size_t len = (size_t)(segment->bytes - at);
	if (pread(fd, line, len, (off_t)at) != (ssize_t)len ||
	    line[len - 1] != '\n')
		return false;
	struct hash leaf = hash_leaf(&search->hasher, line, len - 1);
	return hash_equal(&leaf, &segment->last);
}

/* Forget what is in the index of a log that is not this one. */
static int compare(struct search *search, struct err *err)
{
	for (size_t i = 0; i < search->nsegments; i++) {
		uint64_t first = search->firsts[i];
		int got = index_read(&search->index, first, &search->segment,
				     err);

		if (got < 0)
			return -1;
		if (got > 0 && !fits(search, first))
			return index_forget(&search->index, first, err);
	}
	return search->nsegments > 0
		       ? index_forget(&search->index,
				      search->firsts[search->nsegments - 1] +
					      SEGMENT_ENTRIES,
				      err)
		       : index_forget(&search->index, 0, err);
}

int search_refresh(struct search *search, struct err *err)
{
	free(search->firsts);
	search->firsts = NULL;
	search->nsegments = 0;
	return segment_list(search->seg, &search->firsts, &search->nsegments,
			    err);
}

static int open_all(struct search *search, int log, const char *path,
		    struct err *err)
{
	search->seg = openat(log, "seg",
			     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (search->seg < 0)
		return err_sys(err, "open seg");
	if (search_refresh(search, err) < 0)
		return -1;
	if (!path)
		return 0;
	if (index_open(&search->index, path, err) < 0)
		return -1;
	search->indexed = true;
	return compare(search, err);
}

struct search *search_open(int log, const char *path, struct err *err)
{
	struct search *search = calloc(1, sizeof *search);

	if (!search) {
		err_set(err, "out of memory");
		return NULL;
	}
	search->seg = -1;
	if (open_all(search, log, path, err) == 0)
		return search;
	search_close(search);
	return NULL;
}

void search_close(struct search *search)
{
	if (!search)
		return;
	if (search->indexed)
		index_close(&search->index);
	own_close(&search->seg);
	free(search->firsts);
	free(search);
}

/* --- Indexing ----------------------------------------------------------------- */

static void put_record(struct index_segment *segment, uint32_t place,
		       uint64_t offset, int64_t time)
{
	uint32_t second = (uint32_t)(time / 1000000);

	segment->offsets[place] = (uint32_t)offset;
	segment->seconds[place] = second;
	if (place == 0 || second < segment->least)
		segment->least = second;
	if (place == 0 || second > segment->most)
		segment->most = second;
}

/* Read a segment into search->segment and terms. 1: whole and sound; 0: not;
 * -1: no memory, or the file cannot be read. */
static int take_segment(struct search *search, struct lines *lines,
			uint64_t first, struct terms *terms, struct err *err)
{
	struct index_segment *segment = &search->segment;
	const char *line = NULL;
	size_t len = 0;
	struct err why;

	segment->first = first;
	for (uint32_t place = 0; place < SEGMENT_ENTRIES; place++) {
		uint64_t offset = lines->offset;
		enum lines_got got = lines_next(lines, &line, &len, err);

		if (got == LINES_ERROR)
			return -1;
		if (got != LINES_LINE || offset > UINT32_MAX ||
		    record_read(&search->view, line, len, &why) < 0 ||
		    search->view.index != first + place)
			return 0;
		put_record(segment, place, offset, search->view.time);
		if (terms_add(terms, &search->view, (uint16_t)place) < 0)
			return err_set(err, "out of memory");
		if (place == SEGMENT_ENTRIES - 1)
			segment->last = hash_leaf(&search->hasher, line, len);
	}
	segment->bytes = lines->offset;
	return lines_next(lines, &line, &len, err) == LINES_END;
}

static int add_segment(struct search *search, uint64_t first, struct err *err)
{
	AUTO_FD int fd = open_segment(search, first, err);
	struct terms terms = { 0 };
	struct lines lines;

	if (fd < 0 || lines_init(&lines, fd, CANONICAL_MAX, err) < 0)
		return -1;
	int done = take_segment(search, &lines, first, &terms, err);
	if (done > 0 &&
	    index_add(&search->index, &search->segment, &terms, err) < 0)
		done = -1;
	lines_clear(&lines);
	terms_clear(&terms);
	return done;
}

int search_advance(struct search *search, struct err *err)
{
	uint32_t times[2];

	/* The last segment is still growing. */
	for (size_t i = 0; search->indexed && i + 1 < search->nsegments; i++) {
		int got = index_has(&search->index, search->firsts[i], times,
				    err);

		if (got < 0)
			return -1;
		if (got > 0)
			continue;
		got = add_segment(search, search->firsts[i], err);
		if (got != 0)
			return got;
	}
	return 0;
}

/* --- Asking ------------------------------------------------------------------- */

struct asking {
	const struct query *query;
	search_take *take;
	void *context;
	bool enough;
};

static void hand_over(struct asking *asking, uint64_t index, uint64_t offset)
{
	struct found_place place = { index, offset };

	asking->enough = !asking->take(asking->context, &place);
}

static bool in_time(const struct query *query, uint32_t second)
{
	return (!query->since || second >= query->since) &&
	       (!query->until || second < query->until);
}

/* The places of a segment that have all terms. 0 or -1. */
static int narrow(struct search *search, const struct query *query,
		  uint64_t first, uint32_t *n, struct err *err)
{
	char key[TERMS_KEY];

	*n = SEGMENT_ENTRIES;
	for (uint32_t i = 0; i < SEGMENT_ENTRIES; i++)
		search->places[i] = (uint16_t)i;
	for (int i = 0; i<QUERY_TERMS && * n> 0; i++) {
		const char *value = query->values[i];

		if (!*value)
			continue;
		terms_key(key, (enum query_term)i, value, strlen(value));
		if (index_narrow(&search->index, first, key, search->places, n,
				 err) < 0)
			return -1;
	}
	return 0;
}

/* 1: answered by the index; 0: it does not know the segment; -1. */
static int ask_index(struct search *search, struct asking *asking,
		     uint64_t first, struct err *err)
{
	const struct query *query = asking->query;
	uint32_t times[2], n = 0;
	int got = search->indexed ? index_has(&search->index, first, times, err)
				  : 0;

	if (got <= 0)
		return got;
	if ((query->since && times[1] < query->since) ||
	    (query->until && times[0] >= query->until))
		return 1;
	if (narrow(search, query, first, &n, err) < 0)
		return -1;
	if (n == 0)
		return 1;
	if (index_read(&search->index, first, &search->segment, err) <= 0)
		return err_set(err, "search index: a segment is missing");
	for (uint32_t i = 0; i < n && !asking->enough; i++) {
		uint16_t place = search->places[i];

		if (first + place >= query->from &&
		    in_time(query, search->segment.seconds[place]))
			hand_over(asking, first + place,
				  search->segment.offsets[place]);
	}
	return 1;
}

static int ask_lines(struct search *search, struct asking *asking,
		     struct lines *lines, struct err *err)
{
	const char *line;
	size_t len;
	struct err why;

	while (!asking->enough) {
		uint64_t offset = lines->offset;
		enum lines_got got = lines_next(lines, &line, &len, err);

		if (got == LINES_ERROR)
			return -1;
		/* A last line without its end is being written. */
		if (got != LINES_LINE) {
			search->nbad += got == LINES_LONG;
			return 0;
		}
		if (record_read(&search->view, line, len, &why) < 0)
			search->nbad++;
		else if (query_matches(asking->query, &search->view))
			hand_over(asking, search->view.index, offset);
	}
	return 0;
}

static int ask_segment(struct search *search, struct asking *asking,
		       uint64_t first, struct err *err)
{
	AUTO_FD int fd = open_segment(search, first, err);
	struct lines lines;

	if (fd < 0 || lines_init(&lines, fd, CANONICAL_MAX, err) < 0)
		return -1;
	int done = ask_lines(search, asking, &lines, err);
	lines_clear(&lines);
	return done;
}

int search_each(struct search *search, const struct query *query,
		search_take *take, void *context, struct err *err)
{
	struct asking asking = { query, take, context, false };

	search->nbad = 0;
	for (size_t i = 0; i < search->nsegments && !asking.enough; i++) {
		uint64_t first = search->firsts[i];

		if (first + SEGMENT_ENTRIES <= query->from)
			continue;
		int got = ask_index(search, &asking, first, err);
		if (got == 0)
			got = ask_segment(search, &asking, first, err);
		if (got < 0)
			return -1;
	}
	return 0;
}

struct keeping {
	const struct query *query;
	struct found *found;
};

/* The last are kept in a ring. */
static bool keep(void *context, const struct found_place *place)
{
	struct keeping *keeping = context;
	const struct query *query = keeping->query;
	struct found *found = keeping->found;
	uint64_t at = found->total++;

	if (query->last)
		found->places[at % query->count] = *place;
	else if (at < query->count)
		found->places[at] = *place;
	return true;
}

/* The ring as a list that begins with its oldest. */
static void unroll(struct found *found, unsigned int count)
{
	struct found_place places[QUERY_MOST];
	unsigned int oldest = (unsigned int)(found->total % count);

	memcpy(places, found->places, sizeof places);
	for (unsigned int i = 0; i < count; i++)
		found->places[i] = places[(oldest + i) % count];
}

int search_find(struct search *search, const struct query *query,
		struct found *found, struct err *err)
{
	struct keeping keeping = { query, found };

	*found = (struct found){ 0 };
	if (query->count == 0 || query->count > QUERY_MOST)
		return err_set(err, "from 1 to %d records", QUERY_MOST);
	if (search_each(search, query, keep, &keeping, err) < 0)
		return -1;
	found->n = found->total < query->count ? (unsigned int)found->total
					       : query->count;
	if (query->last && found->total > query->count)
		unroll(found, query->count);
	return 0;
}
