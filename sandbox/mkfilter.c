/*
 * mkfilter - turn a list of system calls into a C file of BPF, at build time.
 *
 *	mkfilter SYMBOL FILE.filter [HEIR.filter...]  the C file, on stdout
 *	mkfilter --print FILE.filter [HEIR.filter...] the rules, sorted
 *
 * Grammar, one directive a line, "#" and a blank begin a comment:
 *
 *	include path/from/root.filter
 *	default kill|enosys|eperm
 *	allow NAME...
 *	errno ERROR NAME...
 *	notify NAME...
 *
 * After a single NAME may stand conditions, joined by "and":
 *	arg1 == 0x5401    arg0 != 1    arg0 & 0x7e020000 == 0
 *
 * A call that libseccomp does not know is written by number: #463. A wrong
 * architecture kills the process, whatever the default.
 * HEIRs are the lists of what FILE's program starts, which inherit its filter
 * and lie over their own: the kernel takes the strictest of all answers (kill,
 * then errno, then notify, then allow). So what an heir allows is allowed, and
 * what an heir notifies is notified too, unless it is allowed: notify without
 * a listener is ENOSYS for the program itself, and does not outrank an heir's
 * own notify. An heir's errno needs nothing, since of two the newer counts.
 * Runs on the builder's machine only and trusts the files of this tree.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <seccomp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/base/filter.h"

enum { RULES = 8192, ARGS = 3, WORDS = 96, DEPTH = 4 };

struct rule {
	char call[40];
	int number;
	uint32_t action;
	unsigned int nargs;
	struct scmp_arg_cmp args[ARGS];
	bool heirs; /* from the list of an heir */
	char file[64];
	unsigned int line;
};

struct place {
	const char *file;
	unsigned int line;
	unsigned int depth;
};

static struct rule rules[RULES];
static size_t nrules;
static uint32_t default_action;
static bool has_default;
static bool in_heir; /* while an heir's list is read */

static const struct {
	const char *name;
	uint16_t value;
} errors[] = {
	{ "EPERM", EPERM },	      { "EACCES", EACCES },
	{ "EINVAL", EINVAL },	      { "ENOSYS", ENOSYS },
	{ "EOPNOTSUPP", EOPNOTSUPP }, { "ENOTTY", ENOTTY },
};

__attribute__((format(printf, 2, 3))) _Noreturn static void
fail(const struct place *at, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s:%u: ", at->file, at->line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

/* --- Reading -------------------------------------------------------------- */

static size_t split(const struct place *at, char *line, char *words[WORDS])
{
	size_t n = 0;
	char *rest = NULL;

	for (char *word = strtok_r(line, " \t\n", &rest); word;
	     word = strtok_r(NULL, " \t\n", &rest)) {
		if (word[0] == '#' && !isdigit((unsigned char)word[1]))
			break;
		if (n == WORDS)
			fail(at, "more than %d words", WORDS);
		words[n++] = word;
	}
	return n;
}

static uint64_t number(const struct place *at, const char *word)
{
	char *end = NULL;
	uint64_t value;

	errno = 0;
	value = word ? strtoull(word, &end, 0) : 0;
	if (!word || end == word || *end || errno)
		fail(at, "expected a number, got '%s'", word ? word : "");
	return value;
}

/* One condition from words; how many words it took. */
static size_t condition(const struct place *at, char **words, size_t n,
			struct scmp_arg_cmp *cmp)
{
	if (n < 3 || strncmp(words[0], "arg", 3) != 0 || words[0][3] < '0' ||
	    words[0][3] > '5' || words[0][4])
		fail(at, "expected a condition, as in arg1 == 0x5401");
	cmp->arg = (unsigned int)(words[0][3] - '0');
	if (n >= 5 && strcmp(words[1], "&") == 0) {
		if (strcmp(words[3], "==") != 0)
			fail(at, "a masked value can only be compared with ==");
		cmp->op = SCMP_CMP_MASKED_EQ;
		cmp->datum_a = number(at, words[2]);
		cmp->datum_b = number(at, words[4]);
		if (cmp->datum_b & ~cmp->datum_a)
			fail(at, "the value has bits outside its mask");
		return 5;
	}
	if (strcmp(words[1], "==") == 0)
		cmp->op = SCMP_CMP_EQ;
	else if (strcmp(words[1], "!=") == 0)
		cmp->op = SCMP_CMP_NE;
	else
		fail(at, "expected == or !=, got '%s'", words[1]);
	cmp->datum_a = number(at, words[2]);
	return 3;
}

/* A call that other architectures have and this one has not is left out. */
static void add_call(const struct place *at, const struct rule *like,
		     const char *call)
{
	struct rule *rule = &rules[nrules];
	size_t len = strlen(call);

	if (nrules == RULES || len >= sizeof rule->call)
		fail(at, "too many rules, or too long a name");
	*rule = *like;
	rule->heirs = in_heir;
	memcpy(rule->call, call, len + 1);
	snprintf(rule->file, sizeof rule->file, "%.63s", at->file);
	rule->line = at->line;
	if (call[0] == '#')
		rule->number = (int)number(at, call + 1);
	else
		rule->number = seccomp_syscall_resolve_name(call);
	if (rule->number == __NR_SCMP_ERROR)
		fail(at, "unknown system call '%s'", call);
	if (rule->number < 0 || rule->action == default_action)
		return;
	if (!in_heir || rule->action == SCMP_ACT_ALLOW ||
	    rule->action == SCMP_ACT_NOTIFY)
		nrules++;
}

static void calls(const struct place *at, uint32_t action, char **words,
		  size_t n)
{
	struct rule like = { .action = action };
	size_t used = 1;

	if (n == 0)
		fail(at, "no system call named");
	if (!has_default)
		fail(at, "the default must stand before the first call");
	if (n == 1 || strncmp(words[1], "arg", 3) != 0) {
		for (size_t i = 0; i < n; i++)
			add_call(at, &like, words[i]);
		return;
	}
	while (used < n) {
		if (like.nargs && strcmp(words[used++], "and") != 0)
			fail(at, "expected 'and'");
		if (like.nargs == ARGS)
			fail(at, "more than %d conditions", ARGS);
		used += condition(at, words + used, n - used,
				  &like.args[like.nargs]);
		like.nargs++;
	}
	add_call(at, &like, words[0]);
}

static uint32_t error_action(const struct place *at, const char *name)
{
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (strcmp(errors[i].name, name) == 0)
			return SCMP_ACT_ERRNO(errors[i].value);
	fail(at, "unknown error name '%s'", name);
}

static void set_default(const struct place *at, const char *word)
{
	uint32_t action;

	if (strcmp(word, "kill") == 0)
		action = SCMP_ACT_KILL_PROCESS;
	else if (strcmp(word, "enosys") == 0)
		action = SCMP_ACT_ERRNO(ENOSYS);
	else if (strcmp(word, "eperm") == 0)
		action = SCMP_ACT_ERRNO(EPERM);
	else
		fail(at, "unknown default '%s'", word);
	if (in_heir)
		return;
	if (has_default && action != default_action)
		fail(at, "a second, different default");
	default_action = action;
	has_default = true;
}

static void read_file(const struct place *from, const char *path);

static void directive(const struct place *at, char **words, size_t n)
{
	if (n < 2)
		fail(at, "'%s' needs more words", words[0]);
	if (strcmp(words[0], "include") == 0)
		read_file(at, words[1]);
	else if (strcmp(words[0], "default") == 0)
		set_default(at, words[1]);
	else if (strcmp(words[0], "allow") == 0)
		calls(at, SCMP_ACT_ALLOW, words + 1, n - 1);
	else if (strcmp(words[0], "notify") == 0)
		calls(at, SCMP_ACT_NOTIFY, words + 1, n - 1);
	else if (strcmp(words[0], "errno") == 0)
		calls(at, error_action(at, words[1]), words + 2, n - 2);
	else
		fail(at, "unknown directive '%s'", words[0]);
}

static void read_file(const struct place *from, const char *path)
{
	struct place at = { .file = path, .depth = from->depth + 1 };
	FILE *file = fopen(path, "re");
	char line[1024];
	char *words[WORDS];

	if (at.depth > DEPTH)
		fail(from, "includes nested deeper than %d", DEPTH);
	if (!file)
		fail(from, "cannot open %s: %s", path, strerror(errno));
	while (fgets(line, sizeof line, file)) {
		size_t n;

		at.line++;
		n = split(&at, line, words);
		if (n)
			directive(&at, words, n);
	}
	fclose(file);
}

/* --- Checking ------------------------------------------------------------- */

static int by_call(const void *a, const void *b)
{
	const struct rule *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	if (x->nargs != y->nargs)
		return x->nargs < y->nargs ? -1 : 1;
	for (unsigned int i = 0; i < x->nargs; i++) {
		int order = memcmp(&x->args[i], &y->args[i], sizeof x->args[i]);

		if (order)
			return order;
	}
	if (x->action != y->action) /* allow before notify */
		return x->action == SCMP_ACT_ALLOW ? -1 : 1;
	return x->heirs - y->heirs;
}

/* Can no value of the argument meet both? */
static bool excludes(const struct scmp_arg_cmp *x, const struct scmp_arg_cmp *y)
{
	bool masked = x->op == SCMP_CMP_MASKED_EQ;
	uint64_t mask = masked ? x->datum_a : UINT64_MAX;
	uint64_t value = masked ? x->datum_b : x->datum_a;

	if (x->arg != y->arg)
		return false;
	if (x->op == SCMP_CMP_NE)
		return y->op == SCMP_CMP_EQ && x->datum_a == y->datum_a;
	if (y->op == SCMP_CMP_NE)
		return x->op == SCMP_CMP_EQ && x->datum_a == y->datum_a;
	if (y->op == SCMP_CMP_MASKED_EQ)
		return mask & y->datum_a & (value ^ y->datum_b);
	return mask & (value ^ y->datum_a);
}

static bool overlap(const struct rule *x, const struct rule *y)
{
	for (unsigned int i = 0; i < x->nargs; i++)
		for (unsigned int j = 0; j < y->nargs; j++)
			if (excludes(&x->args[i], &y->args[j]))
				return false;
	return true;
}

/* Is the rule needed beside one of the same call that was kept? What makes it
 * vain is a mistake within one list, and plain where an heir may do it all. */
static bool needed(const struct rule *rule, const struct rule *kept)
{
	struct place at = { rule->file, rule->line, 0 };
	bool heirs = rule->heirs || kept->heirs;

	/* libseccomp 2.5 loses rules that begin with different arguments. */
	if (kept->nargs && kept->args[0].arg != rule->args[0].arg)
		fail(&at, "'%s' is told apart by another argument at %s:%u",
		     rule->call, kept->file, kept->line);
	if (kept->action == rule->action) {
		if (kept->nargs == rule->nargs &&
		    memcmp(kept->args, rule->args, sizeof rule->args) == 0)
			return false;
		if (kept->nargs > 0)
			return true;
		if (heirs)
			return false;
	} else {
		if (!overlap(rule, kept))
			return true;
		if (rule->heirs && kept->nargs == 0 &&
		    kept->action == SCMP_ACT_ALLOW)
			return false;
	}
	fail(&at, "'%s' has another rule at %s:%u", rule->call, kept->file,
	     kept->line);
}

/* An own notify says what of an heir's is left when something is allowed. */
static bool covered(const struct rule *rule)
{
	if (!rule->heirs || rule->action != SCMP_ACT_NOTIFY)
		return false;
	for (size_t i = 0; i < nrules; i++)
		if (!rules[i].heirs && rules[i].number == rule->number &&
		    rules[i].action == SCMP_ACT_NOTIFY)
			return true;
	return false;
}

static void check_rules(void)
{
	size_t kept = 0, first = 0; /* the first that was kept of this call */

	qsort(rules, nrules, sizeof *rules, by_call);
	for (size_t i = 0; i < nrules; i++) {
		bool keep = !covered(&rules[i]);

		if (kept && rules[first].number != rules[i].number)
			first = kept;
		for (size_t j = first; keep && j < kept; j++)
			keep = needed(&rules[i], &rules[j]);
		if (keep)
			rules[kept++] = rules[i];
	}
	nrules = kept;
}

/* --- Writing -------------------------------------------------------------- */

static const char *action_name(uint32_t action, char *buffer, size_t size)
{
	if (action == SCMP_ACT_ALLOW)
		return "allow";
	if (action == SCMP_ACT_NOTIFY)
		return "notify";
	if (action == SCMP_ACT_KILL_PROCESS)
		return "kill";
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (SCMP_ACT_ERRNO(errors[i].value) == action)
			snprintf(buffer, size, "%s", errors[i].name);
	return buffer;
}

static void print_rules(void)
{
	char name[16] = "?";

	printf("other architectures: kill\n");
	printf("everything else: %s\n",
	       action_name(default_action, name, sizeof name));
	for (size_t i = 0; i < nrules; i++) {
		const struct rule *rule = &rules[i];

		printf("%3d %-24s %s", rule->number, rule->call,
		       action_name(rule->action, name, sizeof name));
		for (unsigned int j = 0; j < rule->nargs; j++) {
			const struct scmp_arg_cmp *cmp = &rule->args[j];

			printf("%s arg%u", j ? " and" : " if", cmp->arg);
			if (cmp->op == SCMP_CMP_MASKED_EQ)
				printf(" & 0x%" PRIx64 " == 0x%" PRIx64,
				       cmp->datum_a, cmp->datum_b);
			else
				printf(" %s 0x%" PRIx64,
				       cmp->op == SCMP_CMP_EQ ? "==" : "!=",
				       cmp->datum_a);
		}
		putchar('\n');
	}
}

static int compile(const struct place *at)
{
	scmp_filter_ctx ctx = seccomp_init(default_action);
	int fd = memfd_create("filter", MFD_CLOEXEC);
	int rc;

	if (!ctx || fd < 0)
		fail(at, "libseccomp did not start");
	rc = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
			      SCMP_ACT_KILL_PROCESS);
	if (rc == 0)
		rc = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (rc < 0)
		fail(at, "libseccomp: %s", strerror(-rc));
	for (size_t i = 0; i < nrules; i++) {
		const struct rule *rule = &rules[i];
		struct place line = { rule->file, rule->line, 0 };

		rc = seccomp_rule_add_exact_array(ctx, rule->action,
						  rule->number, rule->nargs,
						  rule->args);
		if (rc < 0 && rc != -EEXIST)
			fail(&line, "%s: %s", rule->call, strerror(-rc));
	}
	rc = seccomp_export_bpf(ctx, fd);
	if (rc < 0 || lseek(fd, 0, SEEK_SET) < 0)
		fail(at, "export: %s", strerror(-rc));
	seccomp_release(ctx);
	return fd;
}

static void print_c(const char *symbol, int bpf)
{
	struct sock_filter op;
	unsigned int n = 0;

	printf("/* Made by mkfilter. */\n"
	       "#include \"gateway/base/filter.h\"\n\n"
	       "static const struct sock_filter code[] = {\n");
	while (read(bpf, &op, sizeof op) == (ssize_t)sizeof op) {
		printf("\t{ 0x%02x, %u, %u, 0x%08x },\n", op.code, op.jt, op.jf,
		       op.k);
		n++;
	}
	printf("};\n\nextern const struct filter %s;\n"
	       "const struct filter %s = { code, %u };\n",
	       symbol, symbol, n);
}

int main(int argc, char **argv)
{
	struct place start = { "mkfilter", 0, 0 };

	if (argc < 3) {
		fprintf(stderr, "usage: mkfilter SYMBOL|--print FILE [HEIR]\n");
		return 2;
	}
	read_file(&start, argv[2]);
	in_heir = true;
	for (int i = 3; i < argc; i++)
		read_file(&start, argv[i]);
	start.file = argv[2];
	if (!has_default)
		fail(&start, "no default");
	if (argc > 3 && default_action == SCMP_ACT_KILL_PROCESS)
		fail(&start, "a default that kills would kill heirs");
	check_rules();
	if (strcmp(argv[1], "--print") == 0)
		print_rules();
	else
		print_c(argv[1], compile(&start));
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
