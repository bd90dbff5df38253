#!/bin/bash
# No room for the log: work stops; nothing happens that is not on record.
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
	mount -t tmpfs -o "size=256k,mode=750,$owner" story-log "$tree/state/audit"
}
story small_log

expect_ok as researcher true
head -c 1M /dev/zero >"$tree/state/audit/filler" 2>/dev/null
sync
expect_audit_from_here
# a few records may still fit into the last page
for _ in {1..40}; do
	run alone researcher2 sekisho whoami
	((status != 0)) && break
done
((status != 0)) && pass "with a full disk, nobody gets in" ||
	fail "with a full disk, nobody gets in"
expect_denied as researcher true
# a line without its end was never acknowledged
records | head -n "$(records | wc -l)" >"$tree/acknowledged"
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
kept=$(wc -l <"$tree/acknowledged")
((kept > 10)) && cmp -s "$tree/acknowledged" <(records | head -n "$kept") &&
	pass "no record was lost" || fail "no record was lost"
expect_audit 'admin.start recovered~.'
verify_log
hang_up researcher
stop_gateway
umount "$tree/state/audit" || fail "the log's folder is free after the stop"

story_done
