#include "policy/prepare/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/err.h"
#include "gateway/base/own.h"
#include "policy/prepare/need.h"

enum { PIECE = 256 * 1024 };

static volatile sig_atomic_t stopped;

static void stop(int number)
{
	stopped = number;
}

void disk_catch_signals(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = stop };

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		sigaction(numbers[i], &action, NULL);
	action.sa_handler = SIG_IGN; /* a write says EFBIG instead */
	sigaction(SIGXFSZ, &action, NULL);
}

int disk_go_on(struct fault *fault)
{
	return stopped ? fault_set(fault, FAULT_INTERRUPTED) : 0;
}

int disk_write(int fd, const void *bytes, size_t len, const char *what,
	       struct fault *fault)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR) {
			if (disk_go_on(fault) < 0)
				return -1;
			continue;
		}
		if (n < 0)
			return fault_sys(fault, what);
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

uint8_t *disk_read(int folder, const char *path, size_t most, size_t *len,
		   struct fault *fault)
{
	AUTO_FD int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	AUTO_FREE uint8_t *bytes = need(most + 2, 1);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		fault_sys(fault, path);
		return NULL;
	}
	if (!S_ISREG(st.st_mode)) {
		fault_say(fault, FAULT_IO, path);
		return NULL;
	}
	*len = 0;
	for (;;) {
		ssize_t n = read(fd, bytes + *len, most + 1 - *len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fault_sys(fault, path);
			return NULL;
		}
		if (n == 0)
			break;
		*len += (size_t)n;
		if (*len > most) {
			errno = EFBIG;
			fault_sys(fault, path);
			return NULL;
		}
	}
	bytes[*len] = '\0';
	uint8_t *taken = bytes;
	bytes = NULL;
	return taken;
}

void hex_text(const uint8_t *bytes, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
}

void hash_of(const void *bytes, size_t len, uint8_t out[static HASH_BYTES])
{
	if (EVP_Digest(bytes, len, out, NULL, EVP_sha256(), NULL) != 1)
		die("SHA-256 is not available");
}

int disk_hash(int fd, const char *what, char out[static HASH_HEX],
	      uint64_t *bytes, struct fault *fault)
{
	AUTO_FREE uint8_t *piece = need(PIECE, 1);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t hash[HASH_BYTES];
	ssize_t n;

	if (!context || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
		die("SHA-256 is not available");
	*bytes = 0;
	do {
		n = pread(fd, piece, PIECE, (off_t)*bytes);
		if (n > 0)
			EVP_DigestUpdate(context, piece, (size_t)n);
		*bytes += n > 0 ? (uint64_t)n : 0;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (EVP_DigestFinal_ex(context, hash, NULL) != 1)
		die("SHA-256 failed");
	EVP_MD_CTX_free(context);
	if (n < 0)
		return fault_sys(fault, what);
	hex_text(hash, sizeof hash, out);
	return 0;
}
