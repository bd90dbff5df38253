/*
 * batch - openings that arrived, sealed and on their way to the disk.
 *
 * All that came meanwhile shares one sync; only then are the writers told.
 */
#ifndef AUDIT_VAULT_BATCH_H
#define AUDIT_VAULT_BATCH_H

#include "audit/vault/permit_keys.h"
#include "audit/vault/rows.h"
#include "audit/vault/sealed.h"

enum { BATCH_ROWS = 2048, BATCH_BYTES = 1024 * 1024, BATCH_SLOTS = 4096 };

/* What a writer is to be told, once the batch is settled. */
struct batch_owed {
	void *link;
	uint32_t ref;
	enum batch_fate {
		WITH_BATCH = 0, /* what becomes of the batch */
		KEPT_BEFORE,
		REFUSED /* its permit has ended */
	} fate;
};

struct batch {
	struct rows *rows;
	struct sealed *sealed;
	struct permit_keys *keys;
	size_t n, nowed, used;
	struct row row[BATCH_ROWS];
	struct batch_owed owed[BATCH_ROWS];
	uint16_t slot[BATCH_SLOTS]; /* 1 + number of a row, by its hash */
	uint8_t bytes[BATCH_BYTES];
};

bool batch_full(const struct batch *batch);

/* Take one in, of a permit; commitment is that of opening, which the caller
 * has checked. The batch is not full. 0 or -1. */
int batch_add(struct batch *batch, const struct batch_owed *owed,
	      const char *permit, const struct commit_opening *opening,
	      const uint8_t commitment[COMMIT_SIZE], struct err *err);

/* Make it durable. *kept: it is; else there was no room, and nothing of it is
 * there. The caller tells the owed and calls batch_clear(). 0 or -1. */
int batch_settle(struct batch *batch, bool *kept, struct err *err);
void batch_clear(struct batch *batch);

#endif
