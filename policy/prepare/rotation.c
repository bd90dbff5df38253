/*
 * rotation - re-wrap and destroy, in an order that a crash cannot spoil.
 *
 *	1. wrapping.next says where the new key is; the key is made
 *	2. each wrapped key is exchanged, whole, for one under the new key
 *	3. wrapping.old says where the old key is; wrapping.next becomes
 *	   wrapping.at
 *	4. the old key is destroyed; wrapping.old is removed
 *
 * Broken off before 3, a key may be wrapped under either, and 2 finds out. A
 * key under neither is that of a permit whose end was broken off.
 * Runs in sekisho-prepare as the custodian.
 */
#include "policy/prepare/rotation.h"

#include <dirent.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "audit/base64.h"
#include "gateway/base/own.h"
#include "policy/prepare/custody.h"
#include "policy/prepare/keyfile.h"
#include "policy/prepare/need.h"
#include "policy/prepare/put.h"

struct rotation {
	struct keys *keys;
	const char *without; /* file that is not wrapped again; NULL: none */
	struct wrapping next;
	char place[WRAPPING_PLACE];
	uint64_t count;
};

/* --- 1 ---------------------------------------------------------------------- */

static int choose_place(struct rotation *r, const char *place,
			struct fault *fault)
{
	int found =
		wrapping_place(r->keys->folder, WRAPPING_NEXT, r->place, fault);

	if (found != 0)
		return found; /* this one is to be finished */
	if (place &&
	    (!wrapping_place_good(place) || strcmp(place, r->keys->place) == 0))
		return fault_say(fault, FAULT_USAGE, "--wrapping");
	if (place)
		snprintf(r->place, sizeof r->place, "%s", place);
	else if (wrapping_next_place(r->keys->place, r->place) < 0)
		return fault_say(fault, FAULT_USAGE, "--wrapping is needed");
	return 0;
}

static int make_next(struct rotation *r, const char *place, struct fault *fault)
{
	int folder = r->keys->folder;
	int begun = choose_place(r, place, fault);

	if (begun < 0)
		return -1;
	r->next.number = 1;
	if (begun == 0) {
		int found =
			wrapping_open(&r->next, folder, r->place, false, fault);

		wrapping_close(&r->next);
		if (found != 0)
			return found < 0 ? -1
					 : fault_say(fault, FAULT_OUTPUT_EXISTS,
						     "the new wrapping key");
		if (wrapping_put_place(folder, WRAPPING_NEXT, r->place, fault) <
		    0)
			return -1;
	}
	return wrapping_open(&r->next, folder, r->place, true, fault) < 0 ? -1
									  : 0;
}

/* --- 2 ---------------------------------------------------------------------- */

static int wrap_again(struct rotation *r, const char *file, const char *name,
		      struct fault *fault)
{
	uint8_t wrapped[WRAPPED_BYTES], key[KEY_BYTES];
	struct fault ignored;

	if (keyfile_read(r->keys->folder, file, true, wrapped, sizeof wrapped,
			 fault) < 0)
		return -1;
	int done = wrapping_unseal(&r->next, name, wrapped, key, &ignored);
	if (done < 0) {
		done = wrapping_unseal(&r->keys->wrapping, name, wrapped, key,
				       &ignored);
		if (done < 0)
			return fault_say(fault, FAULT_KEY, file);
		r->count++;
		done = wrapping_seal(&r->next, name, key, wrapped, fault);
		if (done == 0)
			done = keyfile_replace(r->keys->folder, file, wrapped,
					       sizeof wrapped, fault);
	}
	OPENSSL_cleanse(key, sizeof key);
	return done;
}

static int wrap_all(struct rotation *r, struct fault *fault)
{
	int own = openat(r->keys->folder, ".",
			 O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *all = own < 0 ? NULL : fdopendir(own);
	const struct dirent *one;
	char name[KEY_FILE];
	int done = 0;

	if (!all) {
		own_close(&own);
		return fault_sys(fault, "keys");
	}
	while (done == 0 && (one = readdir(all)))
		if (keys_name(one->d_name, name) &&
		    (!r->without || strcmp(one->d_name, r->without) != 0))
			done = wrap_again(r, one->d_name, name, fault);
	closedir(all);
	return done;
}

/* --- 3 and 4 ------------------------------------------------------------------ */

static int destroy_old(struct keys *keys, struct fault *fault)
{
	char place[WRAPPING_PLACE];
	int found = wrapping_place(keys->folder, WRAPPING_OLD, place, fault);

	if (found <= 0)
		return found;
	if (wrapping_destroy(keys->folder, place, 1, fault) < 0)
		return -1;
	if (unlinkat(keys->folder, WRAPPING_OLD, 0) < 0 ||
	    fsync(keys->folder) < 0)
		return fault_sys(fault, WRAPPING_OLD);
	return 0;
}

/* The new key becomes the keys' own. */
static int settle(struct rotation *r, struct fault *fault)
{
	struct keys *keys = r->keys;

	if (wrapping_put_place(keys->folder, WRAPPING_OLD, keys->place, fault) <
	    0)
		return -1;
	if (renameat2(keys->folder, WRAPPING_NEXT, keys->folder, WRAPPING_AT,
		      0) < 0 ||
	    fsync(keys->folder) < 0)
		return fault_sys(fault, WRAPPING_AT);
	wrapping_close(&keys->wrapping);
	wrapping_close(&r->next);
	snprintf(keys->place, sizeof keys->place, "%s", r->place);
	if (destroy_old(keys, fault) < 0)
		return -1;
	return wrapping_open(&keys->wrapping, keys->folder, keys->place, false,
			     fault) > 0
		       ? 0
		       : -1;
}

static int rotate(struct rotation *r, const char *place, struct fault *fault)
{
	if (!keyfile_is(r->keys->folder, WRAPPING_NEXT) &&
	    destroy_old(r->keys, fault) < 0)
		return -1;
	int done = make_next(r, place, fault);
	if (done == 0)
		done = wrap_all(r, fault);
	if (done == 0)
		done = settle(r, fault);
	wrapping_close(&r->next);
	return done;
}

int rotation_rotate(struct keys *keys, const char *place, uint64_t *count,
		    struct fault *fault)
{
	struct rotation r = { .keys = keys };

	if (custody_act(keys->folder, "key.rotate", NULL, 0, NULL, fault) < 0 ||
	    rotate(&r, place, fault) < 0)
		return -1;
	*count = r.count;
	const struct custody_field field = { "keys", NULL, r.count };
	return custody_act(keys->folder, "key.rotated", &field, 1, NULL, fault);
}

/* --- The end of a permit --------------------------------------------------------- */

/* The record and its signature, two lines; durable. */
static int put_record(const struct keys *keys, const char *permit,
		      const char *key_id, const char *head, struct fault *fault)
{
	char file[KEY_FILE], line[SIGNATURE_BYTES * 2];
	uint8_t signature[SIGNATURE_BYTES];
	AUTO_FREE char *text = NULL;
	unsigned int n = 0;
	size_t len;
	FILE *out = need_stream(&text, &len);

	putc('{', out);
	put_number(out, &n, "at", (uint64_t)time(NULL));
	put_text(out, &n, "event", "key.destroyed");
	put_text(out, &n, "journal", head);
	put_text(out, &n, "permit", permit);
	put_text(out, &n, "permit_key_id", key_id);
	fputs("}\n", out);
	need_stream_end(out);
	keys_sign(keys, text, len, signature);
	base64_encode(line, sizeof line, signature, sizeof signature);
	snprintf(file, sizeof file, "%.64s.destroyed", permit);
	AUTO_FD int fd = openat(keys->folder, file,
				O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return fault_sys(fault, file);
	if (disk_write(fd, text, len, file, fault) < 0 ||
	    disk_write(fd, line, strlen(line), file, fault) < 0 ||
	    disk_write(fd, "\n", 1, file, fault) < 0)
		return -1;
	return fsync(fd) < 0 || fsync(keys->folder) < 0 ? fault_sys(fault, file)
							: 0;
}

/* "unknown" where an earlier, broken-off end already took the wrapping key. */
static void name_key(const struct keys *keys, const char *permit,
		     char id[static KEY_ID])
{
	uint8_t key[KEY_BYTES];
	struct fault ignored;

	snprintf(id, KEY_ID, "unknown");
	if (keys_permit(keys, permit, key, &ignored) == 0)
		keys_permit_id(key, id);
	OPENSSL_cleanse(key, sizeof key);
}

int rotation_destroy(struct keys *keys, const char *permit, const char *place,
		     struct fault *fault)
{
	char file[KEY_FILE], id[KEY_ID], head[HASH_HEX];
	struct rotation r = { .keys = keys, .without = file };
	const struct custody_field fields[] = { { "permit", permit, 0 },
						{ "permit_key_id", id, 0 } };

	keys_file(permit, file);
	if (strchr(permit, '/') || permit[0] == '.')
		return fault_say(fault, FAULT_USAGE, "not a permit's id");
	if (!keyfile_is(keys->folder, file))
		return fault_say(fault, FAULT_KEY, file);
	name_key(keys, permit, id);
	if (custody_act(keys->folder, "key.destroy", fields, 2, NULL, fault) <
		    0 ||
	    rotate(&r, place, fault) < 0 ||
	    keyfile_wipe(keys->folder, file, fault) < 0 ||
	    custody_act(keys->folder, "key.destroyed", fields, 2, head, fault) <
		    0)
		return -1;
	return put_record(keys, permit, id, head, fault);
}
