/*
 * ring - see ring.h. Runs in sekisho-keys, confined.
 */
#include "gateway/keys/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/keys/ring_files.h"

enum { HEAD = 16, ENTRY = ID_SIZE + 1 + WRAPPED };
enum { MOST = HEAD + RING_PERMITS * ENTRY + WRAP_SEAL };

static const char head[HEAD] = "sekisho ring 1\n";

static const char *const words[PURPOSES] = {
#define PURPOSE(name, word) word,
#include "gateway/base/purposes.def"
#undef PURPOSE
};

enum purpose ring_purpose(const char *word)
{
	enum purpose purpose = 0;

	while (purpose < PURPOSES && strcmp(words[purpose], word) != 0)
		purpose++;
	return purpose;
}

/* --- One ring, as bytes ------------------------------------------------------ */

static size_t encode(const struct ring *ring, uint8_t *out)
{
	size_t len = HEAD;

	memcpy(out, head, HEAD);
	for (size_t i = 0; i < ring->n; i++) {
		const struct ring_entry *entry = &ring->entries[i];

		memcpy(out + len, entry->permit, ID_SIZE);
		out[len + ID_SIZE] = entry->ended;
		memcpy(out + len + ID_SIZE + 1, entry->wrapped, WRAPPED);
		len += ENTRY;
	}
	wrap_mark(ring->site, (struct bound){ out, len }, out + len);
	return len + WRAP_SEAL;
}

static bool decode(struct ring *ring, const uint8_t *in, size_t len)
{
	if (len < HEAD + WRAP_SEAL || (len - HEAD - WRAP_SEAL) % ENTRY != 0 ||
	    memcmp(in, head, HEAD) != 0)
		return false;
	len -= WRAP_SEAL;
	if (!wrap_marked(ring->site, (struct bound){ in, len }, in + len))
		return false;
	ring->n = (len - HEAD) / ENTRY;
	for (size_t i = 0; i < ring->n; i++) {
		const uint8_t *at = in + HEAD + i * ENTRY;
		struct ring_entry *entry = &ring->entries[i];

		memcpy(entry->permit, at, ID_SIZE);
		entry->ended = at[ID_SIZE] != 0;
		memcpy(entry->wrapped, at + ID_SIZE + 1, WRAPPED);
		if (entry->permit[ID_SIZE - 1] || !id_valid(entry->permit))
			return false;
	}
	return true;
}

/* --- Its files --------------------------------------------------------------- */

static void file_name(const char *kind, uint64_t number,
		      char out[static RING_FILE_NAME])
{
	snprintf(out, RING_FILE_NAME, "%s.%" PRIu64, kind, number);
}

/* The number in "ring.N"; 0: another file. */
static uint64_t number_of(const char *name)
{
	char *end;

	if (strncmp(name, "ring.", 5) != 0 || name[5] < '1' || name[5] > '9')
		return 0;
	uint64_t number = strtoull(name + 5, &end, 10);
	return *end ? 0 : number;
}

static int see_newest(void *context, int folder, const char *name,
		      struct err *err)
{
	uint64_t *newest = context, number = number_of(name);

	(void)folder;
	(void)err;
	if (number > *newest)
		*newest = number;
	return 0;
}

static int wipe_other(void *context, int folder, const char *name,
		      struct err *err)
{
	const struct ring *ring = context;
	char ours[2][RING_FILE_NAME];

	file_name("site", ring->number, ours[0]);
	file_name("ring", ring->number, ours[1]);
	if (strcmp(name, ours[0]) == 0 || strcmp(name, ours[1]) == 0)
		return 0;
	return ring_file_wipe(folder, name, err);
}

/* Nothing of another number is left. */
static int clean(struct ring *ring, struct err *err)
{
	return ring_files_each(ring->folder, wipe_other, ring, err);
}

static int read_newest(struct ring *ring, uint8_t *buffer, struct err *err)
{
	char site[RING_FILE_NAME], file[RING_FILE_NAME];
	uint8_t more[WRAP_KEY + 1];

	file_name("site", ring->number, site);
	file_name("ring", ring->number, file);
	ssize_t n = ring_file_read(ring->folder, site, more, sizeof more, err);
	if (n == WRAP_KEY)
		memcpy(ring->site, more, WRAP_KEY);
	explicit_bzero(more, sizeof more);
	if (n < 0)
		return -1;
	ssize_t len = ring_file_read(ring->folder, file, buffer, MOST, err);
	if (len < 0)
		return -1;
	if (n != WRAP_KEY || !decode(ring, buffer, (size_t)len))
		return err_set(err,
			       "keys/permits/%s does not open with %s; the "
			       "permits' keys are damaged and were left alone",
			       file, site);
	return 0;
}

/* Wrap everything anew under a fresh site key; ring is the new one then. */
static void wrap_again(struct ring *ring)
{
	uint8_t site[WRAP_KEY], key[WRAP_KEY];

	wrap_random(site, sizeof site);
	for (size_t i = 0; i < ring->n; i++) {
		struct ring_entry *entry = &ring->entries[i];
		const struct bound bound = { entry->permit, ID_SIZE };

		if (entry->ended)
			continue;
		if (!wrap_open(ring->site, bound, entry->wrapped, key))
			die("a key that was sealed does not open");
		wrap_seal(site, bound, key, entry->wrapped);
	}
	explicit_bzero(key, sizeof key);
	memcpy(ring->site, site, sizeof site);
	explicit_bzero(site, sizeof site);
	ring->number++;
}

static int write_next(const struct ring *next, struct err *err)
{
	char site[RING_FILE_NAME], file[RING_FILE_NAME];
	AUTO_FREE uint8_t *buffer = malloc(MOST);

	if (!buffer)
		return err_set(err, "out of memory");
	file_name("site", next->number, site);
	file_name("ring", next->number, file);
	if (ring_file_write(next->folder, site, next->site, WRAP_KEY, err) < 0)
		return -1;
	return ring_file_write(next->folder, file, buffer, encode(next, buffer),
			       err);
}

/*
 * next, a copy of ring with one entry changed, takes its place. After a
 * failure nobody knows which of the two is on the disk, so the process must
 * not go on with either: it ends, and the next start reads.
 */
static int replace(struct ring *ring, struct ring *next, struct err *err)
{
	wrap_again(next);
	if (write_next(next, err) < 0)
		return -1;
	*ring = *next;
	return clean(ring, err);
}

/* https://bford.info/cachedir/: programs that know it make no backup of a
 * folder with such a file. */
static int put_tag(int folder, struct err *err)
{
	static const char name[] = "CACHEDIR.TAG";
	static const char text[] =
		"Signature: 8a477f597d28d172789f06886806bc55\n"
		"# Keys of permits belong in no backup: a copy would outlive "
		"the permit.\n";
	AUTO_FD int fd =
		openat(folder, name,
		       O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, sizeof text - 1) != sizeof text - 1)
		return err_sys(err, "write keys/permits/%s", name);
	return 0;
}

int ring_load(struct ring *ring, int folder, struct err *err)
{
	AUTO_FREE uint8_t *buffer = malloc(MOST);

	memset(ring, 0, sizeof *ring);
	ring->folder = folder;
	if (!buffer)
		return err_set(err, "out of memory");
	if (put_tag(folder, err) < 0 ||
	    ring_files_each(folder, see_newest, &ring->number, err) < 0)
		return -1;
	if (ring->number > 0)
		return read_newest(ring, buffer, err) < 0 ? -1
							  : clean(ring, err);
	/* What lies about belongs to a ring that never came to be. */
	if (clean(ring, err) < 0)
		return -1;
	wrap_again(ring);
	return write_next(ring, err);
}

/* --- Keys of permits ---------------------------------------------------------- */

/* Its place; that of none is behind the last. */
static size_t place(const struct ring *ring, const char *permit)
{
	size_t i = 0;

	while (i < ring->n && strcmp(ring->entries[i].permit, permit) != 0)
		i++;
	return i;
}

static struct ring_entry *find(struct ring *ring, const char *permit)
{
	size_t i = place(ring, permit);

	return i < ring->n ? &ring->entries[i] : NULL;
}

bool ring_has_room(const struct ring *ring, const char *permit)
{
	return place(ring, permit) < RING_PERMITS;
}

/* A copy to change, with an entry for the permit. NULL: err says why. */
static struct ring *copy_with(const struct ring *ring, const char *permit,
			      struct ring_entry **entry, struct err *err)
{
	struct ring *next = malloc(sizeof *next);

	if (!next) {
		err_set(err, "out of memory");
		return NULL;
	}
	*next = *ring;
	*entry = find(next, permit);
	if (!ring_has_room(next, permit)) {
		err_set(err, "there are %d permits' keys, and no more fit",
			RING_PERMITS);
		ring_clear(next);
		free(next);
		return NULL;
	}
	if (!*entry) {
		*entry = &next->entries[next->n++];
		memset(*entry, 0, sizeof **entry);
		snprintf((*entry)->permit, ID_SIZE, "%s", permit);
	}
	return next;
}

static int commit(struct ring *ring, struct ring *next, struct err *err)
{
	int done = replace(ring, next, err);

	ring_clear(next);
	free(next);
	return done;
}

static int make(struct ring *ring, const char *permit, struct err *err)
{
	struct ring_entry *entry;
	uint8_t key[WRAP_KEY];
	struct ring *next = copy_with(ring, permit, &entry, err);

	if (!next)
		return -1;
	wrap_random(key, sizeof key);
	wrap_seal(next->site, (struct bound){ entry->permit, ID_SIZE }, key,
		  entry->wrapped);
	explicit_bzero(key, sizeof key);
	return commit(ring, next, err);
}

enum ring_outcome ring_key(struct ring *ring, const char *permit,
			   enum purpose purpose, bool making,
			   uint8_t out[static WRAP_KEY], struct err *err)
{
	char info[2 * ID_SIZE];
	uint8_t key[WRAP_KEY];
	const struct ring_entry *entry = find(ring, permit);

	if (!id_valid(permit) || purpose >= PURPOSES) {
		err_set(err, "no such permit or purpose");
		return RING_FAILED;
	}
	if (!entry && !making)
		return RING_NONE;
	if (entry && entry->ended)
		return RING_ENDED;
	if (!entry && make(ring, permit, err) < 0)
		return RING_FAILED;
	entry = find(ring, permit);
	if (!wrap_open(ring->site, (struct bound){ entry->permit, ID_SIZE },
		       entry->wrapped, key))
		die("a key that was sealed does not open");
	int len = snprintf(info, sizeof info, "sekisho permit 1|%s|%s",
			   words[purpose], permit);
	wrap_derive(key, (struct bound){ info, (size_t)len }, out);
	explicit_bzero(key, sizeof key);
	return RING_FOUND;
}

int ring_end(struct ring *ring, const char *permit, struct err *err)
{
	struct ring_entry *entry = find(ring, permit);

	if (!id_valid(permit))
		return err_set(err, "no such permit");
	if (entry && entry->ended)
		return clean(ring, err);
	struct ring *next = copy_with(ring, permit, &entry, err);
	if (!next)
		return -1;
	entry->ended = true;
	memset(entry->wrapped, 0, sizeof entry->wrapped);
	return commit(ring, next, err);
}

void ring_clear(struct ring *ring)
{
	explicit_bzero(ring->site, sizeof ring->site);
	ring->n = 0;
}
