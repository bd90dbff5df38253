#include "policy/airlock/store/outs.h"

#include <string.h>

#include "gateway/base/own.h"

static size_t find(const struct outs *outs, const char *session)
{
	size_t i = 0;

	while (i < outs->n && strcmp(outs->at[i].session, session) != 0)
		i++;
	return i;
}

int outs_add(struct outs *outs, const char *session, int folder)
{
	outs_remove(outs, session);
	if (outs->n == OUTS_MAX || strlen(session) >= ID_SIZE) {
		own_close(&folder);
		return -1;
	}
	memcpy(outs->at[outs->n].session, session, strlen(session) + 1);
	outs->at[outs->n++].folder = folder;
	return 0;
}

int outs_find(const struct outs *outs, const char *session)
{
	size_t i = find(outs, session);

	return i < outs->n ? outs->at[i].folder : -1;
}

void outs_remove(struct outs *outs, const char *session)
{
	size_t i = find(outs, session);

	if (i == outs->n)
		return;
	own_close(&outs->at[i].folder);
	outs->at[i] = outs->at[--outs->n];
}
