#include "policy/airlock/compare/scan.h"

enum {
	BB = 32, /* ends a run */
	PP,	 /* stands between two characters of a run */
	LL,	 /* so does the end of a line */
	REST = PSEUDONYM_CHARS - PREFIX_CHARS,
	LAST = 31, /* mask of scan.last */
	TOP = 5 * (PREFIX_CHARS - 1),
};

static const uint64_t prefix_mask = (1ull << (5 * PREFIX_CHARS)) - 1;

/* What a byte is: a digit's value (either case), or one of the above. */
/* clang-format off */
static const uint8_t kinds[256] = {
	PP, BB, BB, BB, BB, BB, BB, BB, BB, PP, LL, BB, BB, PP, BB, BB,
	BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB,
	PP, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, PP, PP, BB,
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, PP, BB, BB, BB, BB, BB,
	BB, 10, 11, 12, 13, 14, 15, 16, 17, BB, 18, 19, BB, 20, 21, BB,
	22, 23, 24, 25, 26, BB, 27, 28, 29, 30, 31, BB, BB, BB, BB, PP,
	BB, 10, 11, 12, 13, 14, 15, 16, 17, BB, 18, 19, BB, 20, 21, BB,
	22, 23, 24, 25, 26, BB, 27, 28, 29, 30, 31, BB, BB, BB, BB, BB,
	BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB,
	BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB,
	BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB,
	BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB,
	BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB,
	BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB,
	BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB,
	BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB, BB,
};
/* clang-format on */

void scan_init(struct scan *scan, struct pseudonyms *pseudonyms,
	       struct scan_hits *hits)
{
	scan->pseudonyms = pseudonyms;
	scan->hits = hits;
	scan->line = 1;
	scan->run = 0;
	scan->npending = 0;
}

static void first_line(uint32_t *line, uint32_t here)
{
	if (*line == 0)
		*line = here;
}

static void add_prefix(struct scan_hits *hits, uint64_t prefix, uint32_t line)
{
	for (uint32_t i = 0; i < hits->prefixes; i++)
		if (hits->prefix[i] == prefix)
			return;
	if (hits->prefixes < SCAN_PREFIXES)
		hits->prefix[hits->prefixes++] = prefix;
	first_line(&hits->prefix_line, line);
}

/* The last n digits, the first or the last of them first. */
static bool is_whole(struct scan *scan, uint32_t n, bool backwards)
{
	uint8_t digits[PSEUDONYM_CHARS];

	for (uint32_t i = 0; i < n; i++) {
		uint32_t back = backwards ? 1 + i : n - i;

		digits[i] = scan->last[(scan->run - back) & LAST];
	}
	return pseudonyms_have(scan->pseudonyms, digits, n);
}

/* Beginnings whose rest has come, or cannot come any more. */
static void settle(struct scan *scan, bool broken)
{
	size_t kept = 0;

	for (size_t i = 0; i < scan->npending; i++) {
		uint32_t missing = scan->pending[i].at - scan->run;

		if (!broken && missing > 0) {
			scan->pending[kept++] = scan->pending[i];
		} else if (is_whole(scan, PSEUDONYM_CHARS - missing, false)) {
			scan->hits->whole++;
			first_line(&scan->hits->whole_line,
				   scan->pending[i].line);
		} else {
			add_prefix(scan->hits, scan->pending[i].prefix,
				   scan->pending[i].line);
		}
	}
	scan->npending = kept;
}

static void begin_pending(struct scan *scan)
{
	if (scan->npending == SCAN_PENDING) {
		add_prefix(scan->hits, scan->forward, scan->line);
		return;
	}
	scan->pending[scan->npending].at = scan->run + REST;
	scan->pending[scan->npending].line = scan->line;
	scan->pending[scan->npending].prefix = scan->forward;
	scan->npending++;
}

/* The last twelve characters, this way or that, may be a beginning. */
static void look(struct scan *scan)
{
	if (pseudonyms_begin(scan->pseudonyms, scan->forward))
		begin_pending(scan);
	if (!pseudonyms_begin(scan->pseudonyms, scan->backward))
		return;
	uint32_t n = scan->run < PSEUDONYM_CHARS ? scan->run : PSEUDONYM_CHARS;
	if (is_whole(scan, n, true)) {
		scan->hits->reversed++;
		first_line(&scan->hits->reversed_line, scan->line);
	} else {
		add_prefix(scan->hits, scan->backward, scan->line);
	}
}

static void break_run(struct scan *scan)
{
	if (scan->npending > 0)
		settle(scan, true);
	scan->run = 0;
}

/* The rest of a run from bytes[i] on; where it breaks, or the end. */
static size_t follow(struct scan *scan, const uint8_t *bytes, size_t i,
		     size_t len)
{
	uint64_t forward = scan->forward, backward = scan->backward;
	uint32_t run = scan->run, line = scan->line;
	uint8_t kind = BB;

	for (; i < len && (kind = kinds[bytes[i]]) != BB; i++) {
		if (kind >= PP) {
			line += kind == LL;
			continue;
		}
		scan->last[run & LAST] = kind;
		run++;
		forward = (forward << 5 | kind) & prefix_mask;
		backward = backward >> 5 | (uint64_t)kind << TOP;
		if (run < PREFIX_CHARS)
			continue;
		bool may = pseudonyms_may_begin(scan->pseudonyms, forward) ||
			   pseudonyms_may_begin(scan->pseudonyms, backward);
		if (!may && scan->npending == 0)
			continue;
		scan->forward = forward;
		scan->backward = backward;
		scan->run = run;
		scan->line = line;
		if (scan->npending > 0)
			settle(scan, false);
		if (may)
			look(scan);
	}
	scan->forward = forward;
	scan->backward = backward;
	scan->run = run;
	scan->line = line;
	return i;
}

void scan_feed(struct scan *scan, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		i = follow(scan, bytes, i, len);
		if (i < len && scan->run > 0)
			break_run(scan);
	}
}

void scan_end(struct scan *scan)
{
	break_run(scan);
}
