#include "policy/airlock/compare/findings.h"

#include <stdbool.h>
#include <string.h>

void findings_init(struct findings *findings)
{
	findings->n = 0;
	findings->lost = 0;
	findings->verdict = CHECKED_CLEAR;
}

static bool same_kind(const struct finding *a, const struct finding *b)
{
	return a->file == b->file && a->code == b->code &&
	       a->severity == b->severity;
}

static size_t count_kind(const struct findings *findings,
			 const struct finding *like)
{
	size_t n = 0;

	for (size_t i = 0; i < findings->n; i++)
		n += same_kind(&findings->list[i], like);
	return n;
}

/* Which one gives way to a block: the least grave, last; or a repetition. */
static struct finding *weakest(struct findings *findings)
{
	struct finding *weak = NULL;

	for (size_t i = findings->n; i-- > 0;) {
		struct finding *at = &findings->list[i];

		if (at->severity != SEVERITY_BLOCK &&
		    (!weak || at->severity > weak->severity))
			weak = at;
	}
	for (size_t i = findings->n; !weak && i-- > 0;)
		if (count_kind(findings, &findings->list[i]) > 1)
			weak = &findings->list[i];
	return weak;
}

static void judge(struct findings *findings, enum severity severity)
{
	enum checked verdict = severity == SEVERITY_BLOCK  ? CHECKED_BLOCK
			       : severity == SEVERITY_FLAG ? CHECKED_REVIEW
							   : CHECKED_CLEAR;

	if (verdict < findings->verdict)
		findings->verdict = verdict;
}

void findings_add(struct findings *findings, const struct finding *finding)
{
	judge(findings, finding->severity);
	size_t kind = count_kind(findings, finding);
	if (kind < FINDINGS_EACH && findings->n < FINDINGS_MOST) {
		findings->list[findings->n++] = *finding;
		return;
	}
	findings->lost++;
	if (kind > 0 || finding->severity != SEVERITY_BLOCK)
		return;
	struct finding *weak = weakest(findings);
	if (weak)
		*weak = *finding;
}

void findings_raise(struct findings *findings, struct finding finding)
{
	finding.severity = finding_at((size_t)finding.code)->severity;
	findings_add(findings, &finding);
}

enum finding_code finding_code_of(const char *word)
{
	const struct finding_text *text;

	for (size_t i = 0; (text = finding_at(i)); i++)
		if (strcmp(text->code, word) == 0)
			return (enum finding_code)i;
	return FINDING_CODES;
}

static bool before(const struct finding *a, const struct finding *b)
{
	const uint32_t keys[][2] = {
		{ a->file, b->file },
		{ (uint32_t)a->severity, (uint32_t)b->severity },
		{ a->row, b->row },
		{ a->column, b->column },
		{ (uint32_t)a->code, (uint32_t)b->code },
	};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (keys[i][0] != keys[i][1])
			return keys[i][0] < keys[i][1];
	return false;
}

/* By insertion: they are few, and qsort() asks the system for its memory. */
void findings_sort(struct findings *findings)
{
	for (size_t i = 1; i < findings->n; i++) {
		const struct finding moved = findings->list[i];
		size_t at = i;

		for (; at > 0 && before(&moved, &findings->list[at - 1]); at--)
			findings->list[at] = findings->list[at - 1];
		findings->list[at] = moved;
	}
}
