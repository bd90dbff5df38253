/* links: policy audit gateway/base; -lcrypto */
/*
 * policy_key - public key lines are read strictly, short and odd ones refused.
 */
#include <string.h>

#include "policy/public_key.h"
#include "tests/unit/tap.h"

#define ED25519                                                                \
	"AAAAC3NzaC1lZDI1NTE5AAAAIMTv/DMYttNxpBx1m6Fw+/MNgImGOyw27WGlKpI5Aw70"

static const char rsa2048[] =
	"ssh-rsa "
	"AAAAB3NzaC1yc2EAAAADAQABAAABAQDceD6ryxZReGan8aFQ73+1G3PvFOg3"
	"LbyG5Rt5cB76q9vq3ySqBr3Gqe/N84mW0PZAgv8ExzovksBLBQZQyB5u30Lz"
	"49qNo3MN50uyIavVLo8VNaxq8SJtbZWgA+9ao1dgbf6G8ZOx5GZLuk9mOBdf"
	"S34g8f3qpEjC1tyL95cD8N85QNkoX/SHt131tCSIl5IZCfM+ur+Dg+f/SbIK"
	"VIsOJeCKPKibooRkYOkbmR9R1J8iMKKZbCFABsQ1BCMAE6cDzQU9twu1BG51"
	"xLh27izE3L0nxfP0maSYmiEmaUN6JQuNkMe+Yadk5L3d3wXNCQihTnmW0ezg"
	"pPfokygJam9H";
static const char rsa3072[] =
	"ssh-rsa "
	"AAAAB3NzaC1yc2EAAAADAQABAAABgQC38PvcbJzKdjKCcjbRfYi4CeWxoZ1n"
	"9Los6+CKT+wf8EAoXvW6e3Mm6/EJyV81FbdU8PrSebzWdO0B0HwNFum4EGzU"
	"q4jLBiinXvUjmgqjLHsK8u4Tr03fiqG2wkCYYeCc/UuwzZuI4IjYdjEzYfXS"
	"XAnRFuNHawcfIHybmcyxcGaT2Ibs9xBYfjIoIsrBGeY7s0wnBeSKsqTGT7gi"
	"Jxs0Kc3eZEYe9+AjVO6QP386OR3vpJ0WVMUrpdUo7wsfLRVKeN031D6dkktF"
	"fa1VT3I79f5osh0btxS03uK4FzLslwnp6Fe04ICXITuh/BC0wnKUq6vtQ30I"
	"Vdx7jIaEGgoanng4BjRWCvot9a1qs4eRD0Jltctoh+RZlMFLj6dQZAgPkm/A"
	"4jpnaVF7om6W11AVabjGlIR6Eg5rKOzQdewaCCASCrPTSBqzvFG5DXYu5ddQ"
	"U+bVn+YqFdbPyv3uI6iYI8X/yLm2oUyuZ3vvLeWvrIMJqH0sbNKTkt/NI8+Y"
	"bT0=";
static const char ecdsa[] =
	"ecdsa-sha2-nistp256 "
	"AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBHMnSq86"
	"6VJ2xeaUNrYipJCGcjO0/8+nKch05K2MGswDJYqt23mOlTP2UHRY7I/Se+j0"
	"15hFPRKjPl+A0rTtKjQ=";

static struct public_key key;

static void refused(const char *line, enum text_id want)
{
	enum text_id why = TEXT_VERBATIM;

	CHECK_INT(public_key_read(line, &key, &why), -1);
	CHECK_INT(why, want);
}

static void accepted(const char *line)
{
	enum text_id why;

	CHECK_INT(public_key_read(line, &key, &why), 0);
}

TEST(good, "Ed25519, RSA of 3072 bits and P-256 keys are read")
{
	accepted("ssh-ed25519 " ED25519);
	accepted("ssh-ed25519 " ED25519 " taro@pc with words");
	accepted(rsa3072);
	accepted(ecdsa);
	CHECK_STR(key.type, "ecdsa-sha2-nistp256");
}

TEST(short_rsa, "an RSA key of 2048 bits is refused")
{
	refused(rsa2048, TEXT_KEY_SHORT);
}

TEST(types, "certificates, DSA, options and nothing are refused by type")
{
	refused("ssh-ed25519-cert-v01@openssh.com " ED25519, TEXT_KEY_TYPE);
	refused("ssh-dss " ED25519, TEXT_KEY_TYPE);
	refused("no-pty ssh-ed25519 " ED25519, TEXT_KEY_TYPE);
	refused("SSH-ED25519 " ED25519, TEXT_KEY_TYPE);
	refused(" ssh-ed25519 " ED25519, TEXT_KEY_TYPE);
	refused("", TEXT_KEY_TYPE);
}

TEST(mismatch, "a blob of another type is refused")
{
	refused("ssh-rsa " ED25519, TEXT_KEY_BLOB);
	refused("sk-ssh-ed25519@openssh.com " ED25519, TEXT_KEY_BLOB);
}

TEST(damage, "a cut, lengthened or badly encoded blob is refused")
{
	char line[200] = "ssh-ed25519 " ED25519;
	size_t len = strlen(line);

	refused("ssh-ed25519", TEXT_KEY_BLOB);
	refused("ssh-ed25519 ====", TEXT_KEY_BLOB);
	refused("ssh-ed25519 " ED25519 "AAAA", TEXT_KEY_BLOB);
	line[len - 4] = '\0';
	refused(line, TEXT_KEY_BLOB);
	line[len - 4] = '?';
	refused(line, TEXT_KEY_BLOB);
}

TEST(padding, "a second spelling of the same bytes is refused")
{
	refused("ssh-ed25519 AB==", TEXT_KEY_BLOB);
	refused("ssh-ed25519 A===", TEXT_KEY_BLOB);
	refused("ssh-ed25519 AA=A", TEXT_KEY_BLOB);
}

TAP_MAIN
