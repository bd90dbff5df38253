#include "audit/commit.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>

static const char tag[] = "sekisho commitment v1";

int commit_hash(const struct commit_opening *opening, uint8_t out[COMMIT_SIZE],
		struct err *err)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool good = c && EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1 &&
		    EVP_DigestUpdate(c, tag, sizeof tag) == 1 &&
		    EVP_DigestUpdate(c, opening->field,
				     strlen(opening->field) + 1) == 1 &&
		    EVP_DigestUpdate(c, opening->salt, COMMIT_SALT) == 1 &&
		    EVP_DigestUpdate(c, opening->value, opening->len) == 1 &&
		    EVP_DigestFinal_ex(c, out, NULL) == 1;

	EVP_MD_CTX_free(c);
	return good ? 0 : err_set(err, "commitment: hashing failed");
}
