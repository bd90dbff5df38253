/* links: policy policy/airlock audit gateway/base; -lsqlite3 -lyaml -lcrypto */
/*
 * policy_deliveries - marks that are believed, and what follows from them.
 */
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/base64.h"
#include "policy/deliveries.h"
#include "policy/requests_store.h"
#include "policy/stale_mark.h"
#include "tests/unit/tap.h"

#define OLD "00000000000000000000000000000000000000000000000000000000000000aa"
#define NEW "00000000000000000000000000000000000000000000000000000000000000bb"
#define MARK                                                                   \
	"{\"at\":1700000000,\"dataset\":\"D-1\",\"event\":\"dataset.stale\","  \
	"\"manifest\":\"" OLD "\",\"permit\":\"P-1\"}"

enum { DAY = 24 * 60 * 60, NOW = 1800000000 };

static struct store store;
static struct deliveries deliveries;
static struct err err;

/* --- Marks ------------------------------------------------------------------- */

TEST(read, "a mark has one spelling")
{
	static const char *const wrong[] = {
		"",
		"{}",
		MARK " ",
		" " MARK,
		"{\"at\":01,\"dataset\":\"D-1\",\"event\":\"dataset.stale\","
		"\"manifest\":\"" OLD "\",\"permit\":\"P-1\"}",
		"{\"at\":0,\"dataset\":\"D-1\",\"event\":\"dataset.stale\","
		"\"manifest\":\"" OLD "\",\"permit\":\"P-1\"}",
		"{\"at\": 1,\"dataset\":\"D-1\",\"event\":\"dataset.stale\","
		"\"manifest\":\"" OLD "\",\"permit\":\"P-1\"}",
		"{\"at\":1,\"dataset\":\"..\",\"event\":\"dataset.stale\","
		"\"manifest\":\"" OLD "\",\"permit\":\"P-1\"}",
		"{\"at\":1,\"dataset\":\"D-1\",\"event\":\"dataset.stale\","
		"\"manifest\":\"aa\",\"permit\":\"P-1\"}",
		"{\"at\":1,\"dataset\":\"D-1\",\"event\":\"dataset.mount\","
		"\"manifest\":\"" OLD "\",\"permit\":\"P-1\"}",
		"{\"at\":1,\"dataset\":\"D-1\",\"event\":\"dataset.stale\","
		"\"manifest\":\"" OLD "\",\"permit\":\"P-1\",\"x\":1}",
	};
	struct stale_mark mark;

	CHECK_INT(stale_mark_read(MARK, &mark), 0);
	CHECK_STR(mark.dataset, "D-1");
	CHECK_STR(mark.permit, "P-1");
	CHECK_STR(mark.manifest, OLD);
	CHECK_INT(mark.at, 1700000000);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		CHECK_INT(stale_mark_read(wrong[i], &mark), -1);
}

TEST(believed,
     "a mark is believed if the pinned key signed its line, LF and all")
{
	static const uint8_t seed[32] = { 7 };
	static const char line[] = MARK "\n";
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
						     seed, sizeof seed);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	uint8_t public[32], other[32], bytes[64];
	size_t public_len = sizeof public, len = sizeof bytes;
	char pinned[PUBLIC_SIZE], wrong[PUBLIC_SIZE], signature[100];

	CHECK(EVP_PKEY_get_raw_public_key(key, public, &public_len) == 1);
	CHECK(EVP_DigestSignInit(md, NULL, NULL, NULL, key) == 1);
	CHECK(EVP_DigestSign(md, bytes, &len, (const uint8_t *)line,
			     sizeof line - 1) == 1);
	memcpy(other, public, sizeof other);
	other[0] ^= 1;
	base64_encode(pinned, sizeof pinned, public, sizeof public);
	base64_encode(wrong, sizeof wrong, other, sizeof other);
	base64_encode(signature, sizeof signature, bytes, sizeof bytes);
	CHECK(stale_mark_signed(MARK, signature, pinned));
	CHECK(!stale_mark_signed(MARK, signature, wrong));
	CHECK(!stale_mark_signed(MARK, signature, ""));
	CHECK(!stale_mark_signed(MARK " ", signature, pinned));
	CHECK(!stale_mark_signed(MARK, "", pinned));
	signature[0] = signature[0] == 'A' ? 'B' : 'A';
	CHECK(!stale_mark_signed(MARK, signature, pinned));
	EVP_MD_CTX_free(md);
	EVP_PKEY_free(key);
}

/* --- What follows -------------------------------------------------------------- */

static struct delivery item[2] = {
	{ .number = 1,
	  .dataset = "D-1",
	  .permit = "P-1",
	  .manifest = OLD,
	  .since = 1,
	  .marked = NOW,
	  .stale = NOW },
	{ .number = 2,
	  .dataset = "D-1",
	  .permit = "P-1",
	  .manifest = NEW,
	  .since = 2 },
};
static const struct deliveries both = { 2, item };

static struct plan plan_of(const char *manifest)
{
	struct plan plan = { .ndatasets = 1 };

	snprintf(plan.datasets[0].name, ID_SIZE, "D-1");
	snprintf(plan.datasets[0].manifest, HASH_TEXT_SIZE, "%s", manifest);
	return plan;
}

/* What a session that has `mounted` (NULL: none yet) may mount when the policy
 * names `named`. */
static const char *judged(const char *mounted, const char *named, uint32_t days,
			  int64_t now)
{
	static struct plan plan;
	const struct delivery_clock clock = { days, now };
	const struct plan old = plan_of(mounted ? mounted : "");

	plan = plan_of(named);
	deliveries_judge(&both, mounted ? &old : NULL, &clock, &plan);
	return plan.datasets[0].manifest;
}

TEST(judge, "a stale delivery is mounted for its days, and then no more")
{
	CHECK_STR(judged(NULL, OLD, 2, NOW), OLD);
	CHECK_STR(judged(NULL, OLD, 2, NOW + 2 * DAY - 1), OLD);
	CHECK_STR(judged(NULL, OLD, 2, NOW + 2 * DAY), "");
	CHECK_STR(judged(NULL, OLD, 0, NOW), "");
	CHECK_STR(judged(NULL, NEW, 0, NOW + 9 * DAY), NEW);
	/* A running session keeps it for its days, whatever is named now. */
	CHECK_STR(judged(OLD, NEW, 2, NOW + DAY), OLD);
	CHECK_STR(judged(OLD, NEW, 2, NOW + 2 * DAY), "");
	/* One that is not stale goes as soon as another one is named. */
	CHECK_STR(judged(NEW, OLD, 2, NOW), OLD);
}

TEST(compared,
     "outputs are compared with stale deliveries until they are erased")
{
	struct plan_dataset out[PLAN_DATASETS];
	struct dataset dataset = { .dataset = "D-1",
				   .permit = "P-1",
				   .manifest = NEW };
	struct policy policy = { .datasets = &dataset, .ndatasets = 1 };
	struct permit permit = { .permit = "P-1", .datasets = { .count = 1 } };

	snprintf(permit.datasets.id[0], ID_SIZE, "D-1");
	CHECK_INT(deliveries_compared(&both, &policy, &permit, out), 2);
	CHECK_STR(out[0].manifest, NEW);
	CHECK_STR(out[1].manifest, OLD);
	item[0].removed = NOW;
	CHECK_INT(deliveries_compared(&both, &policy, &permit, out), 1);
	item[0].removed = 0;
	snprintf(permit.permit, sizeof permit.permit, "P-2");
	CHECK_INT(deliveries_compared(&both, &policy, &permit, out), 1);
}

/* --- In the state file ----------------------------------------------------------- */

static void open_store(void)
{
	char path[] = "/tmp/policy_deliveries-XXXXXX";
	int fd = mkstemp(path);

	CHECK(fd >= 0);
	close(fd);
	CHECK_INT(store_open(&store, path, &err), 0);
	unlink(path);
}

static const struct delivery *found(const char *manifest)
{
	CHECK_INT(deliveries_load(&store, &deliveries, &err), 0);
	return deliveries_find(&deliveries, "D-1", manifest);
}

TEST(recorded, "a mark is in effect once its record is durable, and stays")
{
	struct dataset dataset = { .dataset = "D-1",
				   .permit = "P-1",
				   .manifest = OLD };
	struct policy policy = { .datasets = &dataset, .ndatasets = 1 };
	struct delivery one = { .dataset = "D-1",
				.permit = "P-1",
				.manifest = OLD };
	int64_t number, again;

	open_store();
	CHECK_INT(deliveries_name(&store, &deliveries, &policy, 5, &err), 0);
	CHECK_INT(found(OLD)->since, 5);
	CHECK_INT(delivery_mark(&store, &one, NOW, &number, &err), 0);
	CHECK_INT(found(OLD)->marked, NOW);
	CHECK_INT(found(OLD)->stale, 0);
	CHECK(!delivery_over(found(OLD), 0, NOW + 9 * DAY));
	CHECK_INT(delivery_marked(&store, number, &err), 0);
	CHECK(delivery_over(found(OLD), 0, NOW));
	/* A policy that names it again changes nothing about that. */
	CHECK_INT(deliveries_name(&store, &deliveries, &policy, 6, &err), 0);
	CHECK_INT(found(OLD)->since, 5);
	CHECK_INT(found(OLD)->stale, NOW);
	/* One that no policy ever named can be marked before one does. */
	memcpy(one.manifest, NEW, sizeof one.manifest);
	CHECK_INT(delivery_mark(&store, &one, NOW, &again, &err), 0);
	CHECK(again != number);
	CHECK_INT(found(NEW)->since, 0);
	store_close(&store);
	free(deliveries.item);
}

TEST(erased,
     "an order to erase is found again by its number, and is answered once")
{
	struct delivery one = { .dataset = "D-1",
				.permit = "P-1",
				.manifest = OLD };
	uint32_t row;

	open_store();
	CHECK_INT(delivery_named(&store, &one, 5, &err), 0);
	CHECK_INT(delivery_order(&store, 77, &row, &err), 0);
	CHECK_INT(delivery_remove(&store, found(OLD)->number, 77, 9, &err), 0);
	CHECK(found(OLD)->removing);
	CHECK_INT(delivery_order(&store, 77, &row, &err), 1);
	CHECK_INT(row, 9);
	CHECK_INT(delivery_removed(&store, 77, NOW, &err), 0);
	CHECK_INT(delivery_order(&store, 77, &row, &err), 0);
	CHECK_INT(found(OLD)->removed, NOW);
	CHECK(!found(OLD)->removing);
	store_close(&store);
	free(deliveries.item);
}

TAP_MAIN
