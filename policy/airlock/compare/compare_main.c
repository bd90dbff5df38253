/*
 * sekisho-compare - typed cells of a check's files in, findings out.
 *
 * Started by sekishod for each check, under an uid of its own, in an empty
 * root, with the datasets' indexes and the findings' link. Distrusts what the
 * parses say (a hostile file may speak through them) and never sees a file.
 * It ends when the last file is done.
 */
#include <signal.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "policy/airlock/compare/review.h"

enum { SILENT_MS = 30000 /* of a parse */ };

struct compare {
	struct review review;
	struct parsed_in in;
	struct msg m;
	int findings; /* policy's end of it takes what was found */
	bool begun;   /* a file of the request came */
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

/* One file's parse, to its end. A parse that fails is a finding, no error. */
static void read_parse(struct compare *c, int pipe)
{
	struct parsed_item item;
	struct err err;
	int got;

	c->in.pipe = pipe;
	c->in.start = c->in.end = 0;
	c->in.over = false;
	while ((got = parsed_next(&c->in, &item, SILENT_MS, &err)) == 1)
		if (review_item(&c->review, &item, &err) < 0) {
			got = -1;
			break;
		}
	if (got < 0)
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
	read_parse(c, pipe);
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
	signal(SIGPIPE, SIG_IGN);
	if (process_confine(&process, &err) < 0 || process_ready(&err) < 0 ||
	    serve(&compare, &err) < 0)
		process_fail(&err);
	return 0;
}
