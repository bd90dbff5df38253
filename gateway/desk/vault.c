/*
 * vault - let an auditor read what stands behind commitments.
 *
 * Runs in sekisho-desk, with a link to the vault that only an auditor's desk
 * is given. The vault puts each reading on record before it answers. What a
 * person chose to write is shown made visible, never as it is; beside it
 * stands base64 of the very bytes, for who checks them.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/commit.h"
#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "gateway/base/visible.h"
#include "gateway/desk/desk.h"
#include "gateway/desk/line.h"
#include "gateway/desk/link.h"
#include "gateway/desk/log_line.h"

enum {
	AT_ONCE = 12, /* commitments of one VAULT_OPEN */
	ANSWER_MS = 20000,
	BASE64_MOST = (RESULT_CELL_SIZE - 1) / 4 * 3 /* bytes that fit a cell */
};

struct wanted {
	uint64_t index; /* of the record, and 1; 0: not said */
	unsigned int n;
	uint8_t hash[AT_ONCE][COMMIT_SIZE];
};

/* As the vault says it (audit/vault/states.def). */
static const char *const states[] = {
#define STATE(name, word) word,
#include "audit/vault/states.def"
#undef STATE
};

/* --- What is asked for --------------------------------------------------------- */

static bool ends_in_commit(const char *key)
{
	size_t len = strlen(key), end = strlen("_commit");

	return len >= end && strcmp(key + len - end, "_commit") == 0;
}

/* The commitments of the record in line. False: it is another record. */
static bool take_line(const char *text, uint64_t index, struct wanted *wanted)
{
	char number[24];
	struct line line;
	bool same = false;

	snprintf(number, sizeof number, "%" PRIu64, index);
	line_begin(&line, text, strlen(text));
	while (line_next(&line) > 0) {
		if (strcmp(line.key, "_i") == 0)
			same = strcmp(line.value, number) == 0;
		if ((ends_in_commit(line.key) ||
		     strcmp(line.key, "commit") == 0) &&
		    wanted->n < AT_ONCE &&
		    commit_from_hex(line.value, wanted->hash[wanted->n]) == 0)
			wanted->n++;
	}
	return same;
}

static bool want_record(const struct desk *desk, const char *word,
			struct wanted *wanted, struct result *result)
{
	static char text[LOG_LINE];
	struct err why = { "" };
	char *end;
	uint64_t index = strtoull(word, &end, 10);
	bool number =
		*word >= '0' && *word <= '9' && !*end && strlen(word) < 20;
	int got = number ? log_line(desk->log, index, text, &why) : 0;

	if (got < 0) {
		result_error(result, RESULT_FAILED, TEXT_DESK_NO_LOG, why.text,
			     NULL, NULL);
		result_hint(result, TEXT_DESK_TELL_OPERATOR, NULL, NULL);
		return false;
	}
	if (got == 0 || !take_line(text, index, wanted)) {
		result_error(result, RESULT_WRONG,
			     number ? TEXT_VAULT_NO_RECORD
				    : TEXT_VAULT_NO_COMMITMENT,
			     word, NULL, NULL);
		return false;
	}
	wanted->index = index + 1;
	if (wanted->n == 0)
		result_error(result, RESULT_WRONG, TEXT_VAULT_NONE_THERE, word,
			     NULL, NULL);
	return wanted->n > 0;
}

static bool read_wanted(const struct desk *desk, const struct command *command,
			struct wanted *wanted, struct result *result)
{
	char most[16];

	*wanted = (struct wanted){ 0 };
	snprintf(most, sizeof most, "%d", AT_ONCE);
	if (strcmp(command_word(command, 1), "open") != 0 || command->n < 3 ||
	    command->n > 2 + AT_ONCE) {
		result_error(result, RESULT_WRONG, TEXT_VAULT_WHICH, most, NULL,
			     NULL);
		result_hint(result, TEXT_DESK_SEE_HELP, "vault", NULL);
		return false;
	}
	if (command->n == 3 &&
	    strlen(command_word(command, 2)) != COMMIT_TEXT - 1)
		return want_record(desk, command_word(command, 2), wanted,
				   result);
	for (unsigned int i = 2; i < command->n; i++, wanted->n++)
		if (commit_from_hex(command->words[i],
				    wanted->hash[wanted->n]) < 0) {
			result_error(result, RESULT_WRONG,
				     TEXT_VAULT_NO_COMMITMENT,
				     command->words[i], NULL, NULL);
			return false;
		}
	return true;
}

/* --- The vault's answer ----------------------------------------------------------- */

static void put_base64(struct result *result, const uint8_t *bytes, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	char text[RESULT_CELL_SIZE], *out = text;

	for (size_t i = 0; i < len && len <= BASE64_MOST; i += 3) {
		uint32_t three = (uint32_t)bytes[i] << 16;

		three |= i + 1 < len ? (uint32_t)bytes[i + 1] << 8 : 0;
		three |= i + 2 < len ? (uint32_t)bytes[i + 2] : 0;
		*out++ = digits[three >> 18];
		*out++ = digits[three >> 12 & 63];
		*out++ = i + 1 < len ? digits[three >> 6 & 63] : '=';
		*out++ = i + 2 < len ? digits[three & 63] : '=';
	}
	*out = '\0';
	result_text(result, text);
}

/* One of VAULT_OPENED as a row. False: malformed. */
static bool put_row(struct result *result, struct msg *m,
		    const uint8_t hash[COMMIT_SIZE])
{
	char permit[ID_SIZE], field[COMMIT_FIELD], shown[RESULT_CELL_SIZE];
	char hex[COMMIT_TEXT], size[24];
	size_t salt_len, len;
	uint8_t state = msg_get_u8(m);

	msg_get_str(m, permit, sizeof permit);
	msg_get_str(m, field, sizeof field);
	int64_t at = (int64_t)(msg_get_u64(m) / 1000000);
	const uint8_t *salt = msg_get_bytes(m, &salt_len);
	const uint8_t *value = msg_get_bytes(m, &len);
	if (m->bad || state >= ARRAY_LEN(states))
		return false;
	commit_hex(hash, hex);
	visible_text(shown, sizeof shown, value, len);
	snprintf(size, sizeof size, "%zu", len);
	result_row(result);
	result_text(result, hex);
	result_text(result, states[state]);
	result_text(result, permit);
	result_number(result, at);
	result_text(result, field);
	result_text(result, shown);
	put_base64(result, salt, salt_len);
	put_base64(result, value, len);
	if (len > BASE64_MOST)
		result_note(result, TEXT_VAULT_CUT, hex, size, NULL);
	return true;
}

static bool put_answer(struct result *result, struct msg *m,
		       const struct wanted *wanted)
{
	char number[24];

	snprintf(number, sizeof number, "%" PRIu64, wanted->index - 1);
	result_begin_with(result, RESULT_ONE,
			  wanted->index > 0 ? TEXT_VAULT_OPEN_OF
					    : TEXT_VAULT_OPEN,
			  number, NULL);
	result_column(result, "commit", RESULT_ID);
	result_column(result, "state", RESULT_STATE);
	result_column(result, "permit", RESULT_ID);
	result_column(result, "kept_at", RESULT_TIME);
	result_column(result, "field", RESULT_ID);
	result_column(result, "value", RESULT_TEXT);
	result_column(result, "salt", RESULT_ID);
	result_column(result, "base64", RESULT_ID);
	if (m->type != MSG_VAULT_OPENED || msg_get_u32(m) != wanted->n)
		return false;
	for (unsigned int i = 0; i < wanted->n; i++)
		if (!put_row(result, m, wanted->hash[i]))
			return false;
	return msg_done(m);
}

/* Ask and wait. False: there is no vault now, or it answers nonsense. */
static bool ask_vault(struct desk *desk, const struct wanted *wanted,
		      struct result *result)
{
	static struct msg m;
	struct pollfd wait = { desk->vault, POLLIN, 0 };
	struct err ignored;

	if (desk->vault < 0)
		return false;
	msg_start(&m, MSG_VAULT_OPEN, 0);
	msg_put_u64(&m, wanted->index);
	msg_put_u32(&m, wanted->n);
	for (unsigned int i = 0; i < wanted->n; i++)
		msg_put_bytes(&m, wanted->hash[i], COMMIT_SIZE);
	bool good = msg_send(desk->vault, &m, &ignored) == 0 &&
		    poll(&wait, 1, ANSWER_MS) == 1 &&
		    msg_receive(desk->vault, &m, &ignored) == 1 &&
		    put_answer(result, &m, wanted);
	msg_clear(&m);
	explicit_bzero(m.data, m.len);
	if (!good)
		own_close(&desk->vault);
	return good;
}

/* A new vault's link may lie there and not be read yet. */
static void hear_links(struct desk *desk)
{
	struct pollfd link = { PROCESS_LINK, POLLIN, 0 };

	while (!desk->leaving && poll(&link, 1, 0) == 1)
		link_hear(desk);
}

void desk_vault(struct desk *desk, const struct command *command,
		struct result *result)
{
	struct wanted wanted;

	if (!read_wanted(desk, command, &wanted, result))
		return;
	hear_links(desk);
	if (ask_vault(desk, &wanted, result))
		return;
	hear_links(desk);
	if (ask_vault(desk, &wanted, result))
		return;
	result_error(result, RESULT_FAILED, TEXT_VAULT_AWAY, NULL, NULL, NULL);
	result_hint(result, TEXT_ASK_AGAIN, NULL, NULL);
}
