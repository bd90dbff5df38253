/*
 * problems - collect and say what is wrong with a policy folder.
 *
 * Runs in sekisho-policy and sekishoctl. Names and values come from files
 * that anybody may have written: all of it is made visible.
 */
#include "policy/problems.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/visible.h"

/* Cuts at a whole character, so that a cut name still reads as text. */
static void keep(char *out, size_t size, const char *in)
{
	size_t len = in ? strnlen(in, size - 1) : 0;

	while (in && len > 0 && ((unsigned char)in[len] & 0xc0) == 0x80)
		len--;
	if (in)
		memcpy(out, in, len);
	out[len] = '\0';
}

void problems_add(struct problems *problems, const char *file,
		  unsigned int line, enum text_id id, const char *first,
		  const char *second, const char *third)
{
	if (problems->count++ >= PROBLEMS_KEPT)
		return;
	struct problem *p = &problems->kept[problems->count - 1];
	keep(p->file, sizeof p->file, file);
	p->line = line;
	p->id = id;
	keep(p->first, sizeof p->first, first);
	keep(p->second, sizeof p->second, second);
	keep(p->third, sizeof p->third, third);
}

size_t problems_texts(const struct problems *problems)
{
	return problems->count > PROBLEMS_KEPT ? PROBLEMS_KEPT + 1
					       : problems->count;
}

const char *problems_text(const struct problems *problems, size_t i,
			  const char *lang, char *out, size_t size)
{
	char number[24];

	if (i >= PROBLEMS_KEPT) {
		snprintf(number, sizeof number, "%zu",
			 problems->count - PROBLEMS_KEPT);
		return text_fill(out, size, lang, TEXT_POLICY_MORE, number,
				 NULL, NULL);
	}
	const struct problem *p = &problems->kept[i];
	size_t used = visible_text(out, size, p->file, strlen(p->file));
	if (used + 1 < size) {
		int n = p->line ? snprintf(out + used, size - used,
					   ":%u: ", p->line)
				: snprintf(out + used, size - used, ": ");
		used += n > 0 && (size_t)n < size - used ? (size_t)n : 0;
	}
	text_fill(out + used, size - used, lang, p->id, p->first, p->second,
		  p->third);
	return out;
}
