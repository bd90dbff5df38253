#include "audit/signer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/base64.h"
#include "audit/segment.h"
#include "gateway/base/own.h"

static const char current[] = "log.key", next[] = "log.key.next";
static const char wish[] = "rotate";
static const char prefix[] = "PRIVATE+KEY+";

enum { SECRET = 33 }; /* the type and the seed */

/* PRIVATE+KEY+name+id+base64(type, seed), as x/mod/sumdb/note writes it. */
static void print(char *out, size_t size, const struct note_key *key,
		  const uint8_t seed[static 32])
{
	uint8_t bytes[SECRET];
	char base64[45];

	bytes[0] = NOTE_KEY_ED25519;
	memcpy(bytes + 1, seed, 32);
	base64_encode(base64, sizeof base64, bytes, sizeof bytes);
	snprintf(out, size, "%s%s+%08" PRIx32 "+%s\n", prefix, key->name,
		 key->id, base64);
	explicit_bzero(bytes, sizeof bytes);
	explicit_bzero(base64, sizeof base64);
}

static int parse(const char *text, size_t len, const char *origin,
		 struct note_key *key, struct err *err)
{
	char again[NOTE_VKEY + 32];
	uint8_t bytes[SECRET];

	if (len < 46 ||
	    base64_decode(bytes, sizeof bytes, text + len - 45, 44) != SECRET)
		return err_set(err, "the signing key is damaged");
	int done = note_key_from_seed(key, origin, bytes + 1, err);
	if (done == 0) {
		print(again, sizeof again, key, bytes + 1);
		if (strcmp(again, text) != 0) {
			note_key_clear(key);
			done = err_set(err,
				       "the signing key is damaged or not "
				       "that of log '%s'",
				       origin);
		}
	}
	explicit_bzero(bytes, sizeof bytes);
	explicit_bzero(again, sizeof again);
	return done;
}

static int load(int dir, const char *name, const char *origin,
		struct note_key *key, struct err *err)
{
	char text[NOTE_VKEY + 32];
	long len = segment_read_small(dir, name, text, sizeof text, err);

	if (len < 0 && errno == ENOENT)
		return 0;
	if (len < 0)
		return err_within(err, "the signing key");
	int done = parse(text, (size_t)len, origin, key, err);
	explicit_bzero(text, sizeof text);
	return done < 0 ? -1 : 1;
}

static int create(int dir, const char *name, const char *origin,
		  struct note_key *key, struct err *err)
{
	char text[NOTE_VKEY + 32];
	uint8_t seed[32];

	if (getrandom(seed, sizeof seed, 0) != (ssize_t)sizeof seed)
		return err_sys(err, "getrandom");
	int done = note_key_from_seed(key, origin, seed, err);
	if (done == 0) {
		print(text, sizeof text, key, seed);
		mode_t mask = umask(0077);
		done = segment_replace(dir, name, text, strlen(text), err);
		umask(mask);
		explicit_bzero(text, sizeof text);
	}
	explicit_bzero(seed, sizeof seed);
	return done;
}

int signer_load(int dir, const char *origin, struct note_key *key,
		struct err *err)
{
	return load(dir, current, origin, key, err);
}

int signer_create(int dir, const char *origin, struct note_key *key,
		  struct err *err)
{
	return create(dir, current, origin, key, err);
}

int signer_next(int dir, const char *origin, struct note_key *key,
		struct err *err)
{
	int got = load(dir, next, origin, key, err);

	if (got != 0)
		return got;
	AUTO_FD int there = segment_open(dir, wish, O_PATH, err);
	if (there < 0)
		return errno == ENOENT ? 0 : -1;
	return create(dir, next, origin, key, err) < 0 ? -1 : 1;
}

int signer_take_over(int dir, struct err *err)
{
	if (unlinkat(dir, wish, 0) < 0 && errno != ENOENT)
		return err_sys(err, "remove %s", wish);
	if (renameat(dir, next, dir, current) < 0 || fsync(dir) < 0)
		return err_sys(err, "put the new signing key in place");
	return 0;
}
