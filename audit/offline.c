#include "audit/offline.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/lines.h"
#include "audit/nodes.h"
#include "audit/prove.h"
#include "audit/segment.h"
#include "audit/tile_path.h"
#include "gateway/base/own.h"

/* A checkpoint of the log, and its head. */
struct signed_head {
	char note[NOTE_MAX];
	struct proof_head head;
};

static int read_head(struct signed_head *at, size_t len, struct err *err)
{
	struct checkpoint checkpoint;
	struct note note;

	if (note_parse(&note, at->note, len, err) < 0 ||
	    checkpoint_parse(&checkpoint, note.text, note.text_len, err) < 0)
		return -1;
	at->head = checkpoint.head;
	return 0;
}

static int latest(int log, struct signed_head *at, struct err *err)
{
	long len = segment_read_small(log, "checkpoint", at->note,
				      sizeof at->note, err);

	return len < 0 ? -1 : read_head(at, (size_t)len, err);
}

/* Is this line of the history a checkpoint of that size? at is filled then. */
static bool of_size(const char *line, size_t len, uint64_t size,
		    struct signed_head *at)
{
	struct canonical object;
	struct err err;

	if (canonical_scan(&object, line, len) < 0)
		return false;
	const struct canonical_field *note = canonical_find(&object, "note");
	if (!note || note->kind != CANONICAL_STRING)
		return false;
	long n = canonical_unescape(at->note, sizeof at->note, note->value,
				    note->len);
	return n >= 0 && read_head(at, (size_t)n, &err) == 0 &&
	       at->head.size == size;
}

/* The checkpoint of that size in the history; 0: the latest of all. */
static int find_head(int log, uint64_t size, struct signed_head *at,
		     struct err *err)
{
	struct lines lines;
	const char *line;
	bool found = false;
	size_t len;

	if (size == 0)
		return latest(log, at, err);
	AUTO_FD int fd = segment_open(log, "checkpoints.jsonl", O_RDONLY, err);
	if (fd < 0 || lines_init(&lines, fd, CANONICAL_MAX, err) < 0)
		return -1;
	while (!found && lines_next(&lines, &line, &len, err) == LINES_LINE)
		found = of_size(line, len, size, at);
	lines_clear(&lines);
	return found ? 0
		     : err_set(err,
			       "no checkpoint of size %" PRIu64 " was signed",
			       size);
}

/* The rights of who calls; never over a file that is there. */
static int write_new(int dir, const char *path, const void *bytes, size_t len,
		     struct err *err)
{
	AUTO_FD int fd = openat(dir, path,
				O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0)
		return err_sys(err, "make %s", path);
	if (write(fd, bytes, len) != (ssize_t)len || close(take_fd(&fd)) < 0)
		return err_sys(err, "write %s", path);
	return 0;
}

static int open_folder(int log, const char *name, struct err *err)
{
	int fd = openat(log, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? err_sys(err, "open %s", name) : fd;
}

static char *copy(const char *text, struct err *err)
{
	char *copied = strdup(text);

	if (!copied)
		err_set(err, "out of memory");
	return copied;
}

char *offline_proof(int log, uint64_t index, struct err *err)
{
	static struct prove_found found;
	static struct signed_head at;
	struct hasher hasher;
	AUTO_FD int seg = open_folder(log, "seg", err);
	AUTO_FD int hash = seg < 0 ? -1 : open_folder(log, "hash", err);

	if (hash < 0 || latest(log, &at, err) < 0)
		return NULL;
	struct prove_log from = { .seg = seg,
				  .hash = hash,
				  .head = at.head,
				  .checkpoint = at.note,
				  .hasher = &hasher };
	int done = prove_entry(&from, index, &found, err);
	return done < 0 ? NULL : copy(found.text, err);
}

/* The proof from old to at, checked. */
static int make_consistency(int log, uint64_t old, const struct signed_head *at,
			    struct proof *proof, struct err *err)
{
	struct proof_head before = { .size = old };
	struct hasher hasher;
	struct nodes nodes;
	AUTO_FD int hash = open_folder(log, "hash", err);

	if (hash < 0)
		return -1;
	int done = nodes_open(&nodes, hash, &hasher, err);
	if (done == 0) {
		struct proof_source source = nodes_source(&nodes);

		if (old == 0 || old > at->head.size)
			done = err_set(err,
				       "sizes from 1 to %" PRIu64
				       " have a proof, not %" PRIu64,
				       at->head.size, old);
		else if (proof_consistency(&source, &hasher, old, at->head.size,
					   proof) < 0 ||
			 proof_range(&source, &hasher, (uint64_t[]){ 0, old },
				     &before.root) < 0 ||
			 !proof_check_consistency(&hasher, proof, &before,
						  &at->head))
			done = err_set(err, "the hash tiles are not those of "
					    "the checkpoint");
		nodes_close(&nodes);
	}
	return done;
}

char *offline_consistency(int log, uint64_t old, uint64_t now, struct err *err)
{
	static struct signed_head at;
	static char text[64 + PROOF_MAX * HASH_BASE64_SIZE + NOTE_MAX];
	char base64[HASH_BASE64_SIZE];
	struct proof proof;

	if (find_head(log, now, &at, err) < 0 ||
	    make_consistency(log, old, &at, &proof, err) < 0)
		return NULL;
	size_t n =
		(size_t)snprintf(text, sizeof text, "old %" PRIu64 "\n", old);
	for (unsigned int i = 0; i < proof.n; i++) {
		hash_base64(base64, &proof.hashes[i]);
		n += (size_t)snprintf(text + n, sizeof text - n, "%s\n",
				      base64);
	}
	n += (size_t)snprintf(text + n, sizeof text - n, "\n%s", at.note);
	if (n < sizeof text)
		return copy(text, err);
	err_set(err, "the checkpoint is too long");
	return NULL;
}

/* --- Tiles ------------------------------------------------------------------- */

enum { WIDTH = TILE_WIDTH };

struct level {
	uint64_t n; /* hashes so far */
	struct hash tile[WIDTH];
};

struct export
{
	int out;
	bool entries;
	uint64_t size;
	struct hasher hasher;
	struct merkle tree;
	struct level levels[MERKLE_DENSE];
	size_t used; /* of bundle */
	uint8_t bundle[WIDTH * (CANONICAL_MAX + 2)];
};

/* The path of a tile; makes its folders. */
static void make_path(int out, char path[static TILE_PATH],
		      const struct tile *tile)
{
	tile_path(path, tile);
	for (char *at = path; (at = strchr(at, '/')); *at++ = '/') {
		*at = '\0';
		mkdirat(out, path, 0755); /* if it is not, a file tells */
	}
}

/* The level's last tile, of as many hashes as are in it. */
static int put_tile(struct export *export, unsigned int l, unsigned int width,
		    struct err *err)
{
	const struct level *level = &export->levels[l];
	struct tile tile = { .level = l,
			     .n = (level->n - 1) / WIDTH,
			     .width = width };
	char path[TILE_PATH];

	make_path(export->out, path, &tile);
	return write_new(export->out, path, level->tile,
			 width * sizeof level->tile[0], err);
}

static int put_bundle(struct export *export, unsigned int width,
		      struct err *err)
{
	struct tile tile = { .entries = true,
			     .n = (export->levels[0].n - 1) / WIDTH,
			     .width = width };
	char path[TILE_PATH];

	if (!export->entries)
		return 0;
	make_path(export->out, path, &tile);
	size_t len = export->used;
	export->used = 0;
	return write_new(export->out, path, export->bundle, len, err);
}

static int take_entry(struct export *export, const char *line, size_t len,
		      struct err *err)
{
	struct hash made[MERKLE_DENSE];
	struct hash leaf = hash_leaf(&export->hasher, line, len);
	unsigned int n =
		merkle_append(&export->tree, &export->hasher, &leaf, made);

	if (export->entries) {
		uint8_t *at = export->bundle + export->used;

		at[0] = (uint8_t)(len >> 8);
		at[1] = (uint8_t)len;
		memcpy(at + 2, line, len);
		export->used += 2 + len;
	}
	for (unsigned int l = 0; l < n; l++) {
		struct level *level = &export->levels[l];

		level->tile[level->n++ % WIDTH] = made[l];
		if (level->n % WIDTH == 0 &&
		    put_tile(export, l, WIDTH, err) < 0)
			return -1;
	}
	return export->levels[0].n % WIDTH > 0 ? 0
					       : put_bundle(export, WIDTH, err);
}

static int take_segment(struct export *export, int seg, struct err *err)
{
	char name[SEGMENT_NAME];
	struct lines lines;
	const char *line;
	size_t len;
	int done = 0;

	segment_name(name, export->tree.size);
	AUTO_FD int fd = segment_open(seg, name, O_RDONLY, err);
	if (fd < 0 || lines_init(&lines, fd, CANONICAL_MAX, err) < 0)
		return -1;
	uint64_t end = export->tree.size + SEGMENT_ENTRIES;
	while (done == 0 && export->tree.size < end &&
	       export->tree.size < export->size) {
		if (lines_next(&lines, &line, &len, err) != LINES_LINE)
			done = err_set(err, "seg/%s ends too early", name);
		else
			done = take_entry(export, line, len, err);
	}
	lines_clear(&lines);
	return done;
}

/* The tiles at the right edge, which are not full. */
static int put_edge(struct export *export, struct err *err)
{
	for (unsigned int l = 0; l < MERKLE_DENSE; l++) {
		unsigned int width =
			(unsigned int)(export->levels[l].n % WIDTH);

		if (width > 0 && put_tile(export, l, width, err) < 0)
			return -1;
		if (width > 0 && l == 0 && put_bundle(export, width, err) < 0)
			return -1;
	}
	return 0;
}

static int export_all(struct export *export, int seg,
		      const struct signed_head *at, struct err *err)
{
	while (export->tree.size < export->size)
		if (take_segment(export, seg, err) < 0)
			return -1;
	struct hash root = merkle_root(&export->tree, &export->hasher);
	if (!hash_equal(&root, &at->head.root))
		return err_set(err, "the entries are not those of the "
				    "checkpoint; verify the log");
	if (put_edge(export, err) < 0)
		return -1;
	if (syncfs(export->out) < 0)
		return err_sys(err, "sync the tiles");
	/* Last: who reads it finds what it promises. */
	return write_new(export->out, "checkpoint", at->note, strlen(at->note),
			 err);
}

int offline_tiles(int log, int tiles, bool entries, struct err *err)
{
	static struct signed_head at;
	AUTO_FREE struct export *export = calloc(1, sizeof *export);
	AUTO_FD int seg = open_folder(log, "seg", err);

	if (seg < 0 || latest(log, &at, err) < 0)
		return -1;
	if (!export)
		return err_set(err, "out of memory");
	export->out = tiles;
	export->entries = entries;
	export->size = at.head.size;
	return export_all(export, seg, &at, err);
}
