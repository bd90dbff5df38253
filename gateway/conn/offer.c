/*
 * offer - few algorithms, all of them good.
 *
 * Runs in sekisho-conn. AES-GCM is left out because the first Debian builds of
 * libssh 0.10.6 did not authenticate it; MACs are encrypt-then-MAC alone.
 */
#include "gateway/conn/offer.h"

#include <fcntl.h>
#include <libssh/libssh.h>
#include <libssh/server.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "gateway/base/own.h"

static const char ciphers[] = "chacha20-poly1305@openssh.com,aes256-ctr";
static const char macs[] =
	"hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com";
static const int no = 0;
static const int rsa_bits = 3072;

static const struct {
	enum ssh_bind_options_e option;
	const void *value;
} options[] = {
	{ SSH_BIND_OPTIONS_PROCESS_CONFIG, &no },
	/* By this name, and by no other sign, OpenSSH's clients know that a
	 * server understands "end of write" (PROTOCOL 2.1). Without it,
	 * "ssh HOST yes | head -1" would go on until it is interrupted. */
	{ SSH_BIND_OPTIONS_BANNER, "OpenSSH_compatible_Sekisho" },
	{ SSH_BIND_OPTIONS_KEY_EXCHANGE,
	  "curve25519-sha256,curve25519-sha256@libssh.org" },
	{ SSH_BIND_OPTIONS_HOSTKEY_ALGORITHMS, "ssh-ed25519" },
	{ SSH_BIND_OPTIONS_CIPHERS_C_S, ciphers },
	{ SSH_BIND_OPTIONS_CIPHERS_S_C, ciphers },
	{ SSH_BIND_OPTIONS_HMAC_C_S, macs },
	{ SSH_BIND_OPTIONS_HMAC_S_C, macs },
	{ SSH_BIND_OPTIONS_RSA_MIN_SIZE, &rsa_bits },
	{ SSH_BIND_OPTIONS_PUBKEY_ACCEPTED_KEY_TYPES,
	  "ssh-ed25519,sk-ssh-ed25519@openssh.com,ecdsa-sha2-nistp256,"
	  "ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,"
	  "sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256" },
};

static int set_options(ssh_bind bind, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (ssh_bind_options_set(bind, options[i].option,
					 options[i].value) != SSH_OK)
			return err_set(err, "libssh: option %d: %s",
				       options[i].option, ssh_get_error(bind));
	return 0;
}

/* What is set on the session itself: the bind has no word for it. */
static int set_session(ssh_session session, struct err *err)
{
	if (ssh_options_set(session, SSH_OPTIONS_COMPRESSION, "none") < 0 ||
	    ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &no) < 0)
		return err_set(err, "libssh: %s", ssh_get_error(session));
	return 0;
}

/* The host key becomes the bind's, which the caller frees. */
static int accept_on(ssh_bind bind, ssh_session session, int *socket,
		     struct err *err)
{
	int on = 1;

	if (set_options(bind, err) < 0 || set_session(session, err) < 0)
		return -1;
	setsockopt(*socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (fcntl(*socket, F_SETFL, O_NONBLOCK) < 0)
		return err_sys(err, "the client's socket");
	if (ssh_bind_accept_fd(bind, session, *socket) != SSH_OK)
		return err_set(err, "libssh: %s", ssh_get_error(bind));
	take_fd(socket);
	ssh_set_blocking(session, 0);
	return 0;
}

ssh_session offer_new(int socket, ssh_key host_key, struct err *err)
{
	AUTO_FD int owned = socket;
	ssh_bind bind = ssh_bind_new();
	ssh_session session = ssh_new();

	if (!bind || !session || !host_key ||
	    ssh_bind_options_set(bind, SSH_BIND_OPTIONS_IMPORT_KEY, host_key)) {
		err_set(err, "libssh: no memory, or no host key");
		ssh_key_free(host_key);
		ssh_bind_free(bind);
		ssh_free(session);
		return NULL;
	}
	if (accept_on(bind, session, &owned, err) < 0) {
		ssh_bind_free(bind);
		ssh_free(session);
		return NULL;
	}
	ssh_bind_free(bind);
	return session;
}

/* OpenSSL looks for an algorithm when it is first used; use each once. */
static int fetch_all(struct err *err)
{
	static const char *const digests[] = { "SHA1", "SHA256", "SHA384",
					       "SHA512", "MD5" };
	static const char *const used_ciphers[] = { "AES-256-CTR", "ChaCha20" };
	uint8_t some[32];

	if (RAND_bytes(some, sizeof some) != 1 ||
	    RAND_priv_bytes(some, sizeof some) != 1)
		return err_set(err, "OpenSSL has no random numbers");
	for (size_t i = 0; i < ARRAY_LEN(digests); i++)
		EVP_MD_free(EVP_MD_fetch(NULL, digests[i], NULL));
	for (size_t i = 0; i < ARRAY_LEN(used_ciphers); i++)
		EVP_CIPHER_free(EVP_CIPHER_fetch(NULL, used_ciphers[i], NULL));
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	EVP_PKEY_free(key);
	return key ? 0 : err_set(err, "OpenSSL has no X25519");
}

int offer_prepare(struct err *err)
{
	/* Neither environment nor configuration files have a say. */
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG |
					OPENSSL_INIT_ADD_ALL_CIPHERS |
					OPENSSL_INIT_ADD_ALL_DIGESTS |
					OPENSSL_INIT_LOAD_CRYPTO_STRINGS,
				NULL) != 1)
		return err_set(err, "OpenSSL does not start");
	if (ssh_init() != SSH_OK)
		return err_set(err, "libssh does not start");
	ssh_set_log_level(SSH_LOG_NOLOG);
	return fetch_all(err);
}
