#!/bin/bash
# No room for the log in a busy hour: nothing happens that is not on record,
# nothing that was acknowledged is lost, operator and people are told, sessions
# stand still, and all goes on when there is room again.
#
# The small disk is mounted in a mount namespace of the story's own, so that
# it ends with the story however that ends.
if [[ $(id -u) == 0 && ! ${own_mounts-} ]]; then
	own_mounts=yes exec unshare --mount --propagation private "$0"
fi
source "$(dirname "$0")/lib.sh"

audit_uid=1700000001

small_log()
{
	local owner=uid=$audit_uid,gid=$audit_uid

	mkdir -p "$tree/state/audit"
	mount -t tmpfs -o "size=2m,mode=750,$owner" story-log "$tree/state/audit"
	echo 'hold_seconds: 10' >>"$tree/etc/site.yaml"
}
story small_log

# A visit in which programs open files; its ssh is $visit
begin_visit()
{
	stay 'while cat /data/D-1/people.csv >/dev/null && echo opened; do read -rt 0.05 <> <(:); done'
	goes_on 2 "a visit is busy"
}

# How many there are of an event in the log
count()
{
	records | jq -r --arg event "$1" 'select(.event == $event) | ._i' | wc -l
}

# Two steps, as a disk fills up: scarce, then nothing
fill()
{
	head -c 1800K /dev/zero >"$tree/state/audit/filler" 2>/dev/null
	head -c 8M /dev/zero >>"$tree/state/audit/filler" 2>/dev/null
	for _ in {1..50}; do
		grep -q 'session is frozen' "$tree/visit" && break
		sleep 0.2
	done
}

# --- Full, and emptied -------------------------------------------------------------

begin_visit
audit=$(pids_of sekisho-audit)
expect_audit_from_here
fill
for sentence in 'cannot write its log' 'ログに書き込めません' 'frozen' '一時凍結'; do
	grep -q "$sentence" "$tree/visit" && pass "the visitor reads: $sentence" ||
		fail "the visitor reads: $sentence" "$(grep -v opened "$tree/visit" | tail -n 5)"
done
before=$(opened)
sleep 1
(($(opened) == before)) && pass "the session stands still" ||
	fail "the session stands still" "$before, then $(opened)"
expect_text 'The log takes no records' as operator status
expect_text '"frozen"' as operator session list --json
expect_denied alone researcher2 sekisho whoami
# a line without its end was never acknowledged
records | head -n "$(records | wc -l)" >"$tree/acknowledged"
rm "$tree/state/audit/filler"
goes_on "$before" "with room again the visit goes on"
grep -q 'goes on' "$tree/visit" && grep -q '再開しました' "$tree/visit" &&
	pass "the visitor reads that it goes on" || fail "the visitor reads that it goes on"
expect_audit 'session.freeze why=log'
expect_audit 'session.thaw why=log'
expect_no_audit 'session.close'
[[ $(pids_of sekisho-audit) == "$audit" ]] && pass "the log's writer is the same" ||
	fail "the log's writer is the same"
kept=$(wc -l <"$tree/acknowledged")
((kept > 10)) && cmp -s "$tree/acknowledged" <(records | head -n "$kept") &&
	pass "no record was lost" || fail "no record was lost"
expect_ok alone researcher2 sekisho whoami

# --- Full for too long -----------------------------------------------------------------

expect_audit_from_here
fill
for _ in {1..30}; do
	kill -0 "$visit" 2>/dev/null || break
	sleep 1
done
kill -0 "$visit" 2>/dev/null && fail "a session that is frozen for too long ends" ||
	pass "a session that is frozen for too long ends"
wait "$visit"
opened=$(opened)
rm "$tree/state/audit/filler"
expect_audit 'session.close why~too.long'
(($(count data.open) >= opened)) && pass "each open is on record" ||
	fail "each open is on record" "$(count data.open) of $opened"

# --- A writer that dies without room ------------------------------------------------------

: >"$tree/visit"
expect_audit_from_here
head -c 8M /dev/zero >"$tree/state/audit/filler" 2>/dev/null
kill -KILL "$(pids_of sekisho-audit)"
# two more lives of the gateway find the disk as full
sleep 4
expect_denied alone researcher2 sekisho whoami
kill -0 "$gateway_pid" && pass "the gateway waits for room" ||
	fail "the gateway waits for room" "$(tail -n 5 "$tree/gateway.log")"
rm "$tree/state/audit/filler"
# ten seconds is the longest that it waits between two attempts
for _ in {1..15}; do
	run alone researcher2 sekisho whoami
	((status == 0)) && break
	sleep 1
done
((status == 0)) && pass "with room again, it comes back by itself" ||
	fail "with room again, it comes back by itself" "$said
$(tail -n 5 "$tree/gateway.log")"
cmp -s "$tree/acknowledged" <(records | head -n "$kept") &&
	pass "no record was lost" || fail "no record was lost"
expect_audit 'admin.start recovered~.'
verify_log
hang_up researcher
stop_gateway
umount "$tree/state/audit" || fail "the log's folder is free after the stop"

story_done
