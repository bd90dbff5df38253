/*
 * fault - codes, places and sentences of what stops a preparation.
 *
 * Runs in sekisho-prepare as the custodian.
 */
#include "policy/prepare/fault.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "policy/prepare/put.h"

enum { EXIT_CONFIG = 2, EXIT_DATA, EXIT_POLICY, EXIT_KEY, EXIT_IO };

static const struct {
	const char *word;
	int exit;
	enum text_id text;
} faults[FAULTS] = {
#define FAULT(name, exit)                                                      \
	[FAULT_##name] = { "E_" #name, EXIT_##exit, TEXT_FAULT_##name },
#include "policy/prepare/errors.def"
#undef FAULT
};

int fault_set(struct fault *fault, enum fault_code code)
{
	*fault = (struct fault){ .code = code };
	return -1;
}

int fault_say(struct fault *fault, enum fault_code code, const char *what)
{
	fault_set(fault, code);
	snprintf(fault->detail, sizeof fault->detail, "%s", what);
	return -1;
}

int fault_sys(struct fault *fault, const char *what)
{
	int saved = errno;
	const char *reason = strerrordesc_np(saved);

	fault_set(fault, saved == ENOSPC || saved == EDQUOT ? FAULT_DISK_FULL
							    : FAULT_IO);
	snprintf(fault->detail, sizeof fault->detail, "%.180s: %s", what,
		 reason ? reason : "error");
	errno = saved;
	return -1;
}

static bool printable(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = name[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      c == '_' || (i > 0 && c >= '0' && c <= '9')))
			return false;
	}
	return len > 0;
}

int fault_column(struct fault *fault, uint32_t number, const char *name,
		 size_t len)
{
	fault->column = number;
	fault->name[0] = '\0';
	if (len < sizeof fault->name && printable(name, len)) {
		memcpy(fault->name, name, len);
		fault->name[len] = '\0';
	}
	return -1;
}

const char *fault_word(enum fault_code code)
{
	return faults[code].word;
}

int fault_exit(enum fault_code code)
{
	return faults[code].exit;
}

enum fault_code fault_of_text(enum text_id id, enum fault_code else_code)
{
	for (enum fault_code code = 1; code < FAULTS; code++)
		if (faults[code].text == id)
			return code;
	return else_code;
}

void fault_print(FILE *out, const struct fault *fault, const char *lang)
{
	fprintf(out, "{\"code\":\"%s\"", faults[fault->code].word);
	if (fault->column)
		fprintf(out, ",\"column\":%" PRIu32, fault->column);
	if (fault->name[0])
		fprintf(out, ",\"column_name\":\"%s\"", fault->name);
	if (fault->count)
		fprintf(out, ",\"count\":%" PRIu64, fault->count);
	if (fault->detail[0]) {
		fputs(",\"detail\":", out);
		put_string(out, fault->detail, strlen(fault->detail));
	}
	if (fault->line)
		fprintf(out, ",\"line\":%" PRIu64, fault->line);
	fputs(",\"message\":", out);
	const char *sentence = text(lang, faults[fault->code].text);
	put_string(out, sentence, strlen(sentence));
	if (fault->source[0]) {
		fputs(",\"source\":", out);
		put_string(out, fault->source, strlen(fault->source));
	}
	fputs("}\n", out);
}
