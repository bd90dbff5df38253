#include "audit/note.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "audit/base64.h"
#include "audit/hash.h"
#include "gateway/base/own.h"
#include "gateway/base/visible.h"

/* An em dash and a space begin each signature line. */
static const char dash[] = "\xe2\x80\x94 ";

enum { DASH = 4, SIGNATURE = 64, COSIGNATURE = 72 };

bool note_name_valid(const char *name, size_t len)
{
	if (len == 0 || len >= NOTE_NAME)
		return false;
	for (size_t i = 0; i < len;) {
		unsigned int code;
		size_t n = utf8_decode((const unsigned char *)name + i, len - i,
				       &code);

		/* Unicode spaces and the plus sign divide the fields. */
		if (n == 0 || code <= 0x20 || code == '+' || code == 0x7f ||
		    code == 0x85 || code == 0xa0 || code == 0x1680 ||
		    (code >= 0x2000 && code <= 0x200a) || code == 0x2028 ||
		    code == 0x2029 || code == 0x202f || code == 0x205f ||
		    code == 0x3000)
			return false;
		i += n;
	}
	return true;
}

/* The first four bytes of SHA-256(name, LF, type, key), big-endian. */
static uint32_t key_id(const struct note_key *key)
{
	uint8_t tail[2 + sizeof key->public];
	struct hasher hasher;

	tail[0] = '\n';
	tail[1] = (uint8_t)key->type;
	memcpy(tail + 2, key->public, sizeof key->public);
	struct hash hash = hash_pair(&hasher, key->name, strlen(key->name),
				     tail, sizeof tail);
	return (uint32_t)hash.bytes[0] << 24 | (uint32_t)hash.bytes[1] << 16 |
	       (uint32_t)hash.bytes[2] << 8 | hash.bytes[3];
}

static int parse_id(const char *text, uint32_t *id)
{
	*id = 0;
	for (int i = 0; i < 8; i++) {
		const char *digits = "0123456789abcdef";
		const char *at = text[i] ? strchr(digits, text[i]) : NULL;

		if (!at)
			return -1;
		*id = *id << 4 | (uint32_t)(at - digits);
	}
	return text[8] == '+' ? 0 : -1;
}

int note_key_parse(struct note_key *key, const char *vkey, struct err *err)
{
	const char *plus = strchr(vkey, '+');
	uint8_t bytes[33];
	uint32_t id;

	memset(key, 0, sizeof *key);
	if (!plus || !note_name_valid(vkey, (size_t)(plus - vkey)) ||
	    parse_id(plus + 1, &id) < 0)
		return err_set(err, "malformed verifier key");
	const char *base64 = plus + 10;
	if (base64_decode(bytes, sizeof bytes, base64, strlen(base64)) != 33)
		return err_set(err, "malformed verifier key");
	if (bytes[0] != NOTE_KEY_ED25519 && bytes[0] != NOTE_KEY_COSIGNER)
		return err_set(err, "verifier key of unknown type 0x%02x",
			       bytes[0]);
	memcpy(key->name, vkey, (size_t)(plus - vkey));
	memcpy(key->public, bytes + 1, sizeof key->public);
	key->type = bytes[0];
	key->id = key_id(key);
	if (key->id != id)
		return err_set(err, "verifier key with a wrong key id");
	key->pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
						key->public, 32);
	return key->pkey ? 0 : err_set(err, "not an Ed25519 key");
}

static int from_seed(struct note_key *key, const char *name,
		     enum note_key_type type, const uint8_t seed[static 32],
		     struct err *err)
{
	size_t len = sizeof key->public;

	memset(key, 0, sizeof *key);
	if (!note_name_valid(name, strlen(name)))
		return err_set(err, "'%s' cannot name a log or a witness",
			       name);
	snprintf(key->name, sizeof key->name, "%s", name);
	key->type = type;
	key->pkey =
		EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
	if (!key->pkey ||
	    EVP_PKEY_get_raw_public_key(key->pkey, key->public, &len) != 1)
		return err_set(err, "not an Ed25519 key");
	key->id = key_id(key);
	return 0;
}

int note_key_from_seed(struct note_key *key, const char *name,
		       const uint8_t seed[static 32], struct err *err)
{
	return from_seed(key, name, NOTE_KEY_ED25519, seed, err);
}

int note_cosigner_from_seed(struct note_key *key, const char *name,
			    const uint8_t seed[static 32], struct err *err)
{
	return from_seed(key, name, NOTE_KEY_COSIGNER, seed, err);
}

void note_key_clear(struct note_key *key)
{
	EVP_PKEY_free(key->pkey);
	key->pkey = NULL;
}

void note_key_text(char out[static NOTE_VKEY], const struct note_key *key)
{
	uint8_t bytes[33];
	char base64[45];

	bytes[0] = (uint8_t)key->type;
	memcpy(bytes + 1, key->public, sizeof key->public);
	base64_encode(base64, sizeof base64, bytes, sizeof bytes);
	snprintf(out, NOTE_VKEY, "%s+%08" PRIx32 "+%s", key->name, key->id,
		 base64);
}

static int check_text(const char *bytes, size_t len)
{
	const unsigned char *s = (const unsigned char *)bytes;

	for (size_t i = 0; i < len;) {
		unsigned int code;
		size_t n = utf8_decode(s + i, len - i, &code);

		if (n == 0 || (code < 0x20 && code != '\n'))
			return -1;
		i += n;
	}
	return 0;
}

/* One line without its LF: dash, name, space, base64(id, signature). */
static int parse_line(struct note_signature *signature, const char *line,
		      size_t len)
{
	uint8_t head[3];

	if (len < DASH || memcmp(line, dash, DASH) != 0)
		return -1;
	const char *space = memchr(line + DASH, ' ', len - DASH);
	if (!space)
		return -1;
	signature->name = line + DASH;
	signature->name_len = (size_t)(space - signature->name);
	signature->base64 = space + 1;
	signature->base64_len = len - (size_t)(signature->base64 - line);
	if (!note_name_valid(signature->name, signature->name_len) ||
	    signature->base64_len < 8)
		return -1;
	uint8_t raw[8192];
	ssize_t n = base64_decode(raw, sizeof raw, signature->base64,
				  signature->base64_len);
	if (n < 5)
		return -1;
	memcpy(head, raw + 1, sizeof head);
	signature->id = (uint32_t)raw[0] << 24 | (uint32_t)head[0] << 16 |
			(uint32_t)head[1] << 8 | head[2];
	return 0;
}

/* Where the signature lines begin: behind the last empty line. */
static size_t find_split(const char *bytes, size_t len)
{
	for (size_t i = len; i >= 2; i--)
		if (bytes[i - 1] == '\n' && bytes[i - 2] == '\n')
			return i;
	return 0;
}

int note_parse(struct note *note, const char *bytes, size_t len,
	       struct err *err)
{
	note->nsignatures = 0;
	if (len > NOTE_MAX || len < 3 || bytes[len - 1] != '\n' ||
	    check_text(bytes, len) < 0)
		return err_set(err, "not a signed note");
	size_t at = find_split(bytes, len);
	if (at < 3 || at == len)
		return err_set(err, "a note without signatures");
	note->text = bytes;
	note->text_len = at - 1;
	while (at < len) {
		const char *end = memchr(bytes + at, '\n', len - at);
		size_t line = (size_t)(end - (bytes + at));

		if (note->nsignatures == NOTE_SIGNATURES)
			return err_set(err, "a note with too many signatures");
		if (parse_line(&note->signatures[note->nsignatures++],
			       bytes + at, line) < 0)
			return err_set(err, "malformed signature line");
		at += line + 1;
	}
	return 0;
}

static bool check(const struct note_key *key, const uint8_t *signature,
		  const void *text, size_t len)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	if (!context)
		die("out of memory");
	bool good =
		EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->pkey) ==
			1 &&
		EVP_DigestVerify(context, signature, SIGNATURE, text, len) == 1;
	EVP_MD_CTX_free(context);
	return good;
}

/* What a witness signs, for the caller to free, and its length. */
static char *cosigned_text(const struct note *note, uint64_t time, size_t *len)
{
	char *text = malloc(note->text_len + 64);

	if (!text)
		die("out of memory");
	int head =
		snprintf(text, 64, "cosignature/v1\ntime %" PRIu64 "\n", time);
	memcpy(text + head, note->text, note->text_len);
	*len = (size_t)head + note->text_len;
	return text;
}

static bool check_cosignature(const struct note_key *key, const uint8_t *bytes,
			      const struct note *note, uint64_t *time)
{
	uint64_t seconds = 0;
	size_t len;

	for (int i = 0; i < 8; i++)
		seconds = seconds << 8 | bytes[i];
	AUTO_FREE char *text = cosigned_text(note, seconds, &len);
	*time = seconds;
	return check(key, bytes + 8, text, len);
}

static bool check_signature(const struct note_key *key,
			    const struct note_signature *signature,
			    const struct note *note, uint64_t *time)
{
	uint8_t raw[4 + COSIGNATURE];
	ssize_t n = base64_decode(raw, sizeof raw, signature->base64,
				  signature->base64_len);

	*time = 0;
	if (key->type == NOTE_KEY_COSIGNER)
		return n == 4 + COSIGNATURE &&
		       check_cosignature(key, raw + 4, note, time);
	return n == 4 + SIGNATURE &&
	       check(key, raw + 4, note->text, note->text_len);
}

enum note_verdict note_verify(const struct note *note,
			      const struct note_key *key, uint64_t *time)
{
	enum note_verdict verdict = NOTE_UNSIGNED;

	for (unsigned int i = 0; i < note->nsignatures; i++) {
		const struct note_signature *signature = &note->signatures[i];
		uint64_t when;

		if (signature->id != key->id ||
		    signature->name_len != strlen(key->name) ||
		    memcmp(signature->name, key->name, signature->name_len) !=
			    0)
			continue;
		if (!check_signature(key, signature, note, &when))
			return NOTE_BAD;
		if (time && (verdict != NOTE_SIGNED || when > *time))
			*time = when;
		verdict = NOTE_SIGNED;
	}
	return verdict;
}

static int sign(const struct note_key *key, const char *text, size_t text_len,
		uint8_t out[static SIGNATURE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t len = SIGNATURE;

	if (!context)
		die("out of memory");
	bool good =
		EVP_DigestSignInit(context, NULL, NULL, NULL, key->pkey) == 1 &&
		EVP_DigestSign(context, out, &len, (const unsigned char *)text,
			       text_len) == 1 &&
		len == SIGNATURE;
	EVP_MD_CTX_free(context);
	return good ? 0 : -1;
}

static void put_id(uint8_t out[static 4], const struct note_key *key)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(key->id >> (24 - 8 * i));
}

/* The line of a signature by key over text. Its length or -1. */
static long put_signature(char *out, size_t size, const char *text,
			  size_t text_len, const struct note_key *key)
{
	uint8_t raw[4 + SIGNATURE];
	char base64[96];

	put_id(raw, key);
	if (sign(key, text, text_len, raw + 4) < 0)
		return -1;
	base64_encode(base64, sizeof base64, raw, sizeof raw);
	int n = snprintf(out, size, "%s%s %s\n", dash, key->name, base64);
	return n < 0 || (size_t)n >= size ? -1 : n;
}

long note_sign_also(char *note, size_t size, size_t len,
		    const struct note_key *key, struct err *err)
{
	const char *end = strstr(note, "\n\n");
	long n = end ? put_signature(note + len, size - len, note,
				     (size_t)(end + 1 - note), key)
		     : -1;

	return n < 0 ? err_set(err, "signing failed") : (long)len + n;
}

long note_sign(char *out, size_t size, const char *text,
	       const struct note_key *key, struct err *err)
{
	size_t len = strlen(text);

	if (len + 2 > size)
		return err_set(err, "note too long");
	memcpy(out, text, len);
	out[len] = '\n';
	long n = put_signature(out + len + 1, size - len - 1, text, len, key);
	return n < 0 ? err_set(err, "Ed25519 signing failed")
		     : (long)len + 1 + n;
}

long note_cosign(char *out, size_t size, const struct note *note,
		 const struct note_key *key, uint64_t time, struct err *err)
{
	uint8_t raw[4 + COSIGNATURE];
	char base64[112];
	size_t len;
	AUTO_FREE char *text = cosigned_text(note, time, &len);

	put_id(raw, key);
	for (int i = 0; i < 8; i++)
		raw[4 + i] = (uint8_t)(time >> (56 - 8 * i));
	if (sign(key, text, len, raw + 12) < 0)
		return err_set(err, "Ed25519 signing failed");
	base64_encode(base64, sizeof base64, raw, sizeof raw);
	int n = snprintf(out, size, "%s%s %s\n", dash, key->name, base64);
	if (n < 0 || (size_t)n >= size)
		return err_set(err, "signature line too long");
	return n;
}
