/* links: gateway/supervisor gateway/base */
/*
 * Leases: no uid twice, not after a restart, not one that the host uses.
 */
#include "gateway/supervisor/lease.h"

#include <fcntl.h>
#include <unistd.h>

#include "tests/unit/tap.h"

enum { BASE = 0x70000000 };

static int folder(void)
{
	int fd = open(tap_folder(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	CHECK(fd >= 0);
	return fd;
}

TEST(pairs, "each lease is a fresh pair of uids above the services")
{
	struct leases leases;
	struct err err;
	uint32_t last = BASE + 999;

	CHECK(lease_open(&leases, folder(), BASE, &err) == 0);
	for (int i = 0; i < 1000; i++) {
		uint32_t uid = lease_take(&leases, &err);

		CHECK(uid > last + (i ? 1 : 0));
		last = uid;
	}
}

TEST(restart, "after a crash no uid of the life before is given out")
{
	struct leases before, after;
	struct err err;
	int dir = folder();
	uint32_t last = 0;

	CHECK(lease_open(&before, dir, BASE, &err) == 0);
	for (int i = 0; i < 300; i++)
		last = lease_take(&before, &err);
	CHECK(lease_open(&after, dir, BASE, &err) == 0);
	CHECK(lease_take(&after, &err) > last + 1);
}

TEST(damaged, "a damaged counter is refused, not begun again")
{
	struct leases leases;
	struct err err;
	int dir = folder();
	int fd = openat(dir, "leases", O_WRONLY | O_CREAT, 0600);

	CHECK(write(fd, "12\n", 3) == 3);
	CHECK(lease_open(&leases, dir, BASE, &err) < 0);
	CHECK_ERR(err, "damaged");
}

TEST(exhausted, "a range that is used up gives no lease")
{
	struct leases leases;
	struct err err;
	int dir = folder();
	int fd = openat(dir, "leases", O_WRONLY | O_CREAT, 0600);

	CHECK(write(fd, "0067107863\n", 11) == 11);
	CHECK(lease_open(&leases, dir, BASE, &err) < 0);
	CHECK_ERR(err, "used up");
}

TEST(clash, "a range that the host's files name is refused")
{
	struct leases leases;
	struct err err;

	/* nobody, 65534, stands in every passwd file */
	CHECK(lease_open(&leases, folder(), 65000, &err) < 0);
	CHECK_ERR(err, "/etc/passwd");
}

TAP_MAIN
