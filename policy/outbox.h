/*
 * outbox - acts that must not get lost: a change and its record are one.
 *
 * The change and the bytes of its record are written in one transaction, then
 * the record is sent; when it is durable the row goes and its continuation
 * (outbox.def) runs. What a crash leaves is sent again at the next start, in
 * order and byte for byte: audit knows it by its idempotency key, and hands
 * its order over once more. Orders of checks and views are of an earlier
 * policy epoch by then and refused; that of a release is carried out.
 */
#ifndef POLICY_OUTBOX_H
#define POLICY_OUTBOX_H

#include "policy/server.h"

enum outbox_kind {
	OUTBOX_NONE = 0,
#define OUTBOX(kind, goes, continuation) OUTBOX_##kind,
#include "policy/outbox.def"
#undef OUTBOX
	OUTBOX_KINDS
};

/* References of RECORD from here on are rows; below, server_record's. */
enum { OUTBOX_REF = 1u << 31 };

struct outbox_row {
	uint32_t ref; /* of RECORD; at least OUTBOX_REF */
	enum outbox_kind kind;
	int64_t subject; /* a request, check, view or delivery, by kind */
};

/*
 * Inside a transaction: keep the record, with server->order if order.
 * row->kind and subject are the caller's; ref is set. 0 or -1.
 */
int outbox_add(struct server *server, struct outbox_row *row,
	       const struct audit_record *record, bool order, struct err *err);

/* After the transaction, and when audit has read: send what was not sent in
 * this life, behind the other records. At start this is everything. Without
 * audit the process fails. */
int outbox_send(struct server *server, struct err *err);

/* Inside a transaction: its act is over. */
int outbox_remove(struct server *server, uint32_t ref, struct err *err);

/* Commit if ok is 0, and send; else roll back and return ok. */
int outbox_commit(struct server *server, int ok, struct err *err);

/* RECORDED for a reference from OUTBOX_REF on. */
int outbox_recorded(struct server *server, uint32_t ref, struct err *err);

#endif
