/*
 * prepare - one preparation from its first check to its signature.
 *
 * Runs in sekisho-prepare as the custodian. Nothing is written before the
 * recipe, the permit and the keys are known to be right; nothing has a name
 * before everything is written, read again and counted.
 */
#include "policy/prepare/prepare.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/base64.h"
#include "gateway/base/err.h"
#include "gateway/base/own.h"
#include "policy/day.h"
#include "policy/fields.h"
#include "policy/prepare/database.h"
#include "policy/prepare/dummy.h"
#include "policy/prepare/extent.h"
#include "policy/prepare/manifest.h"
#include "policy/prepare/need.h"
#include "policy/prepare/open_recipe.h"
#include "policy/prepare/pass.h"
#include "policy/prepare/postings.h"
#include "policy/prepare/quality.h"
#include "policy/prepare/scope.h"

struct preparing {
	const struct order *order;
	struct recipe recipe;
	struct keys keys;
	struct bundle bundle;
	struct spill pseudonyms;
	struct extract *extracts;
	uint8_t key[KEY_BYTES];
	char recipe_hash[HASH_HEX];
	int sources, database;
	int report; /* written, but without a name */
};

static void name_of(const char *path, char *out, size_t size)
{
	const char *slash = strrchr(path, '/');

	snprintf(out, size, "%s", slash ? slash + 1 : path);
}

static int load_recipe(struct preparing *p, struct problems *problems,
		       struct fault *fault)
{
	p->sources = open_recipe(&p->recipe, p->order->recipe, p->recipe_hash,
				 problems, fault);
	return p->sources < 0 ? -1 : 0;
}

/* Does the permit stand for this recipe, today? */
static int judge_permit(const struct preparing *p, const struct permit *permit,
			struct fault *fault)
{
	int32_t today = p->order->today;
	char what[160];

	if (strcmp(permit->permit, p->recipe.permit) != 0)
		return fault_say(fault, FAULT_PERMIT,
				 "the recipe is for another permit");
	if (!ids_have(&permit->datasets, p->recipe.dataset)) {
		snprintf(what, sizeof what,
			 "the permit does not name this dataset: '%s'",
			 p->recipe.dataset);
		return fault_say(fault, FAULT_PERMIT, what);
	}
	if (today < permit->starts || today > permit->ends)
		return fault_say(fault, FAULT_PERMIT,
				 "today is outside the permit's period");
	if (scope_check(&permit->columns, &p->recipe, fault) < 0)
		return -1;
	return extent_check(&permit->rows, &p->recipe, fault);
}

static int check_permit(const struct preparing *p, struct problems *problems,
			struct fault *fault)
{
	AUTO_FREE struct permit *permit = need(1, sizeof *permit);
	struct yaml yaml = { .count = 0 };
	char name[160];
	int done;
	size_t len;
	AUTO_FREE uint8_t *bytes =
		disk_read(AT_FDCWD, p->order->permit, YAML_SIZE, &len, fault);

	if (!bytes)
		return -1;
	name_of(p->order->permit, name, sizeof name);
	if (yaml_parse(&yaml, name, bytes, len, problems) == 0)
		fields_permit(&yaml, permit, problems);
	yaml_clear(&yaml);
	done = problems->count > 0 ? fault_say(fault, FAULT_PERMIT, name)
				   : judge_permit(p, permit, fault);
	names_clear(&permit->columns);
	return done;
}

static int extract_all(struct preparing *p, struct fault *fault)
{
	struct preparation preparation = { .recipe = &p->recipe,
					   .sources = p->sources,
					   .key = p->key,
					   .bundle = &p->bundle,
					   .pseudonyms = &p->pseudonyms,
					   .threads = p->order->threads };

	p->extracts = need(p->recipe.nsources, sizeof *p->extracts);
	for (uint32_t i = 0; i < p->recipe.nsources; i++)
		if (extract_source(&p->extracts[i], &p->recipe.sources[i],
				   &preparation, fault) < 0)
			return -1;
	return 0;
}

/* The database and the index of records both read the extracts again; the
 * index is made in a thread of its own. */
struct indexing {
	struct preparing *p;
	int fds[64];
	int done;
	struct fault fault;
};

static void *make_postings(void *argument)
{
	struct indexing *indexing = argument;
	struct preparing *p = indexing->p;

	for (uint32_t i = 0; indexing->done == 0 && i < p->recipe.nsources; i++)
		indexing->done =
			postings_make(&p->extracts[i], &p->bundle,
				      indexing->fds[i], &indexing->fault);
	return NULL;
}

static int make_tables(struct preparing *p, struct fault *fault)
{
	struct indexing indexing = { .p = p };
	char path[BUNDLE_PATH];
	pthread_t thread;

	p->database = database_create(&p->bundle, p->recipe.dataset, fault);
	for (uint32_t i = 0; p->database >= 0 && i < p->recipe.nsources; i++) {
		snprintf(path, sizeof path, "index/%s.postings",
			 p->recipe.sources[i].name);
		indexing.fds[i] = bundle_create(&p->bundle, path, fault);
		if (indexing.fds[i] < 0)
			return -1;
	}
	if (p->database < 0)
		return -1;
	if (pthread_create(&thread, NULL, make_postings, &indexing) != 0)
		die("a thread cannot be started");
	int done = database_make(&p->bundle, p->database, p->extracts,
				 p->recipe.nsources, fault);
	pthread_join(thread, NULL);
	if (done == 0 && indexing.done < 0) {
		*fault = indexing.fault;
		done = -1;
	}
	return done;
}

/* index/pseudonyms: for the airlock, so that it knows each when it sees it. */
static int put_pseudonyms(struct preparing *p, struct fault *fault)
{
	static const char path[] = "index/pseudonyms";
	enum { MANY = 4096 };
	uint8_t piece[MANY][PSEUDONYM_BYTES];
	size_t n = 0;
	int more = spill_begin(&p->pseudonyms, fault) < 0 ? -1 : 1;
	int fd = bundle_create(&p->bundle, path, fault);

	if (fd < 0)
		return -1;
	while (more > 0) {
		more = spill_next(&p->pseudonyms, piece[n], fault);
		n += more > 0;
		if (n < MANY && more > 0)
			continue;
		if (more >= 0 &&
		    disk_write(fd, piece, n * sizeof piece[0], path, fault) < 0)
			return -1;
		n = 0;
	}
	return more;
}

static int put_catalogue(struct preparing *p, struct fault *fault)
{
	size_t len;
	AUTO_FREE char *text = catalogue_text(&p->recipe, p->extracts, &len);

	return bundle_put(&p->bundle, "data/catalogue.json", text, len, fault);
}

static int put_manifest(struct preparing *p, char hash[static HASH_HEX],
			struct fault *fault)
{
	char key_id[KEY_ID], permit_key[KEY_ID], line[SIGNATURE_LINE + 1];
	uint8_t signature[SIGNATURE_BYTES], digest[HASH_BYTES];
	size_t len;

	keys_id(p->keys.public, key_id);
	keys_permit_id(p->key, permit_key);
	struct manifest_of of = { .recipe = &p->recipe,
				  .recipe_hash = p->recipe_hash,
				  .key_id = key_id,
				  .permit_key_id = permit_key,
				  .extracts = p->extracts,
				  .bundle = &p->bundle };
	AUTO_FREE char *text = manifest_text(&of, &len);
	if (len > MANIFEST_MOST)
		return fault_say(fault, FAULT_RECIPE, "too many files");
	keys_sign(&p->keys, text, len, signature);
	size_t n =
		base64_encode(line, sizeof line, signature, sizeof signature);
	line[n++] = '\n';
	hash_of(text, len, digest);
	hex_text(digest, sizeof digest, hash);
	if (bundle_put(&p->bundle, "manifest.json", text, len, fault) < 0)
		return -1;
	return bundle_put(&p->bundle, "manifest.sig", line, n, fault);
}

/* The custodian's report: a file of its own, for nobody else, which has a name
 * only once the bundle stands. */
static int begin_report(struct preparing *p, struct fault *fault)
{
	const char *path = p->order->report;
	struct stat st;

	if (!path)
		return 0;
	if (lstat(path, &st) == 0)
		return fault_say(fault, FAULT_OUTPUT_EXISTS, path);
	AUTO_FREE char *copy = need_copy(path, strlen(path));
	p->report = open(dirname(copy), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	return p->report < 0 ? fault_sys(fault, path) : 0;
}

static int write_report(const struct preparing *p, struct fault *fault)
{
	const char *path = p->order->report;
	AUTO_FREE char *text = NULL;
	size_t len;
	FILE *out;

	if (!path)
		return 0;
	out = need_stream(&text, &len);
	const struct quality quality = { &p->recipe, &p->bundle, p->database,
					 p->extracts };
	int done = quality_print(out, &quality, fault);
	need_stream_end(out);
	if (done == 0)
		done = disk_write(p->report, text, len, path, fault);
	if (done == 0 && fsync(p->report) < 0)
		done = fault_sys(fault, path);
	return done;
}

/* Bundle and report appear, or neither. */
static int finish(struct preparing *p, struct fault *fault)
{
	char self[64];

	if (bundle_finish(&p->bundle, fault) < 0)
		return -1;
	if (!p->order->report)
		return 0;
	snprintf(self, sizeof self, "/proc/self/fd/%d", p->report);
	if (linkat(AT_FDCWD, self, AT_FDCWD, p->order->report,
		   AT_SYMLINK_FOLLOW) == 0)
		return 0;
	if (errno == EEXIST)
		fault_say(fault, FAULT_OUTPUT_EXISTS, p->order->report);
	else
		fault_sys(fault, p->order->report);
	bundle_undo(&p->bundle);
	return -1;
}

static int carry_out(struct preparing *p, char hash[static HASH_HEX],
		     struct problems *problems, struct fault *fault)
{
	const struct order *order = p->order;
	bool linked;

	if (load_recipe(p, problems, fault) < 0 ||
	    check_permit(p, problems, fault) < 0 ||
	    keys_open(&p->keys, order->keys, fault) < 0)
		return -1;
	linked = strcmp(p->recipe.key, "permit") != 0;
	if (keys_permit(&p->keys, linked ? p->recipe.key : p->recipe.permit,
			p->key, fault) < 0 ||
	    bundle_begin(&p->bundle, order->out, fault) < 0)
		return -1;
	spill_init(&p->pseudonyms, &p->bundle, PSEUDONYM_BYTES);
	if (begin_report(p, fault) < 0 || extract_all(p, fault) < 0 ||
	    make_tables(p, fault) < 0 || put_catalogue(p, fault) < 0 ||
	    put_pseudonyms(p, fault) < 0 || write_report(p, fault) < 0 ||
	    bundle_hash(&p->bundle, fault) < 0 ||
	    put_manifest(p, hash, fault) < 0)
		return -1;
	return finish(p, fault);
}

static int carry_out_dummy(struct preparing *p, const char *note,
			   struct problems *problems, struct fault *fault)
{
	if (load_recipe(p, problems, fault) < 0 ||
	    bundle_begin(&p->bundle, p->order->out, fault) < 0 ||
	    dummy_make(&p->bundle, &p->recipe, note, fault) < 0)
		return -1;
	return bundle_finish(&p->bundle, fault);
}

static struct preparing *preparing_new(const struct order *order)
{
	struct preparing *p = need(1, sizeof *p);

	p->order = order;
	p->keys.folder = p->sources = p->bundle.parent = p->report = -1;
	return p;
}

static void preparing_free(struct preparing *p)
{
	for (uint32_t i = 0; p->extracts && i < p->recipe.nsources; i++)
		extract_clear(&p->extracts[i]);
	free(p->extracts);
	spill_clear(&p->pseudonyms);
	bundle_clear(&p->bundle);
	keys_close(&p->keys);
	recipe_clear(&p->recipe);
	own_close(&p->sources);
	own_close(&p->report);
	OPENSSL_cleanse(p->key, sizeof p->key);
	free(p);
}

int prepare(const struct order *order, char hash[static HASH_HEX],
	    struct problems *problems, struct fault *fault)
{
	struct preparing *p = preparing_new(order);
	int done = carry_out(p, hash, problems, fault);

	preparing_free(p);
	return done;
}

int prepare_dummy(const struct order *order, const char *note,
		  struct problems *problems, struct fault *fault)
{
	struct preparing *p = preparing_new(order);
	int done = carry_out_dummy(p, note, problems, fault);

	preparing_free(p);
	return done;
}
