/*
 * review - all checks over the files of one request, item by item.
 *
 * Takes what parse says of each file (parsed.h) and believes nothing beyond
 * its form; the raw bytes are scanned whatever parse made of them. Holds one
 * file at a time.
 */
#ifndef POLICY_AIRLOCK_COMPARE_REVIEW_H
#define POLICY_AIRLOCK_COMPARE_REVIEW_H

#include "gateway/base/parsed.h"
#include "policy/airlock/compare/check.h"
#include "policy/airlock/compare/differences.h"
#include "policy/airlock/compare/document.h"
#include "policy/airlock/compare/encoded.h"
#include "policy/airlock/compare/textual.h"

enum { REVIEW_FILES = 1024, REVIEW_HASH = 32, REVIEW_NAME = 1024 };

struct review_file {
	uint32_t number; /* as COMPARE said; of the release, if earlier */
	bool earlier;	 /* it was released before: nothing is found in it */
	uint64_t size;
	const uint8_t *sha256;
	const char *name;
};

struct review {
	struct profile profile;
	struct pseudonyms pseudonyms;
	struct findings findings;
	struct card card; /* of the present file */
	size_t nfiles;
	struct {
		uint32_t number;
		bool earlier;
		uint8_t sha256[REVIEW_HASH];
	} files[REVIEW_FILES];
	struct differences differences; /* counts of the files before */

	/* The present file */
	uint32_t file;
	bool earlier;
	uint64_t size, bytes; /* promised, come */
	bool typed, ended, not_utf8, maybe_cp932;
	struct table table;
	struct columns columns;
	bool is_text, is_json; /* what its lines are */
	struct textual textual;
	struct document document;
	struct findings maybe; /* what is found in those */
	uint32_t text_line;
	struct scan scan;
	struct scan_hits hits;
	struct encoded encoded;
	uint64_t marks;		 /* single points that a figure draws */
	uint32_t line, trailing; /* lines so far, and those with blanks */
	size_t used;		 /* of text */
	char text[PARSED_MAX];	 /* the line that has begun */
};

/* The storage is zero at first; later, review_clear() comes before. */
void review_init(struct review *review);

/* Give all memory back. */
void review_clear(struct review *review);

/* A file begins: its name and hash are checked. */
void review_begin(struct review *review, const struct review_file *file);

/* The next item of its parse. 0, or -1 and err: it makes no sense. */
int review_item(struct review *review, const struct parsed_item *item,
		struct err *err);

/* The parse is over: the checks of a whole file. */
void review_end(struct review *review);

/* The parse failed: that blocks; what was found before stays. */
void review_failed(struct review *review);

#endif
