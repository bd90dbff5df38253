#include "policy/airlock/store/copy.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/err.h"

enum {
	PIECE = 1 << 18,
	/* What was written goes to the disk in parts, so that the last sync
	 * does not have to wait for all of a large file. */
	UNSYNCED = 1 << 23
};

void copy_warm_up(void)
{
	uint8_t hash[NAMES_HASH];

	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	if (EVP_Digest("", 0, hash, NULL, EVP_sha256(), NULL) != 1)
		die("OpenSSL offers no SHA-256");
}

int copy_begin(struct copy *copy, int from, int to)
{
	memset(copy, 0, sizeof *copy);
	copy->from = from;
	copy->to = to;
	copy->digest = EVP_MD_CTX_new();
	if (!copy->digest ||
	    EVP_DigestInit_ex(copy->digest, EVP_sha256(), NULL) != 1)
		die("SHA-256 failed");
	return fstat(from, &copy->before) == 0 && S_ISREG(copy->before.st_mode)
		       ? 0
		       : -1;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool copy_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_nlink == b->st_nlink && a->st_size == b->st_size &&
	       same_time(&a->st_mtim, &b->st_mtim) &&
	       same_time(&a->st_ctim, &b->st_ctim);
}

static bool write_all(int fd, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

/* All bytes are there: is it still the file that it was? */
static enum copy_state finish(struct copy *copy)
{
	struct stat after;

	if (fstat(copy->from, &after) < 0)
		return COPY_FAILED;
	if (!copy_same(&copy->before, &after))
		return COPY_CHANGED;
	if (EVP_DigestFinal_ex(copy->digest, copy->hash, NULL) != 1)
		die("SHA-256 failed");
	return COPY_WHOLE;
}

static enum copy_state piece(struct copy *copy)
{
	static uint8_t buffer[PIECE];
	uint64_t size = (uint64_t)copy->before.st_size;
	ssize_t n;

	do
		n = pread(copy->from, buffer, sizeof buffer, (off_t)copy->at);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return COPY_FAILED;
	if (n == 0)
		return copy->at == size ? finish(copy) : COPY_CHANGED;
	if ((uint64_t)n > size - copy->at)
		return COPY_CHANGED;
	if (EVP_DigestUpdate(copy->digest, buffer, (size_t)n) != 1)
		die("SHA-256 failed");
	if (copy->to >= 0 && !write_all(copy->to, buffer, (size_t)n))
		return COPY_NO_ROOM;
	copy->at += (uint64_t)n;
	return COPY_MORE;
}

enum copy_state copy_step(struct copy *copy)
{
	enum copy_state state = COPY_MORE;

	for (int i = 0; i < COPY_STEP / PIECE && state == COPY_MORE; i++)
		state = piece(copy);
	if (state == COPY_MORE && copy->to >= 0 &&
	    copy->at - copy->synced >= UNSYNCED) {
		if (fdatasync(copy->to) < 0)
			return COPY_NO_ROOM;
		copy->synced = copy->at;
	}
	return state;
}

void copy_clear(struct copy *copy)
{
	EVP_MD_CTX_free(copy->digest);
	copy->digest = NULL;
}
