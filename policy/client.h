/*
 * client - what others may know of policy: the words of a finding.
 *
 * Desks print findings that compare made and policy kept; the sentences are
 * one table, policy/airlock/findings.def. Linking this needs the archive
 * policy/airlock/findings alone, and no library.
 */
#ifndef POLICY_CLIENT_H
#define POLICY_CLIENT_H

#include <stddef.h>
#include <stdint.h>

/* Zero is the gravest. The numbers are those of MSG_FINDING. */
enum severity { SEVERITY_BLOCK = 0, SEVERITY_FLAG, SEVERITY_INFO, SEVERITIES };

/* The numbers are those of MSG_CHECKED. */
enum checked { CHECKED_BLOCK = 0, CHECKED_REVIEW, CHECKED_CLEAR };

struct finding_text {
	const char *code, *family, *parameter;
	enum severity severity; /* the usual one */
	const char *sentence, *sentence_ja, *remedy, *remedy_ja;
};

/* The text of a code whose check runs; NULL for any other word. */
const struct finding_text *finding_find(const char *code);

/* The n-th of the table in its order; NULL after the last. */
const struct finding_text *finding_at(size_t n);

/*
 * The sentence in lang ("ja", else English) with {1} and {2} replaced by the
 * finding's numbers. Returns out, cut to size at a character; size is at
 * least 1.
 */
const char *finding_sentence(char *out, size_t size,
			     const struct finding_text *text, const char *lang,
			     const uint64_t numbers[2]);

/* What the person can do about it. */
const char *finding_remedy(const struct finding_text *text, const char *lang);

#endif
