/*
 * stale - the pseudonyms of those who opted out, beside those of a bundle.
 *
 * Runs in sekisho-prepare as the custodian who holds the keys.
 */
#include "policy/prepare/stale.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/base64.h"
#include "gateway/base/own.h"
#include "policy/prepare/keys.h"
#include "policy/prepare/list.h"
#include "policy/prepare/need.h"
#include "policy/prepare/open_recipe.h"
#include "policy/prepare/put.h"
#include "policy/prepare/spill.h"
#include "policy/prepare/whose.h"

struct checking {
	const struct stale_order *order;
	struct stale_result *result;
	struct recipe recipe;
	int sources;
	struct keys keys;
	struct bundle scratch;
	struct verified verified;
	struct whose whose;
	struct spill opted_out; /* the 16 bytes of the index */
	uint8_t key[KEY_BYTES];
};

static int take_row(void *whose, const struct csv_field *fields,
		    struct fault *fault)
{
	struct checking *c = whose;
	uint8_t mac[32];

	int some =
		whose_value(&c->whose, fields[0].at, fields[0].len, mac, fault);
	if (some <= 0)
		return some;
	pseudonym_cut(mac, c->whose.action->length);
	return spill_add(&c->opted_out, mac, fault);
}

static int read_list(struct checking *c, const struct source *source,
		     struct fault *fault)
{
	struct list list = { .source = source,
			     .folder = c->sources,
			     .path = source->optout.file,
			     .columns = { source->optout.column },
			     .ncolumns = 1,
			     .row = take_row,
			     .whose = c };

	int done = whose_init(&c->whose, source, c->key, c->sources,
			      &c->scratch, fault);
	if (done == 0 && list_read(&list, fault) < 0) {
		if (fault->code == FAULT_IO)
			fault->code = FAULT_OPTOUT_MISSING;
		done = -1;
	}
	whose_clear(&c->whose);
	return done;
}

static int read_lists(struct checking *c, struct fault *fault)
{
	uint32_t lists = 0;

	spill_init(&c->opted_out, &c->scratch, PSEUDONYM_BYTES);
	for (uint32_t i = 0; i < c->recipe.nsources; i++) {
		if (!c->recipe.sources[i].has_optout)
			continue;
		lists++;
		if (read_list(c, &c->recipe.sources[i], fault) < 0)
			return -1;
	}
	return lists > 0 ? 0
			 : fault_say(fault, FAULT_OPTOUT_MISSING,
				     "the recipe names no list");
}

/* Both are sorted: walk over them together. */
static int count_met(struct checking *c, struct fault *fault)
{
	uint8_t one[PSEUDONYM_BYTES], other[PSEUDONYM_BYTES] = { 0 };
	int fd = verify_open(c->verified.folder, "index/pseudonyms", fault);
	FILE *index = fd < 0 ? NULL : fdopen(fd, "r");
	bool more;
	int next;

	if (!index) {
		own_close(&fd);
		return -1;
	}
	more = fread(other, sizeof other, 1, index) == 1;
	next = spill_begin(&c->opted_out, fault) < 0 ? -1 : 1;
	while (next > 0 && (next = spill_next(&c->opted_out, one, fault)) > 0) {
		while (more && memcmp(other, one, sizeof one) < 0)
			more = fread(other, sizeof other, 1, index) == 1;
		c->result->persons +=
			more && memcmp(other, one, sizeof one) == 0;
	}
	fclose(index);
	return next;
}

static char *mark_text(const struct checking *c, size_t *len)
{
	char *text = NULL;
	unsigned int n = 0;
	FILE *out = need_stream(&text, len);

	putc('{', out);
	put_number(out, &n, "at", c->order->now);
	put_text(out, &n, "dataset", c->result->dataset);
	put_text(out, &n, "event", "dataset.stale");
	put_text(out, &n, "manifest", c->verified.manifest.hash);
	put_text(out, &n, "permit", c->result->permit);
	fputs("}\n", out);
	need_stream_end(out);
	return text;
}

static int put_mark(const struct checking *c, struct fault *fault)
{
	const char *path = c->order->out;
	char line[SIGNATURE_BYTES * 2];
	uint8_t signature[SIGNATURE_BYTES];
	size_t len;
	AUTO_FREE char *text = mark_text(c, &len);
	AUTO_FD int fd =
		open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0)
		return errno == EEXIST
			       ? fault_say(fault, FAULT_OUTPUT_EXISTS, path)
			       : fault_sys(fault, path);
	keys_sign(&c->keys, text, len, signature);
	size_t n =
		base64_encode(line, sizeof line, signature, sizeof signature);
	line[n++] = '\n';
	if (disk_write(fd, text, len, path, fault) < 0 ||
	    disk_write(fd, line, n, path, fault) < 0)
		return -1;
	return fsync(fd) < 0 ? fault_sys(fault, path) : 0;
}

static int carry_out(struct checking *c, struct problems *problems,
		     struct fault *fault)
{
	const struct stale_order *order = c->order;

	c->sources =
		open_recipe(&c->recipe, order->recipe, NULL, problems, fault);
	if (c->sources < 0 || verify_bundle(&c->verified, order->bundle,
					    order->public, fault) < 0)
		return -1;
	const struct manifest *manifest = &c->verified.manifest;
	if (strcmp(manifest->permit, c->recipe.permit) != 0 ||
	    strcmp(manifest->dataset, c->recipe.dataset) != 0)
		return fault_say(fault, FAULT_USAGE,
				 "the recipe is of another dataset");
	snprintf(c->result->dataset, sizeof c->result->dataset, "%s",
		 manifest->dataset);
	snprintf(c->result->permit, sizeof c->result->permit, "%s",
		 manifest->permit);
	bool linked = strcmp(c->recipe.key, "permit") != 0;
	if (keys_open(&c->keys, order->keys, fault) < 0 ||
	    keys_permit(&c->keys, linked ? c->recipe.key : c->recipe.permit,
			c->key, fault) < 0 ||
	    bundle_begin(&c->scratch, order->out, fault) < 0 ||
	    read_lists(c, fault) < 0 || count_met(c, fault) < 0)
		return -1;
	return c->result->persons > 0 ? put_mark(c, fault) : 0;
}

int stale_check(const struct stale_order *order, struct stale_result *result,
		struct problems *problems, struct fault *fault)
{
	struct checking *c = need(1, sizeof *c);

	*result = (struct stale_result){ .persons = 0 };
	c->order = order;
	c->result = result;
	c->sources = c->keys.folder = c->scratch.parent = -1;
	c->verified.folder = -1;
	int done = carry_out(c, problems, fault);
	spill_clear(&c->opted_out);
	verify_clear(&c->verified);
	bundle_clear(&c->scratch);
	keys_close(&c->keys);
	recipe_clear(&c->recipe);
	own_close(&c->sources);
	OPENSSL_cleanse(c->key, sizeof c->key);
	free(c);
	return done;
}
