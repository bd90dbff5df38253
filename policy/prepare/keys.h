/*
 * keys - the custodian's keys, files of one folder.
 *
 *	signing.key    seed of the Ed25519 key that signs manifests
 *	signing.pub    its public half, for the gateway
 *	wrapping.key   32 bytes that wrap the keys of permits; or wrapping.at,
 *		       which says where they are (wrapping.h)
 *	NAME.permit    K_permit of permit NAME, wrapped: AES-256-GCM over 32
 *		       bytes, the permit's id as further data
 *	NAME.linkage   likewise, of a linkage
 *	NAME.destroyed the record that NAME.permit was destroyed
 *	journal	       what was done with keys (custody.h)
 *	CACHEDIR.TAG   tells programs that make backups to leave this folder out
 *
 * Each key is one line of base64; the secret ones are 0600 or they are
 * refused. A permit ends for good when its NAME.permit is destroyed
 * (rotation.h).
 */
#ifndef POLICY_PREPARE_KEYS_H
#define POLICY_PREPARE_KEYS_H

#include "policy/prepare/fault.h"
#include "policy/prepare/wrapping.h"

enum {
	KEY_BYTES = 32,
	SIGNATURE_BYTES = 64,
	KEY_LINE = 96,
	KEY_ID = 17,
	KEY_FILE = 160 /* bytes of a wrapped key's file name */
};

struct keys {
	int folder;
	struct evp_pkey_st *signing;
	uint8_t public[KEY_BYTES];
	struct wrapping wrapping;
	char place[WRAPPING_PLACE]; /* of the wrapping key */
};

/* Make the folder's signing and wrapping keys; refuses if any is there.
 * place: of the wrapping key (wrapping_place_good), NULL: in the folder.
 * Writes the public key as one base64 line, without LF, to line. */
int keys_make(const char *folder, const char *place, char line[static KEY_LINE],
	      struct fault *fault);

/* Read both, while nobody changes the wrapping key. The caller calls
 * keys_close, also on -1. */
int keys_open(struct keys *keys, const char *folder, struct fault *fault);
/* The same to change it: alone, and also when a rotation was broken off. */
int keys_open_alone(struct keys *keys, const char *folder, struct fault *fault);
void keys_close(struct keys *keys);

/* The file of a permit's id, or of "linkage:NAME". */
void keys_file(const char *name, char out[static KEY_FILE]);
/* The reverse; false: not such a file. */
bool keys_name(const char *file, char out[static KEY_FILE]);

/* Make and wrap a fresh key for the permit; refuses if there is one, or was
 * one. name is the permit's id, or "linkage:NAME". */
int keys_make_permit(const struct keys *keys, const char *name,
		     struct fault *fault);
/* Unwrap it. */
int keys_permit(const struct keys *keys, const char *name,
		uint8_t out[static KEY_BYTES], struct fault *fault);

void keys_sign(const struct keys *keys, const void *bytes, size_t len,
	       uint8_t out[static SIGNATURE_BYTES]);
/* Read a public key from its file: one base64 line. */
int keys_read_public(const char *path, uint8_t out[static KEY_BYTES],
		     struct fault *fault);
bool keys_verify(const uint8_t public[static KEY_BYTES], const void *bytes,
		 size_t len, const uint8_t signature[static SIGNATURE_BYTES]);
/* How a manifest names a public key: 16 hex digits of its SHA-256. */
void keys_id(const uint8_t public[static KEY_BYTES], char out[static KEY_ID]);
/* How it names a permit's key, without telling of it. */
void keys_permit_id(const uint8_t key[static KEY_BYTES],
		    char out[static KEY_ID]);

#endif
