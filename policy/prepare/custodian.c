/*
 * custodian - keys of persons, sealed by passphrases, and the list of them.
 *
 * Runs in sekisho-prepare as one of the custodians.
 */
#include "policy/prepare/custodian.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/random.h>

#include "gateway/base/own.h"
#include "gateway/base/plan.h"
#include "policy/prepare/disk.h"
#include "policy/prepare/gcm.h"
#include "policy/prepare/keyfile.h"

enum { SALT = 16, SEED = 32, SEALED = SALT + GCM_NONCE + SEED + GCM_TAG };

/* scrypt, RFC 7914, 64 MiB: a guess costs a tenth of a second. */
static void stretch(const char *passphrase, const uint8_t salt[static SALT],
		    uint8_t out[static 32])
{
	if (EVP_PBE_scrypt(passphrase, strlen(passphrase), salt, SALT,
			   UINT64_C(1) << 16, 8, 1, 128 * 1024 * 1024, out,
			   32) != 1)
		die("scrypt is not available");
}

static int from_seed(struct note_key *key, const char *name,
		     const uint8_t seed[static SEED], struct fault *fault)
{
	struct err err;

	return note_key_from_seed(key, name, seed, &err) == 0
		       ? 0
		       : fault_say(fault, FAULT_KEY, err.text);
}

int custodian_make(const char *file, const char *name, const char *passphrase,
		   char vkey[static NOTE_VKEY], struct fault *fault)
{
	uint8_t sealed[SEALED], seed[SEED], with[32];
	const struct gcm gcm = { with, name, strlen(name) };
	struct note_key key;

	if (getrandom(sealed, SALT + GCM_NONCE, 0) != SALT + GCM_NONCE ||
	    getrandom(seed, sizeof seed, 0) != sizeof seed)
		die("no random bytes");
	int done = from_seed(&key, name, seed, fault);
	if (done == 0) {
		note_key_text(vkey, &key);
		note_key_clear(&key);
		stretch(passphrase, sealed, with);
		gcm_seal(&gcm, sealed + SALT, seed, SEED,
			 sealed + SALT + GCM_NONCE);
		done = keyfile_write(AT_FDCWD, file, true, sealed,
				     sizeof sealed, fault);
	}
	OPENSSL_cleanse(seed, sizeof seed);
	OPENSSL_cleanse(with, sizeof with);
	return done;
}

int custodian_open(struct note_key *key, const char *file, const char *name,
		   const char *passphrase, struct fault *fault)
{
	uint8_t sealed[SEALED], seed[SEED], with[32];
	const struct gcm gcm = { with, name, strlen(name) };

	if (keyfile_read(AT_FDCWD, file, true, sealed, sizeof sealed, fault) <
	    0)
		return -1;
	stretch(passphrase, sealed, with);
	int done = gcm_unseal(&gcm, sealed + SALT, sealed + SALT + GCM_NONCE,
			      SEED, seed)
			   ? from_seed(key, name, seed, fault)
			   : fault_say(fault, FAULT_KEY,
				       "wrong passphrase, or another "
				       "person's key");
	OPENSSL_cleanse(seed, sizeof seed);
	OPENSSL_cleanse(with, sizeof with);
	return done;
}

static bool is_twice(const struct custodians *list, const struct note_key *key)
{
	for (uint32_t i = 0; i < list->n; i++)
		if (strcmp(list->key[i].name, key->name) == 0 ||
		    memcmp(list->key[i].public, key->public,
			   sizeof key->public) == 0)
			return true;
	return false;
}

static int add(struct custodians *list, const char *line, struct fault *fault)
{
	struct note_key key;
	struct err err;

	if (list->n == CUSTODIANS)
		return fault_say(fault, FAULT_KEY, "too many custodians");
	if (note_key_parse(&key, line, &err) < 0)
		return fault_say(fault, FAULT_KEY, err.text);
	/* The gateway's log names custodians; it takes ids alone. */
	if (!id_valid(key.name)) {
		note_key_clear(&key);
		return fault_say(fault, FAULT_KEY,
				 "a custodian's name is an id: "
				 "letters, digits, . _ -");
	}
	bool twice = is_twice(list, &key);
	if (twice || key.type != NOTE_KEY_ED25519) {
		note_key_clear(&key);
		return fault_say(fault, FAULT_KEY,
				 twice ? "one custodian stands there twice"
				       : "a custodian's key is of a wrong "
					 "kind");
	}
	list->key[list->n++] = key;
	return 0;
}

int custodians_read(struct custodians *list, int folder, const char *path,
		    struct fault *fault)
{
	size_t len;
	AUTO_FREE uint8_t *bytes = NULL;
	char *rest = NULL;

	list->n = 0;
	bytes = disk_read(folder, path, CUSTODIANS * NOTE_VKEY, &len, fault);
	if (!bytes)
		return -1;
	for (char *line = strtok_r((char *)bytes, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (line[0] != '#' && add(list, line, fault) < 0)
			return -1;
	}
	return 0;
}

void custodians_clear(struct custodians *list)
{
	for (uint32_t i = 0; i < list->n; i++)
		note_key_clear(&list->key[i]);
	list->n = 0;
}

const struct note_key *custodians_find(const struct custodians *list,
				       const char *name)
{
	for (uint32_t i = 0; i < list->n; i++)
		if (strcmp(list->key[i].name, name) == 0)
			return &list->key[i];
	return NULL;
}
