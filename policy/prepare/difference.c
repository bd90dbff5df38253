#include "policy/prepare/difference.h"

#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "policy/prepare/prf.h"
#include "policy/prepare/put.h"

/* Walks over index/pseudonyms. */
struct walk {
	int fd;
	size_t at, len;
	uint8_t piece[4096][PSEUDONYM_BYTES];
};

/* The pseudonym that the walk stands on; NULL: the end. */
static const uint8_t *peek(struct walk *walk)
{
	if (walk->at == walk->len) {
		ssize_t n = read(walk->fd, walk->piece, sizeof walk->piece);

		walk->at = 0;
		walk->len = n > 0 ? (size_t)n / PSEUDONYM_BYTES : 0;
	}
	return walk->at < walk->len ? walk->piece[walk->at] : NULL;
}

/* Those of `these` that are not in `those`, as an array. */
static void put_missing(FILE *out, struct walk *these, struct walk *those)
{
	const uint8_t *one, *other;
	bool any = false;

	putc('[', out);
	while ((one = peek(these))) {
		while ((other = peek(those)) &&
		       memcmp(other, one, PSEUDONYM_BYTES) < 0)
			those->at++;
		if (!other || memcmp(other, one, PSEUDONYM_BYTES) != 0) {
			char text[PSEUDONYM_TEXT];

			pseudonym_text(one, text);
			fprintf(out, "%s\"%.*s\"", any ? "," : "",
				PSEUDONYM_TEXT, text);
			any = true;
		}
		these->at++;
	}
	putc(']', out);
}

static int put_pseudonyms(FILE *out, const struct verified *these,
			  const struct verified *those, struct fault *fault)
{
	static struct walk a, b;
	static const char path[] = "index/pseudonyms";
	AUTO_FD int one = verify_open(these->folder, path, fault);

	if (one < 0)
		return -1;
	AUTO_FD int other = verify_open(those->folder, path, fault);
	if (other < 0)
		return -1;
	a = (struct walk){ .fd = one };
	b = (struct walk){ .fd = other };
	put_missing(out, &a, &b);
	return 0;
}

/* The source of that name; one of nothing, if there was none. */
static const struct manifest_source *source_of(const struct manifest *manifest,
					       const char *name)
{
	static const struct manifest_source none;

	for (uint32_t i = 0; i < manifest->nsources; i++)
		if (strcmp(manifest->sources[i].name, name) == 0)
			return &manifest->sources[i];
	return &none;
}

static void put_sources(FILE *out, const struct manifest *before,
			const struct manifest *after)
{
	putc('[', out);
	for (uint32_t i = 0; i < after->nsources; i++) {
		const struct manifest_source *now = &after->sources[i];
		const struct manifest_source *then =
			source_of(before, now->name);
		unsigned int n = 0;

		fputs(i ? ",{" : "{", out);
		put_text(out, &n, "name", now->name);
		put_number(out, &n, "optouts_met_after", now->optouts_met);
		put_number(out, &n, "optouts_met_before", then->optouts_met);
		put_number(out, &n, "rows_after", now->rows);
		put_number(out, &n, "rows_before", then->rows);
		put_number(out, &n, "rows_outside_cohort_after",
			   now->outside_cohort);
		put_number(out, &n, "rows_outside_cohort_before",
			   then->outside_cohort);
		putc('}', out);
	}
	putc(']', out);
}

int difference_print(FILE *out, const struct verified *before,
		     const struct verified *after, struct fault *fault)
{
	unsigned int n = 0;

	if (strcmp(before->manifest.dataset, after->manifest.dataset) != 0 ||
	    strcmp(before->manifest.permit, after->manifest.permit) != 0)
		return fault_say(fault, FAULT_USAGE,
				 "bundles of two datasets or permits");
	putc('{', out);
	put_key(out, &n, "came");
	if (put_pseudonyms(out, after, before, fault) < 0)
		return -1;
	put_text(out, &n, "dataset", after->manifest.dataset);
	put_key(out, &n, "gone");
	if (put_pseudonyms(out, before, after, fault) < 0)
		return -1;
	put_text(out, &n, "manifest_after", after->manifest.hash);
	put_text(out, &n, "manifest_before", before->manifest.hash);
	put_key(out, &n, "sources");
	put_sources(out, &before->manifest, &after->manifest);
	fputs("}\n", out);
	return 0;
}
