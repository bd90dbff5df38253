#include "gateway/host/host.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/host/find.h"

static const struct {
	const char *name;
	enum found (*find)(const struct host *host, char *detail);
	enum host_verdict missing;
	enum text_id meaning;
} checks[] = {
#define CHECK(name, missing, meaning)                                          \
	{ #name, find_##name, missing, TEXT_DOCTOR_##meaning },
#include "gateway/host/host.def"
#undef CHECK
};

size_t host_count(void)
{
	return ARRAY_LEN(checks);
}

void host_look(size_t i, const struct host *host, struct host_row *row)
{
	enum found found;

	memset(row, 0, sizeof *row);
	row->name = checks[i].name;
	row->meaning = checks[i].meaning;
	found = checks[i].find(host, row->detail);
	row->verdict = found == FOUND  ? HOST_OK
		       : found == WEAK ? HOST_WEAKER
				       : checks[i].missing;
}

size_t host_names(const struct host *host, enum host_verdict verdict,
		  char *names, size_t size)
{
	size_t used = 0, n = 0;

	names[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		struct host_row row;

		host_look(i, host, &row);
		if (row.verdict != verdict)
			continue;
		int put = snprintf(names + used, size - used, "%s%s",
				   used ? ", " : "", row.name);
		used += put > 0 && (size_t)put < size - used ? (size_t)put : 0;
		n++;
	}
	return n;
}
