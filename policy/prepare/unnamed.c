/*
 * unnamed - the few calls of a file system that SQLite needs here.
 *
 * Runs in sekisho-prepare, in one thread.
 */
#include "policy/prepare/unnamed.h"

#include <errno.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "policy/prepare/bundle.h"

struct unnamed_file {
	sqlite3_file base;
	int fd;
	int owned; /* close it */
};

/* SQLite passes one pointer for all files; there is one database at a time. */
static struct {
	const struct bundle *bundle;
	int fd, failed;
} now = { .fd = -1 };

int unnamed_errno(void)
{
	return now.failed;
}

static struct unnamed_file *file_of(sqlite3_file *file)
{
	return (struct unnamed_file *)file;
}

static int do_close(sqlite3_file *file)
{
	if (file_of(file)->owned)
		close(file_of(file)->fd);
	return SQLITE_OK;
}

static int do_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at)
{
	ssize_t n = pread(file_of(file)->fd, out, (size_t)len, at);

	if (n < 0)
		return SQLITE_IOERR_READ;
	if (n == len)
		return SQLITE_OK;
	memset((char *)out + n, 0, (size_t)(len - n));
	return SQLITE_IOERR_SHORT_READ;
}

static int do_write(sqlite3_file *file, const void *in, int len,
		    sqlite3_int64 at)
{
	const char *from = in;

	while (len > 0) {
		ssize_t n = pwrite(file_of(file)->fd, from, (size_t)len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			now.failed = errno;
			return errno == ENOSPC || errno == EDQUOT
				       ? SQLITE_FULL
				       : SQLITE_IOERR_WRITE;
		}
		from += n;
		at += n;
		len -= (int)n;
	}
	return SQLITE_OK;
}

static int do_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	return ftruncate(file_of(file)->fd, size) < 0 ? SQLITE_IOERR_TRUNCATE
						      : SQLITE_OK;
}

static int do_size(sqlite3_file *file, sqlite3_int64 *size)
{
	struct stat st;

	if (fstat(file_of(file)->fd, &st) < 0)
		return SQLITE_IOERR_FSTAT;
	*size = st.st_size;
	return SQLITE_OK;
}

static int do_nothing(sqlite3_file *file, int flags)
{
	(void)file;
	(void)flags;
	return SQLITE_OK;
}

static int is_reserved(sqlite3_file *file, int *out)
{
	(void)file;
	*out = 0;
	return SQLITE_OK;
}

static int do_control(sqlite3_file *file, int what, void *argument)
{
	(void)file;
	(void)what;
	(void)argument;
	return SQLITE_NOTFOUND;
}

static int traits(sqlite3_file *file)
{
	(void)file;
	return 0;
}

static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = do_close,
	.xRead = do_read,
	.xWrite = do_write,
	.xTruncate = do_truncate,
	.xSync = do_nothing, /* bundle_finish syncs */
	.xFileSize = do_size,
	.xLock = do_nothing,
	.xUnlock = do_nothing,
	.xCheckReservedLock = is_reserved,
	.xFileControl = do_control,
	.xDeviceCharacteristics = traits,
};

static int do_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file,
		   int flags, int *out_flags)
{
	struct unnamed_file *one = file_of(file);
	struct fault fault;

	(void)vfs;
	(void)name;
	one->base.pMethods = NULL;
	one->owned = !(flags & SQLITE_OPEN_MAIN_DB);
	one->fd = one->owned ? bundle_scratch(now.bundle, &fault) : now.fd;
	if (one->fd < 0)
		return SQLITE_CANTOPEN;
	one->base.pMethods = &methods;
	if (out_flags)
		*out_flags = flags;
	return SQLITE_OK;
}

static int do_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	(void)vfs;
	(void)name;
	(void)sync;
	return SQLITE_OK;
}

static int do_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	(void)vfs;
	(void)name;
	(void)flags;
	*out = 0;
	return SQLITE_OK;
}

static int full_name(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
	(void)vfs;
	sqlite3_snprintf(size, out, "%s", name);
	return SQLITE_OK;
}

/* Nothing random and no time is wanted in a file that must come out equal. */
static int no_random(sqlite3_vfs *vfs, int len, char *out)
{
	(void)vfs;
	memset(out, 0, (size_t)len);
	return len;
}

static int no_sleep(sqlite3_vfs *vfs, int microseconds)
{
	(void)vfs;
	(void)microseconds;
	return 0;
}

static int no_time(sqlite3_vfs *vfs, sqlite3_int64 *out)
{
	(void)vfs;
	*out = 0;
	return SQLITE_OK;
}

int unnamed_open(const struct bundle *bundle, int fd, struct sqlite3 **db)
{
	static sqlite3_vfs vfs = {
		.iVersion = 2,
		.szOsFile = sizeof(struct unnamed_file),
		.mxPathname = 64,
		.zName = "unnamed",
		.xOpen = do_open,
		.xDelete = do_delete,
		.xAccess = do_access,
		.xFullPathname = full_name,
		.xRandomness = no_random,
		.xSleep = no_sleep,
		.xCurrentTimeInt64 = no_time,
	};
	int code;

	/* one thread uses SQLite here, and nobody asks how much memory it has;
	 * refused, if it has begun already: then it is only slower */
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	now.bundle = bundle;
	now.fd = fd;
	now.failed = 0;
	code = sqlite3_vfs_register(&vfs, 0);
	if (code == SQLITE_OK)
		code = sqlite3_open_v2("dataset", db,
				       SQLITE_OPEN_READWRITE |
					       SQLITE_OPEN_CREATE |
					       SQLITE_OPEN_NOMUTEX,
				       "unnamed");
	return code;
}
