/*
 * hostkey - the host key that this process can use but does not hold.
 *
 * libssh is linked statically and its pki_sign_data() is replaced at link
 * time: what would be signed with a host key goes to sekisho-keys instead.
 * The key that libssh is given has the real public half and a private half
 * of zeros, so that a build in which the replacement is not in effect makes
 * signatures that every client refuses.
 */
#ifndef GATEWAY_CONN_HOSTKEY_H
#define GATEWAY_CONN_HOSTKEY_H

#include <libssh/libssh.h>

#include "gateway/base/err.h"

/*
 * Ask sekisho-keys over the link for the public key and make a key for libssh
 * from it. The link stays the caller's and must stay open: signatures are
 * asked for over it, at most 10 seconds each. The key is the caller's to free.
 * NULL, and err says why, if keys does not answer.
 */
ssh_key hostkey_new(int link, struct err *err);

#endif
