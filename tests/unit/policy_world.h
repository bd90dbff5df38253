/*
 * policy_world - the real sekisho-policy, with the test as all around it.
 *
 * The test is audit (a log that knows repetitions by their key, and hands an
 * order of an earlier life over once more), the supervisor (it refuses orders
 * of an old epoch, but for releases), the store, the compares and the desks.
 * policy can be killed at the n-th message that it sends, over all links.
 */
#ifndef TESTS_UNIT_POLICY_WORLD_H
#define TESTS_UNIT_POLICY_WORLD_H

#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "audit/base64.h"
#include "gateway/base/result.h"
#include "policy/airlock/frozen.h"
#include "policy/factor.h"
#include "tests/unit/stage.h"

enum { ENTRIES = 600, KEPT = 64, PATIENCE = 8000 };

/* One record of the log. */
struct entry {
	char idem[40], line[900];
	int life; /* in which its order was handed over last */
};

/* What a compare says, and how it behaves. */
enum manner {
	WELL = 0,
	NONSENSE,
	DIES,
	STRANGE_FILE,
	STRANGE_CODE,
	TWICE,
	QUEUED /* it has not begun yet */
};

struct world {
	struct stage stage;
	struct msg m; /* what is being sent */
	int folder, state, control, store;
	char codes[FACTOR_CODES][LIST_CODE_SIZE];
	unsigned int code; /* the next one to use */
	int life;
	/* audit */
	struct entry log[ENTRIES];
	unsigned int entries;
	/* the supervisor */
	uint64_t epoch;
	bool carries_out; /* orders; else they are answered with no */
	bool silent;	  /* orders of releases are not answered */
	unsigned int views;
	/* the store */
	uint8_t outcome; /* of FREEZE; 0: it says nothing */
	uint64_t size;	 /* of each file */
	unsigned int freezes, keeps, drops;
	bool keeping; /* the last KEEP is still to come */
	uint32_t kept;
	char status[2100]; /* the last one */
	unsigned int told; /* how many there were */
	uint32_t expired;
	uint64_t released[KEPT]; /* index of the record, by request */
	char statement[KEPT][2000];
	/* compare */
	uint32_t earlier, earlier_release; /* of the last check's order */
	enum manner manner;
	uint64_t queued; /* the last order that has not begun */
	uint8_t severity, verdict;
	/* policy's messages */
	unsigned int messages, kill_at;
	bool takes; /* what a killed policy had sent reaches audit and store */
	bool dead;
	struct result result; /* of the last answer */
};

static struct world w;
static struct err err;

/* --- The policy folder ------------------------------------------------------ */

__attribute__((format(printf, 2, 3))) static inline void
write_text(const char *name, const char *format, ...)
{
	char text[4096];
	va_list arguments;
	int fd = openat(w.folder, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	va_start(arguments, format);
	int n = vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	CHECK(fd >= 0 && write(fd, text, (size_t)n) == n);
	CHECK(fchown(fd, STAGE_UID, STAGE_UID) == 0);
	close(fd);
}

static inline void make_folder(const char *name)
{
	CHECK(mkdirat(w.folder, name, 0755) == 0);
	CHECK(fchownat(w.folder, name, STAGE_UID, STAGE_UID, 0) == 0);
}

/* A key of each person's own: the name fills its 32 bytes. */
static inline size_t key_of(const char *name, uint8_t blob[51])
{
	static const char head[] = "\0\0\0\x0bssh-ed25519\0\0\0 ";

	memset(blob, 7, 51);
	memcpy(blob, head, sizeof head - 1);
	memcpy(blob + sizeof head - 1, name, strlen(name));
	return 51;
}

static inline void write_person(const char *name, const char *roles)
{
	char path[80], key[80];
	uint8_t blob[51];

	base64_encode(key, sizeof key, blob, key_of(name, blob));
	snprintf(path, sizeof path, "people/%s.yaml", name);
	write_text(path,
		   "version: 1\nperson: %s\nname: N\norganisation: O\n"
		   "roles: [%s]\nkeys:\n  - ssh-ed25519 %s\n"
		   "valid_until: 2999-12-31\n",
		   name, roles, key);
}

static inline void write_permit(const char *persons)
{
	write_text("permits/P-1.yaml",
		   "version: 1\npermit: P-1\ntitle: One\npurpose: Test\n"
		   "persons: [%s]\nstarts: 2020-01-01\nends: 2999-12-31\n"
		   "datasets: []\n"
		   "limits: {export_files: 3, export_waiting: 1MiB}\n",
		   persons);
}

static inline int credential(void)
{
	uint8_t bytes[32] = { 1, 2, 3 };
	int pipes[2];

	CHECK(pipe(pipes) == 0);
	CHECK(write(pipes[1], bytes, sizeof bytes) == sizeof bytes);
	close(pipes[1]);
	return pipes[0];
}

/* Printed codes for taro, made with the credential of this test. */
static inline void enrol(void)
{
	static struct store store;
	struct seal seal;
	char path[600];

	snprintf(path, sizeof path, "%s/state/policy.db", tap_folder());
	CHECK_INT(seal_init(&seal, credential(), &err), 0);
	CHECK_INT(store_open(&store, path, &err), 0);
	CHECK_INT(factor_add_list(&store, &seal, "taro", FACTOR_CODES, w.codes,
				  &err),
		  0);
	store_close(&store);
	CHECK(chown(path, STAGE_UID, STAGE_UID) == 0);
}

/* taro works under P-1; rei, ren and ryo review; mei reviews and works. */
static inline void world_make(void)
{
	memset(&w, 0, sizeof w);
	w.store = -1;
	w.carries_out = true;
	w.outcome = FROZEN_COPIED;
	w.size = 100;
	w.verdict = 2;
	w.severity = 2;
	w.state = stage_folder("state");
	w.folder = stage_folder("etc");
	make_folder("people");
	make_folder("permits");
	write_text("site.yaml", "version: 1\nname: Test\ntoolset: analysis\n"
				"operators:\n  - {name: op, uid: 4242}\n");
	write_person("taro", "researcher, reviewer");
	write_person("mei", "researcher, reviewer");
	write_person("rei", "reviewer");
	write_person("ren", "reviewer");
	write_person("ryo", "reviewer");
	write_permit("taro, mei");
	enrol();
}

/* --- policy's messages ------------------------------------------------------- */

static inline bool world_send(int fd)
{
	return msg_send(fd, &w.m, &err) == 0;
}

static inline void kill_policy(void)
{
	if (w.dead)
		return;
	kill(w.stage.pid, SIGKILL);
	stage_end(&w.stage);
	w.dead = true;
}

/* Count one message of policy's; it may have been its last. */
static inline void count_message(void)
{
	if (++w.messages == w.kill_at)
		kill_policy();
}

static inline void order_done(uint64_t order, bool ok, const char *why)
{
	msg_start(&w.m, MSG_ORDER_DONE, 0);
	msg_put_u64(&w.m, order);
	msg_put_u8(&w.m, ok);
	msg_put_str(&w.m, ok ? "" : why);
	world_send(w.stage.link);
}

static inline void put_finding(uint32_t file, const char *code)
{
	msg_start(&w.m, MSG_FINDING, 0);
	msg_put_u32(&w.m, file);
	msg_put_str(&w.m, code);
	msg_put_u8(&w.m, w.severity);
	msg_put_u32(&w.m, 3);
	msg_put_u32(&w.m, 2);
	msg_put_u64(&w.m, 10);
	msg_put_u64(&w.m, 0);
}

static inline void compare_says(int fd)
{
	put_finding(w.manner == STRANGE_FILE ? 3 : 1,
		    w.manner == STRANGE_CODE ? "X99_SECRET" : "T01_MIN_CELL");
	if (w.manner == NONSENSE)
		w.m.len -= 3;
	world_send(fd);
	if (w.manner == DIES || w.manner == NONSENSE)
		return;
	msg_start(&w.m, MSG_CHECKED, 0);
	msg_put_u8(&w.m, w.verdict);
	msg_put_u32(&w.m, 1);
	msg_put_u32(&w.m, 0);
	world_send(fd);
	if (w.manner == TWICE)
		world_send(fd);
}

/* Files that left before, as the order of a check names them. */
static inline void read_earlier(struct msg *m)
{
	char text[256];
	size_t len;

	msg_get_str(m, text, sizeof text);
	CHECK_STR(text, "P-1");
	CHECK_INT(msg_get_u32(m), 10);
	CHECK_INT(msg_get_u32(m), 0);
	for (uint32_t n = msg_get_u32(m); n > 0 && !m->bad; n--) {
		msg_get_str(m, text, sizeof text);
		msg_get_bytes(m, &len);
		msg_get_u64(m);
	}
	w.earlier = msg_get_u32(m);
	for (uint32_t n = w.earlier; n > 0 && !m->bad; n--) {
		w.earlier_release = msg_get_u32(m);
		msg_get_str(m, text, sizeof text);
		msg_get_bytes(m, &len);
		msg_get_u64(m);
	}
	CHECK(msg_done(m));
}

static inline void run_check(uint64_t order, struct msg *m)
{
	uint64_t number = msg_get_u64(m);
	int pair[2];

	read_earlier(m);
	if (w.manner == QUEUED) {
		w.queued = order;
		return;
	}
	CHECK(msg_pair(pair, &err) == 0);
	msg_start(&w.m, MSG_PEER_COMPARE, 0);
	msg_put_u64(&w.m, number);
	msg_put_fd(&w.m, pair[1]);
	world_send(w.stage.link);
	close(pair[1]);
	compare_says(pair[0]);
	close(pair[0]);
	order_done(order, w.manner != DIES, "compare died");
}

/* The store puts the release where it belongs, or finds it there. */
static inline void run_release(uint64_t order, struct msg *m, uint64_t index)
{
	char permit[ID_SIZE], actor[ID_SIZE];
	size_t len;

	msg_get_str(m, permit, sizeof permit);
	msg_get_str(m, actor, sizeof actor);
	uint32_t request = msg_get_u32(m);
	const uint8_t *statement = msg_get_bytes(m, &len);
	bool same = w.released[request] == 0 || w.released[request] == index;

	CHECK(request < KEPT);
	if (same) {
		w.released[request] = index;
		snprintf(w.statement[request], sizeof w.statement[0], "%.*s",
			 (int)len, (const char *)statement);
	}
	if (!w.silent)
		order_done(order, same, "another release stands there");
}

static inline void carry_out(const uint8_t *bytes, size_t len, uint64_t index)
{
	static struct msg order;

	CHECK(msg_from_bytes(&order, bytes, len) == 0);
	uint64_t number = msg_get_u64(&order), epoch = msg_get_u64(&order);
	bool lasts = order.type == MSG_ORDER_RELEASE;

	if (epoch < w.epoch && !lasts) {
		order_done(number, false, "the policy changed meanwhile");
		return;
	}
	w.epoch = epoch > w.epoch ? epoch : w.epoch;
	if (!w.carries_out)
		order_done(number, false, "no room");
	else if (order.type == MSG_ORDER_CHECK)
		run_check(number, &order);
	else if (order.type == MSG_ORDER_RELEASE)
		run_release(number, &order, index);
	else
		order_done(number, true, "");
	w.views += order.type == MSG_ORDER_VIEW;
}

/* Known by its key, or new at the end of the log; its index from 1. */
static inline unsigned int log_record(const char *idem, const char *line,
				      bool *again)
{
	for (unsigned int i = 0; i < w.entries; i++) {
		if (strcmp(w.log[i].idem, idem) != 0)
			continue;
		CHECK_STR(w.log[i].line, line);
		*again = w.log[i].life < w.life;
		w.log[i].life = w.life;
		return i + 1;
	}
	struct entry *entry = &w.log[w.entries++];
	CHECK(w.entries < ENTRIES);
	snprintf(entry->idem, sizeof entry->idem, "%s", idem);
	snprintf(entry->line, sizeof entry->line, "%s", line);
	entry->life = w.life;
	*again = true;
	return w.entries;
}

static inline void on_record(struct msg *m)
{
	char part[64], idem[64] = "", line[4096] = "";
	size_t used = 0, len;
	uint32_t ref = m->ref;
	bool again;

	for (int i = 0; i < 6; i++) {
		msg_get_str(m, i < 5 ? part : idem, sizeof part);
		if (i < 5)
			used += (size_t)snprintf(line + used,
						 sizeof line - used, "%s%s",
						 i ? " " : "", part);
	}
	size_t at = m->pos;
	stage_read_fields(m, line, sizeof line);
	CHECK(msg_done(m));
	/* The order is the last field. */
	m->pos = at;
	for (uint32_t n = msg_get_u32(m); n > 0; n--) {
		msg_get_bytes(m, &len);
		if (msg_get_u8(m) == AUDIT_KIND_TEXT)
			msg_get_bytes(m, &len);
		else
			msg_get_u64(m);
	}
	const uint8_t *order = msg_get_bytes(m, &len);
	line[sizeof w.log[0].line - 1] = '\0';
	unsigned int index = log_record(idem, line, &again);
	msg_start(&w.m, MSG_RECORDED, ref);
	msg_put_u64(&w.m, index);
	world_send(w.stage.audit);
	if (len > 0 && again)
		carry_out(order, len, index);
}

/* --- The store ----------------------------------------------------------------- */

static inline void link_store(void)
{
	int pair[2];

	if (w.store >= 0)
		close(w.store);
	CHECK(msg_pair(pair, &err) == 0);
	w.store = pair[0];
	msg_start(&w.m, MSG_LINK_STORE, 0);
	msg_put_fd(&w.m, pair[1]);
	world_send(w.stage.link);
	close(pair[1]);
}

/* The copy's hash is of its path. */
static inline void on_freeze(struct msg *m)
{
	char session[ID_SIZE], path[256];
	uint8_t sha256[32] = { 0 };
	uint32_t ref = m->ref;

	msg_get_str(m, session, sizeof session);
	msg_get_str(m, path, sizeof path);
	CHECK_INT(msg_get_u64(m), 16 << 20);
	CHECK(msg_done(m));
	w.freezes++;
	if (w.outcome == 0)
		return;
	memcpy(sha256, path, strlen(path) < 32 ? strlen(path) : 32);
	msg_start(&w.m, MSG_FROZEN, ref);
	msg_put_u8(&w.m, w.outcome);
	msg_put_bytes(&w.m, sha256, sizeof sha256);
	msg_put_u64(&w.m, w.size);
	world_send(w.store);
}

static inline void on_status(struct msg *m)
{
	char permit[ID_SIZE], actor[ID_SIZE];
	size_t len;

	msg_get_str(m, permit, sizeof permit);
	msg_get_str(m, actor, sizeof actor);
	msg_get_u32(m);
	const uint8_t *text = msg_get_bytes(m, &len);
	CHECK(msg_done(m));
	w.told++;
	snprintf(w.status, sizeof w.status, "%.*s", (int)len,
		 (const char *)text);
}

static inline void on_expire(struct msg *m)
{
	char permit[ID_SIZE], actor[ID_SIZE];

	msg_get_str(m, permit, sizeof permit);
	msg_get_str(m, actor, sizeof actor);
	w.expired = msg_get_u32(m);
	CHECK(msg_done(m));
	msg_start(&w.m, MSG_EXPIRED, 0);
	msg_put_u32(&w.m, w.expired);
	world_send(w.store);
}

static inline void on_keep(struct msg *m)
{
	bool last = msg_get_u8(m) == 1;

	w.kept = (w.keeping ? w.kept : 0) + msg_get_u32(m);
	w.keeping = !last;
	w.keeps += last;
}

static inline void on_store(struct msg *m)
{
	if (m->type == MSG_FREEZE)
		on_freeze(m);
	else if (m->type == MSG_STATUS)
		on_status(m);
	else if (m->type == MSG_EXPIRE)
		on_expire(m);
	else if (m->type == MSG_DROP)
		w.drops++;
	else if (m->type == MSG_KEEP)
		on_keep(m);
	else
		CHECK_STR(msg_name(m->type), "a message for the store");
}

/* --- Time goes by ---------------------------------------------------------------- */

/* One message of policy's from fd, handled. False: nothing there, or dead. */
static inline bool take_from(int fd, void (*handle)(struct msg *))
{
	static struct msg m;

	if (!stage_readable(fd, 0) || msg_receive(fd, &m, &err) != 1)
		return false;
	if (!w.dead)
		count_message();
	if (!w.dead || w.takes)
		handle(&m);
	msg_clear(&m);
	return true;
}

/* policy closed its end, and nothing of it is left to read. */
static inline bool ended(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static inline void on_link(struct msg *m)
{
	if (m->type == MSG_FAILED) {
		char why[600];

		msg_get_str(m, why, sizeof why);
		CHECK_STR(why, "no failure");
	}
}

/* Serve policy until fd can be read (-1: until nothing happened for ms). */
static inline bool pump(int fd, int ms)
{
	int quiet = 0;

	while (quiet < ms && (!w.dead || quiet == 0)) {
		bool busy = take_from(w.stage.audit, on_record);

		if (take_from(w.stage.link, on_link))
			busy = true;
		if (w.store >= 0 && take_from(w.store, on_store))
			busy = true;
		if (w.store >= 0 && !busy && ended(w.store)) {
			close(w.store);
			w.store = -1;
		}
		if (busy) {
			quiet = 0;
			continue;
		}
		if (w.dead)
			return false;
		if (fd >= 0 && stage_readable(fd, 0))
			return true;
		struct pollfd set[] = { { w.stage.audit, POLLIN, 0 },
					{ w.stage.link, POLLIN, 0 },
					{ w.store, POLLIN, 0 },
					{ fd, POLLIN, 0 } };
		if (poll(set, 4, 20) == 0)
			quiet += 20;
	}
	return false;
}

/* --- Starting ---------------------------------------------------------------------- */

static inline void world_start(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	w.life++;
	w.dead = false;
	w.epoch = 0;
	w.control = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	snprintf(address.sun_path, sizeof address.sun_path, "%.80s/ctl",
		 tap_folder());
	unlink(address.sun_path);
	CHECK(bind(w.control, (struct sockaddr *)&address, sizeof address) ==
	      0);
	CHECK(listen(w.control, 4) == 0);
	stage_start(&w.stage, "build/bin/sekisho-policy", w.state);
	msg_put_fd(&w.stage.m, w.folder);
	msg_put_fd(&w.stage.m, w.control);
	msg_put_fd(&w.stage.m, credential());
	stage_send(&w.stage);
	CHECK_INT(stage_hear(&w.stage), MSG_READY);
	link_store();
	pump(-1, 60);
}

static inline void world_end(void)
{
	kill_policy();
	close(w.stage.link);
	close(w.stage.audit);
	close(w.control);
	if (w.store >= 0)
		close(w.store);
	w.store = -1;
}

static inline void world_restart(void)
{
	world_end();
	world_start();
}

/* --- People ------------------------------------------------------------------------ */

static inline int desk(const char *person, const char *role,
		       const char *session)
{
	static uint32_t number;
	int pair[2];

	CHECK(msg_pair(pair, &err) == 0);
	msg_start(&w.m, MSG_PEER_DESK, 0);
	msg_put_u32(&w.m, ++number);
	msg_put_str(&w.m, person);
	msg_put_str(&w.m, role);
	msg_put_str(&w.m, session);
	msg_put_str(&w.m, *session == '-' ? "-" : "P-1");
	msg_put_str(&w.m, "en");
	msg_put_fd(&w.m, pair[1]);
	world_send(w.stage.link);
	close(pair[1]);
	return pair[0];
}

/* Send a verb and its words, up to NULL. */
static inline void ask_only(int fd, const char *verb, va_list arguments)
{
	const char *words[8];
	uint32_t n = 0;

	while (n < 8 && (words[n] = va_arg(arguments, const char *)))
		n++;
	msg_start(&w.m, MSG_ASK, 7);
	msg_put_str(&w.m, verb);
	msg_put_u32(&w.m, n);
	for (uint32_t i = 0; i < n; i++)
		msg_put_str(&w.m, words[i]);
	world_send(fd);
}

/* The exit status of the answer in w.result; -1: policy is dead, or silent. */
static inline int answer_of(int fd)
{
	static struct msg m;

	if (!pump(fd, PATIENCE) || msg_receive(fd, &m, &err) != 1)
		return -1;
	count_message();
	CHECK_INT(m.type, MSG_ANSWER);
	CHECK_INT(result_get(&m, &w.result), 0);
	return w.result.exit;
}

static inline int ask(int fd, const char *verb, ...)
{
	va_list arguments;

	va_start(arguments, verb);
	ask_only(fd, verb, arguments);
	va_end(arguments);
	return answer_of(fd);
}

/* sekishoctl as the account uid, which the policy names or does not. */
static inline int control(uint32_t uid)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%.80s/ctl",
		 tap_folder());
	CHECK(chmod(tap_folder(), 0755) == 0 &&
	      chmod(address.sun_path, 0777) == 0);
	CHECK(seteuid(uid) == 0);
	CHECK(connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
	CHECK(seteuid(0) == 0);
	return fd;
}

/* The text's id of an answer that says no. */
static inline const char *no(void)
{
	return w.result.has_error ? result_code(&w.result.error) : "";
}

/* A cell of the answer by its column's key. */
static inline const char *cell(unsigned int row, const char *key)
{
	for (unsigned int i = 0; i < w.result.ncolumns; i++)
		if (strcmp(w.result.columns[i].key, key) == 0)
			return result_cell(&w.result, row, i);
	return "no such column";
}

/* The newest record that begins so; NULL: there is none. */
static inline const char *logged(const char *beginning)
{
	for (unsigned int i = w.entries; i > 0; i--)
		if (strncmp(w.log[i - 1].line, beginning, strlen(beginning)) ==
		    0)
			return w.log[i - 1].line;
	return NULL;
}

static inline unsigned int count_logged(const char *beginning)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < w.entries; i++)
		n += strncmp(w.log[i].line, beginning, strlen(beginning)) == 0;
	return n;
}

static inline bool nowhere_logged(const char *part)
{
	for (unsigned int i = 0; i < w.entries; i++)
		if (strstr(w.log[i].line, part))
			return false;
	return true;
}

/* taro logs in and opens a shell; session is ID_SIZE. False: policy died. */
static inline bool log_in(char *session)
{
	uint8_t blob[51];
	int pair[2];
	static struct msg got;

	CHECK(msg_pair(pair, &err) == 0);
	msg_start(&w.m, MSG_PEER_CONN, 0);
	msg_put_u32(&w.m, 7);
	msg_put_str(&w.m, "192.0.2.1");
	msg_put_fd(&w.m, pair[1]);
	world_send(w.stage.link);
	close(pair[1]);
	msg_start(&w.m, MSG_KEY, 0);
	msg_put_str(&w.m, "taro+P-1");
	msg_put_str(&w.m, "ssh-ed25519");
	msg_put_bytes(&w.m, blob, key_of("taro", blob));
	world_send(pair[0]);
	if (!pump(pair[0], PATIENCE) || msg_receive(pair[0], &got, &err) != 1)
		return false;
	CHECK_INT(got.type, MSG_KEY_OK);
	msg_start(&w.m, MSG_CODE, 0);
	msg_put_str(&w.m, w.codes[w.code++]);
	world_send(pair[0]);
	if (!pump(pair[0], PATIENCE) || msg_receive(pair[0], &got, &err) != 1)
		return false;
	CHECK_INT(got.type, MSG_WELCOME);
	msg_start(&w.m, MSG_OPEN, 0);
	msg_put_u32(&w.m, 5);
	msg_put_u8(&w.m, 1);
	msg_put_u8(&w.m, 1);
	msg_put_str(&w.m, "xterm");
	msg_put_u32(&w.m, 80);
	msg_put_u32(&w.m, 24);
	msg_put_str(&w.m, "");
	world_send(pair[0]);
	pump(-1, 60);
	const char *line = logged("session.open ok");
	return line && !w.dead &&
	       sscanf(line, "%*s %*s %*s %63s", session) == 1;
}

/* A number that the state file yields once policy is gone. */
static inline int64_t state_number(const char *sql)
{
	char path[600];
	sqlite3 *db;
	sqlite3_stmt *s;
	int64_t number = -1;

	snprintf(path, sizeof path, "%s/state/policy.db", tap_folder());
	CHECK(sqlite3_open(path, &db) == SQLITE_OK);
	CHECK(sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK);
	if (sqlite3_step(s) == SQLITE_ROW)
		number = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return number;
}

#endif
