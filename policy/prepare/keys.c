/*
 * keys - make, wrap, unwrap and use the custodian's keys.
 *
 * Runs in sekisho-prepare as the custodian. Secrets are wiped where they lie.
 */
#include "policy/prepare/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/base64.h"
#include "gateway/base/err.h"
#include "gateway/base/own.h"
#include "policy/prepare/disk.h"
#include "policy/prepare/keyfile.h"
#include "policy/prepare/prf.h"

static const char signing_name[] = "signing.key";
static const char wrapping_name[] = "wrapping.key";
static const char public_name[] = "signing.pub";

static void random_bytes(uint8_t *out, size_t len)
{
	if (getrandom(out, len, 0) != (ssize_t)len)
		die("no random bytes");
}

static EVP_PKEY *signing_key(const uint8_t seed[static KEY_BYTES])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
						     seed, KEY_BYTES);

	if (!key)
		die("Ed25519 is not available");
	return key;
}

static void public_of(EVP_PKEY *key, uint8_t out[static KEY_BYTES])
{
	size_t len = KEY_BYTES;

	if (EVP_PKEY_get_raw_public_key(key, out, &len) != 1 ||
	    len != KEY_BYTES)
		die("Ed25519 failed");
}

/* https://bford.info/cachedir/: what begins so is left out of backups by the
 * programs that know it. */
static int put_tag(int folder, struct fault *fault)
{
	static const char name[] = "CACHEDIR.TAG";
	static const char text[] =
		"Signature: 8a477f597d28d172789f06886806bc55\n"
		"# Wrapped keys belong in no backup of data: "
		"see docs/prepare.md\n";
	AUTO_FD int fd = openat(folder, name,
				O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	return fd < 0 ? fault_sys(fault, name)
		      : disk_write(fd, text, sizeof text - 1, name, fault);
}

/* The wrapping key, where nothing may be yet. */
static int make_wrapping(int folder, const char *place, struct fault *fault)
{
	struct wrapping wrapping = { .number = 0 };
	const char *at = place ? place : wrapping_name;

	int found = wrapping_open(&wrapping, folder, at, false, fault);
	wrapping_close(&wrapping);
	if (found > 0)
		return fault_say(fault, FAULT_OUTPUT_EXISTS,
				 "the wrapping key");
	if (found == 0 && place &&
	    wrapping_put_place(folder, WRAPPING_AT, place, fault) < 0)
		return -1;
	if (found == 0)
		found = wrapping_open(&wrapping, folder, at, true, fault);
	wrapping_close(&wrapping);
	return found < 0 ? -1 : 0;
}

static int make_signing(int folder, char line[static KEY_LINE],
			struct fault *fault)
{
	uint8_t seed[KEY_BYTES], public[KEY_BYTES];

	random_bytes(seed, sizeof seed);
	EVP_PKEY *key = signing_key(seed);
	public_of(key, public);
	EVP_PKEY_free(key);
	int done = keyfile_write(folder, signing_name, true, seed, sizeof seed,
				 fault);
	if (done == 0)
		done = keyfile_write(folder, public_name, false, public,
				     sizeof public, fault);
	OPENSSL_cleanse(seed, sizeof seed);
	base64_encode(line, KEY_LINE, public, sizeof public);
	return done;
}

int keys_make(const char *path, const char *place, char line[static KEY_LINE],
	      struct fault *fault)
{
	if (place && !wrapping_place_good(place))
		return fault_say(fault, FAULT_USAGE, "--wrapping");
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return fault_sys(fault, path);
	AUTO_FD int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return fault_sys(fault, path);
	if (keyfile_is(folder, signing_name) ||
	    keyfile_is(folder, WRAPPING_AT) ||
	    keyfile_is(folder, wrapping_name))
		return fault_say(fault, FAULT_OUTPUT_EXISTS, path);
	if (put_tag(folder, fault) < 0 ||
	    make_wrapping(folder, place, fault) < 0)
		return -1;
	return make_signing(folder, line, fault);
}

/* --- Opening ---------------------------------------------------------------- */

/* Who reads holds the folder together with others, who changes holds it
 * alone. */
static int open_folder(struct keys *keys, const char *path, int lock,
		       struct fault *fault)
{
	*keys = (struct keys){ .folder = open(path, O_RDONLY | O_DIRECTORY |
							    O_CLOEXEC) };
	if (keys->folder < 0) {
		fault_sys(fault, path);
		fault->code = FAULT_KEY;
		return -1;
	}
	if (flock(keys->folder, lock | LOCK_NB) < 0)
		return fault_say(fault, FAULT_KEY,
				 "the keys are in use by another command");
	return 0;
}

static int open_signing(struct keys *keys, struct fault *fault)
{
	uint8_t seed[KEY_BYTES];

	if (keyfile_read(keys->folder, signing_name, true, seed, sizeof seed,
			 fault) < 0)
		return -1;
	keys->signing = signing_key(seed);
	public_of(keys->signing, keys->public);
	OPENSSL_cleanse(seed, sizeof seed);
	return 0;
}

static int open_wrapping(struct keys *keys, struct fault *fault)
{
	int found =
		wrapping_place(keys->folder, WRAPPING_AT, keys->place, fault);

	if (found < 0)
		return -1;
	if (found == 0)
		snprintf(keys->place, sizeof keys->place, "%s", wrapping_name);
	found = wrapping_open(&keys->wrapping, keys->folder, keys->place, false,
			      fault);
	return found == 0 ? fault_say(fault, FAULT_KEY,
				      "the wrapping key is not there")
			  : found;
}

int keys_open(struct keys *keys, const char *path, struct fault *fault)
{
	if (open_folder(keys, path, LOCK_SH, fault) < 0)
		return -1;
	if (keyfile_is(keys->folder, WRAPPING_NEXT) ||
	    keyfile_is(keys->folder, WRAPPING_OLD))
		return fault_say(fault, FAULT_KEY,
				 "a rotation was broken off; finish it with "
				 "key rotate");
	if (open_signing(keys, fault) < 0)
		return -1;
	return open_wrapping(keys, fault) < 0 ? -1 : 0;
}

int keys_open_alone(struct keys *keys, const char *path, struct fault *fault)
{
	if (open_folder(keys, path, LOCK_EX, fault) < 0 ||
	    open_signing(keys, fault) < 0)
		return -1;
	return open_wrapping(keys, fault) < 0 ? -1 : 0;
}

void keys_close(struct keys *keys)
{
	wrapping_close(&keys->wrapping);
	own_close(&keys->folder);
	EVP_PKEY_free(keys->signing);
	keys->signing = NULL;
}

/* --- Keys of permits ---------------------------------------------------------- */

static const char linkage[] = "linkage:";

/* ':' of "linkage:NAME" has no place in a file's name. */
void keys_file(const char *name, char out[static KEY_FILE])
{
	size_t len = sizeof linkage - 1;

	if (strncmp(name, linkage, len) == 0)
		snprintf(out, KEY_FILE, "%.64s.linkage", name + len);
	else
		snprintf(out, KEY_FILE, "%.64s.permit", name);
}

bool keys_name(const char *file, char out[static KEY_FILE])
{
	const char *dot = strrchr(file, '.');

	if (!dot || dot == file || dot - file > 64)
		return false;
	bool linked = strcmp(dot, ".linkage") == 0;
	if (!linked && strcmp(dot, ".permit") != 0)
		return false;
	snprintf(out, KEY_FILE, "%s%.*s", linked ? linkage : "",
		 (int)(dot - file), file);
	return true;
}

static bool was_destroyed(const struct keys *keys, const char *name)
{
	char record[KEY_FILE];

	snprintf(record, sizeof record, "%.64s.destroyed", name);
	return keyfile_is(keys->folder, record);
}

int keys_make_permit(const struct keys *keys, const char *name,
		     struct fault *fault)
{
	uint8_t key[KEY_BYTES], wrapped[WRAPPED_BYTES];
	char file[KEY_FILE];

	keys_file(name, file);
	if (strchr(name, '/') || name[0] == '.')
		return fault_say(fault, FAULT_USAGE, "not a permit's id");
	if (was_destroyed(keys, name))
		return fault_say(fault, FAULT_KEY,
				 "this permit has ended; its key was "
				 "destroyed");
	random_bytes(key, sizeof key);
	int done = wrapping_seal(&keys->wrapping, name, key, wrapped, fault);
	OPENSSL_cleanse(key, sizeof key);
	return done < 0 ? -1
			: keyfile_write(keys->folder, file, true, wrapped,
					sizeof wrapped, fault);
}

int keys_permit(const struct keys *keys, const char *name,
		uint8_t out[static KEY_BYTES], struct fault *fault)
{
	uint8_t wrapped[WRAPPED_BYTES];
	char file[KEY_FILE];

	keys_file(name, file);
	if (keyfile_read(keys->folder, file, true, wrapped, sizeof wrapped,
			 fault) < 0)
		return -1;
	return wrapping_unseal(&keys->wrapping, name, wrapped, out, fault);
}

void keys_sign(const struct keys *keys, const void *bytes, size_t len,
	       uint8_t out[static SIGNATURE_BYTES])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t n = SIGNATURE_BYTES;

	if (!context ||
	    EVP_DigestSignInit(context, NULL, NULL, NULL, keys->signing) != 1 ||
	    EVP_DigestSign(context, out, &n, bytes, len) != 1 ||
	    n != SIGNATURE_BYTES)
		die("Ed25519 failed");
	EVP_MD_CTX_free(context);
}

int keys_read_public(const char *path, uint8_t out[static KEY_BYTES],
		     struct fault *fault)
{
	return keyfile_read(AT_FDCWD, path, false, out, KEY_BYTES, fault);
}

bool keys_verify(const uint8_t public[static KEY_BYTES], const void *bytes,
		 size_t len, const uint8_t signature[static SIGNATURE_BYTES])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
						    public, KEY_BYTES);
	bool good = context && key &&
		    EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
		    EVP_DigestVerify(context, signature, SIGNATURE_BYTES, bytes,
				     len) == 1;

	EVP_PKEY_free(key);
	EVP_MD_CTX_free(context);
	return good;
}

void keys_id(const uint8_t public[static KEY_BYTES], char out[static KEY_ID])
{
	uint8_t hash[HASH_BYTES];

	hash_of(public, KEY_BYTES, hash);
	hex_text(hash, (KEY_ID - 1) / 2, out);
}

void keys_permit_id(const uint8_t key[static KEY_BYTES],
		    char out[static KEY_ID])
{
	struct prf prf;
	uint8_t mac[32];

	prf_init(&prf, key, "vsaeg.key-id.v1|", "");
	prf_value(&prf, "", 0, mac);
	prf_clear(&prf);
	hex_text(mac, (KEY_ID - 1) / 2, out);
}
