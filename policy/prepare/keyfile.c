/*
 * keyfile - what a secret is kept in.
 *
 * Runs in sekisho-prepare as the custodian. Overwriting reaches the blocks
 * that a file lies in; it cannot reach copies that a file system with
 * snapshots or a flash disk made on its own, which is why a key that is
 * destroyed also loses the key it was wrapped under (rotation.h).
 */
#include "policy/prepare/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/base64.h"
#include "gateway/base/err.h"
#include "gateway/base/own.h"
#include "policy/prepare/disk.h"

bool keyfile_is(int folder, const char *name)
{
	struct stat st;

	return fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Bytes to a name beside, durably; then they get their own at once, so that
 * there is all of them or nothing. */
static int put_part(int folder, const char *part, mode_t mode,
		    const char *bytes, size_t len, struct fault *fault)
{
	unlinkat(folder, part, 0);
	AUTO_FD int fd = openat(folder, part,
				O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	if (fd < 0)
		return fault_sys(fault, part);
	if (disk_write(fd, bytes, len, part, fault) < 0)
		return -1;
	return fsync(fd) < 0 ? fault_sys(fault, part) : 0;
}

int keyfile_put(int folder, const char *name, bool secret, bool over,
		const struct keyfile_text *text, struct fault *fault)
{
	char part[KEYFILE_PATH + 8];

	if (strlen(name) >= KEYFILE_PATH)
		return fault_say(fault, FAULT_USAGE, "a path is too long");
	snprintf(part, sizeof part, "%s.part", name);
	int done = put_part(folder, part, secret ? 0600 : 0644, text->bytes,
			    text->len, fault);
	if (done == 0 && renameat2(folder, part, folder, name,
				   over ? 0 : RENAME_NOREPLACE) < 0)
		done = errno == EEXIST
			       ? fault_say(fault, FAULT_OUTPUT_EXISTS, name)
			       : fault_sys(fault, name);
	if (done < 0)
		unlinkat(folder, part, 0);
	if (done == 0 && folder != AT_FDCWD && fsync(folder) < 0)
		done = fault_sys(fault, name);
	return done;
}

int keyfile_write(int folder, const char *name, bool secret,
		  const uint8_t *bytes, size_t len, struct fault *fault)
{
	char line[KEYFILE_LINE + 1];
	size_t n = base64_encode(line, sizeof line - 1, bytes, len);

	line[n++] = '\n';
	const struct keyfile_text text = { line, n };
	int done = keyfile_put(folder, name, secret, false, &text, fault);
	OPENSSL_cleanse(line, sizeof line);
	return done;
}

int keyfile_read(int folder, const char *name, bool secret, uint8_t *out,
		 size_t len, struct fault *fault)
{
	AUTO_FD int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	char line[KEYFILE_LINE + 2];
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

/* Chance in the place of every byte, on the disk before this returns. */
static int overwrite(int fd, const char *name, struct fault *fault)
{
	uint8_t chance[256];
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fault_sys(fault, name);
	for (off_t at = 0; at < st.st_size; at += (off_t)sizeof chance) {
		size_t len = sizeof chance;

		if (st.st_size - at < (off_t)len)
			len = (size_t)(st.st_size - at);
		if (getrandom(chance, len, 0) != (ssize_t)len)
			die("no random bytes");
		if (pwrite(fd, chance, len, at) != (ssize_t)len)
			return fault_sys(fault, name);
	}
	return fsync(fd) < 0 ? fault_sys(fault, name) : 0;
}

/* The file, to be overwritten; alone, or somebody keeps what goes. */
static int open_old(int folder, const char *name, struct fault *fault)
{
	AUTO_FD int fd = openat(folder, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fault_sys(fault, name);
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1) {
		fault_say(fault, FAULT_KEY,
			  "a key's file has a second name, or is none");
		return -1;
	}
	return take_fd(&fd);
}

int keyfile_replace(int folder, const char *name, const uint8_t *bytes,
		    size_t len, struct fault *fault)
{
	char fresh[300];
	AUTO_FD int old = open_old(folder, name, fault);

	if (old < 0)
		return -1;
	snprintf(fresh, sizeof fresh, "%.200s.new", name);
	unlinkat(folder, fresh, 0);
	if (keyfile_write(folder, fresh, true, bytes, len, fault) < 0)
		return -1;
	if (renameat2(folder, fresh, folder, name, 0) < 0 || fsync(folder) < 0)
		return fault_sys(fault, name);
	return overwrite(old, name, fault);
}

int keyfile_wipe(int folder, const char *name, struct fault *fault)
{
	AUTO_FD int fd = open_old(folder, name, fault);

	if (fd < 0 || overwrite(fd, name, fault) < 0)
		return -1;
	if (unlinkat(folder, name, 0) < 0 || fsync(folder) < 0)
		return fault_sys(fault, name);
	return 0;
}
