/*
 * key - see key.h. Runs in sekisho-witness.
 */
#include "audit/witness/key.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "audit/base64.h"
#include "audit/segment.h"

static const char file[] = "witness.key";
static const char prefix[] = "PRIVATE+KEY+";

enum { SECRET = 33 /* type and seed */, TEXT = NOTE_VKEY + 32 };

/* PRIVATE+KEY+name+id+base64(type, seed), as x/mod/sumdb/note writes it. */
static void print(char out[static TEXT], const struct note_key *key,
		  const uint8_t seed[static 32])
{
	uint8_t secret[SECRET] = { NOTE_KEY_COSIGNER };
	char base64[45];

	memcpy(secret + 1, seed, 32);
	base64_encode(base64, sizeof base64, secret, sizeof secret);
	snprintf(out, TEXT, "%s%s+%08" PRIx32 "+%s\n", prefix, key->name,
		 key->id, base64);
	explicit_bzero(secret, sizeof secret);
	explicit_bzero(base64, sizeof base64);
}

/* The seed gives everything else, so what is printed again must be the same. */
static int parse(const char *text, struct note_key *key)
{
	size_t skip = strlen(prefix), len = strlen(text);
	char name[NOTE_NAME], again[TEXT] = "";
	uint8_t secret[SECRET];
	struct err err;
	int done = -1;

	if (strncmp(text, prefix, skip) != 0 || len < 46 + skip)
		return -1;
	snprintf(name, sizeof name, "%.*s", (int)strcspn(text + skip, "+"),
		 text + skip);
	if (base64_decode(secret, sizeof secret, text + len - 45, 44) ==
		    SECRET &&
	    note_cosigner_from_seed(key, name, secret + 1, &err) == 0) {
		print(again, key, secret + 1);
		done = strcmp(again, text) == 0 ? 0 : -1;
		if (done < 0)
			note_key_clear(key);
	}
	explicit_bzero(secret, sizeof secret);
	explicit_bzero(again, sizeof again);
	return done;
}

int key_load(int dir, struct note_key *key, struct err *err)
{
	char text[TEXT];
	long len = segment_read_small(dir, file, text, sizeof text, err);

	if (len < 0)
		return errno == ENOENT ? 0 : -1;
	int done = parse(text, key);
	explicit_bzero(text, sizeof text);
	return done < 0 ? err_set(err, "%s is damaged", file) : 1;
}

int key_create(int dir, const char *name, struct note_key *key, struct err *err)
{
	char text[TEXT];
	uint8_t seed[32];

	if (getrandom(seed, sizeof seed, 0) != (ssize_t)sizeof seed)
		return err_sys(err, "getrandom");
	int done = note_cosigner_from_seed(key, name, seed, err);
	if (done == 0) {
		print(text, key, seed);
		mode_t mask = umask(0077);
		done = segment_replace(dir, file, text, strlen(text), err);
		umask(mask);
		explicit_bzero(text, sizeof text);
	}
	explicit_bzero(seed, sizeof seed);
	return done;
}
