/* links: policy/prepare policy audit gateway/base; -lsqlite3 -lyaml -lutf8proc -lcrypto */
/*
 * prepare_program - sekisho-prepare as a custodian runs it: keys, bundles,
 * refusals.
 */
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>

#include "audit/canonical.h"
#include "tests/unit/prepare_stage.h"

static const char columns[] = "      id: {do: pseudonym, domain: person, as: "
			      "pid}\n      v: {do: keep}\n";
static const char subject[] = "    null: [\"\"]\n"
			      "    subject: {column: id}\n";

static void good(void)
{
	stage_prepare();
	put_recipe(subject, columns);
	put("a.csv", "id,v\nA,1\nB,2.5\nA,\"x, y\"\n");
}

TEST(bundle, "a bundle holds what the gateway is told to expect")
{
	static struct canonical line;

	good();
	CHECK_INT(run_recipe("out"), 0);
	CHECK(strstr(said, "manifest: ") != NULL);
	CHECK(exists("out/data/a.csv"));
	CHECK(exists("out/data/d.db"));
	CHECK(exists("out/data/catalogue.json"));
	CHECK(exists("out/index/pseudonyms"));
	CHECK_INT(strlen(get("out/manifest.sig")), 89);
	const char *manifest = get("out/manifest.json");
	CHECK_INT(canonical_scan(&line, manifest, strlen(manifest) - 1), 0);
	CHECK(strstr(manifest, "{\"bytes\":32,\"path\":\"index/pseudonyms\"") !=
	      NULL);
	CHECK(strstr(manifest, "\"rows_in\":3,\"rows_opted_out\":0,"
			       "\"rows_out\":3") != NULL);
	CHECK_INT(verify_bundle_at("out"), 0);
}

TEST(bom, "a byte order mark at the begin is dropped and noted")
{
	good();
	put("a.csv", "\xef\xbb\xbfid,v\nA,1\n");
	CHECK_INT(run_recipe("out"), 0);
	CHECK(strncmp(get("out/data/a.csv"), "pid,v\n", 6) == 0);
	CHECK(strstr(get("out/manifest.json"), "{\"bom\":1,\"bytes\":12,") !=
	      NULL);
	CHECK_INT(verify_bundle_at("out"), 0);
}

TEST(modes, "files of a bundle are read-only and open to all")
{
	struct stat st;

	good();
	CHECK_INT(run_recipe("out"), 0);
	CHECK_INT(stat(in("out/data/a.csv"), &st), 0);
	CHECK_INT(st.st_mode & 07777, 0444);
	CHECK_INT(stat(in("out/index"), &st), 0);
	CHECK_INT(st.st_mode & 07777, 0755);
	CHECK_INT(stat(in("keys/signing.key"), &st), 0);
	CHECK_INT(st.st_mode & 07777, 0600);
}

TEST(twice, "the same recipe and sources give the same bytes")
{
	char first[8192];

	good();
	CHECK_INT(run_recipe("out"), 0);
	snprintf(first, sizeof first, "%s", get("out/manifest.json"));
	CHECK_INT(run_recipe("again"), 0);
	CHECK_STR(get("again/manifest.json"), first);
}

TEST(permits, "two permits have no pseudonym in common")
{
	char first[64];

	good();
	CHECK_INT(run_recipe("out"), 0);
	memcpy(first, get("out/data/a.csv") + 6, 26);
	first[26] = '\0';
	CHECK_INT(unlink(in("keys/P-1.permit")), 0);
	CHECK_INT(run_prepare("key", "permit", "--permit", "P-1", "--keys",
			      in("keys"), NULL),
		  0);
	CHECK_INT(run_recipe("again"), 0);
	CHECK(strstr(get("again/data/a.csv"), first) == NULL);
}

TEST(types, "a column of the database has a number's type only if every value "
	    "prints back")
{
	sqlite3 *db;
	sqlite3_stmt *row;

	stage_prepare();
	put_recipe("    null: [\"\"]\n",
		   "      i: {do: keep}\n      r: {do: keep}\n"
		   "      m: {do: keep}\n      z: {do: keep}\n"
		   "      f: {do: keep}\n");
	put("a.csv", "i,r,m,z,f\n7,7.5,7,007,7.0\n,0.0001,7.25,1,7.50\n");
	CHECK_INT(run_recipe("out"), 0);
	CHECK_STR(get("out/data/a.csv"),
		  "i,r,m,z,f\n7,7.5,7,007,7.0\n,0.0001,7.25,1,7.50\n");
	CHECK_INT(sqlite3_open_v2(in("out/data/d.db"), &db,
				  SQLITE_OPEN_READONLY, NULL),
		  SQLITE_OK);
	CHECK_INT(sqlite3_prepare_v2(
			  db,
			  "SELECT group_concat(typeof(i) || typeof(r) || "
			  "typeof(m) || typeof(z) || typeof(f), ' ') FROM a",
			  -1, &row, NULL),
		  SQLITE_OK);
	CHECK_INT(sqlite3_step(row), SQLITE_ROW);
	CHECK_STR((const char *)sqlite3_column_text(row, 0),
		  "integerrealintegertexttext nullrealrealtexttext");
	sqlite3_finalize(row);
	sqlite3_close(db);
}

TEST(default_deny, "a column that the recipe does not name stops everything")
{
	good();
	put("a.csv", "id,v,extra\nA,1,2\n");
	check_refused(3, "\"E_UNKNOWN_COLUMN\",\"column\":3,\"column_name\":"
			 "\"extra\"");
	put("a.csv", "id,v,氏名\nA,1,2\n");
	check_refused(3, "\"E_UNKNOWN_COLUMN\",\"column\":3,\"line\":1");
	put("a.csv", "id\nA\n");
	check_refused(3, "E_MISSING_COLUMN");
	put("a.csv", "id,v,v\nA,1,2\n");
	check_refused(3, "E_DUPLICATE_COLUMN");
}

TEST(no_value, "what stops names a place, never a value")
{
	good();
	put("a.csv", "id,v\nA,1\nTHESECRET,1,2\n");
	check_refused(3, "\"E_RAGGED\",\"count\":3,\"line\":3");
	CHECK(strstr(complained, "SECRET") == NULL);
	put("a.csv", "id,v\nA,1\n,THESECRET\n");
	check_refused(3, "\"E_NO_SUBJECT\"");
	CHECK(strstr(complained, "SECRET") == NULL);
}

TEST(damaged, "a source that is not well-formed is refused by what is wrong")
{
	static const struct {
		const char *bytes, *code;
	} all[] = {
		{ "", "E_EMPTY_SOURCE" },
		{ "id,v\nA,\"b\n", "E_UNTERMINATED_QUOTE" },
		{ "id,v\nA,b\"c\n", "E_BARE_QUOTE" },
		{ "id,v\nA,\"b\"c\n", "E_QUOTE" },
		{ "id,v\nA,b\rc\n", "E_QUOTE" },
		{ "id,v\r\nA,b\nB,c\r\n", "E_QUOTE" },
		{ "id,v\nA,\xff\n", "E_ENCODING" },
		{ "id,v\nA,\xef\xbb\xbf\n", "E_BOM_INSIDE" },
		{ "\xff\xfei\0d", "E_ENCODING" },
		{ "id,v\n\n", "E_RAGGED" },
	};

	good();
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		put("a.csv", all[i].bytes);
		check_refused(3, all[i].code);
	}
	put_bytes("a.csv", "id,v\nA,\0b\n", 10);
	check_refused(3, "E_NUL");
	put("a.csv", "id,v\nA,\x8e\x52\x93\x63\n");
	check_refused(3, "decode as cp932");
}

TEST(recipe, "all errors of a recipe are said in one run, with their lines")
{
	stage_prepare();
	put("d.yaml", "version: 1\npermit: P-1\nprofile: pseudonymized\n"
		      "colour: red\nsources:\n  a:\n    path: a.csv\n"
		      "    encoding: guess\n    columns:\n"
		      "      id: {do: pseudonym}\n      v: {do: fly}\n"
		      "      w: {do: pseudonym, domain: x, length: 12}\n");
	put("a.csv", "id,v,w\n");
	check_refused(2, "\"line\":4,\"message\":\"unknown key 'colour'");
	CHECK(strstr(complained, "\"line\":8,") != NULL);
	CHECK(strstr(complained, "\"line\":10,\"message\":\"'domain' is "
				 "missing") != NULL);
	CHECK(strstr(complained, "\"line\":11,\"message\":\"unknown action "
				 "'fly'") != NULL);
	CHECK(strstr(complained, "\"code\":\"E_WEAK_PSEUDONYM\"") != NULL);
	CHECK(strstr(complained, "\"line\":12,\"message\":\"60 bits < 80") !=
	      NULL);
}

TEST(subject_shown, "a subject's own id is never kept")
{
	good();
	put_recipe(subject, "      id: {do: keep}\n      v: {do: keep}\n");
	check_refused(2, "is the subject's own id");
}

TEST(permit, "no bundle without a permit that stands for it today")
{
	good();
	put("P-1.yaml", "version: 1\npermit: P-1\ntitle: One\npurpose: Test\n"
			"persons: [taro]\nstarts: 2020-01-01\n"
			"ends: 2020-12-31\ndatasets: [d]\n");
	check_refused(4, "E_PERMIT");
	put("P-1.yaml", "version: 1\npermit: P-1\ntitle: One\npurpose: Test\n"
			"persons: [taro]\nstarts: 2020-01-01\n"
			"ends: 2999-12-31\ndatasets: [e]\n");
	check_refused(4, "does not name this dataset");
	put("P-1.yaml", "version: 1\npermit: P-2\ntitle: One\npurpose: Test\n"
			"persons: [taro]\nstarts: 2020-01-01\n"
			"ends: 2999-12-31\ndatasets: [d]\n");
	check_refused(4, "for another permit");
	put("P-1.yaml", "permit: P-1\n");
	check_refused(4, "E_PERMIT");
}

TEST(keys, "keys are never overwritten, nor used where others may read them")
{
	good();
	CHECK_INT(run_prepare("key", "make", "--out", in("keys"), NULL), 6);
	CHECK_INT(run_prepare("key", "permit", "--permit", "P-1", "--keys",
			      in("keys"), NULL),
		  6);
	CHECK_INT(chmod(in("keys/wrapping.key"), 0644), 0);
	check_refused(5, "E_KEY");
	CHECK_INT(chmod(in("keys/wrapping.key"), 0600), 0);
	CHECK_INT(rename(in("keys/P-1.permit"), in("keys/P-2.permit")), 0);
	check_refused(5, "E_KEY");
}

TEST(other_permit, "a permit's key cannot be passed off as another's")
{
	good();
	CHECK_INT(run_prepare("key", "permit", "--permit", "P-2", "--keys",
			      in("keys"), NULL),
		  0);
	CHECK_INT(rename(in("keys/P-2.permit"), in("keys/P-1.permit")), 0);
	check_refused(5, "E_KEY");
}

TEST(exists, "what is already there is not overwritten")
{
	good();
	CHECK_INT(mkdir(in("out"), 0755), 0);
	CHECK_INT(run_recipe("out"), 6);
	CHECK(strstr(complained, "E_OUTPUT_EXISTS") != NULL);
	CHECK(!exists("out/manifest.json"));
}

TEST(tampered, "a bundle that was changed in any way is found out")
{
	good();
	CHECK_INT(run_recipe("out"), 0);
	CHECK_INT(chmod(in("out/data/a.csv"), 0644), 0);
	put("out/data/a.csv", "pid,v\n");
	CHECK_INT(verify_bundle_at("out"), 4);
	CHECK(strstr(complained, "E_BUNDLE") != NULL);
}

TEST(added, "a file that the manifest does not list is found out")
{
	good();
	CHECK_INT(run_recipe("out"), 0);
	put("out/data/more.csv", "x\n");
	CHECK_INT(verify_bundle_at("out"), 4);
	CHECK(strstr(complained, "data/more.csv") != NULL);
}

TEST(signature, "a manifest that another key signed is found out")
{
	good();
	CHECK_INT(run_recipe("out"), 0);
	CHECK_INT(run_prepare("key", "make", "--out", in("other"), NULL), 0);
	CHECK_INT(run_prepare("verify", in("out"), "--public",
			      in("other/signing.pub"), NULL),
		  4);
	CHECK(strstr(complained, "E_SIGNATURE") != NULL);
}

TEST(install, "installing verifies, copies whole, and never overwrites unasked")
{
	char place[120];

	good();
	CHECK_INT(run_recipe("out"), 0);
	CHECK_INT(mkdir(in("datasets"), 0755), 0);
	CHECK_INT(run_prepare("install", in("out"), "--into", in("datasets"),
			      "--public", in("keys/signing.pub"), "--permit",
			      "P-2", NULL),
		  4);
	CHECK(!exists("datasets/d"));
	CHECK_INT(run_prepare("install", in("out"), "--into", in("datasets"),
			      "--public", in("keys/signing.pub"), NULL),
		  0);
	const char *line = strstr(said, "\nmanifest: ");
	CHECK(line != NULL);
	/* Each delivery lies under the hash of its manifest. */
	snprintf(place, sizeof place, "datasets/d/%.64s",
		 line + strlen("\nmanifest: "));
	CHECK_INT(verify_bundle_at(place), 0);
	CHECK_INT(run_prepare("install", in("out"), "--into", in("datasets"),
			      "--public", in("keys/signing.pub"), NULL),
		  6);
	CHECK_INT(run_prepare("install", in("out"), "--into", in("datasets"),
			      "--public", in("keys/signing.pub"), "--replace",
			      NULL),
		  0);
	CHECK_INT(verify_bundle_at(place), 0);
}

TEST(link, "a bundle whose files are links elsewhere is not followed")
{
	good();
	CHECK_INT(run_recipe("out"), 0);
	CHECK_INT(rename(in("out/data/a.csv"), in("moved.csv")), 0);
	CHECK_INT(symlink("../../moved.csv", in("out/data/a.csv")), 0);
	CHECK(verify_bundle_at("out") != 0);
}

TEST(dummy, "a dummy has the recipe's shape, and needs no source or key")
{
	put_recipe(subject, columns);
	CHECK_INT(run_prepare("run", "--dummy", in("d.yaml"), "--out",
			      in("dummy"), NULL),
		  0);
	CHECK(strncmp(get("dummy/data/a.csv"), "pid,v\n", 6) == 0);
	CHECK(exists("dummy/data/d.db"));
	CHECK(strstr(get("dummy/data/README"), "invented") != NULL);
	CHECK(!exists("dummy/index/pseudonyms"));
	CHECK(!exists("dummy/manifest.json"));
}

TEST(report, "the custodian's report is for the custodian alone")
{
	struct stat st;

	good();
	CHECK_INT(run_prepare("run", in("d.yaml"), "--keys", in("keys"),
			      "--permit-file", in("P-1.yaml"), "--out",
			      in("out"), "--report", in("report.json"), NULL),
		  0);
	CHECK_INT(stat(in("report.json"), &st), 0);
	CHECK_INT(st.st_mode & 07777, 0600);
	CHECK(strstr(get("report.json"),
		     "\"different\":3,\"labelled\":0,"
		     "\"max\":\"x, y\",\"min\":\"1\"") != NULL);
	CHECK(!exists("out/report.json"));
	/* a report that is there stays, and nothing is made */
	CHECK_INT(run_prepare("run", in("d.yaml"), "--keys", in("keys"),
			      "--permit-file", in("P-1.yaml"), "--out",
			      in("again"), "--report", in("report.json"), NULL),
		  6);
	CHECK(!exists("again"));
	CHECK_INT(stat(in("report.json"), &st), 0);
	CHECK(st.st_size > 0);
}

TEST(difference, "a later delivery's difference names who came and went")
{
	char gone[64];

	good();
	CHECK_INT(run_recipe("out"), 0);
	memcpy(gone, get("out/data/a.csv") + 6, 26);
	gone[26] = '\0';
	put("a.csv", "id,v\nB,2.5\nC,1\n");
	CHECK_INT(run_recipe("later"), 0);
	CHECK_INT(run_prepare("difference", in("later"), "--before", in("out"),
			      "--public", in("keys/signing.pub"), NULL),
		  0);
	CHECK(strstr(said, "\"came\":[\"") != NULL);
	const char *at = strstr(said, "\"gone\":[\"");
	CHECK(at != NULL && strncmp(at + 9, gone, 26) == 0);
	CHECK(strstr(said, "\"rows_after\":2,\"rows_before\":3") != NULL);
	CHECK(strstr(said, "\"optouts_met_after\":0,"
			   "\"optouts_met_before\":0,") != NULL);
}

/* A source that takes a while. */
static void put_large(void)
{
	FILE *out = fopen(in("a.csv"), "we");

	fputs("id,v\n", out);
	for (int i = 0; i < 2000000; i++)
		fprintf(out, "%d,%d\n", i, i * 7);
	CHECK(fclose(out) == 0);
}

static void check_nothing_left(void)
{
	DIR *all = opendir(tap_folder());
	const struct dirent *one;

	CHECK(!exists("out"));
	while ((one = readdir(all)))
		CHECK(strncmp(one->d_name, ".out", 4) != 0);
	closedir(all);
}

static int stopped_by(int number)
{
	static char program[] = "build/bin/sekisho-prepare";
	int status;
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0) {
		execl(program, program, "run", in("d.yaml"), "--keys",
		      in("keys"), "--permit-file", in("P-1.yaml"), "--out",
		      in("out"), (char *)NULL);
		_exit(127);
	}
	usleep(300 * 1000);
	CHECK(kill(pid, number) == 0);
	CHECK(waitpid(pid, &status, 0) == pid);
	return status;
}

TEST(interrupted, "whoever is interrupted or killed leaves nothing behind")
{
	good();
	put_large();
	int status = stopped_by(SIGTERM);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 6);
	check_nothing_left();
	status = stopped_by(SIGKILL);
	CHECK(WIFSIGNALED(status));
	check_nothing_left();
}

TEST(disk_full, "a full disk is said to be full")
{
	char small[4096];
	int status;

	good();
	put_large();
	snprintf(small, sizeof small, "%s", in("small"));
	CHECK_INT(mkdir(small, 0755), 0);
	put("complained", "");
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		static char program[] = "build/bin/sekisho-prepare";
		char out[4200];

		dup2(open(in("complained"), O_WRONLY), 2);
		snprintf(out, sizeof out, "%s/out", small);
		if ((geteuid() != 0 && unshare(CLONE_NEWUSER) < 0) ||
		    unshare(CLONE_NEWNS) < 0 ||
		    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		    mount("tmpfs", small, "tmpfs", 0, "size=1m") < 0)
			_exit(126);
		execl(program, program, "run", in("d.yaml"), "--keys",
		      in("keys"), "--permit-file", in("P-1.yaml"), "--out", out,
		      (char *)NULL);
		_exit(127);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK_INT(WEXITSTATUS(status), 6);
	CHECK(strstr(get("complained"), "E_DISK_FULL") != NULL);
}

TEST(usage, "a command that is not written right is said to be so")
{
	CHECK_INT(run_prepare("run", "x", NULL), 2);
	CHECK_INT(run_prepare("key", "make", NULL), 2);
	CHECK_INT(run_prepare("verify", "a", "b", "--public", "c", NULL), 2);
	CHECK_INT(run_prepare("fly", NULL), 2);
}

TAP_MAIN
