#include "audit/vault_client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "gateway/base/own.h"
#include "gateway/base/plan.h"

struct vault_letter {
	struct vault_letter *next;
	uint32_t ref;
	char permit[ID_SIZE], field[COMMIT_FIELD];
	uint8_t commitment[COMMIT_SIZE], salt[COMMIT_SALT];
	size_t len;
	uint8_t value[];
};

static int64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int vault_client_init(struct vault_client *vault, struct err *err)
{
	struct commit_opening warm = { .field = "name", .value = "" };
	uint8_t hash[COMMIT_SIZE];

	*vault = (struct vault_client){ .link = -1, .last = &vault->first };
	return commit_hash(&warm, hash, err);
}

/* --- Letters ------------------------------------------------------------------ */

static void drop(struct vault_client *vault, struct vault_letter **at)
{
	struct vault_letter *letter = *at;

	*at = letter->next;
	if (vault->last == &letter->next)
		vault->last = at;
	if (vault->unsent == letter)
		vault->unsent = letter->next;
	vault->n--;
	vault->full = 0;
	explicit_bzero(letter, sizeof *letter + letter->len);
	free(letter);
}

static void add(struct vault_client *vault, const struct vault_text *text,
		const struct commit_opening *opening,
		const uint8_t commitment[COMMIT_SIZE])
{
	struct vault_letter *letter = NULL;

	if (vault->n < VAULT_LYING && opening->len <= COMMIT_VALUE)
		letter = calloc(1, sizeof *letter + opening->len);
	if (!letter) {
		vault->unkept++;
		return;
	}
	letter->ref = ++vault->next_ref;
	snprintf(letter->permit, sizeof letter->permit, "%s", text->permit);
	snprintf(letter->field, sizeof letter->field, "%s", text->field);
	memcpy(letter->commitment, commitment, COMMIT_SIZE);
	memcpy(letter->salt, opening->salt, COMMIT_SALT);
	letter->len = opening->len;
	memcpy(letter->value, opening->value, opening->len);
	*vault->last = letter;
	vault->last = &letter->next;
	if (!vault->unsent)
		vault->unsent = letter;
	if (++vault->n == VAULT_LYING)
		vault->full = clock_ms();
}

int vault_commit(struct vault_client *vault, const struct vault_text *text,
		 char out[COMMIT_TEXT], struct err *err)
{
	struct commit_opening opening = { .field = text->field,
					  .value = text->value,
					  .len = strlen(text->value) };
	uint8_t commitment[COMMIT_SIZE];

	if (getrandom(opening.salt, COMMIT_SALT, 0) != COMMIT_SALT)
		die("getrandom gave no bytes");
	if (commit_hash(&opening, commitment, err) < 0)
		return -1;
	commit_hex(commitment, out);
	add(vault, text, &opening, commitment);
	explicit_bzero(&opening, sizeof opening);
	vault_client_serve(vault);
	return 0;
}

/* --- The link ------------------------------------------------------------------- */

void vault_client_link(struct vault_client *vault, int fd)
{
	own_close(&vault->link);
	vault->unsent = vault->first;
	vault->link = fd;
	if (fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		own_close(&vault->link);
	vault_client_serve(vault);
}

static int send_one(const struct vault_client *vault,
		    const struct vault_letter *letter, struct err *err)
{
	static struct msg m;

	msg_start(&m, MSG_OPENING, letter->ref);
	msg_put_str(&m, letter->permit);
	msg_put_str(&m, letter->field);
	msg_put_bytes(&m, letter->commitment, COMMIT_SIZE);
	msg_put_bytes(&m, letter->salt, COMMIT_SALT);
	msg_put_bytes(&m, letter->value, letter->len);
	int sent = msg_try(vault->link, &m, err);
	explicit_bzero(m.data, m.len);
	return sent;
}

static int flush(struct vault_client *vault, struct err *err)
{
	while (vault->unsent) {
		int sent = send_one(vault, vault->unsent, err);

		if (sent <= 0)
			return sent;
		vault->unsent = vault->unsent->next;
	}
	return 0;
}

/* One answer. They come in order, but nothing depends on it. */
static int heard(struct vault_client *vault, struct msg *m, struct err *err)
{
	struct vault_letter **at = &vault->first;
	bool kept = msg_get_u8(m) == 1;

	while (*at && (*at)->ref != m->ref)
		at = &(*at)->next;
	if (m->type != MSG_OPENING_KEPT || !msg_done(m) || !*at)
		return err_set(err, "unexpected %s", msg_name(m->type));
	if (!kept)
		vault->refused++;
	drop(vault, at);
	return 0;
}

static int hear(struct vault_client *vault, struct err *err)
{
	static struct msg m;

	for (;;) {
		int got = msg_receive(vault->link, &m, err);

		if (got < 0)
			return -1;
		if (got == 0)
			return errno == EAGAIN ? 0 : err_set(err, "it is gone");
		int done = heard(vault, &m, err);
		msg_clear(&m);
		if (done < 0)
			return -1;
	}
}

short vault_client_events(const struct vault_client *vault)
{
	return (short)(POLLIN | (vault->unsent ? POLLOUT : 0));
}

void vault_client_serve(struct vault_client *vault)
{
	struct err err;

	if (vault->link < 0)
		return;
	if (flush(vault, &err) == 0 && hear(vault, &err) == 0)
		return;
	note("the link to the vault is closed: %s", err.text);
	own_close(&vault->link);
}

bool vault_client_late(const struct vault_client *vault, int64_t now)
{
	return vault->full > 0 && now - vault->full < VAULT_WAIT_MS;
}

void vault_client_finish(struct vault_client *vault, int ms)
{
	int64_t until = clock_ms() + ms, left = ms;

	while (vault->n > 0 && vault->link >= 0 && left > 0) {
		struct pollfd wait = { vault->link, vault_client_events(vault),
				       0 };

		if (poll(&wait, 1, (int)left) > 0)
			vault_client_serve(vault);
		left = until - clock_ms();
	}
	vault->unkept += vault->n;
	while (vault->first)
		drop(vault, &vault->first);
	own_close(&vault->link);
}

bool vault_lost(struct vault_client *vault, struct audit_record *record)
{
	if (vault->unkept + vault->refused == 0)
		return false;
	audit_begin(record, "vault.lost", AUDIT_ERROR);
	audit_number(record, "unkept", (int64_t)vault->unkept);
	audit_number(record, "no_room", (int64_t)vault->refused);
	vault->unkept = vault->refused = 0;
	return true;
}
