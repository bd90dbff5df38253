#include "audit/vault/batch.h"

#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <time.h>

/* The log comes first: of a disk that both share, the vault leaves twice what
 * audit keeps for what must be told (audit/space.h). */
enum { RESERVE = 128 * 1024 * 1024, RESERVE_PART = 8 };

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

bool batch_full(const struct batch *batch)
{
	return batch->nowed == BATCH_ROWS ||
	       batch->used + SEAL_MOST > BATCH_BYTES;
}

/* The slot of a commitment in this batch, or the empty one where it goes. */
static uint16_t *slot_of(struct batch *batch,
			 const uint8_t commitment[COMMIT_SIZE])
{
	size_t at = (commitment[0] | (size_t)commitment[1] << 8) % BATCH_SLOTS;

	while (batch->slot[at] && memcmp(batch->row[batch->slot[at] - 1].hash,
					 commitment, COMMIT_SIZE) != 0)
		at = (at + 1) % BATCH_SLOTS;
	return &batch->slot[at];
}

static void put(struct batch *batch, const char *permit,
		const struct commit_opening *opening,
		const uint8_t commitment[COMMIT_SIZE],
		const uint8_t key[SEAL_KEY])
{
	struct row *row = &batch->row[batch->n++];

	*row = (struct row){ .time = now_us(),
			     .at = batch->sealed->end + batch->used,
			     .bytes = SEAL_MORE + opening->len };
	memcpy(row->hash, commitment, COMMIT_SIZE);
	snprintf(row->field, sizeof row->field, "%s", opening->field);
	snprintf(row->permit, sizeof row->permit, "%s", permit);
	seal_close(key, commitment, opening, batch->bytes + batch->used);
	batch->used += row->bytes;
}

int batch_add(struct batch *batch, const struct batch_owed *owed,
	      const char *permit, const struct commit_opening *opening,
	      const uint8_t commitment[COMMIT_SIZE], struct err *err)
{
	struct batch_owed *tell = &batch->owed[batch->nowed++];
	uint16_t *slot = slot_of(batch, commitment);
	uint8_t key[SEAL_KEY];
	struct row there;
	int got;

	*tell = *owed;
	if (*slot)
		return 0;
	got = rows_find(batch->rows, commitment, &there, err);
	if (got == 1)
		tell->fate = KEPT_BEFORE;
	if (got != 0)
		return got < 0 ? -1 : 0;
	got = permit_keys_get(batch->keys, permit, true, key, err);
	if (got == 0)
		tell->fate = REFUSED;
	if (got <= 0)
		return got;
	put(batch, permit, opening, commitment, key);
	*slot = (uint16_t)batch->n;
	explicit_bzero(key, sizeof key);
	return 0;
}

static bool has_room(const struct batch *batch)
{
	struct statfs disk;

	if (fstatfs(batch->sealed->file, &disk) < 0)
		return false;
	uint64_t block = (uint64_t)disk.f_bsize;
	uint64_t left = disk.f_bavail * block, all = disk.f_blocks * block;
	return left >= RESERVE || left >= all / RESERVE_PART;
}

int batch_settle(struct batch *batch, bool *kept, struct err *err)
{
	uint64_t before = batch->sealed->end;
	int done = 1;

	*kept = false;
	if (batch->n > 0 && !has_room(batch))
		return 0;
	if (batch->n > 0)
		done = sealed_append(batch->sealed, batch->bytes, batch->used,
				     err);
	if (done == 1 && batch->n > 0)
		done = rows_add(batch->rows, batch->row, batch->n, err);
	if (done == 0 && sealed_cut(batch->sealed, before, err) < 0)
		return -1;
	*kept = done == 1;
	return done < 0 ? -1 : 0;
}

void batch_clear(struct batch *batch)
{
	if (batch->nowed == 0)
		return;
	batch->n = batch->nowed = batch->used = 0;
	memset(batch->slot, 0, sizeof batch->slot);
}
