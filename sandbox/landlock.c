#include "sandbox/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "gateway/base/own.h"

/* Numbers of the kernel's interface (linux/landlock.h); the header that we
 * build with may be older than the kernel that we run on. */
#define FS_EXECUTE     (UINT64_C(1) << 0)
#define FS_WRITE_FILE  (UINT64_C(1) << 1)
#define FS_READ_FILE   (UINT64_C(1) << 2)
#define FS_READ_DIR    (UINT64_C(1) << 3)
#define FS_REMOVE_DIR  (UINT64_C(1) << 4)
#define FS_REMOVE_FILE (UINT64_C(1) << 5)
#define FS_MAKE_CHAR   (UINT64_C(1) << 6)
#define FS_MAKE_DIR    (UINT64_C(1) << 7)
#define FS_MAKE_REG    (UINT64_C(1) << 8)
#define FS_MAKE_SOCK   (UINT64_C(1) << 9)
#define FS_MAKE_FIFO   (UINT64_C(1) << 10)
#define FS_MAKE_BLOCK  (UINT64_C(1) << 11)
#define FS_MAKE_SYM    (UINT64_C(1) << 12)
#define FS_REFER       (UINT64_C(1) << 13)
#define FS_TRUNCATE    (UINT64_C(1) << 14)
#define FS_IOCTL_DEV   (UINT64_C(1) << 15)
#define NET_ALL	       (UINT64_C(3)) /* bind and connect TCP */
#define SCOPE_ALL      (UINT64_C(3)) /* abstract sockets, signals */

enum { VERSION_FLAG = 1, RULE_PATH_BENEATH = 1 };

#define LIST  FS_READ_DIR
#define READ  (FS_READ_FILE | FS_READ_DIR)
#define RUN   FS_EXECUTE
#define WRITE (FS_WRITE_FILE | FS_TRUNCATE)
#define CHANGE                                                                 \
	(FS_MAKE_REG | FS_MAKE_DIR | FS_MAKE_SYM | FS_REMOVE_FILE |            \
	 FS_REMOVE_DIR | FS_REFER)
#define MEET   (FS_MAKE_SOCK | FS_MAKE_FIFO)
#define DEVICE FS_IOCTL_DEV

struct ruleset {
	uint64_t fs, net, scoped;
};

struct beneath_rule {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

static const struct {
	const char *path;
	uint64_t rights;
} places[] = {
#define PLACE(path, rights) { path, rights },
#include "sandbox/landlock.def"
#undef PLACE
};

static int kernel_abi(struct err *err)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION_FLAG);

	if (abi < 0)
		return err_sys(err, "the kernel has no Landlock");
	if (abi < LANDLOCK_FLOOR)
		return err_set(err, "Landlock ABI %ld is below %d", abi,
			       LANDLOCK_FLOOR);
	return (int)abi;
}

/* What may be handled, by ABI; the kernel refuses what it does not know. */
static struct ruleset handled(int abi, size_t *size)
{
	struct ruleset rules = { .fs = (FS_REFER << 1) - 1 };

	if (abi >= 3)
		rules.fs |= FS_TRUNCATE;
	if (abi >= 4)
		rules.net = NET_ALL;
	if (abi >= 5)
		rules.fs |= FS_IOCTL_DEV;
	if (abi >= 6)
		rules.scoped = SCOPE_ALL;
	*size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
	return rules;
}

static int add_place(int ruleset, const char *path, uint64_t rights,
		     struct err *err)
{
	AUTO_FD int place = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct beneath_rule rule = { .allowed = rights, .parent = place };

	if (place < 0 && errno == ENOENT)
		return 0;
	if (place < 0)
		return err_sys(err, "open %s", path);
	if (syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule,
		    0) < 0)
		return err_sys(err, "allow %s", path);
	return 0;
}

int landlock_enter(struct err *err)
{
	int abi = kernel_abi(err);
	size_t size = 0;

	if (abi < 0)
		return -1;

	struct ruleset rules = handled(abi, &size);
	AUTO_FD int ruleset =
		(int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);

	if (ruleset < 0)
		return err_sys(err, "make a Landlock ruleset");
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (add_place(ruleset, places[i].path,
			      places[i].rights & rules.fs, err) < 0)
			return -1;
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		return err_sys(err, "enter the Landlock domain");
	return 0;
}
