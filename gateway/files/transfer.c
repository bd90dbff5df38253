#include "gateway/files/transfer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int transfer_init(struct transfer *t, const EVP_MD *sha256, struct err *err)
{
	memset(t, 0, sizeof *t);
	t->ordered = true;
	t->hash = EVP_MD_CTX_new();
	if (!t->hash || EVP_DigestInit_ex2(t->hash, sha256, NULL) != 1)
		return err_set(err, "transfer: hashing failed");
	return 0;
}

void transfer_clear(struct transfer *t)
{
	EVP_MD_CTX_free(t->hash);
	t->hash = NULL;
}

int transfer_add(struct transfer *t, uint64_t offset, const void *bytes,
		 size_t len, struct err *err)
{
	t->bytes += len;
	if (offset != t->next)
		t->ordered = false;
	if (!t->ordered)
		return 0;
	t->next += len;
	if (EVP_DigestUpdate(t->hash, bytes, len) != 1)
		return err_set(err, "transfer: hashing failed");
	return 0;
}

static int hash_file(struct transfer *t, const EVP_MD *sha256, int fd,
		     struct err *err)
{
	static uint8_t part[64 * 1024];
	off_t at = 0;

	if (EVP_DigestInit_ex2(t->hash, sha256, NULL) != 1)
		return err_set(err, "transfer: hashing failed");
	for (;;) {
		ssize_t n = pread(fd, part, sizeof part, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "read a transferred file");
		if (n == 0)
			return 0;
		if (EVP_DigestUpdate(t->hash, part, (size_t)n) != 1)
			return err_set(err, "transfer: hashing failed");
		at += n;
	}
}

int transfer_end(struct transfer *t, const EVP_MD *sha256, int fd, char hex[65],
		 bool *whole, struct err *err)
{
	uint8_t hash[32];
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(err, "look at a transferred file");
	*whole = t->ordered && t->next == (uint64_t)st.st_size;
	if (!*whole && hash_file(t, sha256, fd, err) < 0)
		return -1;
	if (EVP_DigestFinal_ex(t->hash, hash, NULL) != 1)
		return err_set(err, "transfer: hashing failed");
	for (size_t i = 0; i < sizeof hash; i++)
		snprintf(hex + 2 * i, 3, "%02x", hash[i]);
	return 0;
}
