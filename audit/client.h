/*
 * client - how every process hands its events to sekisho-audit.
 *
 * A record is built field by field, sent, and acknowledged when it is durable.
 * Asynchronous: send many, receive acknowledgements as they come (match ref).
 * Events are those of audit/events.def that the link's writer is allowed.
 */
#ifndef AUDIT_CLIENT_H
#define AUDIT_CLIENT_H

#include "gateway/base/msg.h"

enum audit_result { AUDIT_DENY = 0, AUDIT_OK, AUDIT_ERROR };

enum { AUDIT_FIELDS = 24, AUDIT_ANSWERS = 64 };

/* The kind of a field in RECORD: a str, or a u64 in two's complement. */
enum audit_kind { AUDIT_KIND_NONE = 0, AUDIT_KIND_TEXT, AUDIT_KIND_NUMBER };

struct audit_field {
	char key[33];
	bool is_text;
	int64_t number;
	char value[400];
};

struct audit_record {
	const char *event;
	enum audit_result result;
	char actor[64], session[64], permit[64]; /* "-" is none */
	char idem[40];
	unsigned int nfields;
	struct audit_field fields[AUDIT_FIELDS];
	bool too_many;
};

/* Begin a record: no actor, session or permit, a fresh random idempotency
 * key. event stays the caller's (a string literal). */
void audit_begin(struct audit_record *record, const char *event,
		 enum audit_result result);

/*
 * Add a field: key is [a-z0-9_]{1,32}, not one that audit writes itself, not
 * twice. Text is made visible (visible.h) and cut at 399 bytes; use it for our
 * own vocabulary (ids, states, hashes, addresses), never for text that a
 * person chose. A record with more than AUDIT_FIELDS fields is not sent.
 */
void audit_text(struct audit_record *record, const char *key,
		const char *value);
void audit_number(struct audit_record *record, const char *key, int64_t value);

/*
 * Send the record over link. order: a message (msg.h) that audit hands to the
 * supervisor once the record is durable; NULL: none. 0, or -1 and err says
 * why (the link is then useless).
 */
int audit_send(int link, uint32_t ref, const struct audit_record *record,
	       const struct msg *order, struct err *err);

/*
 * The message that audit_send() sends, for a writer that keeps its bytes until
 * they are durable: sent again, they are the same record. 0, or -1 and err.
 */
int audit_put(struct msg *m, uint32_t ref, const struct audit_record *record,
	      const struct msg *order, struct err *err);

/* The record that was sent with ref is durable as entry index. */
struct audit_answer {
	uint32_t ref;
	uint64_t index;
};

/*
 * Read a RECORDED: for a writer with several records under way on a link, it
 * may answer several. How many, in the order in which they were sent, or -1:
 * malformed, or another message.
 */
int audit_recorded(struct msg *m,
		   struct audit_answer answers[static AUDIT_ANSWERS]);

/*
 * Send and wait until the record is durable; for processes that have nothing
 * else to do meanwhile and no other record under way on this link. 0 and the
 * record's index (NULL: not wanted), or -1.
 */
int audit_write(int link, const struct audit_record *record, uint64_t *index,
		struct err *err);

/* An entry as it stands in the log, and a C2SP tlog-proof that it does. */
struct audit_proof {
	char *entry, *text; /* each with a NUL behind it */
	size_t entry_len, text_len;
};

/*
 * For the store alone: ask for the proof of entry index, which is durable. One
 * question at a time on a link. The answer is a PROOF with that ref, once a
 * published checkpoint covers the entry; audit_read_proof() takes it apart. 0
 * and proof to be cleared, or -1.
 */
int audit_ask_proof(int link, uint32_t ref, uint64_t index, struct err *err);
int audit_read_proof(struct msg *m, struct audit_proof *proof, struct err *err);
void audit_proof_clear(struct audit_proof *proof);

/* Both, waiting; for processes with nothing else under way. 0 or -1. */
int audit_prove(int link, uint64_t index, struct audit_proof *proof,
		struct err *err);

/*
 * The receipt of a release, receipt.json: an object of the entry that says so
 * and the release statement, each as a string. Both are UTF-8 without a NUL.
 * The receipt with a final NUL, to be freed, and its length; or NULL.
 */
char *audit_receipt(const struct audit_proof *proof, const char *statement,
		    size_t *len, struct err *err);

#endif
