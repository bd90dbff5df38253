/*
 * offline - what a log's folder can give to others without its writer: proofs
 * and tiles, in the formats of C2SP.
 *
 * Runs in sekishoctl, on the log or a copy of it. What is given out was checked
 * against the root of a checkpoint; whoever is given it checks the checkpoint.
 */
#ifndef AUDIT_OFFLINE_H
#define AUDIT_OFFLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/err.h"

/* The proof that entry index is in the log of that folder (tlog-proof under the
 * latest checkpoint), to be freed; NULL and err. */
char *offline_proof(int log, uint64_t index, struct err *err);

/*
 * The proof that the log of size now is the continuation of that of size old,
 * as a witness is sent it (tlog-witness add-checkpoint): "old N", hashes, an
 * empty line, and the checkpoint of size now, which must have been signed. 0:
 * the latest. To be freed; NULL and err.
 */
char *offline_consistency(int log, uint64_t old, uint64_t now, struct err *err);

/*
 * Write the folder tiles, which must be empty: the latest checkpoint and the
 * hash tiles of its size (tlog-tiles); entries: the entry bundles, too. 0 or
 * -1.
 */
int offline_tiles(int log, int tiles, bool entries, struct err *err);

#endif
