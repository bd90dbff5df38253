/*
 * kinds - read values of policy files, strictly.
 *
 * Runs in sekisho-policy and sekishoctl. The values come from files that may
 * hold anything; none is guessed at, and a bad one leaves its slot zero.
 */
#include "policy/kinds.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/base64.h"
#include "gateway/base/err.h"
#include "gateway/base/own.h"
#include "gateway/base/visible.h"
#include "policy/day.h"
#include "policy/model.h"
#include "policy/public_key.h"

/* One scalar: 0, or -1 and *why with what the sentence needs. */
struct fault {
	enum text_id why;
	char least[24], most[24];
};

static int fault_kind(struct fault *fault)
{
	fault->why = TEXT_FIELD_KIND;
	return -1;
}

static int fault_range(const struct slot *slot, struct fault *fault)
{
	fault->why = TEXT_FIELD_RANGE;
	snprintf(fault->least, sizeof fault->least, "%" PRIu64, slot->least);
	snprintf(fault->most, sizeof fault->most, "%" PRIu64, slot->most);
	return -1;
}

/* Digits without a leading zero, then a unit. */
static int read_number(const char *text, const char **rest, uint64_t *value)
{
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 18 || (digits > 1 && text[0] == '0'))
		return -1;
	*value = 0;
	for (size_t i = 0; i < digits; i++)
		*value = *value * 10 + (uint64_t)(text[i] - '0');
	*rest = text + digits;
	return 0;
}

static int kind_AMOUNT(const char *text, const struct slot *slot,
		       struct fault *fault)
{
	const char *rest;
	uint64_t value;

	if (read_number(text, &rest, &value) < 0 || *rest)
		return fault_kind(fault);
	if (value < slot->least || value > slot->most)
		return fault_range(slot, fault);
	*(uint64_t *)slot->out = value;
	return 0;
}

static int kind_COUNT(const char *text, const struct slot *slot,
		      struct fault *fault)
{
	uint64_t value;
	struct slot wide = *slot;

	wide.out = &value;
	if (kind_AMOUNT(text, &wide, fault) < 0)
		return -1;
	*(uint32_t *)slot->out = (uint32_t)value;
	return 0;
}

static void size_text(uint64_t bytes, char *out, size_t size)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	size_t unit = 0;

	bytes /= 1024;
	while (unit < 3 && bytes >= 1024 && bytes % 1024 == 0) {
		bytes /= 1024;
		unit++;
	}
	snprintf(out, size, "%" PRIu64 "%s", bytes, units[unit]);
}

static int kind_SIZE(const char *text, const struct slot *slot,
		     struct fault *fault)
{
	static const struct {
		const char *name;
		unsigned int shift;
	} units[] = {
		{ "KiB", 10 }, { "MiB", 20 }, { "GiB", 30 }, { "TiB", 40 }
	};
	const char *rest;
	uint64_t value;

	if (read_number(text, &rest, &value) < 0)
		return fault_kind(fault);
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (strcmp(rest, units[i].name) != 0)
			continue;
		if (value > slot->most >> units[i].shift ||
		    value << units[i].shift < slot->least) {
			fault->why = TEXT_FIELD_RANGE;
			size_text(slot->least, fault->least,
				  sizeof fault->least);
			size_text(slot->most, fault->most, sizeof fault->most);
			return -1;
		}
		*(uint64_t *)slot->out = value << units[i].shift;
		return 0;
	}
	return fault_kind(fault);
}

static int kind_ID(const char *text, const struct slot *slot,
		   struct fault *fault)
{
	if (!id_valid(text))
		return fault_kind(fault);
	snprintf(slot->out, ID_SIZE, "%s", text);
	return 0;
}

static size_t characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static int read_text(const char *text, size_t size, const struct slot *slot,
		     struct fault *fault)
{
	size_t n = characters(text);

	if (n < slot->least || n > slot->most || strlen(text) >= size)
		return fault_range(slot, fault);
	snprintf(slot->out, size, "%s", text);
	return 0;
}

static int kind_PROSE(const char *text, const struct slot *slot,
		      struct fault *fault)
{
	return read_text(text, PURPOSE_SIZE, slot, fault);
}

static int kind_LINE(const char *text, const struct slot *slot,
		     struct fault *fault)
{
	if (strpbrk(text, "\r\n\t"))
		return fault_kind(fault);
	return read_text(text, LINE_SIZE, slot, fault);
}

static int kind_DAY(const char *text, const struct slot *slot,
		    struct fault *fault)
{
	return day_read(text, slot->out) < 0 ? fault_kind(fault) : 0;
}

static int kind_YESNO(const char *text, const struct slot *slot,
		      struct fault *fault)
{
	bool yes = strcmp(text, "yes") == 0;

	if (!yes && strcmp(text, "no") != 0)
		return fault_kind(fault);
	*(bool *)slot->out = yes;
	return 0;
}

static int kind_DOWN(const char *text, const struct slot *slot,
		     struct fault *fault)
{
	bool hold = strcmp(text, "hold") == 0;

	if (!hold && strcmp(text, "strict") != 0)
		return fault_kind(fault);
	*(enum log_down *)slot->out = hold ? LOG_DOWN_HOLD : LOG_DOWN_STRICT;
	return 0;
}

static int kind_NEEDS(const char *text, const struct slot *slot,
		      struct fault *fault)
{
	bool cosigned = strcmp(text, "cosigned") == 0;

	if (!cosigned && strcmp(text, "checkpoint") != 0)
		return fault_kind(fault);
	*(enum release_needs *)slot->out =
		cosigned ? RELEASE_COSIGNED : RELEASE_CHECKPOINT;
	return 0;
}

static int kind_LANGUAGE(const char *text, const struct slot *slot,
			 struct fault *fault)
{
	if (strcmp(text, "en") != 0 && strcmp(text, "ja") != 0)
		return fault_kind(fault);
	memcpy(slot->out, text, 3);
	return 0;
}

static int kind_ENCRYPTION(const char *text, const struct slot *slot,
			   struct fault *fault)
{
	static const char *const words[ENCRYPTIONS] = {
#define ENCRYPTION(name, word) word,
#include "gateway/base/encryption.def"
#undef ENCRYPTION
	};

	for (enum encryption e = 0; e < ENCRYPTIONS; e++) {
		if (strcmp(text, words[e]) != 0)
			continue;
		*(enum encryption *)slot->out = e;
		return 0;
	}
	return fault_kind(fault);
}

static int kind_OFFSET(const char *text, const struct slot *slot,
		       struct fault *fault)
{
	static const char form[] = "+00:00";
	int32_t minutes = 0;

	if (strlen(text) != 6 || text[3] != ':' ||
	    (text[0] != '+' && text[0] != '-'))
		return fault_kind(fault);
	for (size_t i = 1; i < sizeof form - 1; i++)
		if (form[i] == '0' && (text[i] < '0' || text[i] > '9'))
			return fault_kind(fault);
	if (text[4] > '5')
		return fault_kind(fault);
	minutes = ((text[1] - '0') * 10 + text[2] - '0') * 60 +
		  (text[4] - '0') * 10 + text[5] - '0';
	minutes = text[0] == '-' ? -minutes : minutes;
	if (minutes < (int64_t)slot->least || minutes > (int64_t)slot->most)
		return fault_kind(fault);
	*(int32_t *)slot->out = minutes;
	return 0;
}

static int kind_ADDRESS(const char *text, const struct slot *slot,
			struct fault *fault)
{
	unsigned char address[16];

	if (inet_pton(AF_INET, text, address) != 1 &&
	    inet_pton(AF_INET6, text, address) != 1)
		return fault_kind(fault);
	snprintf(slot->out, 64, "%s", text);
	return 0;
}

static int kind_HASH(const char *text, const struct slot *slot,
		     struct fault *fault)
{
	if (strlen(text) != 64 || strspn(text, "0123456789abcdef") != 64)
		return fault_kind(fault);
	memcpy(slot->out, text, HASH_TEXT_SIZE);
	return 0;
}

static int kind_PUBLIC(const char *text, const struct slot *slot,
		       struct fault *fault)
{
	uint8_t key[32];

	if (strlen(text) != PUBLIC_SIZE - 1 ||
	    base64_decode(key, sizeof key, text, PUBLIC_SIZE - 1) != sizeof key)
		return fault_kind(fault);
	memcpy(slot->out, text, PUBLIC_SIZE);
	return 0;
}

/* Members of lists: each call adds one. */

static int kind_IDS(const char *text, const struct slot *slot,
		    struct fault *fault)
{
	struct ids *ids = slot->out;

	if (!id_valid(text)) {
		fault->why = TEXT_FIELD_MEMBER;
		return -1;
	}
	if (ids_have(ids, text)) {
		fault->why = TEXT_LIST_TWICE;
		return -1;
	}
	if (ids->count < LIST_IDS)
		memcpy(ids->id[ids->count++], text, strlen(text) + 1);
	return 0;
}

/* Both sides of the first point, and nothing that a terminal would not show. */
static bool is_column(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	const char *point = strchr(text, '.');
	size_t len = strlen(text);

	if (!point || point == text || !point[1] || len >= NAME_SIZE)
		return false;
	while (len > 0) {
		unsigned int code;
		size_t n = utf8_decode(at, len, &code);

		if (n == 0 || visible_hides(code))
			return false;
		at += n;
		len -= n;
	}
	return true;
}

static int kind_NAMES(const char *text, const struct slot *slot,
		      struct fault *fault)
{
	struct names *names = slot->out;

	if (!is_column(text)) {
		fault->why = TEXT_FIELD_COLUMN;
		return -1;
	}
	if (names_have(names, text)) {
		fault->why = TEXT_LIST_TWICE;
		return -1;
	}
	names_add(names, text);
	return 0;
}

static int kind_ROLES(const char *text, const struct slot *slot,
		      struct fault *fault)
{
	struct role_set *set = slot->out;
	enum role role = role_of_word(text);

	if (role == ROLE_NONE || set->has[role]) {
		fault->why = role ? TEXT_LIST_TWICE : TEXT_ROLE_UNKNOWN;
		return -1;
	}
	set->has[role] = true;
	return 0;
}

static int kind_KEYS(const char *text, const struct slot *slot,
		     struct fault *fault)
{
	struct public_keys *keys = slot->out;
	struct public_key key = { 0 };

	if (public_key_read(text, &key, &fault->why) < 0)
		return -1;
	for (uint32_t i = 0; i < keys->count; i++) {
		if (memcmp(&keys->key[i].hash, &key.hash, HASH_SIZE) == 0) {
			fault->why = TEXT_LIST_TWICE;
			return -1;
		}
	}
	if (keys->count < LIST_KEYS)
		keys->key[keys->count++] = key;
	return 0;
}

static const struct {
	int (*read)(const char *, const struct slot *, struct fault *);
	const char *meaning;
} kinds[KINDS] = {
#define KIND(name, meaning) [KIND_##name] = { kind_##name, meaning },
#include "policy/kinds.def"
#undef KIND
};

const char *kind_meaning(enum kind kind)
{
	return kinds[kind].meaning;
}

static bool is_list(enum kind kind)
{
	return kind == KIND_IDS || kind == KIND_NAMES || kind == KIND_ROLES ||
	       kind == KIND_KEYS;
}

static void complain(enum kind kind, const struct fault *fault,
		     const struct slot *slot, unsigned int line,
		     const char *value)
{
	if (fault->why == TEXT_FIELD_RANGE)
		problems_add(slot->problems, slot->file, line, fault->why,
			     slot->key, fault->least, fault->most);
	else if (fault->why == TEXT_FIELD_KIND)
		problems_add(slot->problems, slot->file, line, fault->why,
			     slot->key, value, kinds[kind].meaning);
	else
		problems_add(slot->problems, slot->file, line, fault->why,
			     slot->key, value, NULL);
}

static void read_scalar(enum kind kind, const struct yaml *yaml, uint32_t node,
			const struct slot *slot)
{
	struct fault fault = { 0 };
	const struct node *n = &yaml->nodes[node];
	uint32_t keys = kind == KIND_KEYS
				? ((struct public_keys *)slot->out)->count
				: 0;

	if (n->kind != NODE_SCALAR) {
		fault_kind(&fault);
		complain(kind, &fault, slot, n->line, "");
		return;
	}
	if (kinds[kind].read(yaml_text(yaml, node), slot, &fault) < 0)
		complain(kind, &fault, slot, n->line, yaml_text(yaml, node));
	else if (kind == KIND_KEYS && keys < LIST_KEYS)
		((struct public_keys *)slot->out)->key[keys].line = n->line;
}

void kind_read(enum kind kind, const struct yaml *yaml, uint32_t node,
	       const struct slot *slot)
{
	const struct node *list = &yaml->nodes[node];
	uint64_t count = 0;

	if (!is_list(kind)) {
		read_scalar(kind, yaml, node, slot);
		return;
	}
	if (list->kind != NODE_LIST) {
		problems_add(slot->problems, slot->file, list->line,
			     TEXT_FIELD_KIND, slot->key, yaml_text(yaml, node),
			     kinds[kind].meaning);
		return;
	}
	for (uint32_t n = list->first; n; n = yaml->nodes[n].next, count++)
		read_scalar(kind, yaml, n, slot);
	if (count < slot->least || count > slot->most) {
		struct fault fault;

		fault_range(slot, &fault);
		complain(kind, &fault, slot, list->line, "");
	}
}

void kind_fallback(enum kind kind, const char *fallback,
		   const struct slot *slot)
{
	struct fault fault = { 0 };

	if (*fallback && kinds[kind].read(fallback, slot, &fault) < 0)
		die("fields.def: bad fallback '%s' of %s", fallback, slot->key);
}
