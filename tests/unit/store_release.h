/*
 * store_release - a release as the supervisor asks for it, and audit's part
 * in it, both played by the test.
 */
#ifndef TESTS_UNIT_STORE_RELEASE_H
#define TESTS_UNIT_STORE_RELEASE_H

#include "tests/unit/store_stage.h"

static const char table[] = "area,count\nnorth,12\n";
static const char proof_text[] = "c2sp.org/tlog-proof@v1\nindex 41\n\nhead\n";
enum { TABLE = sizeof table - 1, REQUEST = 7, INDEX = 41 };

static char statement[8192], log_entry[4096], last_idem[64];
static const char *names[8];
static uint8_t hashes[8][NAMES_HASH];
static uint32_t nnames;

/* One more file of the release; its bytes are those of the copy. */
static inline void file_of(const char *name,
			   const uint8_t hash[static NAMES_HASH])
{
	names[nnames] = name;
	memcpy(hashes[nnames++], hash, NAMES_HASH);
}

/* The statement of these files, and the entry that names its hash. */
static inline void write_statement(void)
{
	uint8_t hash[NAMES_HASH];
	char hex[NAMES_HEX];
	size_t used =
		(size_t)snprintf(statement, sizeof statement, "{\"files\":[");

	for (uint32_t i = 0; i < nnames; i++) {
		names_hex(hex, hashes[i]);
		used += (size_t)snprintf(
			statement + used, sizeof statement - used,
			"%s{\"sha256\":\"%s\"}", i ? "," : "", hex);
	}
	snprintf(statement + used, sizeof statement - used, "],\"request\":%d}",
		 REQUEST);
	hash_of(hash, statement, strlen(statement));
	names_hex(hex, hash);
	snprintf(log_entry, sizeof log_entry,
		 "{\"event\":\"release.open\",\"statement\":\"%s\"}", hex);
}

static inline void ask_release_of(const char *permit, const char *actor)
{
	msg_start(&m, MSG_RELEASE, 77);
	msg_put_u64(&m, INDEX);
	msg_put_str(&m, permit);
	msg_put_str(&m, actor);
	msg_put_u32(&m, REQUEST);
	msg_put_bytes(&m, statement, strlen(statement));
	msg_put_u32(&m, nnames);
	for (uint32_t i = 0; i < nnames; i++) {
		msg_put_str(&m, names[i]);
		msg_put_bytes(&m, hashes[i], NAMES_HASH);
	}
	msg_send(stage.link, &m, &err);
}

static inline void ask_release(void)
{
	ask_release_of("P-1", "a-7");
}

/* The store asks for the entry; it is given with a proof. */
static inline void prove(void)
{
	CHECK_INT(hear(stage.audit), MSG_PROVE);
	uint32_t ref = m.ref;
	CHECK_INT(msg_get_u64(&m), INDEX);
	CHECK(msg_done(&m));
	msg_start(&m, MSG_PROOF, ref);
	msg_put_bytes(&m, log_entry, strlen(log_entry));
	msg_put_bytes(&m, proof_text, strlen(proof_text));
	msg_send(stage.audit, &m, &err);
}

/* Its record, not yet durable. */
static inline void take_record(const char *beginning)
{
	char part[64], start[128];

	CHECK(stage_record(&stage, 8000));
	snprintf(start, sizeof start, "%.*s", (int)strlen(beginning),
		 stage.line);
	CHECK_STR(start, beginning);
	stage.m.pos = MSG_HEADER;
	for (int i = 0; i < 5; i++)
		msg_get_str(&stage.m, part, sizeof part);
	msg_get_str(&stage.m, last_idem, sizeof last_idem);
}

/* RELEASED; why is in err. */
static inline bool hear_released(void)
{
	CHECK_INT(hear(stage.link), MSG_RELEASED);
	CHECK_INT(m.ref, 77);
	bool ok = msg_get_u8(&m) == 1;
	msg_get_str(&m, err.text, 200);
	CHECK(msg_done(&m));
	return ok;
}

static const char done_line[] = "release.done ok a-7 - P-1 request=7 files=";

/* All of it, with an audit that answers at once. */
static inline bool release(void)
{
	ask_release();
	prove();
	take_record("release.done");
	stage_durable(&stage);
	return hear_released();
}

static inline void json_of(char *to, size_t size, const char *text)
{
	size_t used = 0;

	for (; *text && used + 3 < size; text++) {
		if (*text == '"')
			to[used++] = '\\';
		to[used++] = *text;
	}
	to[used] = '\0';
}

/* The file stands in the release, to be read by the group and not written. */
static inline void stands(const char *name, const char *bytes)
{
	static char path[2048], back[32768];
	struct stat st;

	snprintf(path, sizeof path, "released/P-1/a-7/7/%s", name);
	CHECK(fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW) == 0);
	CHECK_INT(st.st_mode, S_IFREG | 0440);
	CHECK_INT(st.st_gid, STAGE_UID);
	read_in(root, path, back, sizeof back);
	CHECK_STR(back, bytes);
}

static inline void folder_mode(const char *path, mode_t mode)
{
	struct stat st;

	CHECK(fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW) == 0);
	CHECK_INT(st.st_mode, S_IFDIR | mode);
}

static inline void receipt_stands(void)
{
	static char receipt[32768], one[8192], two[16384];

	json_of(one, sizeof one, log_entry);
	json_of(two, sizeof two, statement);
	snprintf(receipt, sizeof receipt,
		 "{\"entry\":\"%s\",\"statement\":\"%s\"}", one, two);
	stands("receipt.json", receipt);
	stands("receipt.tlog-proof", proof_text);
}

#endif
