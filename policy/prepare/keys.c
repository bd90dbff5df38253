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
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/base64.h"
#include "gateway/base/err.h"
#include "gateway/base/own.h"
#include "policy/prepare/disk.h"

enum { NONCE = 12, TAG = 16, WRAPPED = NONCE + KEY_BYTES + TAG };

static const char signing_name[] = "signing.key";
static const char wrapping_name[] = "wrapping.key";
static const char public_name[] = "signing.pub";

static void random_bytes(uint8_t *out, size_t len)
{
	if (getrandom(out, len, 0) != (ssize_t)len)
		die("no random bytes");
}

/* A new file with one line; never over an old one. */
static int write_line(int folder, const char *name, mode_t mode,
		      const uint8_t *bytes, size_t len, struct fault *fault)
{
	char line[KEY_LINE + 1];
	size_t n = base64_encode(line, sizeof line, bytes, len);
	AUTO_FD int fd = openat(folder, name,
				O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	line[n++] = '\n';
	int done = fd < 0 ? fault_sys(fault, name)
			  : disk_write(fd, line, n, name, fault);
	if (done == 0 && (fsync(fd) < 0 || fsync(folder) < 0))
		done = fault_sys(fault, name);
	if (fd >= 0 && done < 0)
		unlinkat(folder, name, 0);
	if (fd < 0 && errno == EEXIST)
		fault_say(fault, FAULT_OUTPUT_EXISTS, name);
	OPENSSL_cleanse(line, sizeof line);
	return done;
}

/* One line of base64 that stands for exactly len bytes. */
static int read_line(int folder, const char *name, bool secret, uint8_t *out,
		     size_t len, struct fault *fault)
{
	AUTO_FD int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	char line[KEY_LINE + 2];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		fault_sys(fault, name);
		fault->code = FAULT_KEY;
		return -1;
	}
	if (secret && (st.st_mode & 077))
		return fault_say(fault, FAULT_KEY,
				 "others may read this file; chmod 600");
	ssize_t n = read(fd, line, sizeof line);
	if (n > 0 && line[n - 1] == '\n')
		n--;
	bool good = n > 0 &&
		    base64_decode(out, len, line, (size_t)n) == (ssize_t)len;
	OPENSSL_cleanse(line, sizeof line);
	return good ? 0 : fault_say(fault, FAULT_KEY, name);
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

int keys_make(const char *path, char line[static KEY_LINE], struct fault *fault)
{
	uint8_t seed[KEY_BYTES], wrapping[KEY_BYTES], public[KEY_BYTES];

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return fault_sys(fault, path);
	AUTO_FD int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return fault_sys(fault, path);
	random_bytes(seed, sizeof seed);
	random_bytes(wrapping, sizeof wrapping);
	EVP_PKEY *key = signing_key(seed);
	public_of(key, public);
	EVP_PKEY_free(key);
	int done = write_line(folder, signing_name, 0600, seed, sizeof seed,
			      fault) < 0 ||
				   write_line(folder, wrapping_name, 0600,
					      wrapping, sizeof wrapping,
					      fault) < 0 ||
				   write_line(folder, public_name, 0644, public,
					      sizeof public, fault) < 0
			   ? -1
			   : 0;
	OPENSSL_cleanse(seed, sizeof seed);
	OPENSSL_cleanse(wrapping, sizeof wrapping);
	base64_encode(line, KEY_LINE, public, sizeof public);
	return done;
}

int keys_open(struct keys *keys, const char *path, struct fault *fault)
{
	uint8_t seed[KEY_BYTES];

	*keys = (struct keys){ .folder = open(path, O_RDONLY | O_DIRECTORY |
							    O_CLOEXEC) };
	if (keys->folder < 0) {
		fault_sys(fault, path);
		fault->code = FAULT_KEY;
		return -1;
	}
	if (read_line(keys->folder, signing_name, true, seed, sizeof seed,
		      fault) < 0 ||
	    read_line(keys->folder, wrapping_name, true, keys->wrapping,
		      sizeof keys->wrapping, fault) < 0)
		return -1;
	keys->signing = signing_key(seed);
	public_of(keys->signing, keys->public);
	OPENSSL_cleanse(seed, sizeof seed);
	return 0;
}

void keys_close(struct keys *keys)
{
	if (keys->folder >= 0)
		close(keys->folder);
	keys->folder = -1;
	EVP_PKEY_free(keys->signing);
	keys->signing = NULL;
	OPENSSL_cleanse(keys->wrapping, sizeof keys->wrapping);
}

/* One pass of AES-256-GCM over 32 bytes, bound to name. False: not what was
 * wrapped here under this name. */
static bool gcm(const struct keys *keys, const char *name, bool encrypt,
		const uint8_t *nonce, const uint8_t *in, uint8_t *out,
		uint8_t *tag)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int n = 0, last = 0;

	if (!context ||
	    EVP_CipherInit_ex(context, EVP_aes_256_gcm(), NULL, keys->wrapping,
			      nonce, encrypt) != 1 ||
	    EVP_CipherUpdate(context, NULL, &n, (const uint8_t *)name,
			     (int)strlen(name)) != 1 ||
	    EVP_CipherUpdate(context, out, &n, in, KEY_BYTES) != 1)
		die("AES-256-GCM is not available");
	if (!encrypt)
		EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG, tag);
	bool good = EVP_CipherFinal_ex(context, out + n, &last) == 1;
	if (good && encrypt)
		EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG, tag);
	EVP_CIPHER_CTX_free(context);
	return good;
}

/* ':' of "linkage:NAME" has no place in a file's name. */
static void file_of(const char *name, char out[static 160])
{
	const char *colon = strchr(name, ':');

	if (colon)
		snprintf(out, 160, "%.64s.linkage", colon + 1);
	else
		snprintf(out, 160, "%.64s.permit", name);
}

int keys_make_permit(const struct keys *keys, const char *name,
		     struct fault *fault)
{
	uint8_t key[KEY_BYTES], wrapped[WRAPPED];
	char file[160];

	file_of(name, file);
	random_bytes(key, sizeof key);
	random_bytes(wrapped, NONCE);
	if (!gcm(keys, name, true, wrapped, key, wrapped + NONCE,
		 wrapped + NONCE + KEY_BYTES))
		die("AES-256-GCM failed");
	OPENSSL_cleanse(key, sizeof key);
	return write_line(keys->folder, file, 0600, wrapped, sizeof wrapped,
			  fault);
}

int keys_permit(const struct keys *keys, const char *name,
		uint8_t out[static KEY_BYTES], struct fault *fault)
{
	uint8_t wrapped[WRAPPED];
	char file[160];

	file_of(name, file);
	if (read_line(keys->folder, file, true, wrapped, sizeof wrapped,
		      fault) < 0)
		return -1;
	if (gcm(keys, name, false, wrapped, wrapped + NONCE, out,
		wrapped + NONCE + KEY_BYTES))
		return 0;
	OPENSSL_cleanse(out, KEY_BYTES);
	return fault_say(fault, FAULT_KEY, file);
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
	return read_line(AT_FDCWD, path, false, out, KEY_BYTES, fault);
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
