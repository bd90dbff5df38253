#include "audit/vault/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_at(int file, const uint8_t *bytes, size_t len, uint64_t at)
{
	while (len > 0) {
		ssize_t n = pwrite(file, bytes, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		bytes += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

int sealed_wipe(const struct sealed *sealed, uint64_t at, size_t len,
		struct err *err)
{
	static const uint8_t zeros[4096];

	while (len > 0) {
		size_t part = len < sizeof zeros ? len : sizeof zeros;

		if (write_at(sealed->file, zeros, part, at) < 0)
			return err_sys(err, "overwrite an opening");
		at += part;
		len -= part;
	}
	return 0;
}

int sealed_sync(const struct sealed *sealed, struct err *err)
{
	if (fdatasync(sealed->file) < 0)
		return err_sys(err, "sync the openings");
	return 0;
}

/* Freed blocks of a disk keep what stood in them: overwritten first. */
int sealed_cut(struct sealed *sealed, uint64_t end, struct err *err)
{
	struct stat is;

	if (fstat(sealed->file, &is) < 0)
		return err_sys(err, "look at the openings");
	sealed->end = end;
	if ((uint64_t)is.st_size <= end)
		return 0;
	if (sealed_wipe(sealed, end, (size_t)is.st_size - end, err) < 0 ||
	    sealed_sync(sealed, err) < 0)
		return -1;
	if (ftruncate(sealed->file, (off_t)end) < 0)
		return err_sys(err, "cut the openings");
	return 0;
}

int sealed_open(struct sealed *sealed, const char *path, uint64_t end,
		struct err *err)
{
	sealed->file =
		open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (sealed->file < 0)
		return err_sys(err, "open the openings");
	return sealed_cut(sealed, end, err);
}

int sealed_append(struct sealed *sealed, const uint8_t *bytes, size_t len,
		  struct err *err)
{
	if (write_at(sealed->file, bytes, len, sealed->end) < 0) {
		if (errno != ENOSPC && errno != EDQUOT)
			return err_sys(err, "write openings");
		return sealed_cut(sealed, sealed->end, err);
	}
	if (sealed_sync(sealed, err) < 0)
		return -1;
	sealed->end += len;
	return 1;
}

int sealed_read(const struct sealed *sealed, uint64_t at, uint8_t *out,
		size_t len, struct err *err)
{
	if (pread(sealed->file, out, len, (off_t)at) != (ssize_t)len)
		return err_set(err, "an opening is not where it was put");
	return 0;
}
