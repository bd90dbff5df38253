/* links: policy audit gateway/base; -lyaml -lcrypto */
/*
 * policy_load - a folder of policy files is right as a whole, or every error
 * in it is said at once.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/load.h"
#include "policy/yaml.h"
#include "tests/unit/tap.h"

#define KEY1                                                                   \
	"ssh-ed25519 "                                                         \
	"AAAAC3NzaC1lZDI1NTE5AAAAIMTv/DMYttNxpBx1m6Fw+/MNgImGOyw27WGlKpI5Aw70"
#define KEY2                                                                   \
	"ssh-ed25519 "                                                         \
	"AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"

static const char good_site[] = "version: 1\nname: Test\ntoolset: analysis\n"
				"operators:\n  - name: op\n    uid: 1000\n";
static const char good_taro[] =
	"version: 1\nperson: taro\nname: Taro\norganisation: Example\n"
	"roles: [researcher]\nkeys:\n  - " KEY1 " taro@pc\n"
	"valid_until: 2030-12-31\n";
static const char good_permit[] =
	"version: 1\npermit: P-1\ntitle: One\npurpose: To test\n"
	"persons: [taro]\nstarts: 2026-04-01\nends: 2027-03-31\n"
	"datasets: [D-1]\nlimits:\n  memory: 2GiB\n";
static const char good_dataset[] =
	"version: 1\ndataset: D-1\ntitle: Data\npermit: P-1\n";

static struct closure closure;
static struct policy policy;
static struct problems problems;

static void put(const char *name, const char *text)
{
	for (size_t i = 0; i < closure.count; i++) {
		struct closure_file *file = &closure.files[i];

		if (strcmp(file->name, name) != 0)
			continue;
		free(file->bytes);
		file->bytes = (uint8_t *)strdup(text);
		file->len = strlen(text);
		return;
	}
	CHECK(closure_add(&closure, name, (const uint8_t *)text,
			  strlen(text)) == 0);
}

static void good(void)
{
	put("site.yaml", good_site);
	put("people/taro.yaml", good_taro);
	put("permits/P-1.yaml", good_permit);
	put("datasets/D-1.yaml", good_dataset);
}

/* The good text of a file with one part of it exchanged. */
static void change(const char *name, const char *text, const char *from,
		   const char *to)
{
	char changed[4096];
	const char *at = strstr(text, from);

	CHECK(at != NULL);
	snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text,
		 to, at + strlen(from));
	put(name, changed);
}

static bool says(const char *part)
{
	char sentence[PROBLEM_SIZE];

	for (size_t i = 0; i < problems_texts(&problems); i++)
		if (strstr(problems_text(&problems, i, "en", sentence,
					 sizeof sentence),
			   part))
			return true;
	return false;
}

static void refused_with(const char *part)
{
	CHECK_INT(policy_load(&closure, &policy, &problems), -1);
	CHECK_INT(policy.npersons, 0);
	if (!says(part)) {
		char first[PROBLEM_SIZE];

		CHECK_STR(
			problems_text(&problems, 0, "en", first, sizeof first),
			part);
	}
}

TEST(good, "a whole policy is read, with its fallbacks")
{
	good();
	CHECK_INT(policy_load(&closure, &policy, &problems), 0);
	CHECK_INT(policy.npersons, 1);
	CHECK_STR(policy.site.listen.address, "127.0.0.1");
	CHECK_INT(policy.site.utc_offset, 540);
	CHECK_INT(policy.permits[0].limits.memory, 2ll << 30);
	CHECK_INT(policy.permits[0].limits.workspace, 10ll << 30);
	CHECK_INT(policy.permits[0].commands_without_terminal, 0);
	CHECK_STR(policy.persons[0].keys.key[0].type, "ssh-ed25519");
	CHECK(policy_operator(&policy, 1000) != NULL);
	CHECK(policy_operator(&policy, 0) == NULL);
}

TEST(hash, "the hash changes with any byte of any file, and with a name")
{
	struct hash before;

	good();
	before = closure_hash(&closure);
	put("datasets/D-1.yaml", "version: 1\n");
	struct hash after = closure_hash(&closure);
	CHECK(memcmp(&before, &after, sizeof before) != 0);
	put("datasets/D-1.yaml", good_dataset);
	after = closure_hash(&closure);
	CHECK(memcmp(&before, &after, sizeof before) == 0);
	put("datasets/D-2.yaml", "");
	after = closure_hash(&closure);
	CHECK(memcmp(&before, &after, sizeof before) != 0);
}

TEST(all_at_once, "errors of several files are all said, with their lines")
{
	good();
	change("site.yaml", good_site, "name: Test", "colour: red");
	change("people/taro.yaml", good_taro, "[researcher]", "[king]");
	change("permits/P-1.yaml", good_permit, "2027-03-31", "2027-02-30");
	change("datasets/D-1.yaml", good_dataset, "title: Data", "version: 1");
	CHECK_INT(policy_load(&closure, &policy, &problems), -1);
	CHECK(says("site.yaml:2: unknown key 'colour'"));
	CHECK(says("site.yaml:1: 'name' is missing"));
	CHECK(says("people/taro.yaml:5: 'roles': unknown role 'king'"));
	CHECK(says("permits/P-1.yaml:7: 'ends' is '2027-02-30'"));
	CHECK(says("datasets/D-1.yaml:3: 'version' stands twice; first on "
		   "line 1"));
}

TEST(ranges, "numbers and sizes out of range are refused")
{
	good();
	change("permits/P-1.yaml", good_permit, "2GiB", "1KiB");
	refused_with("permits/P-1.yaml:10: 'limits.memory' must be between "
		     "64MiB and 1TiB");
	problems.count = 0;
	change("permits/P-1.yaml", good_permit, "2GiB", "2000000");
	refused_with("'limits.memory' is '2000000'");
	problems.count = 0;
	change("permits/P-1.yaml", good_permit, "2GiB", "99999999999999999TiB");
	refused_with("'limits.memory' must be between");
	problems.count = 0;
	put("permits/P-1.yaml", good_permit);
	change("site.yaml", good_site, "uid: 1000", "uid: 0");
	refused_with("site.yaml:6: 'operators.uid' must be between 1");
}

TEST(wrong_kinds, "a list where a word belongs, and a word for a list")
{
	good();
	change("people/taro.yaml", good_taro, "name: Taro", "name: [Taro]");
	refused_with("people/taro.yaml:3: 'name'");
	problems.count = 0;
	change("people/taro.yaml", good_taro, "[researcher]", "researcher");
	refused_with("people/taro.yaml:5: 'roles' is 'researcher'");
	problems.count = 0;
	put("people/taro.yaml", "- taro\n");
	refused_with("people/taro.yaml:1: expected keys and values");
}

TEST(references, "what a permit names must be there and be its own")
{
	good();
	change("permits/P-1.yaml", good_permit, "[taro]", "[taro, jiro]");
	refused_with("permits/P-1.yaml:5: unknown person 'jiro'");
	problems.count = 0;
	change("permits/P-1.yaml", good_permit, "[D-1]", "[D-9]");
	refused_with("permits/P-1.yaml:8: unknown dataset 'D-9'");
	problems.count = 0;
	put("permits/P-1.yaml", good_permit);
	change("datasets/D-1.yaml", good_dataset, "permit: P-1", "permit: P-2");
	refused_with("dataset 'D-1' was made for permit 'P-2'");
	CHECK(says("datasets/D-1.yaml:4: unknown permit 'P-2'"));
}

TEST(ids, "a file's name and the id in it are the same")
{
	good();
	change("people/taro.yaml", good_taro, "person: taro", "person: jiro");
	refused_with("people/taro.yaml:2: the id 'jiro' differs");
	problems.count = 0;
	put("people/taro.yaml", good_taro);
	put("permits/review.yaml",
	    "version: 1\npermit: review\ntitle: x\npurpose: x\n"
	    "persons: [taro]\nstarts: 2026-01-01\nends: 2026-01-02\n"
	    "datasets: []\n");
	refused_with("permits/review.yaml:2: 'review' cannot be a permit's id");
}

TEST(keys, "a key is one person's alone")
{
	good();
	put("people/jiro.yaml",
	    "version: 1\nperson: jiro\nname: J\norganisation: O\n"
	    "roles: [researcher]\nkeys: ['" KEY2 "', '" KEY1 "']\n"
	    "valid_until: 2030-01-01\n");
	refused_with("people/taro.yaml:7: this public key is also in "
		     "people/jiro.yaml");
}

TEST(hats, "roles that one person must not hold together")
{
	good();
	change("people/taro.yaml", good_taro, "[researcher]",
	       "[researcher, reviewer, auditor]");
	refused_with("must not be both reviewer and auditor");
	problems.count = 0;
	change("people/taro.yaml", good_taro, "[researcher]",
	       "[researcher, approver]");
	change("site.yaml", good_site, "name: op", "name: taro");
	refused_with("must not be both approver and operator");
}

/* A cosigner's key and that of a log, of public test vectors. */
#define COSIGNER                                                               \
	"witness.example/w1+aa4a09d1+"                                         \
	"BOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs"
#define LOG                                                                    \
	"gateway.example/audit/node-a+49baaaf6+"                               \
	"AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"

TEST(witnesses, "who vouches for the log is part of the policy, and checked")
{
	good();
	CHECK_INT(policy_load(&closure, &policy, &problems), 0);
	CHECK_INT(policy.nwitnesses, 0);
	CHECK_STR(policy.witnesses, "");
	struct hash before = policy.hash;
	put("witnesses", "log " LOG "\nwitness w " COSIGNER
			 " https://w.example\nquorum w\n");
	CHECK_INT(policy_load(&closure, &policy, &problems), 0);
	CHECK_INT(policy.nwitnesses, 1);
	CHECK(strncmp(policy.witnesses, "log gateway", 11) == 0);
	CHECK(memcmp(&before, &policy.hash, sizeof before) != 0);
	put("witnesses", "witness w " COSIGNER "\nquorum none\n");
	CHECK_INT(policy_load(&closure, &policy, &problems), 0);
	CHECK_INT(policy.nwitnesses, 0);
	put("witnesses", "\nwitness w " LOG "\nquorum w\n");
	refused_with("witnesses:2: not a policy of witnesses: the key is not "
		     "a witness's");
}

TEST(witness_pages, "witnesses and authorities are reached over HTTP alone")
{
	good();
	put("witnesses",
	    "witness w " COSIGNER " file:///etc/shadow\nquorum w\n");
	refused_with("witnesses: the address of witness 'w' does not begin");
	problems.count = 0;
	put("witnesses", "quorum none\n");
	change("site.yaml", good_site, "name: Test",
	       "name: Test\ntimestamps: gopher://tsa.example");
	refused_with("site.yaml:3: 'gopher://tsa.example' does not begin");
}

TEST(yaml_refused, "anchors, tags, second documents and depth are refused")
{
	good();
	put("site.yaml", "a: &x 1\n");
	refused_with("site.yaml:1: anchors");
	problems.count = 0;
	put("site.yaml", "a: *x\n");
	refused_with("site.yaml:1: anchors");
	problems.count = 0;
	put("site.yaml", "a: !!str 1\n");
	refused_with("site.yaml:1: tags");
	problems.count = 0;
	put("site.yaml", "version: 1\n---\nversion: 1\n");
	refused_with("site.yaml:2: only one document");
	problems.count = 0;
	put("site.yaml", "a: [[[[[[[[x]]]]]]]]\n");
	refused_with("site.yaml:1: nested deeper than 8");
	problems.count = 0;
	put("site.yaml", "? [a]\n: b\n");
	refused_with("site.yaml:1: a key must be");
	problems.count = 0;
	put("site.yaml", "a: [b\n");
	refused_with("not well-formed YAML");
}

TEST(brackets, "100,000 brackets are refused at once")
{
	char *text = malloc(100010);

	good();
	CHECK(text != NULL);
	memcpy(text, "version: ", 9);
	memset(text + 9, '[', 100000);
	text[100009] = '\0';
	put("site.yaml", text);
	refused_with("nested deeper than 8");
	free(text);
}

TEST(not_text, "binary, empty and huge files are refused")
{
	static char huge[YAML_SIZE + 2];

	good();
	put("site.yaml", "version: 1\nname: a\x01"
			 "b\n");
	refused_with("site.yaml:2: this is not UTF-8 text");
	problems.count = 0;
	put("site.yaml", "version: 1\nname: \xff\n");
	refused_with("site.yaml:2: this is not UTF-8 text");
	problems.count = 0;
	put("site.yaml", "  \n\n");
	refused_with("site.yaml: is empty");
	problems.count = 0;
	put("site.yaml", "# nothing\n");
	refused_with("site.yaml: is empty");
	problems.count = 0;
	memset(huge, '#', sizeof huge - 1);
	put("site.yaml", huge);
	refused_with("site.yaml: is larger");
}

TEST(escaped_nul, "a NUL that YAML can spell does not cut a value")
{
	good();
	change("site.yaml", good_site, "name: Test", "name: \"Test\\0x\"");
	refused_with("site.yaml:2: this is not UTF-8 text");
}

TEST(many, "two hundred problems are kept, all are counted")
{
	char text[9000] = "";

	good();
	for (size_t i = 0; i < 300; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text),
			 "key%zu: 1\n", i);
	put("datasets/D-1.yaml", text);
	CHECK_INT(policy_load(&closure, &policy, &problems), -1);
	CHECK_INT(problems_texts(&problems), PROBLEMS_KEPT + 1);
	CHECK(problems.count > 300);
	CHECK(says("more problems"));
}

TEST(visible, "what a file says cannot move the cursor of who reads it")
{
	char sentence[PROBLEM_SIZE];

	good();
	change("site.yaml", good_site, "name: Test", "\"name\\e[2J\": Test");
	CHECK_INT(policy_load(&closure, &policy, &problems), -1);
	for (size_t i = 0; i < problems_texts(&problems); i++)
		CHECK(strchr(problems_text(&problems, i, "en", sentence,
					   sizeof sentence),
			     '\033') == NULL);
}

static void write_file(int dir, const char *name, const char *text)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(fd >= 0);
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static int make_folder(void)
{
	int dir = open(tap_folder(), O_RDONLY | O_DIRECTORY);

	CHECK(dir >= 0);
	CHECK(mkdirat(dir, "people", 0700) == 0);
	CHECK(mkdirat(dir, "permits", 0700) == 0);
	write_file(dir, "site.yaml", good_site);
	write_file(dir, "people/taro.yaml", good_taro);
	return dir;
}

TEST(folder, "a folder is read without the folders that are not there")
{
	int dir = make_folder();

	CHECK_INT(policy_check_folder(dir, NULL, &problems), 0);
}

TEST(examples, "the examples of the documentation are a whole policy")
{
	int dir = open("docs/examples", O_RDONLY | O_DIRECTORY);

	CHECK(dir >= 0);
	CHECK_INT(policy_check_folder(dir, NULL, &problems), 0);
}

TEST(long_names, "the longest name in Japanese fits")
{
	char name[400] = "name: ";

	good();
	for (int i = 0; i < 80; i++)
		snprintf(name + strlen(name), 4, "関");
	change("people/taro.yaml", good_taro, "name: Taro", name);
	CHECK_INT(policy_load(&closure, &policy, &problems), 0);
	policy_clear(&policy);
	snprintf(name + strlen(name), 4, "関");
	change("people/taro.yaml", good_taro, "name: Taro", name);
	refused_with("people/taro.yaml:3: 'name' must be between 1 and 80");
}

TEST(links, "links, pipes and stray files are refused, none is opened")
{
	int dir = make_folder();

	CHECK(symlinkat("/etc/passwd", dir, "people/a.yaml") == 0);
	CHECK(mkfifoat(dir, "people/b.yaml", 0600) == 0);
	CHECK(mkdirat(dir, "people/c.yaml", 0700) == 0);
	write_file(dir, "people/notes.txt", "hello");
	write_file(dir, "people/.hidden", "hello");
	write_file(dir, "extra.yaml", "hello");
	CHECK_INT(policy_check_folder(dir, NULL, &problems), -1);
	CHECK(says("people/a.yaml: is not a regular file"));
	CHECK(says("people/b.yaml: is not a regular file"));
	CHECK(says("people/c.yaml: is not a regular file"));
	CHECK(says("people/notes.txt: does not belong here"));
	CHECK(says("extra.yaml: does not belong here"));
	CHECK_INT(problems.count, 5);
}

TEST(linked_folder, "a folder that is a link is refused")
{
	int dir = make_folder();

	CHECK(symlinkat("people", dir, "datasets") == 0);
	CHECK_INT(policy_check_folder(dir, NULL, &problems), -1);
	CHECK(says("datasets: cannot be read"));
}

TEST(japanese, "every sentence is there in Japanese")
{
	char sentence[PROBLEM_SIZE];

	good();
	change("people/taro.yaml", good_taro, "[researcher]", "[king]");
	CHECK_INT(policy_load(&closure, &policy, &problems), -1);
	CHECK(strstr(problems_text(&problems, 0, "ja", sentence,
				   sizeof sentence),
		     "役割") != NULL);
}

TEST(rows, "the rows of a permit are days or codes of its own datasets")
{
#define ROWS(rest) "[D-1]\nrows:\n  - {dataset: D-1, column: day" rest "}"
	good();
	change("permits/P-1.yaml", good_permit, "[D-1]",
	       ROWS(", from: 2020-01-01, until: 2020-01-01"));
	CHECK_INT(policy_load(&closure, &policy, &problems), 0);
	CHECK_INT(policy.permits[0].rows.count, 1);
	CHECK_STR(policy.permits[0].rows.item[0].column, "day");
	static const char *const wrong[] = {
		ROWS(""),
		ROWS(", from: 2020-01-01"),
		ROWS(", from: 2020-01-02, until: 2020-01-01"),
		ROWS(", from: 2020-01-01, until: 2020-01-01, prefix: E10"),
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		good();
		change("permits/P-1.yaml", good_permit, "[D-1]", wrong[i]);
		CHECK_INT(policy_load(&closure, &policy, &problems), -1);
		CHECK(says("permits/P-1.yaml:10: rows: each needs"));
	}
	good();
	change("permits/P-1.yaml", good_permit, "[D-1]",
	       "[D-1]\nrows:\n  - {dataset: D-2, column: c, prefix: E10}");
	CHECK_INT(policy_load(&closure, &policy, &problems), -1);
	CHECK(says("the permit has no dataset 'D-2'"));
	good();
	change("permits/P-1.yaml", good_permit, "[D-1]", "[D-1]\nrows: [x]");
	CHECK_INT(policy_load(&closure, &policy, &problems), -1);
}

TAP_MAIN
