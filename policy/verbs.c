/*
 * verbs - see verbs.h. What the handlers share.
 */
#include "policy/verbs.h"

const char *verb_word(const struct peer *peer, unsigned int i)
{
	return i < peer->words->count ? peer->words->word[i] : "";
}

void verb_done(struct server *server)
{
	result_begin(&server->result, RESULT_ONE, TEXT_ASK_DONE);
}

void verb_refuse(struct server *server, enum text_id why, const char *first,
		 const char *second)
{
	verb_done(server);
	result_error(&server->result, RESULT_WRONG, why, first, second, NULL);
}
