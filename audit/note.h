/*
 * note - signed notes (C2SP signed-note) with Ed25519 keys.
 *
 * Key type 0x01 signs the text itself; 0x04 is a witness's cosignature over
 * "cosignature/v1", a time and the text (C2SP tlog-cosignature). Notes may
 * come from an enemy. A key is valid from note_key_* until note_key_clear().
 */
#ifndef AUDIT_NOTE_H
#define AUDIT_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"

enum {
	NOTE_NAME = 128, /* bytes of a key name with its NUL */
	NOTE_SIGNATURES = 100,
	NOTE_VKEY = NOTE_NAME + 64,
	/* bytes of a signature line with LF and NUL */
	NOTE_LINE = NOTE_NAME + 112,
	/* characters of base64 of a cosignature, with its key id */
	NOTE_COSIGNED = 104,
	NOTE_MAX = 60000 /* bytes of a whole note */
};

enum note_key_type {
	NOTE_KEY_NONE = 0,
	NOTE_KEY_ED25519 = 1,
	NOTE_KEY_COSIGNER = 4
};

struct note_key {
	char name[NOTE_NAME];
	uint32_t id;
	enum note_key_type type;
	uint8_t public[32];
	struct evp_pkey_st *pkey; /* with the secret half if it may sign */
};

/* A verifier key as text: name+hexid+base64(type, key). 0 or -1. */
int note_key_parse(struct note_key *key, const char *vkey, struct err *err);
/* A signing key of type 0x01 from its 32-byte seed. 0 or -1. */
int note_key_from_seed(struct note_key *key, const char *name,
		       const uint8_t seed[static 32], struct err *err);
/* The same for a witness: type 0x04. */
int note_cosigner_from_seed(struct note_key *key, const char *name,
			    const uint8_t seed[static 32], struct err *err);
void note_key_clear(struct note_key *key);
/* The verifier key as text, without a line end. */
void note_key_text(char out[static NOTE_VKEY], const struct note_key *key);
bool note_name_valid(const char *name, size_t len);

struct note_signature {
	const char *name, *base64;
	size_t name_len, base64_len;
	uint32_t id;
};

struct note {
	const char *text; /* ends with LF; what is signed */
	size_t text_len;
	unsigned int nsignatures;
	struct note_signature signatures[NOTE_SIGNATURES];
};

/* Take a note apart. 0, or -1: malformed. Points into bytes. */
int note_parse(struct note *note, const char *bytes, size_t len,
	       struct err *err);

enum note_verdict {
	NOTE_BAD = 0,  /* a line under the key's name and id does not verify */
	NOTE_UNSIGNED, /* no line under the key's name and id */
	NOTE_SIGNED
};

/* What the note's signatures say about key. time: seconds since the epoch of
 * a cosignature, else 0; NULL: not wanted. */
enum note_verdict note_verify(const struct note *note,
			      const struct note_key *key, uint64_t *time);

/* Add a signature by another key to a note of len bytes that note_sign() made,
 * in a buffer of size bytes. The new length, or -1. */
long note_sign_also(char *note, size_t size, size_t len,
		    const struct note_key *key, struct err *err);

/* Write text and its signature by key as a note with a final NUL. The length,
 * or -1. */
long note_sign(char *out, size_t size, const char *text,
	       const struct note_key *key, struct err *err);

/* Write a witness's signature line over the note's text, with LF and NUL.
 * time: seconds since the epoch. The length, or -1. */
long note_cosign(char *out, size_t size, const struct note *note,
		 const struct note_key *key, uint64_t time, struct err *err);

#endif
