#include "audit/ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <time.h>

#include "gateway/base/visible.h"

static int64_t clock_us(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t) < 0)
		die("no clock");
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t ledger_mono(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

struct audit_field ledger_text(const char *key, const char *value)
{
	struct audit_field field = { .is_text = true };

	snprintf(field.key, sizeof field.key, "%s", key);
	visible_text(field.value, sizeof field.value, value, strlen(value));
	return field;
}

struct audit_field ledger_number(const char *key, int64_t value)
{
	struct audit_field field = { .number = value };

	snprintf(field.key, sizeof field.key, "%s", key);
	return field;
}

static int append(struct ledger *ledger, struct record *record, struct err *err)
{
	record->boot = ledger->boot;
	record->time = clock_us(CLOCK_REALTIME);
	record->mono = ledger_mono();
	if (journal_append(&ledger->journal, record, err) < 0)
		return -1;
	ledger->last_time = record->time;
	ledger->last_mono = record->mono;
	return 0;
}

static int append_own(struct ledger *ledger, const char *event,
		      const struct audit_field *fields, unsigned int n,
		      struct err *err)
{
	bool deny = strcmp(event, "log.peer") == 0;
	char idem[40];
	struct record record = {
		.actor = "system",
		.event = event,
		.idem = idem,
		.permit = "-",
		.result = deny ? "deny" : "ok",
		.session = "-",
		.writer = "audit",
		.fields = fields,
		.nfields = n,
	};

	snprintf(idem, sizeof idem, "%.16s-%" PRIu64, ledger->boot,
		 ledger->journal.chain.next);
	const struct event *known = event_find(event);
	if (known && event_is_barrier(known))
		ledger->barrier = true;
	return append(ledger, &record, err);
}

/* A clock that went back is told before the entry that shows it. */
static int tell_clock(struct ledger *ledger, struct err *err)
{
	int64_t now = clock_us(CLOCK_REALTIME);

	if (now >= ledger->last_time)
		return 0;
	struct audit_field back =
		ledger_number("back", ledger->last_time - now);
	return append_own(ledger, "log.clock", &back, 1, err);
}

int ledger_own(struct ledger *ledger, const char *event,
	       const struct audit_field *fields, unsigned int n,
	       struct err *err)
{
	if (tell_clock(ledger, err) < 0)
		return -1;
	return append_own(ledger, event, fields, n, err);
}

/* A record under the key of one that was written. */
static enum ledger_fate repeated(struct recent_entry *there,
				 const struct intake *intake,
				 const struct hash *order, struct err *err)
{
	switch (recent_judge(there, intake->event, order)) {
	case RECENT_KNOWN:
		return LEDGER_KNOWN;
	case RECENT_AGAIN:
		return LEDGER_AGAIN;
	case RECENT_OTHER:
		break;
	}
	err_set(err,
		"%s: the key of record %" PRIu64
		", which was another event or had another order",
		intake->event->name, there->index);
	return LEDGER_REFUSED;
}

static struct record record_of(const struct intake_writer *who,
			       const struct intake *intake)
{
	return (struct record){
		.actor = intake->actor,
		.event = intake->event->name,
		.idem = intake->idem,
		.permit = intake->permit,
		.result = intake->result,
		.session = intake->session,
		.writer = who->name,
		.fields = intake->fields,
		.nfields = intake->nfields,
	};
}

enum ledger_fate ledger_add(struct ledger *ledger,
			    const struct intake_writer *who,
			    const struct intake *intake, uint64_t *index,
			    struct err *err)
{
	struct hasher *hasher = &ledger->journal.hasher;
	struct recent_entry entry = { .event = intake->event };
	struct record record = record_of(who, intake);
	bool ordered = intake->order_len > 0;
	char order[HASH_HEX_SIZE];

	entry.key =
		recent_key(hasher, who->name, intake->session, intake->idem);
	if (ordered)
		entry.order =
			hash_bytes(hasher, intake->order, intake->order_len);
	struct recent_entry *there = recent_find(&ledger->recent, &entry.key);
	if (there) {
		*index = there->index;
		return repeated(there, intake, ordered ? &entry.order : NULL,
				err);
	}
	hash_hex(order, &entry.order);
	record.order_sha256 = ordered ? order : NULL;
	if (tell_clock(ledger, err) < 0 || append(ledger, &record, err) < 0)
		return LEDGER_REFUSED;
	if (event_is_barrier(intake->event))
		ledger->barrier = true;
	*index = entry.index = record.index;
	recent_add(&ledger->recent, &entry);
	return LEDGER_ADDED;
}

bool ledger_unsigned(const struct ledger *ledger)
{
	const struct publisher *publisher = &ledger->publisher;

	return publisher->last.head.size != ledger->journal.tree.size ||
	       publisher->note[0] == '\0';
}

int ledger_sign(struct ledger *ledger, struct err *err)
{
	struct proof_head head;

	if (!ledger_unsigned(ledger))
		return 0;
	if (journal_head(&ledger->journal, &head, err) < 0)
		return -1;
	if (publish_head(&ledger->publisher, &head, clock_us(CLOCK_REALTIME),
			 err) < 0)
		return ledger->publisher.full ? 1 : -1;
	ledger->signed_mono = ledger_mono();
	return 0;
}

int ledger_commit(struct ledger *ledger, struct err *err)
{
	if (journal_commit(&ledger->journal, err) < 0)
		return -1;
	if (!ledger->barrier)
		return 0;
	int signs = ledger_sign(ledger, err);
	ledger->barrier = signs != 0;
	return signs;
}

_Static_assert((int)RECENT_MAX <= (int)JOURNAL_NEWEST,
	       "some would be forgotten");

/* An entry of an earlier life, as a start reads it. */
static void remember(void *context, const struct record_view *view, bool old)
{
	struct ledger *ledger = context;
	struct recent_entry entry = { .index = view->index, .earlier = true };
	char writer[64], session[80], idem[64], event[64], vkey[NOTE_VKEY];

	ledger->last_time = view->time;
	if (keyring_named(view, vkey))
		keyring_add(&ledger->ring, view->index, vkey);
	if (old || record_text(view->writer, writer, sizeof writer) < 0 ||
	    record_text(view->session, session, sizeof session) < 0 ||
	    record_text(view->idem, idem, sizeof idem) < 0 ||
	    record_text(view->event, event, sizeof event) < 0)
		return;
	entry.key = recent_key(&ledger->journal.hasher, writer, session, idem);
	entry.order = view->order;
	entry.event = event_find(event);
	recent_add(&ledger->recent, &entry);
}

static int lock(int dir, const char *what, struct err *err)
{
	if (flock(dir, LOCK_EX | LOCK_NB) < 0)
		return err_sys(err,
			       "lock the %s folder (does another "
			       "sekisho-audit run?)",
			       what);
	return 0;
}

static void new_boot(struct ledger *ledger)
{
	unsigned char random[RECORD_BOOT / 2];

	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		die("getrandom gave no bytes");
	for (size_t i = 0; i < sizeof random; i++)
		snprintf(ledger->boot + 2 * i, 3, "%02x", random[i]);
}

/* The key, made on the very first start only. */
static int open_key(struct ledger *ledger, const char *origin, bool first,
		    struct err *err)
{
	int got = signer_load(ledger->key_dir, origin, &ledger->key, err);

	if (got != 0)
		return got < 0 ? -1 : 0;
	if (!first)
		return err_set(err, "not started: the log is not new, but its "
				    "signing key is missing");
	return signer_create(ledger->key_dir, origin, &ledger->key, err);
}

/* What stands in the anchor must be in the log. */
static int check_anchor(struct ledger *ledger, const char *origin, bool there,
			const struct proof_head *reached, struct err *err)
{
	struct checkpoint *anchor = &ledger->publisher.last;
	uint64_t size = ledger->journal.tree.size;

	if (!there && size > 0)
		return err_set(err, "not started: the log is not new, but its "
				    "anchor is missing");
	if (!there) {
		snprintf(anchor->origin, sizeof anchor->origin, "%s", origin);
		anchor->head.size = 0;
		anchor->head.root = merkle_root(&ledger->journal.tree,
						&ledger->journal.hasher);
		return anchor_advance(ledger->anchor_dir, NULL, anchor, err);
	}
	if (strcmp(anchor->origin, origin) != 0)
		return err_set(err,
			       "not started: the anchor is that of log "
			       "'%s'",
			       anchor->origin);
	if (anchor->head.size > size)
		return err_set(err,
			       "not started: %" PRIu64 " entries were "
			       "signed, only %" PRIu64 " are there: the log "
			       "was rolled back",
			       anchor->head.size, size);
	if (anchor->head.size > 0 &&
	    !hash_equal(&anchor->head.root, &reached->root))
		return err_set(err,
			       "not started: the first %" PRIu64
			       " entries are not the ones that were signed",
			       anchor->head.size);
	return 0;
}

void ledger_want(struct ledger *ledger, uint64_t index)
{
	if (index >= ledger->publisher.last.head.size ||
	    ledger->publisher.note[0] == '\0')
		ledger->barrier = true;
}

int ledger_prove(struct ledger *ledger, uint64_t index,
		 struct prove_found *found, struct err *err)
{
	struct journal *journal = &ledger->journal;
	const struct vouch *vouch = &ledger->vouch;
	struct prove_log log = { .seg = journal->seg,
				 .hash = journal->tiles.dir,
				 .head = ledger->publisher.last.head,
				 .checkpoint = ledger->publisher.note,
				 .hasher = &journal->hasher };

	if (vouch->cosigned) {
		log.head = vouch->head;
		log.checkpoint = vouch->note;
	}
	return prove_entry(&log, index, found, err);
}

/* Have the log name a key: in its genesis, or as one that takes over. */
static int name_key(struct ledger *ledger, const char *event,
		    const struct note_key *key, struct err *err)
{
	char vkey[NOTE_VKEY];

	note_key_text(vkey, key);
	struct audit_field fields[2] = { ledger_text("key", vkey),
					 ledger_text("origin", key->name) };
	if (ledger_own(ledger, event, fields, 2, err) < 0)
		return -1;
	if (keyring_add(&ledger->ring, ledger->journal.chain.next - 1, vkey) <
	    0)
		return err_set(err, "the log has had too many keys");
	return 0;
}

static int publish_ring(struct ledger *ledger, struct err *err)
{
	char text[KEYRING_TEXT];

	keyring_text(text, &ledger->ring);
	return publish_keys(&ledger->publisher, text, err);
}

static bool is_newest(const struct ledger *ledger, const struct note_key *key)
{
	char vkey[NOTE_VKEY];

	note_key_text(vkey, key);
	return ledger->ring.n > 0 &&
	       strcmp(ledger->ring.keys[ledger->ring.n - 1].vkey, vkey) == 0;
}

/*
 * The next key takes over: the log names it, both sign a checkpoint, and the
 * old one is removed. A start that ended on the way goes on where it was.
 */
static int rotate(struct ledger *ledger, struct err *err)
{
	if (!is_newest(ledger, &ledger->next) &&
	    name_key(ledger, "log.key", &ledger->next, err) < 0)
		return -1;
	ledger->publisher.also = &ledger->next;
	ledger->publisher.note[0] = '\0';
	ledger->barrier = true;
	if (ledger_commit(ledger, err) != 0 || publish_ring(ledger, err) < 0 ||
	    signer_take_over(ledger->key_dir, err) < 0)
		return -1;
	ledger->publisher.also = NULL;
	note_key_clear(&ledger->key);
	ledger->key = ledger->next;
	memset(&ledger->next, 0, sizeof ledger->next);
	return 0;
}

static int write_recovered(struct ledger *ledger,
			   const struct journal_found *found, struct err *err)
{
	char hex[HASH_HEX_SIZE] = "-";

	if (found->torn > 0)
		hash_hex(hex, &found->torn_hash);
	struct audit_field fields[3] = {
		ledger_number("torn", (int64_t)found->torn),
		ledger_text("sha256", hex),
		ledger_number("kept", (int64_t)found->kept)
	};
	return ledger_own(ledger, "log.recovered", fields, 3, err);
}

/* The first entries of this start. */
static int begin(struct ledger *ledger, const char *origin,
		 const struct journal_found *found, struct err *err)
{
	if (ledger->journal.tree.size == 0 &&
	    name_key(ledger, "log.genesis", &ledger->key, err) < 0)
		return -1;
	if (found->recovered && write_recovered(ledger, found, err) < 0)
		return -1;
	int next = signer_next(ledger->key_dir, origin, &ledger->next, err);
	if (next < 0)
		return -1;
	if (!is_newest(ledger, &ledger->key) &&
	    (next == 0 || !is_newest(ledger, &ledger->next)))
		return err_set(err, "not started: the signing key is not the "
				    "one that the log names");
	if (next > 0)
		return rotate(ledger, err);
	return publish_ring(ledger, err) < 0 || ledger_commit(ledger, err) != 0
		       ? -1
		       : 0;
}

int ledger_open(struct ledger *ledger, const char *origin, struct err *err)
{
	const struct journal_visitor visitor = { ledger, remember };
	struct proof_head reached = { 0 };
	struct journal_found found = { .head = &reached };

	if (lock(ledger->dir, "log", err) < 0 ||
	    lock(ledger->anchor_dir, "anchor", err) < 0)
		return -1;
	recent_init(&ledger->recent);
	new_boot(ledger);
	int there =
		anchor_read(ledger->anchor_dir, &ledger->publisher.last, err);
	if (there < 0)
		return -1;
	reached.size = there ? ledger->publisher.last.head.size : 0;
	if (journal_open(&ledger->journal, ledger->dir, &visitor, &found, err) <
	    0)
		return -1;
	bool first = !there && ledger->journal.tree.size == 0;
	if (open_key(ledger, origin, first, err) < 0 ||
	    check_anchor(ledger, origin, there > 0, &reached, err) < 0)
		return -1;
	ledger->publisher.dir = ledger->dir;
	ledger->publisher.anchor = ledger->anchor_dir;
	ledger->publisher.key = &ledger->key;
	ledger->last_mono = ledger->signed_mono = ledger_mono();
	if (publish_open(&ledger->publisher, err) < 0)
		return -1;
	return begin(ledger, origin, &found, err);
}

void ledger_close(struct ledger *ledger)
{
	publish_close(&ledger->publisher);
	note_key_clear(&ledger->key);
	note_key_clear(&ledger->next);
	quorum_clear(&ledger->vouch.quorum);
	journal_close(&ledger->journal);
}
