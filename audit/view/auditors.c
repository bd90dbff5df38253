/*
 * auditors - see auditors.h. Runs in sekisho-tiles.
 */
#include "audit/view/auditors.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "audit/segment.h"

static bool is_name(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._@-";

	return *name && strlen(name) < AUDITORS_NAME &&
	       strspn(name, letters) == strlen(name);
}

static int add(struct auditors *auditors, const char *name, const char *hex,
	       struct err *err)
{
	struct auditor *auditor = &auditors->all[auditors->n];

	if (auditors->n == AUDITORS_MAX)
		return err_set(err, "more than %d auditors", AUDITORS_MAX);
	if (!is_name(name) || !hash_from_hex(&auditor->token, hex, strlen(hex)))
		return err_set(err, "expected a name and the SHA-256 of a "
				    "token, 64 digits from 0 to f");
	snprintf(auditor->name, sizeof auditor->name, "%s", name);
	auditors->n++;
	return 0;
}

static int add_line(struct auditors *auditors, char *line, struct err *err)
{
	char *words[3] = { NULL };
	unsigned int n = 0;

	for (char *word; (word = strsep(&line, " \t"));) {
		if (!*word)
			continue;
		if (n == 3)
			break;
		words[n++] = word;
	}
	if (n == 0 || *words[0] == '#')
		return 0;
	return n == 2 ? add(auditors, words[0], words[1], err)
		      : err_set(err, "expected a name and the SHA-256 of a "
				     "token");
}

int auditors_read(struct auditors *auditors, const char *path, struct err *err)
{
	static char text[65536];
	char *rest = text;
	unsigned int number = 0;

	if (segment_read_small(AT_FDCWD, path, text, sizeof text, err) < 0)
		return -1;
	for (char *line; (line = strsep(&rest, "\n"));) {
		number++;
		if (add_line(auditors, line, err) < 0)
			return err_within(err, "%s:%u", path, number);
	}
	return auditors->n > 0 ? 0 : err_set(err, "%s names nobody", path);
}

const char *auditors_find(struct auditors *auditors, const char *authorization)
{
	static const char bearer[] = "Bearer ";
	const struct auditor *found = NULL;

	if (!authorization ||
	    strncmp(authorization, bearer, sizeof bearer - 1) != 0)
		return NULL;
	const char *token = authorization + sizeof bearer - 1;
	size_t len = strlen(token);
	if (len == 0 || len >= AUDITORS_TOKEN)
		return NULL;
	struct hash hash = hash_bytes(&auditors->hasher, token, len);
	for (unsigned int i = 0; i < auditors->n; i++)
		if (CRYPTO_memcmp(&hash, &auditors->all[i].token,
				  sizeof hash) == 0)
			found = &auditors->all[i];
	return found ? found->name : NULL;
}
