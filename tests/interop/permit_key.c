/* links: policy/prepare policy audit gateway/base; -lsqlite3 -lyaml -lutf8proc -lcrypto */
/*
 * permit_key - print a permit's key as hex, so that somebody else's program
 * can compute what sekisho-prepare computed.
 *
 *	permit_key KEYS PERMIT
 */
#include <stdio.h>

#include "policy/prepare/disk.h"
#include "policy/prepare/keys.h"

int main(int argc, char **argv)
{
	uint8_t key[KEY_BYTES];
	char text[2 * KEY_BYTES + 1];
	struct keys keys;
	struct fault fault;

	if (argc != 3)
		return 2;
	if (keys_open(&keys, argv[1], &fault) < 0 ||
	    keys_permit(&keys, argv[2], key, &fault) < 0) {
		fault_print(stderr, &fault, "en");
		return 1;
	}
	keys_close(&keys);
	hex_text(key, sizeof key, text);
	puts(text);
	return 0;
}
