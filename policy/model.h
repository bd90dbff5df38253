/*
 * model - what a policy folder says, as values.
 *
 * Filled by fields.c from fields.def: the section of a field is the struct,
 * its key is the member. A policy is whole and checked when policy_load says
 * so, and never changes afterwards.
 */
#ifndef POLICY_MODEL_H
#define POLICY_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/plan.h"

enum { HASH_SIZE = 32, PUBLIC_SIZE = 45 };

enum role {
	ROLE_NONE = 0,
#define ROLE(name, word, suffix) ROLE_##name,
#include "policy/roles.def"
#undef ROLE
	ROLES
};

/* The word of a role in policy files and records, "none" for ROLE_NONE. */
const char *role_word(enum role role);
/* The role of a word, or ROLE_NONE. */
enum role role_of_word(const char *word);
/* The role that `person+suffix` asks for, or ROLE_NONE. */
enum role role_of_suffix(const char *suffix);

struct hash {
	uint8_t bytes[HASH_SIZE];
};

/* out: HASH_TEXT_SIZE bytes. Returns out. */
const char *hash_text(const struct hash *hash, char *out);

enum { LIST_IDS = 64, LIST_KEYS = 8, LINE_SIZE = 500, PURPOSE_SIZE = 2500 };

struct ids {
	uint32_t count;
	char id[LIST_IDS][ID_SIZE];
};

/* Names in any script, one behind the other, each with its NUL. */
enum { NAMES_MOST = 2000, NAME_SIZE = 256 };

struct names {
	uint32_t count;
	size_t used;
	char *text; /* names_clear frees it */
};

struct role_set {
	bool has[ROLES];
};

/* A public key: its type and the SHA-256 of its blob. */
struct public_key {
	char type[48];
	struct hash hash;
	uint32_t line; /* where it stands in its file */
};

struct public_keys {
	uint32_t count;
	struct public_key key[LIST_KEYS];
};

struct operator
{
	uint32_t line;
	char name[ID_SIZE];
	uint32_t uid;
};

struct operators {
	uint32_t count;
	struct operator item[32];
};

struct listen {
	char address[64];
	uint32_t port;
};

struct connections {
	uint32_t max;
	uint32_t unauthenticated;
	uint32_t per_source;
	uint32_t grace_seconds;
	uint32_t channels;
};

struct login {
	uint32_t pause_seconds;
	uint32_t pause_max_seconds;
	uint32_t key_attempts;
	uint32_t code_attempts;
};

/* What becomes of sessions while nothing can be recorded. */
enum log_down { LOG_DOWN_STRICT = 0, LOG_DOWN_HOLD };

/* What must stand behind a release before its files are out. */
enum release_needs { RELEASE_COSIGNED = 0, RELEASE_CHECKPOINT };

struct records {
	uint32_t a_second;
	uint32_t a_day;
};

struct site {
	uint32_t version;
	char name[LINE_SIZE];
	char language[4];
	int32_t utc_offset; /* minutes east */
	char toolset[ID_SIZE];
	struct listen listen;
	struct connections connections;
	struct login login;
	uint32_t reviewers;
	uint32_t release_days;
	uint32_t stale_days;
	enum release_needs release_needs;
	enum log_down log_down;
	uint32_t hold_seconds;
	struct records records;
	char timestamps[LINE_SIZE];
	enum encryption workspace_encryption;
	struct operators operators;
};

enum { WITNESSES_SIZE = 16384 };

struct person {
	uint32_t version;
	char person[ID_SIZE];
	char name[LINE_SIZE];
	char organisation[LINE_SIZE];
	char language[4];
	struct role_set roles;
	struct public_keys keys;
	int32_t valid_until; /* day, inclusive */
	char file[ID_SIZE + 16];
};

struct limits {
	uint64_t memory;
	uint32_t processes;
	uint32_t cpu_percent;
	uint64_t workspace;
	uint64_t inodes;
	uint64_t export_file;
	uint32_t export_files;
	uint64_t export_waiting;
	uint32_t export_min_cell;
};

/* Rows that may be prepared, by the values of one column: days, or codes that
 * begin so. Of several for one column each is an alternative. */
struct extent {
	uint32_t line;
	char dataset[ID_SIZE];
	char source[ID_SIZE]; /* "": every source of the dataset */
	char column[LINE_SIZE];
	int32_t from, until;  /* days, both inclusive; 0: none */
	char prefix[ID_SIZE]; /* "": none */
};

struct extents {
	uint32_t count;
	struct extent item[16];
};

struct permit {
	uint32_t version;
	char permit[ID_SIZE];
	char title[LINE_SIZE];
	char purpose[PURPOSE_SIZE];
	struct ids persons;
	int32_t starts, ends; /* days, both inclusive */
	struct ids datasets;
	struct names columns; /* none: all that its recipes show */
	struct extents rows;  /* none: all that its recipes want */
	char toolset[ID_SIZE];
	struct limits limits;
	bool commands_without_terminal;
	char file[ID_SIZE + 16];
};

struct dataset {
	uint32_t version;
	char dataset[ID_SIZE];
	char title[LINE_SIZE];
	char permit[ID_SIZE];
	char manifest[HASH_TEXT_SIZE];
	char custodian[PUBLIC_SIZE]; /* base64 of an Ed25519 key, or "" */
	char file[ID_SIZE + 16];
};

struct policy {
	struct hash hash; /* over the closure it was read from */
	struct site site;
	char witnesses[WITNESSES_SIZE]; /* a C2SP policy; "": none */
	uint32_t nwitnesses;		/* of those that can be asked */
	bool quorum;			/* it asks for one */
	struct person *persons;
	struct permit *permits;
	struct dataset *datasets;
	size_t npersons, npermits, ndatasets;
};

const struct person *policy_person(const struct policy *policy,
				   const char *name);
const struct permit *policy_permit(const struct policy *policy, const char *id);
const struct dataset *policy_dataset(const struct policy *policy,
				     const char *id);
const struct operator*
	policy_operator(const struct policy *policy, uint32_t uid);
/* Does it say days, in their order, or a prefix, and not both? */
bool extent_valid(const struct extent *extent);
bool ids_have(const struct ids *ids, const char *id);
bool names_have(const struct names *names, const char *name);
/* name: less than NAME_SIZE bytes. Nothing happens beyond NAMES_MOST. */
void names_add(struct names *names, const char *name);
void names_clear(struct names *names);

void policy_clear(struct policy *policy);

#endif
