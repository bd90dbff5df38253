#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "audit/client.h"

static const char tag[] = "sekisho commitment v1";

int audit_commit(const char *field, const char *value, char out[65],
		 struct err *err)
{
	uint8_t random[32], hash[32];
	EVP_MD_CTX *c = EVP_MD_CTX_new();

	bool good = c && getrandom(random, sizeof random, 0) == 32 &&
		    EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1 &&
		    EVP_DigestUpdate(c, tag, sizeof tag) == 1 &&
		    EVP_DigestUpdate(c, field, strlen(field) + 1) == 1 &&
		    EVP_DigestUpdate(c, random, sizeof random) == 1 &&
		    EVP_DigestUpdate(c, value, strlen(value)) == 1 &&
		    EVP_DigestFinal_ex(c, hash, NULL) == 1;
	EVP_MD_CTX_free(c);
	explicit_bzero(random, sizeof random);
	if (!good)
		return err_set(err, "commitment: hashing failed");
	for (size_t i = 0; i < sizeof hash; i++)
		snprintf(out + 2 * i, 3, "%02x", hash[i]);
	return 0;
}
