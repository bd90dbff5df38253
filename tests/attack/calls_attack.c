/* links: sandbox gateway/base */
/*
 * calls_attack - every system call in a sandbox, against the reviewed list.
 *
 *	calls_attack FOLDER BIN      (tests/attack/calls.t makes FOLDER)
 *
 * What tests/golden/user.filter.txt says of a call with these arguments is
 * what must become of it: under all lists that lie one over the other, in a
 * sandbox as sessions get it. Refused with that errno; or refused with EPERM
 * and reported, once; or, if it is allowed, answered by the kernel.
 */
#include <sys/syscall.h>

#include "tests/attack/calls.h"
#include "tests/attack/follow.h"
#include "tests/attack/stage.h"

enum verdict { REFUSED, REPORTED, ALLOWED };

struct fate {
	enum verdict verdict;
	int number; /* errno, if it is refused */
};

static struct fate fates[CALLS];
static int answers[CALLS];
static unsigned int reports[CALLS];
static unsigned int number, bad;

static void tell(bool ok, const char *sentence, const char *argument)
{
	printf("%sok %u - %s: %s\n", ok ? "" : "not ", ++number, argument,
	       sentence);
	if (!ok)
		bad++;
}

/* --- The reviewed list --------------------------------------------------------- */

/* "arg1 & 0xffffffff == 0x5401 and arg2 != 0": true of this argument? */
static bool holds(char *conditions, uint64_t argument)
{
	char *rest = NULL, *word = strtok_r(conditions, " ", &rest);

	while (word) {
		uint64_t value = argument;

		word = strtok_r(NULL, " ", &rest);
		if (word && strcmp(word, "&") == 0) {
			value &= strtoull(strtok_r(NULL, " ", &rest), NULL, 0);
			word = strtok_r(NULL, " ", &rest);
		}
		bool equal = word && strcmp(word, "==") == 0;
		uint64_t with = strtoull(strtok_r(NULL, " ", &rest), NULL, 0);

		if ((value == with) != equal)
			return false;
		word = strtok_r(NULL, " ", &rest); /* and */
		if (word)
			word = strtok_r(NULL, " ", &rest);
	}
	return true;
}

static struct fate fate_named(const char *action)
{
	static const struct {
		const char *name;
		struct fate fate;
	} names[] = {
		{ "allow", { ALLOWED, 0 } },
		{ "notify", { REPORTED, EPERM } },
		{ "EPERM", { REFUSED, EPERM } },
		{ "EOPNOTSUPP", { REFUSED, EOPNOTSUPP } },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(action, names[i].name) == 0)
			return names[i].fate;
	printf("Bail out! the list says '%s'\n", action);
	exit(1);
}

/* What is not listed is ENOSYS. */
static void read_list(uint64_t argument)
{
	FILE *file = fopen("tests/golden/user.filter.txt", "re");
	char line[256], action[32];

	if (!file)
		stage_fail("tests/golden/user.filter.txt", NULL);
	for (size_t i = 0; i < CALLS; i++)
		fates[i] = (struct fate){ REFUSED, ENOSYS };
	while (fgets(line, sizeof line, file)) {
		char *conditions = strstr(line, " if ");
		int call;

		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%d %*s %31s", &call, action) != 2 ||
		    call < 0 || call >= CALLS)
			continue;
		if (!conditions || holds(conditions + 4, argument))
			fates[call] = fate_named(action);
	}
	fclose(file);
}

/* --- What became of them --------------------------------------------------------- */

static void take_line(const char *line)
{
	int call, answer;

	if (sscanf(line, "call %d %d", &call, &answer) == 2 && call >= 0 &&
	    call < CALLS)
		answers[call] = answer;
}

static void take_report(int call)
{
	if (call >= 0 && call < CALLS)
		reports[call]++;
}

/*
 * The kernel lets its own two calls for probes in user code past every filter
 * since 6.14 (kernel/seccomp.c: seccomp_uprobe_exception). From elsewhere than
 * their trampoline the one ends its process, the other is ENXIO.
 */
static bool is_probe(int call, int answer)
{
	return (call == 335 && answer == CALL_ENDED) ||
	       (call == 336 && answer == ENXIO);
}

/* Of an allowed call only this is known: the kernel was asked. One that is
 * newer than the oldest kernel may be missing there, and futex says the same
 * of an operation that it does not know. */
static bool is_fate(int call)
{
	const struct fate *fate = &fates[call];
	const int answer = answers[call];

	if (reports[call] != (fate->verdict == REPORTED))
		return false;
	if (fate->verdict != ALLOWED)
		return answer == fate->number || is_probe(call, answer);
	if (answer == ENOSYS)
		return call > SYS_futex_waitv || call == SYS_futex;
	return answer != CALL_UNTRIED && answer != CALL_KILLED;
}

static void try_all(const struct stage_session *s, const char *argument)
{
	const char *const argv[] = { "/usr/bin/calls", argument, NULL };
	struct stage_shell shell = { -1, -1, -1, -1 };
	unsigned int wrong = 0, of[3] = { 0 };
	struct err err;

	memset(reports, 0, sizeof reports);
	for (size_t i = 0; i < CALLS; i++)
		answers[i] = CALL_UNTRIED;
	read_list((uint64_t)strtoll(argument, NULL, 10));
	if (stage_spawn(s, false, argv, &shell, &err) < 0)
		stage_fail("spawn", &err);
	follow(&shell, take_line, take_report);
	tell(stage_exited(s, &err) == 0,
	     "every call was made with these arguments", argument);
	follow_close(&shell);
	for (int call = 0; call < CALLS; call++) {
		of[fates[call].verdict]++;
		if (is_fate(call))
			continue;
		wrong++;
		printf("# call %d: answer %d, %u reports; the list: %d, %d\n",
		       call, answers[call], reports[call], fates[call].verdict,
		       fates[call].number);
	}
	printf("# %u refused, %u reported, %u allowed\n", of[REFUSED],
	       of[REPORTED], of[ALLOWED]);
	tell(wrong == 0 && of[REFUSED] > 100 && of[REPORTED] > 40,
	     "each ends as the reviewed list says", argument);
}

int main(int argc, char **argv)
{
	struct stage_session s;
	struct stage stage;
	struct err err;

	if (argc != 3)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	stage_set(&stage, argv[1], argv[2]);
	if (stage_begin(&stage, &s, &err) < 0)
		stage_fail("box", &err);
	try_all(&s, "0");
	try_all(&s, "-1");
	stage_end(&s);
	stage_strike(&stage);
	printf("1..%u\n", number);
	return bad != 0;
}
