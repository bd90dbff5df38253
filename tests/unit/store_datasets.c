/* links: policy/airlock/store audit gateway/base; -lcrypto */
/*
 * store_datasets - a dataset whose files are not those of its manifest, in any
 * way, is a no; and the manifest itself is read as if an enemy wrote it.
 */
#include "policy/airlock/store/manifest.h"
#include "tests/unit/store_stage.h"

static int dataset;
static char listed[8192], pinned[NAMES_HEX], why[200];

/* A file of the dataset, and its place in the list: ascending by path. */
static void add(const char *path, const char *bytes)
{
	uint8_t hash[NAMES_HASH];
	char hex[NAMES_HEX];
	size_t used = strlen(listed);

	write_in(dataset, path, bytes, strlen(bytes));
	hash_of(hash, bytes, strlen(bytes));
	names_hex(hex, hash);
	snprintf(listed + used, sizeof listed - used,
		 "%s{\"bytes\":%zu,\"path\":\"%s\",\"sha256\":\"%s\"}",
		 used ? "," : "", strlen(bytes), path, hex);
}

static void pin(const char *text, size_t len)
{
	uint8_t hash[NAMES_HASH];

	write_in(dataset, "manifest.json", text, len);
	hash_of(hash, text, len);
	names_hex(pinned, hash);
}

/* The store and a dataset of three files, as it must be. */
static void start_dataset(void)
{
	static char text[9000];

	start();
	dataset = stage_folder("dataset");
	CHECK(fchmod(dataset, 0755) == 0);
	CHECK(mkdirat(dataset, "data", 0755) == 0);
	CHECK(mkdirat(dataset, "index", 0755) == 0);
	add("data/a.csv", "a,b\n1,2\n");
	add("data/b.csv", "a,b\n3,4\n");
	add("index/a.idx", "index");
	write_in(dataset, "manifest.sig", "signature", 9);
	snprintf(text, sizeof text,
		 "{\"dataset\":\"d\",\"files\":[%s],\"sources\":[{\"rows\":2}],"
		 "\"version\":1}\n",
		 listed);
	pin(text, strlen(text));
}

static bool check_pinned(const char *hex)
{
	msg_start(&m, MSG_CHECK_DATASET, 3);
	msg_put_str(&m, "d");
	msg_put_str(&m, hex);
	msg_put_fd(&m, dataset);
	CHECK(msg_send(stage.link, &m, &err) == 0);
	CHECK_INT(hear(stage.link), MSG_DATASET_CHECKED);
	CHECK_INT(m.ref, 3);
	bool ok = msg_get_u8(&m) == 1;
	msg_get_str(&m, why, sizeof why);
	CHECK(msg_done(&m));
	return ok;
}

static bool check(void)
{
	return check_pinned(pinned);
}

static void refused(const char *part)
{
	CHECK(!check());
	if (!strstr(why, part))
		CHECK_STR(why, part);
}

TEST(whole, "a dataset that is what its manifest says is a yes, twice")
{
	start_dataset();
	CHECK(check());
	CHECK_STR(why, "");
	CHECK(check());
	stop();
}

TEST(pin, "no manifest named, another manifest, or none at all is a no")
{
	char other[NAMES_HEX];

	start_dataset();
	CHECK(!check_pinned(""));
	memcpy(other, pinned, sizeof other);
	other[63] = other[63] == '0' ? '1' : '0';
	CHECK(!check_pinned(other));
	other[63] = '\0';
	CHECK(!check_pinned(other));
	CHECK(unlinkat(dataset, "manifest.json", 0) == 0);
	refused("manifest.json");
	CHECK(symlinkat("manifest.sig", dataset, "manifest.json") == 0);
	refused("manifest.json");
}

TEST(byte, "one changed byte is a no")
{
	start_dataset();
	write_in(dataset, "data/b.csv", "a,b\n3,5\n", 8);
	refused("data/b.csv: not as the manifest says");
	write_in(dataset, "data/b.csv", "a,b\n3,4\n", 8);
	CHECK(check());
}

/* Long enough ago that the store remembers the files. */
static void settle(void)
{
	nanosleep(&(struct timespec){ .tv_sec = 3, .tv_nsec = 100000000 },
		  NULL);
}

TEST(known, "a byte that changes after a yes is a no, whatever its time says")
{
	struct timespec times[2];
	struct stat st;

	start_dataset();
	settle();
	CHECK(check());
	CHECK(fstatat(dataset, "data/a.csv", &st, 0) == 0);
	write_in(dataset, "data/a.csv", "a,b\n1,3\n", 8);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	CHECK(utimensat(dataset, "data/a.csv", times, 0) == 0);
	refused("data/a.csv");
}

/* Bytes that the store has read so far. */
static long long read_so_far(void)
{
	char path[64], text_of[400];
	long long n = -1;

	snprintf(path, sizeof path, "/proc/%d/io", stage.pid);
	read_in(AT_FDCWD, path, text_of, sizeof text_of);
	CHECK(sscanf(text_of, "rchar: %lld", &n) == 1);
	return n;
}

TEST(cheap, "a second session with the same files costs no second reading")
{
	static char text[600], big[8000001];

	start_dataset();
	listed[0] = '\0';
	memset(big, 'x', sizeof big - 1);
	add("data/a.csv", big);
	snprintf(text, sizeof text, "{\"files\":[%s]}", listed);
	CHECK(unlinkat(dataset, "data/b.csv", 0) == 0);
	CHECK(unlinkat(dataset, "index/a.idx", 0) == 0);
	pin(text, strlen(text));
	settle();
	long long before = read_so_far();
	CHECK(check());
	long long first = read_so_far();
	CHECK(check());
	CHECK(first - before >= 8000000 && read_so_far() - first < 10000);
}

TEST(missing, "a missing file, a longer and a shorter one are a no")
{
	start_dataset();
	CHECK(unlinkat(dataset, "index/a.idx", 0) == 0);
	refused("index/a.idx: missing");
	write_in(dataset, "index/a.idx", "index2", 6);
	refused("index/a.idx");
	write_in(dataset, "index/a.idx", "inde", 4);
	refused("index/a.idx");
}

TEST(extra, "a file that is not listed is a no, wherever it lies")
{
	static const char *const extra[] = { "data/c.csv", "x", "data/.hidden",
					     "index/manifest.json",
					     "manifest.json2" };

	start_dataset();
	for (size_t i = 0; i < sizeof extra / sizeof *extra; i++) {
		write_in(dataset, extra[i], "x", 1);
		refused("not in the manifest");
		CHECK(unlinkat(dataset, extra[i], 0) == 0);
	}
	write_in(dataset, "data/\xff\x1b[2J", "x", 1);
	refused("data/\\xff\\x1b[2J: not in the manifest");
}

TEST(links, "a link or a FIFO in the place of a file, or beside, is a no")
{
	start_dataset();
	write_in(out, "a.csv", "a,b\n1,2\n", 8);
	CHECK(unlinkat(dataset, "data/a.csv", 0) == 0);
	CHECK(symlinkat("b.csv", dataset, "data/a.csv") == 0);
	refused("data/a.csv");
	CHECK(unlinkat(dataset, "data/a.csv", 0) == 0);
	CHECK(symlinkat("../../out/a.csv", dataset, "data/a.csv") == 0);
	refused("data/a.csv");
	CHECK(unlinkat(dataset, "data/a.csv", 0) == 0);
	CHECK(mkfifoat(dataset, "data/a.csv", 0644) == 0);
	refused("data/a.csv");
	CHECK(unlinkat(dataset, "data/a.csv", 0) == 0);
	write_in(dataset, "data/a.csv", "a,b\n1,2\n", 8);
	CHECK(symlinkat("data", dataset, "more") == 0);
	refused("more: not in the manifest");
	CHECK(unlinkat(dataset, "more", 0) == 0);
	CHECK(check());
}

TEST(deep, "folders without end are a no")
{
	char path[200] = "data";

	start_dataset();
	for (int i = 0; i < 40; i++) {
		snprintf(path + strlen(path), sizeof path - strlen(path), "/d");
		CHECK(mkdirat(dataset, path, 0755) == 0);
	}
	refused("too deep");
}

TEST(turns, "nobody waits for a large dataset")
{
	static char text[600];
	int fd;

	start_dataset();
	CHECK(unlinkat(dataset, "data/b.csv", 0) == 0);
	CHECK(unlinkat(dataset, "index/a.idx", 0) == 0);
	fd = openat(dataset, "data/a.csv", O_RDWR | O_CLOEXEC);
	CHECK(ftruncate(fd, 256 << 20) == 0);
	snprintf(text, sizeof text,
		 "{\"files\":[{\"bytes\":%d,\"path\":\"data/a.csv\","
		 "\"sha256\":\"%s\"}]}",
		 256 << 20, pinned);
	pin(text, strlen(text));
	msg_start(&m, MSG_CHECK_DATASET, 3);
	msg_put_str(&m, "d");
	msg_put_str(&m, pinned);
	msg_put_fd(&m, dataset);
	CHECK(msg_send(stage.link, &m, &err) == 0);
	write_in(out, "small", "x", 1);
	CHECK_INT(freeze("small"), FROZEN_COPIED);
	CHECK(!stage_readable(stage.link, 0));
	CHECK_INT(hear(stage.link), MSG_DATASET_CHECKED);
	CHECK_INT(msg_get_u8(&m), 0);
}

/* --- The scanner alone --------------------------------------------------------- */

static const char hash_a[] =
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

static bool scans(const char *text, size_t len)
{
	struct manifest manifest;
	char *bytes = malloc(len + 1);

	CHECK(bytes != NULL);
	memcpy(bytes, text, len);
	int done = manifest_read(&manifest, bytes, len, &err);
	if (done == 0)
		for (size_t i = 0; i < manifest.nfiles; i++)
			CHECK(manifest_find(&manifest,
					    manifest.files[i].path) ==
			      &manifest.files[i]);
	manifest_clear(&manifest);
	return done == 0;
}

/* A list with these two files. */
static bool scans_files(const char *first, const char *second)
{
	char text[4000];

	int n = snprintf(text, sizeof text,
			 "{\"a\":[1,{\"b\":\"\\\"]\"}],\"files\":[{\"bytes\":1,"
			 "\"path\":\"%s\",\"sha256\":\"%s\"},{\"bytes\":0,"
			 "\"path\":\"%s\",\"sha256\":\"%s\"}],\"z\":true}\n",
			 first, hash_a, second, hash_a);
	return scans(text, (size_t)n);
}

TEST(scanner, "a list is taken in one spelling, with paths that stay inside")
{
	static const char *const bad[] = { "../x", "/x",     "x/",  "x//y",
					   ".",	   "x/../y", "",    "x\\u002e",
					   "x\"",  "x\ny",   "x\1y" };

	CHECK(scans_files("a", "b"));
	CHECK(scans_files("a/b", "a/c"));
	CHECK(!scans_files("b", "a"));
	CHECK(!scans_files("a", "a"));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!scans_files(bad[i], "zz"));
	CHECK(scans("{\"files\":[]}", 12));
	CHECK(!scans("{\"files\":[]}x", 13));
	CHECK(!scans("{\"files\":[]}\n\n", 14));
	CHECK(!scans("{\"files\":[],\"files\":[]}", 23));
	CHECK(!scans("{\"file\":[]}", 11));
	CHECK(!scans("{\"a\":[[[[[[[[[[1]]]]]]]]]],\"files\":[]}", 38));
	CHECK(!scans("", 0));
}

TEST(torn, "a list that is cut or has a foreign byte anywhere ends nothing")
{
	char text[400], torn[400];
	int n = snprintf(text, sizeof text,
			 "{\"a\":\"\\\\\",\"files\":[{\"bytes\":12,\"path\":"
			 "\"a/b\",\"sha256\":\"%s\"}],\"z\":[-1,null]}",
			 hash_a);

	CHECK(scans(text, (size_t)n));
	for (int i = 0; i < n; i++)
		CHECK(!scans(text, (size_t)i));
	for (int i = 0; i < n; i++) {
		for (int byte = 0; byte < 256; byte++) {
			memcpy(torn, text, sizeof torn);
			torn[i] = (char)byte;
			scans(torn, (size_t)n);
		}
	}
}

TAP_MAIN
