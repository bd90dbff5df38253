/*
 * findings - what a compare says of the files of its check.
 *
 * Runs in sekisho-policy. compare reads what hostile files became and may
 * have been taken over: a code that is not in findings.def, a file that the
 * check does not have, or anything after CHECKED costs it its link, and its
 * check ends as a failed one.
 */

#include "gateway/base/own.h"
#include "policy/checks.h"
#include "policy/client.h"

static struct check *running(const struct server *server, uint64_t number)
{
	for (size_t i = 0; i < server->road.nchecks; i++) {
		struct check *check = server->road.checks[i];

		if (check->phase == CHECK_RUNS && check->number == number)
			return check;
	}
	return NULL;
}

int checks_compare(struct server *server, struct msg *m, struct err *err)
{
	uint64_t number = msg_get_u64(m);
	AUTO_FD int fd = msg_get_fd(m);
	struct check *check = running(server, number);

	if (!msg_done(m))
		return err_set(err, "malformed PEER_COMPARE");
	/* Of an earlier life, or given up: compare sees its link end. */
	if (!check || check->comparing || check->compared)
		return 0;
	struct peer *peer = server_add(server, PEER_COMPARE, take_fd(&fd));
	if (peer) {
		peer->check = number;
		check->comparing = true;
		check->until = server_clock() + CHECK_MS;
	}
	return 0;
}

int on_finding(struct server *server, struct peer *peer, struct msg *m,
	       struct err *err)
{
	struct check *check = running(server, peer->check);
	struct finding finding = { 0 };

	(void)err;
	finding.file = msg_get_u32(m);
	msg_get_str(m, finding.code, sizeof finding.code);
	finding.severity = msg_get_u8(m);
	finding.row = msg_get_u32(m);
	finding.column = msg_get_u32(m);
	finding.first = msg_get_u64(m);
	finding.second = msg_get_u64(m);
	if (!msg_done(m) || !check || !finding_find(finding.code) ||
	    finding.severity >= NUMBERS || finding.file > check->files.count)
		server_drop(server, peer, "malformed FINDING");
	else
		findings_add(&check->findings, &finding);
	return 0;
}

int on_checked(struct server *server, struct peer *peer, struct msg *m,
	       struct err *err)
{
	struct check *check = running(server, peer->check);
	uint8_t verdict = msg_get_u8(m);
	uint32_t count = msg_get_u32(m), cut = msg_get_u32(m);

	(void)err;
	if (!msg_done(m) || !check || verdict > 2 ||
	    count != check->findings.count + check->findings.cut) {
		server_drop(server, peer, "malformed CHECKED");
		return 0;
	}
	peer->state = STATE_OVER;
	check->compared = true;
	check->verdict = verdict;
	check->findings.cut += cut;
	return 0;
}
