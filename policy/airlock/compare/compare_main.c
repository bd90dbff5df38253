/*
 * sekisho-compare - typed cells of a check's files in, findings out.
 *
 * Started by sekishod for each check, under an uid of its own, in an empty
 * root, with the datasets' indexes and the findings' link. Distrusts what the
 * parses say (a hostile file may speak through them) and never sees a file.
 * It ends when the last file is done.
 */
#include <openssl/evp.h>
#include <signal.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "policy/airlock/compare/review.h"

enum { SILENT_MS = 30000 /* of a parse */ };

struct compare {
	struct review review;
	struct parsed_in in;
	struct msg m;
	EVP_MD_CTX *hash; /* of the bytes that the present parse passes on */
	int findings;	  /* policy's end of it takes what was found */
	bool begun;	  /* a file of the request came */
};

static int read_start(struct compare *c, struct err *err)
{
	struct msg *m = &c->m;
	char name[REVIEW_NAME];

	msg_get_u64(m);
	msg_get_str(m, name, sizeof name);
	c->review.profile.k = msg_get_u32(m);
	for (uint32_t n = msg_get_u32(m); n > 0 && !m->bad; n--) {
		msg_get_str(m, name, sizeof name);
		AUTO_FD int index = msg_get_fd(m);

		if (index >= 0 &&
		    pseudonyms_map(&c->review.pseudonyms, index, err) < 0)
			return err_within(err, "dataset %s", name);
	}
	c->findings = msg_get_fd(m);
	if (!msg_done(m) || c->review.profile.k == 0)
		return err_set(err, "malformed START");
	return 0;
}

/* Items of one file to the end. The bytes must be those that were frozen: a
 * parse may be wrong about a file, but it cannot show another one. */
static int read_items(struct compare *c, const struct review_file *file,
		      struct err *err)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	struct parsed_item item;
	unsigned int len;
	int got;

	if (EVP_DigestInit_ex(c->hash, NULL, NULL) != 1)
		return err_set(err, "cannot hash");
	while ((got = parsed_next(&c->in, &item, SILENT_MS, err)) == 1) {
		if (item.kind == PARSED_BYTES &&
		    EVP_DigestUpdate(c->hash, item.bytes, item.len) != 1)
			return err_set(err, "cannot hash");
		if (review_item(&c->review, &item, err) < 0)
			return -1;
	}
	if (got < 0)
		return -1;
	if (EVP_DigestFinal_ex(c->hash, digest, &len) != 1 ||
	    len != REVIEW_HASH || memcmp(digest, file->sha256, len) != 0)
		return err_set(err, "these are not the file's bytes");
	return 0;
}

/* One file's parse. If it fails, that is a finding and no error. */
static void read_parse(struct compare *c, const struct review_file *file,
		       int pipe)
{
	struct err err;

	c->in.pipe = pipe;
	c->in.start = c->in.end = 0;
	c->in.over = false;
	if (read_items(c, file, &err) < 0)
		review_failed(&c->review);
	else
		review_end(&c->review);
}

static int on_compare(struct compare *c, struct err *err)
{
	struct msg *m = &c->m;
	char name[REVIEW_NAME];
	size_t hash;
	struct review_file file = {
		.number = msg_get_u32(m),
		.earlier = m->type == MSG_COMPARE_EARLIER,
		.name = name,
	};

	msg_get_str(m, name, sizeof name);
	file.size = msg_get_u64(m);
	file.sha256 = msg_get_bytes(m, &hash);
	AUTO_FD int pipe = msg_get_fd(m);
	if (!msg_done(m) || hash != REVIEW_HASH)
		return err_set(err, "malformed %s", msg_name(m->type));
	if (file.earlier && c->begun)
		return err_set(err, "a release came after the files");
	c->begun |= !file.earlier;
	review_begin(&c->review, &file);
	read_parse(c, &file, pipe);
	return 0;
}

static int send_finding(struct compare *c, const struct finding *f,
			struct err *err)
{
	msg_start(&c->m, MSG_FINDING, 0);
	msg_put_u32(&c->m, f->file);
	msg_put_str(&c->m, finding_at((size_t)f->code)->code);
	msg_put_u8(&c->m, (uint8_t)f->severity);
	msg_put_u32(&c->m, f->row);
	msg_put_u32(&c->m, f->column);
	msg_put_u64(&c->m, f->first);
	msg_put_u64(&c->m, f->second);
	return msg_send(c->findings, &c->m, err);
}

static int send_all(struct compare *c, struct err *err)
{
	struct findings *findings = &c->review.findings;

	findings_sort(findings);
	for (size_t i = 0; i < findings->n; i++)
		if (send_finding(c, &findings->list[i], err) < 0)
			return -1;
	msg_start(&c->m, MSG_CHECKED, 0);
	msg_put_u8(&c->m, (uint8_t)findings->verdict);
	msg_put_u32(&c->m, (uint32_t)findings->n);
	msg_put_u32(&c->m, findings->lost);
	return msg_send(c->findings, &c->m, err);
}

static int serve(struct compare *c, struct err *err)
{
	for (;;) {
		int got = msg_receive(PROCESS_LINK, &c->m, err);

		if (got <= 0)
			return got < 0 ? -1 : err_set(err, "sekishod is gone");
		if (c->m.type == MSG_COMPARE ||
		    c->m.type == MSG_COMPARE_EARLIER) {
			if (on_compare(c, err) < 0)
				return -1;
		} else if (c->m.type == MSG_COMPARE_ALL && msg_done(&c->m)) {
			return send_all(c, err);
		} else {
			msg_clear(&c->m);
			return err_set(err, "unexpected %s from sekishod",
				       msg_name(c->m.type));
		}
	}
}

int main(void)
{
	static struct compare compare;
	struct process process;
	struct err err;

	review_init(&compare.review);
	if (process_start(&process, &compare.m, &err) < 0 ||
	    read_start(&compare, &err) < 0)
		process_fail(&err);
	compare.hash = EVP_MD_CTX_new();
	/* what OpenSSL loads from files, it loads now */
	if (!compare.hash ||
	    EVP_DigestInit_ex(compare.hash, EVP_sha256(), NULL) != 1) {
		err_set(&err, "OpenSSL has no SHA-256");
		process_fail(&err);
	}
	signal(SIGPIPE, SIG_IGN);
	if (process_confine(&process, &err) < 0 || process_ready(&err) < 0 ||
	    serve(&compare, &err) < 0)
		process_fail(&err);
	EVP_MD_CTX_free(compare.hash);
	review_clear(&compare.review);
	return 0;
}
