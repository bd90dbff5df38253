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

/* Write a new file (path NULL: standard output): that entry index is in the log
 * of that folder (tlog-proof under the latest checkpoint). 0 or -1. */
int offline_proof(int log, uint64_t index, const char *path, struct err *err);

/*
 * Write a new file (path NULL: standard output): that the log of size now is
 * the continuation of that of size old: as a witness is sent it (tlog-witness add-checkpoint), "old N", hashes, an empty
 * line, and the checkpoint of size now, which must have been signed. 0: the
 * latest. 0 or -1.
 */
int offline_consistency(int log, uint64_t old, uint64_t now, const char *path,
			struct err *err);

/*
 * Write the folder tiles, which must be empty: the latest checkpoint and the
 * hash tiles of its size (tlog-tiles); entries: the entry bundles, too. 0 or
 * -1.
 */
int offline_tiles(int log, int tiles, bool entries, struct err *err);

#endif
