/*
 * fscrypt - the kernel's encryption of folders, policies of version 2.
 *
 * Contents AES-256-XTS, names AES-256-CTS; the kernel derives both and a key
 * for each file from the one it is given. It keeps that key with the mounted
 * file system, and forgets it when it is told to, or unmounts. What it hides
 * and what not: Documentation/filesystems/fscrypt.rst, "Threat model".
 */
#ifndef SANDBOX_FSCRYPT_H
#define SANDBOX_FSCRYPT_H

#include <stdint.h>

#include "gateway/base/err.h"

enum { FSCRYPT_KEY = 32, FSCRYPT_ID = 16 };

/* Give the kernel the key of a mounted file system; root is a folder of it. 1:
 * it has it, and calls it id; 0: kernel or file system offer no encryption;
 * -1. */
int fscrypt_add(int root, const uint8_t key[static FSCRYPT_KEY],
		uint8_t id[static FSCRYPT_ID], struct err *err);

/* Take it back. 0, also when it is not there; or -1: files are still open. */
int fscrypt_remove(int root, const uint8_t id[static FSCRYPT_ID],
		   struct err *err);

/* Whatever comes into this empty folder is encrypted under the key that was
 * added as id. Again is fine. 0 or -1. */
int fscrypt_begin(int folder, const uint8_t id[static FSCRYPT_ID],
		  struct err *err);

/* 1: the folder is encrypted, under the key that is called id; 0: it is not;
 * -1: it is, but not as we do it. */
int fscrypt_is(int folder, uint8_t id[static FSCRYPT_ID], struct err *err);

#endif
