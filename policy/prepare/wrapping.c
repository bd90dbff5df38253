/*
 * wrapping - AES-256-GCM by a key in a file, or by a token.
 *
 * Runs in sekisho-prepare as the custodian.
 */
#include "policy/prepare/wrapping.h"

#include <ctype.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "gateway/base/err.h"
#include "gateway/base/own.h"
#include "policy/prepare/disk.h"
#include "policy/prepare/gcm.h"
#include "policy/prepare/keyfile.h"
#include "policy/prepare/token.h"

static const char scheme[] = "pkcs11:";

static bool is_uri(const char *place)
{
	return strncmp(place, scheme, sizeof scheme - 1) == 0;
}

bool wrapping_place_good(const char *place)
{
	return (place[0] == '/' || is_uri(place)) &&
	       strlen(place) < WRAPPING_PLACE - 16 && !strchr(place, '\n');
}

int wrapping_place(int folder, const char *name,
		   char place[static WRAPPING_PLACE], struct fault *fault)
{
	AUTO_FREE uint8_t *line = NULL;
	size_t len;

	if (!keyfile_is(folder, name))
		return 0;
	line = disk_read(folder, name, WRAPPING_PLACE, &len, fault);
	if (!line)
		return -1;
	if (len < 2 || len > WRAPPING_PLACE - 1 || line[len - 1] != '\n')
		return fault_say(fault, FAULT_KEY, name);
	memcpy(place, line, len - 1);
	place[len - 1] = '\0';
	return 1;
}

int wrapping_put_place(int folder, const char *name, const char *place,
		       struct fault *fault)
{
	char line[WRAPPING_PLACE + 2];
	int n = snprintf(line, sizeof line, "%s\n", place);
	const struct keyfile_text text = { line, (size_t)n };

	return keyfile_put(folder, name, true, true, &text, fault);
}

/* Where the number of a name begins, ".7"; its end: it has none. */
static size_t number_at(const char *name, size_t len)
{
	size_t at = len;

	while (at > 0 && isdigit((unsigned char)name[at - 1]))
		at--;
	return at > 0 && at < len && len - at < 9 && name[at - 1] == '.'
		       ? at - 1
		       : len;
}

int wrapping_next_place(const char *place, char out[static WRAPPING_PLACE])
{
	size_t end = strlen(place);

	if (is_uri(place)) {
		const char *object = strstr(place, "object=");

		if (!object)
			return -1;
		end = (size_t)(object - place) + strcspn(object, ";?&");
	}
	size_t at = number_at(place, end);
	long number = at < end ? strtol(place + at + 1, NULL, 10) + 1 : 2;
	int n = snprintf(out, WRAPPING_PLACE, "%.*s.%ld%s", (int)at, place,
			 number, place + end);
	return n < 0 || n >= WRAPPING_PLACE ? -1 : 0;
}

bool wrapping_wants_token(const char *keys, const char *place)
{
	static const char *const names[] = { WRAPPING_AT, WRAPPING_NEXT,
					     WRAPPING_OLD };
	char at[WRAPPING_PLACE];
	struct fault ignored;

	if (place && is_uri(place))
		return true;
	if (!keys)
		return false;
	AUTO_FD int folder = open(keys, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; folder >= 0 && i < ARRAY_LEN(names); i++)
		if (wrapping_place(folder, names[i], at, &ignored) > 0 &&
		    is_uri(at))
			return true;
	return false;
}

static int open_file(struct wrapping *wrapping, int folder, const char *place,
		     bool make, struct fault *fault)
{
	if (!keyfile_is(folder, place)) {
		if (!make)
			return 0;
		if (getrandom(wrapping->key, WRAPPING_KEY, 0) != WRAPPING_KEY)
			die("no random bytes");
		return keyfile_write(folder, place, true, wrapping->key,
				     WRAPPING_KEY, fault) < 0
			       ? -1
			       : 1;
	}
	return keyfile_read(folder, place, true, wrapping->key, WRAPPING_KEY,
			    fault) < 0
		       ? -1
		       : 1;
}

int wrapping_open(struct wrapping *wrapping, int folder, const char *place,
		  bool make, struct fault *fault)
{
	uint32_t number = wrapping->number;

	*wrapping = (struct wrapping){ .open = true,
				       .token = is_uri(place),
				       .number = number };
	return wrapping->token
		       ? token_open(number, place, make, fault)
		       : open_file(wrapping, folder, place, make, fault);
}

void wrapping_close(struct wrapping *wrapping)
{
	if (wrapping->open && wrapping->token)
		token_close(wrapping->number);
	wrapping->open = false;
	OPENSSL_cleanse(wrapping->key, sizeof wrapping->key);
}

int wrapping_destroy(int folder, const char *place, uint32_t number,
		     struct fault *fault)
{
	if (!is_uri(place))
		return keyfile_is(folder, place)
			       ? keyfile_wipe(folder, place, fault)
			       : 0;
	int found = token_open(number, place, false, fault);
	if (found > 0)
		found = token_destroy(number, fault);
	token_close(number);
	return found;
}

int wrapping_seal(const struct wrapping *wrapping, const char *name,
		  const uint8_t key[static WRAPPING_KEY],
		  uint8_t out[static WRAPPED_BYTES], struct fault *fault)
{
	const struct gcm gcm = { wrapping->key, name, strlen(name) };

	if (getrandom(out, GCM_NONCE, 0) != GCM_NONCE)
		die("no random bytes");
	if (wrapping->token)
		return token_seal(wrapping->number, name, out, key,
				  out + GCM_NONCE, fault);
	gcm_seal(&gcm, out, key, WRAPPING_KEY, out + GCM_NONCE);
	return 0;
}

int wrapping_unseal(const struct wrapping *wrapping, const char *name,
		    const uint8_t wrapped[static WRAPPED_BYTES],
		    uint8_t out[static WRAPPING_KEY], struct fault *fault)
{
	const struct gcm gcm = { wrapping->key, name, strlen(name) };

	if (wrapping->token)
		return token_unseal(wrapping->number, name, wrapped,
				    wrapped + GCM_NONCE, out, fault);
	if (gcm_unseal(&gcm, wrapped, wrapped + GCM_NONCE, WRAPPING_KEY, out))
		return 0;
	OPENSSL_cleanse(out, WRAPPING_KEY);
	return fault_say(fault, FAULT_KEY, "not wrapped under this key");
}
