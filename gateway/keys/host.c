/*
 * host - make, load and use the host key.
 *
 * Runs in sekisho-keys; the files are touched before it is confined, so that
 * afterwards it can open nothing.
 */
#include "gateway/keys/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/own.h"

enum { SEED_LEN = 32 };

static const char name[] = "host_ed25519";
static const char name_new[] = "host_ed25519.new";
static const char name_pub[] = "host_ed25519.pub";

/* Write a whole new file and make it durable under its name. 0 or -1. */
static int write_file(int folder, const char *to, const void *bytes, size_t len,
		      mode_t mode, struct err *err)
{
	if (unlinkat(folder, name_new, 0) < 0 && errno != ENOENT)
		return err_sys(err, "remove %s", name_new);
	AUTO_FD int fd = openat(
		folder, name_new,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return err_sys(err, "create %s", name_new);
	if (fchmod(fd, mode) < 0 || write(fd, bytes, len) != (ssize_t)len ||
	    fsync(fd) < 0)
		return err_sys(err, "write %s", name_new);
	/* The folder may have come as O_PATH, which cannot be synced. */
	AUTO_FD int dir =
		openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (renameat(folder, name_new, folder, to) < 0 || fsync(dir) < 0)
		return err_sys(err, "rename %s to %s", name_new, to);
	return 0;
}

/* 1: read; 0: there is none; -1. */
static int read_seed(int folder, uint8_t seed[SEED_LEN], struct err *err)
{
	uint8_t more[SEED_LEN + 1];
	struct stat st;
	AUTO_FD int fd =
		openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(err, "open %s", name);
	if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0)
		return err_set(err, "%s: must be a file of mode 0600, is %o",
			       name, st.st_mode & 07777);
	ssize_t n = read(fd, more, sizeof more);
	if (n == SEED_LEN)
		memcpy(seed, more, SEED_LEN);
	explicit_bzero(more, sizeof more);
	if (n != SEED_LEN)
		return err_set(err,
			       "%s: must be 32 bytes; restore it from "
			       "the backup",
			       name);
	return 1;
}

/* The key's line in a known_hosts file, without the host's name. */
static int write_public(const struct host *host, int folder, struct err *err)
{
	uint8_t blob[4 + 11 + 4 + HOST_PUBLIC_LEN] = "\0\0\0\013ssh-ed25519";
	char base64[4 * sizeof blob / 3 + 8], line[256];

	memcpy(blob + 15, "\0\0\0\040", 4);
	memcpy(blob + 19, host->public, HOST_PUBLIC_LEN);
	EVP_EncodeBlock((unsigned char *)base64, blob, sizeof blob);
	int len =
		snprintf(line, sizeof line, "ssh-ed25519 %s sekisho\n", base64);
	return write_file(folder, name_pub, line, (size_t)len, 0644, err);
}

static int make_seed(int folder, uint8_t seed[SEED_LEN], struct err *err)
{
	size_t len = SEED_LEN;
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	int made = key && EVP_PKEY_get_raw_private_key(key, seed, &len) == 1;

	EVP_PKEY_free(key);
	if (!made)
		return err_set(err, "OpenSSL makes no Ed25519 key");
	return write_file(folder, name, seed, SEED_LEN, 0600, err);
}

int host_load(struct host *host, int folder, struct err *err)
{
	uint8_t seed[SEED_LEN];
	size_t len = HOST_PUBLIC_LEN;
	int found = read_seed(folder, seed, err);

	if (found < 0 || (found == 0 && make_seed(folder, seed, err) < 0))
		return -1;
	host->key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed,
						 sizeof seed);
	explicit_bzero(seed, sizeof seed);
	if (!host->key ||
	    EVP_PKEY_get_raw_public_key(host->key, host->public, &len) != 1)
		return err_set(err, "%s: OpenSSL does not take it", name);
	return write_public(host, folder, err);
}

int host_sign(const struct host *host, const uint8_t hash[HOST_HASH_LEN],
	      uint8_t signature[HOST_SIGNATURE_LEN], struct err *err)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = HOST_SIGNATURE_LEN;
	int done = ctx &&
		   EVP_DigestSignInit(ctx, NULL, NULL, NULL, host->key) == 1 &&
		   EVP_DigestSign(ctx, signature, &len, hash, HOST_HASH_LEN) ==
			   1 &&
		   len == HOST_SIGNATURE_LEN;

	EVP_MD_CTX_free(ctx);
	return done ? 0 : err_set(err, "OpenSSL does not sign");
}

void host_clear(struct host *host)
{
	EVP_PKEY_free(host->key);
	host->key = NULL;
}
