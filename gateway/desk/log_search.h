/*
 * log_search - find records in the log's folder.
 */
#ifndef GATEWAY_DESK_LOG_SEARCH_H
#define GATEWAY_DESK_LOG_SEARCH_H

#include "gateway/base/err.h"
#include "gateway/base/plan.h"

enum {
	LOG_MOST = 300,		 /* records of one answer */
	LOG_RING = LOG_MOST + 1, /* one is being read */
	LOG_SEGMENTS = 64,	 /* searched for one answer, newest first */
	LOG_COPIES = 128	 /* files of a request, by their hash */
};

/* What is asked for; empty and 0 is any. */
struct log_wanted {
	unsigned int count;
	char event[ID_SIZE], session[ID_SIZE], permit[ID_SIZE], actor[ID_SIZE];
	uint64_t request;
	int64_t since, until; /* seconds since 1970 */
};

struct log_entry {
	char index[24], time[24], event[40], result[16];
	char writer[24], actor[ID_SIZE], session[ID_SIZE], permit[ID_SIZE];
	char request[24], view[24], sha256[HASH_TEXT_SIZE];
	char detail[512];
};

struct log_search {
	struct log_wanted wanted;
	struct log_entry entries[LOG_RING]; /* the last nfound */
	unsigned int next, nfound;
	uint64_t matched;
	unsigned int nbad;
	unsigned int nsegments; /* LOG_SEGMENTS: older ones were left out */
	char segments[LOG_SEGMENTS][32]; /* newest first */
	bool more;
	unsigned int ncopies; /* what the request's files are known by */
	char copies[LOG_COPIES][HASH_TEXT_SIZE];
};

/* Take a record of the log apart. 0; -1: it is none. */
int log_entry_read(struct log_entry *entry, const char *text, size_t len);

/* Look for search->wanted; all else is made anew. 0, or -1 and err. */
int log_find(struct log_search *search, int folder, struct err *err);

/* The entry number i of n that end with the last one found. */
const struct log_entry *log_entry(const struct log_search *search,
				  unsigned int n, unsigned int i);

#endif
