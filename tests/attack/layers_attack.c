/* links: sandbox gateway/base */
/*
 * layers_attack - the attempts again, with layers of the sandbox removed.
 *
 *	layers_attack FOLDER WITHOUT      (tests/attack/layers.t makes FOLDER)
 *
 * For each variant of layers.def, whose programs are in WITHOUT/variant, a
 * sandbox is built and every attempt of attempts.def made in it. What ends
 * otherwise than in a whole sandbox must be what layers.def lists, no less
 * and no more. Prints all that changed.
 */
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "tests/attack/follow.h"
#include "tests/attack/layers/layers.h"
#include "tests/attack/stage.h"
#include "tests/attack/traps.h"

/* The answers of attempts.c, and of a kernel that may answer as it likes. */
enum { KILLED = -2, ANY = -3, MISSING = -4, WRONG = 4000 };

static const struct attempt {
	const char *sentence;
	int expected;
} attempts[] = {
#define ATTEMPT(sentence, expected, expression) { sentence, expected },
#include "tests/attack/attempts.def"
};

enum variant_number {
#define VARIANT(name, layers) VARIANT_##name,
#include "tests/attack/layers.def"
	VARIANTS
};

static const struct variant {
	const char *name;
	unsigned int layers;
} variants[] = {
#define VARIANT(name, layers) { #name, layers },
#include "tests/attack/layers.def"
};

static const struct {
	enum variant_number variant;
	const char *words;
} ends[] = {
#define ENDS(variant, words) { VARIANT_##variant, words },
#include "tests/attack/layers.def"
};

static const char *const layer_names[] = {
#define LAYER(name, what, functions) what,
#include "tests/attack/layers.def"
};

enum { ATTEMPTS = ARRAY_LEN(attempts) };

/* What a variant's process found; shared with its parent. */
static struct found {
	char refused[512]; /* why no session began */
	bool ended;	   /* the attempts ran to their end */
	int answers[ATTEMPTS];
} * found;

static int wanted[ATTEMPTS];
static unsigned int number, bad;

static void tell(bool ok, const char *variant, const char *sentence)
{
	printf("%sok %u - %s: %s\n", ok ? "" : "not ", ++number, variant,
	       sentence);
	if (!ok)
		bad++;
}

/* --- What must change ------------------------------------------------------------ */

static void want(enum variant_number variant, enum variant_number is,
		 const char *sentence, int answer)
{
	if (variant != is)
		return;
	for (size_t i = 0; i < ATTEMPTS; i++)
		if (strcmp(attempts[i].sentence, sentence) == 0) {
			wanted[i] = answer;
			return;
		}
	printf("Bail out! layers.def: nobody tries '%s'\n", sentence);
	exit(1);
}

static rlim_t hard(__rlimit_resource_t resource)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) < 0)
		stage_fail("a resource limit", NULL);
	return limit.rlim_max;
}

static void want_all(enum variant_number is)
{
	const long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);

	for (size_t i = 0; i < ATTEMPTS; i++)
		wanted[i] = attempts[i].expected;
#define CHANGE(variant, sentence, answer)                                      \
	want(VARIANT_##variant, is, sentence, answer);
#include "tests/attack/layers.def"
}

static const char *ends_with(enum variant_number is)
{
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (ends[i].variant == is)
			return ends[i].words;
	return NULL;
}

/* --- One variant, in a process of its own ------------------------------------------ */

/* Files of its own, since attempts that succeed change them. */
static void lay_dataset(const struct stage *stage, bool owned)
{
	static const char *const names[] = { "table.csv", "spare.csv" };
	char at[300];
	/* The user of the first session's lease: stage_build() */
	uid_t owner = owned ? 2000003 : 0;

	snprintf(at, sizeof at, "%s/datasets/sample", stage->folder);
	if (mount("dataset", at, "tmpfs", 0, "mode=755") < 0 ||
	    chown(at, owner, owner) < 0)
		stage_fail("a dataset", NULL);

	AUTO_FD int folder = open(at, O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		AUTO_FD int fd = openat(folder, names[i],
					O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

		if (fd < 0 || write(fd, "id,value\n", 9) != 9 ||
		    fchown(fd, owner, owner) < 0)
			stage_fail("a dataset", NULL);
	}
}

static void take_line(const char *line)
{
	const char *words = strstr(line, "answer ");
	size_t which;
	int answer;

	/* What an attempt types may stand before. */
	if (words && sscanf(words, "answer %zu %d", &which, &answer) == 2 &&
	    which < ATTEMPTS)
		found->answers[which] = answer;
}

static void attempt_all(const struct stage_session *s)
{
	const char *const argv[] = { "/usr/bin/attempts", "answer",
				     traps_name(), NULL };
	struct stage_shell shell = { -1, -1, -1, -1 };
	struct err err;

	if (stage_spawn(s, true, argv, &shell, &err) < 0) {
		snprintf(found->refused, sizeof found->refused, "%s", err.text);
		return;
	}
	follow(&shell, take_line, NULL);
	found->ended = stage_exited(s, &err) == 0;
	follow_close(&shell);
}

static void live(const struct variant *variant, const char *folder,
		 const char *without)
{
	static struct stage stage;
	struct stage_session s;
	char bin[200];
	struct err err;

	snprintf(bin, sizeof bin, "%s/%s", without, variant->name);
	stage_set(&stage, folder, bin);
	traps_set(&stage);
	lay_dataset(&stage, variant->layers & OWNER);
	if (stage_begin(&stage, &s, &err) < 0) {
		snprintf(found->refused, sizeof found->refused, "%s", err.text);
		stage_sweep(&s);
	} else {
		attempt_all(&s);
		stage_end(&s);
	}
	stage_strike(&stage);
	/* The next variant gets a new one. */
	snprintf(bin, sizeof bin, "%s/workspaces/P-test.img", folder);
	unlink(bin);
}

/* --- All variants ------------------------------------------------------------------ */

static void compare(const struct variant *variant)
{
	for (size_t i = 0; i < ATTEMPTS; i++) {
		int got = found->answers[i];

		if (got != attempts[i].expected)
			printf("# %s: %s: %d (%s), not %d\n", variant->name,
			       attempts[i].sentence, got,
			       got >= 0 && got < WRONG ? strerror(got) : "-",
			       attempts[i].expected);
		if (wanted[i] == ANY && got != MISSING)
			continue;
		if (wanted[i] != attempts[i].expected || got != wanted[i])
			tell(got == wanted[i], variant->name,
			     attempts[i].sentence);
		if (got != wanted[i])
			printf("# got %d, layers.def says %d\n", got,
			       wanted[i]);
	}
	tell(found->ended, variant->name, "the attempts ran to their end");
}

static void judge(enum variant_number is)
{
	const struct variant *variant = &variants[is];
	const char *words = ends_with(is);

	printf("# %s: without", variant->name);
	for (size_t i = 0; i < ARRAY_LEN(layer_names); i++)
		if (variant->layers & 1U << i)
			printf(" [%s]", layer_names[i]);
	printf("\n");
	if (*found->refused)
		printf("# %s: %s\n", variant->name, found->refused);
	if (words) {
		tell(*found->refused && strstr(found->refused, words),
		     variant->name, "no session begins");
		return;
	}
	tell(!*found->refused, variant->name, "a session begins");
	if (*found->refused)
		return;
	want_all(is);
	compare(variant);
}

static void try_variant(enum variant_number is, char **argv)
{
	int status = -1;
	pid_t pid;

	memset(found, 0, sizeof *found);
	for (size_t i = 0; i < ATTEMPTS; i++)
		found->answers[i] = MISSING;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		live(&variants[is], argv[1], argv[2]);
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (status != 0)
		printf("# the variant's process ended with %d\n", status);
	judge(is);
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	found = mmap(NULL, sizeof *found, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (found == MAP_FAILED)
		stage_fail("shared memory", NULL);
	for (unsigned int is = 0; is < VARIANTS; is++)
		if (argc == 3 || strcmp(argv[3], variants[is].name) == 0)
			try_variant((enum variant_number)is, argv);
	printf("1..%u\n", number);
	return bad != 0;
}
