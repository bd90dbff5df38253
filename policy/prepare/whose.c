#include "policy/prepare/whose.h"

#include <string.h>

#include "policy/prepare/normalize.h"

const struct action *whose_action(const struct source *source)
{
	for (uint32_t i = 0; source->has_subject && i < source->ncolumns; i++) {
		const struct column *column = &source->columns[i];

		if (strcmp(column->name, source->subject.column) == 0 &&
		    column->nactions > 0 &&
		    column->actions[0].what == DO_pseudonym &&
		    column->actions[0].link_key.count == 0)
			return &column->actions[0];
	}
	return NULL;
}

int whose_init(struct whose *whose, const struct source *source,
	       const uint8_t key[static PRF_KEY], int folder,
	       const struct bundle *bundle, struct fault *fault)
{
	*whose = (struct whose){ .source = source,
				 .action = whose_action(source),
				 .history = { .texts = -1, .pairs.fd = -1 } };
	if (!whose->action)
		return fault_say(fault, FAULT_REIDENTIFY, source->name);
	prf_init(&whose->prf, key, PRF_PSEUDONYM, whose->action->domain);
	return history_read(&whose->history, folder, source, bundle, fault);
}

void whose_clear(struct whose *whose)
{
	history_clear(&whose->history);
	prf_clear(&whose->prf);
}

int whose_value(const struct whose *whose, const char *at, size_t len,
		uint8_t mac[static 32], struct fault *fault)
{
	char oldest[HISTORY_NUMBER], spelled[4096];
	unsigned int how = whose->action->normalize;

	/* as do_pseudonym: the column's own spelling, or the subject's value */
	if (how == 0) {
		how = whose->source->subject.normalize;
		if (history_oldest(&whose->history, &at, &len, oldest, fault) <
		    0)
			return -1;
	}
	long n = normalize(how, at, len, spelled, sizeof spelled);
	if (n < 0)
		return fault_set(fault, FAULT_TOO_LONG);
	if (n == 0)
		return 0;
	prf_value(&whose->prf, spelled, (size_t)n, mac);
	return 1;
}
